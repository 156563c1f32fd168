/* SPDX-License-Identifier: Apache-2.0 */
/* backend.h - the backend as its parts see it. */
#pragma once

#include <stdint.h>

#include "base/worker.h"
#include "discover.h"
#include "bundle/own.h"
#include "rt/oci.h"
#include "rt/supervise.h"

#define BACKEND_FILTERS_MAX 16

struct filter { /* a compiled seccomp program */
    uint64_t key;
    char *data;
    size_t len;
};

struct oci {
    struct rt_runtime runtime; /* first */
    struct loop *loop;
    char *state_dir;
    struct discovered found;
    char *found_text;
    struct own_power own;
    int cgroup_version;
    bool swap_limit;
    struct rt_supervisor *supervisor;
    struct rt_sandboxes *sandboxes;
    struct rt_network *network;
    struct rt_oci_image_source source;
    void (*warn)(void *user, const char *text);
    void *warn_user;
    unsigned warned; /* enum own_cut bits */
    struct rt_handler *handlers;
    size_t handlers_len;
    struct filter filters[BACKEND_FILTERS_MAX]; /* what did not fit is compiled each time */
    size_t filters_len;
    struct warm_up *warm_up; /* under way; NULL: none */
};

/* bundle.c */
/* Compiles, in a worker, the seccomp program that ordinary containers have, before the first of them comes. */
void bundle_warm_up(struct oci *oci);
void bundle_warm_up_cancel(struct oci *oci); /* it may end later, and does nothing */
int bundle_prepare(void *user, struct rt_bundle *b, struct err *err);
int bundle_make(struct rt_bundle *b, struct err *err);
void bundle_free(void *user, struct rt_bundle *b);
int bundle_unmake(void *user, const char *id, const char *dir, struct err *err);
