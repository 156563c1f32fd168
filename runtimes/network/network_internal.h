/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network_internal.h - an operation, and what a mode is.
 *
 * A mode knows how to attach and how to take back; everything around that (one operation per
 * sandbox at a time, remains of an earlier try, taking back what a failed try has made) is the same
 * for all and stands in network_op.c. A record names the mode that made it, so that a node whose
 * mode was changed still cleans up.
 */
#pragma once

#include "address_pool.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/worker.h"
#include "bridge_link.h"
#include "cni_chain.h"
#include "cni_watch.h"
#include "network_record.h"
#include "nft_run.h"
#include "rt/network.h"
#include "rt/task.h"

struct net_op;
typedef void (*net_step_fn)(struct net_op *op, const struct err *err); /* err NULL: done */

struct network_mode {
    const char *name;
    struct rt_network_health (*health)(struct rt_network *n);
    /* Refuses a request before anything is made. */
    int (*check)(struct rt_network *n, const struct network_record *want, struct err *err);
    /* Makes what op->want asks for, recorded step by step; then() may come at once. On failure the
     * record, if there is one, tells detach what to take back. */
    void (*attach)(struct net_op *op, net_step_fn then);
    /* Takes back what the record of op->sandbox_id tells, and drops it. */
    void (*detach)(struct net_op *op, net_step_fn then);
    /* At start, when there are attachments of this mode: puts right what they share. NULL: nothing
     * is. */
    void (*mend)(struct net_op *op, net_step_fn then);
};
extern const struct network_mode network_bridge, network_cni;

struct rt_network {
    struct loop *loop;
    const struct network_mode *mode;
    char *run_dir;
    struct network_records *records;
    struct map leaving; /* sandbox id → itself: their host ports are not mapped any more */
    struct list ops;
    rt_network_changed_fn changed;
    void *changed_user;
    char message[ERR_MSG_MAX]; /* of health */
    struct {                   /* bridge */
        char *name, *table;
        unsigned mtu;
        struct address_pool *pool;
        bool has_range, link_ready, nft_ready, nft_found;
        struct address_range range;
        struct nft_runner nft;
        struct list unlink_waiting, unlinking; /* struct net_op.unlink_node */
        struct bridge_unlink unlink;
    } bridge;
    struct { /* cni */
        char **bin_dirs;
        int64_t timeout_ms;
        struct cni_watch watch;
    } cni;
};

enum net_op_kind { NET_ATTACH, NET_DETACH, NET_SWEEP };

struct net_op {
    struct rt_task task; /* first: what rt_op_cancel() gets */
    struct rt_network *n;
    struct list node; /* in n->ops */
    enum net_op_kind kind;
    struct arena *arena;
    const char *sandbox_id;     /* "" for a sweep */
    struct network_record want; /* attach: what is asked for; of the arena */
    const char *netns_path;     /* detach; NULL: as recorded */
    struct rt_strings live;     /* sweep */
    size_t pending;             /* sweep: detachments under way */
    bool started;
    struct err err; /* the first failure */
    /* of the step under way */
    net_step_fn mode_then, then;
    struct bridge_link link;
    struct list unlink_node;
    struct nft_batch nft;
    bool nft_replaces;
    struct cni_chain chain;
    bool tried_current; /* detach: the configuration in force has been tried, too */
};

/* ---- network_op.c ---- */
struct net_op *net_op_new(struct rt_network *n, enum net_op_kind kind, const char *sandbox_id,
                          const struct rt_call *call);
struct rt_op *net_op_start(struct net_op *op); /* when its turn comes */
void net_op_finish(struct net_op *op, const struct err *err,
                   const void *result); /* reports and frees */

/* ---- network_sweep.c ---- */
void net_sweep_run(struct net_op *op);

/* ---- network.c ---- */
const struct network_mode *network_mode_named(const char *name); /* NULL: unknown */
void network_changed(struct rt_network *n);
