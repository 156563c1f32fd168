/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in mode: every pod a port of one bridge on the node, with an address of the node's
 * range.
 *
 *   attach:  reserve an address → record → interfaces → host ports → record again ("attached")
 *   detach:  host ports → interface → record's addresses free → record gone
 *
 * Killed in between, each left-over is named by what was written before it: the interface and the
 * ports by the record, an address without a record by its owner's absence (network.c).
 */
#include "bridge.h"

#include <errno.h>
#include <string.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

static bool program_exists(const char *program)
{
    if (strchr(program, '/'))
        return access(program, X_OK) == 0;
    AUTO(strv_free)
    char **dirs = strv_split(str_or(getenv("PATH"), "/usr/sbin:/usr/bin:/sbin:/bin"), ':');
    for (size_t i = 0; i < strv_len(dirs); i++) {
        AUTO(free) char *path = xasprintf("%s/%s", dirs[i], program);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

static struct rt_network_health health(struct rt_network *n)
{
    if (!n->bridge.has_range)
        return (struct rt_network_health){
            false, "bridge network: no address range yet (the node's spec.podCIDR, or "
                   "network.cidr in the configuration)"
        };
    n->bridge.nft_found = n->bridge.nft_found || program_exists(n->bridge.nft.program);
    if (!n->bridge.nft_found) /* asked at every look; one that is taken away later, attaching will tell */
        return (struct rt_network_health){
            false, "bridge network: the program nft was not found (install nftables)"
        };
    return (struct rt_network_health){ true, "" };
}

static int check(struct rt_network *n, const struct network_record *want, struct err *err)
{
    if (!n->bridge.has_range)
        return err_set(err, -EAGAIN, "%s", health(n).message);
    return bridge_nft_check(n, want, err);
}

static void fill_link(struct net_op *op)
{
    struct rt_network *n = op->n;
    op->link.bridge = n->bridge.name;
    op->link.run_dir = n->run_dir;
    op->link.mtu = n->bridge.mtu;
    op->link.range = n->bridge.range;
    op->link.prepare = !n->bridge.link_ready;
}

static void end(struct net_op *op, const struct err *err)
{
    op->mode_then(op, err && err->code ? err : NULL);
}

/* ---- attach ---- */

static void mapped(struct net_op *op, const struct err *err)
{
    struct err failure = ERR_INIT;
    if (err) {
        end(op, err);
        return;
    }
    struct network_record r = *network_record_get(op->n->records, op->sandbox_id);
    r.attached = true;
    (void)network_record_put(op->n->records, &r, &failure);
    end(op, &failure);
}

static void linked(struct worker_job *job)
{
    struct bridge_link *l = container_of(job, struct bridge_link, job);
    struct net_op *op = container_of(l, struct net_op, link);
    if (l->err.code) {
        end(op, &l->err);
        return;
    }
    op->n->bridge.link_ready = true;
    bridge_nft_map(op, mapped);
}

static int record(struct net_op *op, uint32_t address, struct err *err)
{
    struct network_record r = op->want;
    char *text = arena_alloc(op->arena, ADDRESS_TEXT_BYTES);
    char *link = arena_alloc(op->arena, BRIDGE_LINK_NAME_BYTES);
    const char **addresses = arena_alloc(op->arena, sizeof(*addresses));
    address_text(address, text);
    bridge_link_name(op->sandbox_id, link);
    addresses[0] = text;
    r.mode = network_bridge.name;
    r.link = link;
    r.addresses.items = addresses;
    r.addresses.len = 1;
    op->link.name = link;
    op->link.address = address;
    op->link.netns_path = r.netns_path;
    return network_record_put(op->n->records, &r, err);
}

static void attach(struct net_op *op, net_step_fn then)
{
    struct rt_network *n = op->n;
    struct err err = ERR_INIT;
    uint32_t address;
    op->mode_then = then;
    fill_link(op);
    int r = address_pool_take(n->bridge.pool, &n->bridge.range, op->sandbox_id, &address, &err);
    if (r == 0 && record(op, address, &err) < 0) {
        (void)address_pool_release(n->bridge.pool, address, NULL);
        r = err.code;
    }
    if (r < 0)
        end(op, &err);
    else
        bridge_link_submit(&op->link, n->loop, linked);
}

/* ---- detach ---- */

static int forget(struct net_op *op, struct err *err)
{
    struct rt_network *n = op->n;
    const struct network_record *r = network_record_get(n->records, op->sandbox_id);
    for (size_t i = 0; i < r->addresses.len; i++) {
        uint32_t address;
        int rc = address_parse(r->addresses.items[i], &address);
        if (rc == 0)
            rc = address_pool_release(n->bridge.pool, address, err);
        if (rc < 0)
            return rc;
    }
    (void)map_remove(&n->leaving, op->sandbox_id);
    return network_record_drop(n->records, op->sandbox_id, err);
}

/* Deleting an interface takes the kernel some 30 ms, in which no other can be made; deleting many
 * at once takes as long. So one batch runs, and those that come meanwhile are the next one. */
static void start_unlinking(struct rt_network *n);

static void unlinked(struct worker_job *job)
{
    struct bridge_unlink *u = container_of(job, struct bridge_unlink, job);
    struct rt_network *n = container_of(u, struct rt_network, bridge.unlink);
    struct err batch = u->err;
    struct list gone;
    free(u->names);
    u->names = NULL;
    list_init(&gone);
    while (!list_empty(&n->bridge.unlinking)) {
        struct list *first = n->bridge.unlinking.next;
        list_remove(first);
        list_push_back(&gone, first);
    }
    start_unlinking(n);
    while (!list_empty(&gone)) {
        struct net_op *op = list_first(&gone, struct net_op, unlink_node);
        struct err err = batch;
        list_remove(&op->unlink_node);
        if (!err.code)
            (void)forget(op, &err);
        end(op, &err);
    }
}

static void start_unlinking(struct rt_network *n)
{
    struct bridge_unlink *u = &n->bridge.unlink;
    size_t cap = 0;
    if (u->names || list_empty(&n->bridge.unlink_waiting))
        return;
    u->len = 0;
    while (!list_empty(&n->bridge.unlink_waiting)) {
        struct net_op *op = list_first(&n->bridge.unlink_waiting, struct net_op, unlink_node);
        list_remove(&op->unlink_node);
        list_push_back(&n->bridge.unlinking, &op->unlink_node);
        u->names = xgrow(u->names, &cap, u->len + 1, sizeof(*u->names));
        u->names[u->len++] = op->link.name;
    }
    bridge_unlink_submit(u, n->loop, unlinked);
}

static void unmapped(struct net_op *op, const struct err *err)
{
    const struct network_record *r = network_record_get(op->n->records, op->sandbox_id);
    if (err) {
        end(op, err);
        return;
    }
    op->link.name = arena_strdup(op->arena, r->link);
    list_push_back(&op->n->bridge.unlink_waiting, &op->unlink_node);
    start_unlinking(op->n);
}

static void detach(struct net_op *op, net_step_fn then)
{
    op->mode_then = then;
    bridge_nft_unmap(op, unmapped);
}

/* ---- mend ---- */

static void bridge_there(struct worker_job *job)
{
    struct bridge_link *l = container_of(job, struct bridge_link, job);
    struct net_op *op = container_of(l, struct net_op, link);
    if (l->err.code)
        end(op, &l->err);
    else
        bridge_nft_replace(op, op->mode_then);
}

/* Without a range nothing can be made anew; what the kernel has is still as it was. */
static void mend(struct net_op *op, net_step_fn then)
{
    op->mode_then = then;
    if (!op->n->bridge.has_range) {
        end(op, NULL);
        return;
    }
    fill_link(op);
    op->link.prepare = true;
    op->link.name = NULL;
    bridge_link_submit(&op->link, op->n->loop, bridge_there);
}

const struct network_mode network_bridge = { .name = "bridge",
                                             .health = health,
                                             .check = check,
                                             .attach = attach,
                                             .detach = detach,
                                             .mend = mend };
