/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nft_run.h - batches for the nft program, one after the other: two at a time would only make each
 * other retry.
 */
#pragma once

#include "base/list.h"
#include "base/proc.h"

struct nft_batch;
typedef void (*nft_batch_fn)(struct nft_batch *b, const struct err *err); /* err NULL: done */
struct nft_batch { /* embedded in its owner, who keeps it until fn */
    struct list node;
    char *text;
    nft_batch_fn fn;
};

struct nft_runner {
    struct loop *loop;
    char *program;
    struct list waiting;
    struct nft_batch *current;
    struct proc proc;
    struct loop_defer next;
};

void nft_runner_init(struct nft_runner *r, struct loop *loop, const char *program);
void nft_runner_done(struct nft_runner *r); /* nothing may be waiting */
/* text: taken. fn is called later, exactly once. */
void nft_run(struct nft_runner *r, struct nft_batch *b, char *text, nft_batch_fn fn);
