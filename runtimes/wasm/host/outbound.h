/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbound.h - to which hosts a guest may send HTTP requests.
 *
 * A list of patterns, as a JSON array or separated by commas: "api.example.com" (any port), "api.example.com:8443",
 * "*.example.com" (what ends so), "*"; "http://" and "https://" in front stand for their ports, and "/" may end such a
 * one. An address of IPv6 stands alone or in brackets. Letters of either case are the same. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "rt/runtime.h"

/* -EINVAL names the pattern. */
int outbound_parse(const char *text, struct arena *arena, struct rt_strings *ret, struct err *err);
bool outbound_allows(const struct rt_strings *patterns, const char *host, uint16_t port);
