/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pull_gate.h - how many images are pulled at the same time, and how many pulls begin a second: in front of any store
 * of images, which it is itself to those who ask. Private to host/.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "rt/runtime.h"

struct loop;
struct pull_gate;

struct pull_gate_opts {
    struct rt_images *images; /* borrowed */
    int64_t parallel_max;     /* 0: no bound */
    int64_t per_second;       /* 0: no bound */
    int64_t burst;
};

struct pull_gate *pull_gate_new(struct loop *loop, const struct pull_gate_opts *opts);
/* Pulls that wait end with -ECANCELED; those that have begun are the store's to end, before this. */
struct pull_gate *pull_gate_free(struct pull_gate *g); /* NULL */
DEFINE_CLEANUP(struct pull_gate *, pull_gate_free)
/* An image has come. fn NULL: nobody wants to know (any more). */
void pull_gate_on_pulled(struct pull_gate *g, void (*fn)(void *user), void *user);
struct rt_images *pull_gate_images(struct pull_gate *g); /* borrowed */
