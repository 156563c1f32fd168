/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cni_result.h - what a plugin answers. Spec: SPEC.md 1.1.0, "Section 5: Result Types". Pure.
 */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "rt/runtime.h"

/* The addresses inside the pod, without prefix length, in the plugin's order. -EINVAL: no result,
 * or none in it. */
int cni_result_addresses(const char *text, size_t len, struct arena *arena, struct rt_strings *ret,
                         struct err *err);
/* What a failed plugin said, as one line: its JSON message and details, else its stderr, else its
 * exit code. */
void cni_result_error(const char *out, size_t out_len, const char *error_out, int exit_code,
                      struct err *ret);
