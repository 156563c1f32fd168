/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cni_chain.h - runs the plugins of a configuration one after the other, each a child with a
 * deadline.
 *
 * ADD goes through the list and hands each plugin the result of the one before; the first failure
 * ends it. DEL goes backwards and through to the end, whatever single plugins say; the first
 * failure is reported.
 */
#pragma once

#include "base/proc.h"
#include "cni_request.h"

struct cni_chain;
typedef void (*cni_chain_fn)(struct cni_chain *c, const struct err *err); /* err NULL: done */
struct cni_chain { /* embedded in its owner, who keeps it until fn */
    struct loop *loop;
    struct cni_request request; /* filled by the owner */
    int64_t timeout_ms;         /* of one plugin */
    cni_chain_fn fn;
    struct arena
        *arena; /* of the run; after ADD, request.prev_result (the chain's result) lies in it */
    size_t ran; /* how many plugins have run */
    struct proc proc;
    struct buf input;
    struct err err;
    struct loop_defer later;
};

void cni_chain_start(struct cni_chain *c); /* fn comes later */
void cni_chain_done(struct cni_chain *c);  /* after fn */
