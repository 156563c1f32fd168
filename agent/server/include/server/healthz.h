/* SPDX-License-Identifier: Apache-2.0 */
/*
 * healthz.h - /healthz in plain HTTP on a local address: for supervisors and "kubeadm join", without authentication.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct loop;
struct err;
struct healthz;

/* healthy: NULL counts as healthy. port 0: any free one. */
int healthz_new(struct loop *loop, const char *address, uint16_t port, bool (*healthy)(void *user, const char **ret_why),
                void *user, struct healthz **ret, struct err *err);
struct healthz *healthz_free(struct healthz *h); /* NULL */
DEFINE_CLEANUP(struct healthz *, healthz_free)
uint16_t healthz_port(const struct healthz *h);
