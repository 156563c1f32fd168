/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host ports of the bridge mode: which text goes to nft, and when.
 *
 * The table is replaced as a whole, from the records, once after a start (and whenever the range
 * changes, or somebody else has emptied the rules); after that a pod's ports are single elements. A
 * batch is made when it is queued, and pods that leave are in no later replacement: so the order of
 * the queue is the truth.
 */
#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "bridge.h"
#include "nft_rules.h"

struct ports {
    struct nft_host_port *items;
    size_t len, cap;
};

static void add_ports(struct ports *ports, const struct network_record *r)
{
    uint32_t address;
    if (r->addresses.len == 0 || address_parse(r->addresses.items[0], &address) < 0)
        return;
    for (size_t i = 0; i < r->ports.len; i++) {
        ports->items = xgrow(ports->items, &ports->cap, ports->len + 1, sizeof(*ports->items));
        ports->items[ports->len++] = (struct nft_host_port){ &r->ports.items[i], address };
    }
}

static struct nft_table table_of(const struct rt_network *n, const struct ports *ports)
{
    return (struct nft_table){ .table = n->bridge.table,
                               .bridge = n->bridge.name,
                               .range = &n->bridge.range,
                               .ports = ports->items,
                               .ports_len = ports->len };
}

static void on_batch(struct nft_batch *b, const struct err *err)
{
    struct net_op *op = container_of(b, struct net_op, nft);
    if (op->nft_replaces && !err)
        op->n->bridge.nft_ready = true;
    if (!err || op->nft_replaces) {
        op->then(op, err);
    } else if (op->n->bridge.has_range) { /* somebody has changed our table: make it anew */
        op->n->bridge.nft_ready = false;
        bridge_nft_replace(op, op->then);
    } else {
        op->then(op, NULL); /* what was to be deleted is gone with its table */
    }
}

static void submit(struct net_op *op, struct buf *text, int r, net_step_fn then)
{
    if (r < 0) {
        struct err err = ERR_INIT;
        (void)err_set(&err, -E2BIG, "too many host ports on this node");
        then(op, &err);
        return;
    }
    op->then = then;
    nft_run(&op->n->bridge.nft, &op->nft, buf_take(text), on_batch);
}

void bridge_nft_replace(struct net_op *op, net_step_fn then)
{
    struct rt_network *n = op->n;
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_NFT_BYTES);
    struct ports ports = { .items = NULL };
    const struct network_record *r;
    for (size_t i = 0; (r = network_record_next(n->records, &i));)
        if (str_eq(r->mode, network_bridge.name) && !map_get(&n->leaving, r->sandbox_id))
            add_ports(&ports, r);
    struct nft_table t = table_of(n, &ports);
    int rc = nft_rules_replace(&t, &text);
    free(ports.items);
    op->nft_replaces = true;
    submit(op, &text, rc, then);
}

typedef int (*rules_fn)(const struct nft_table *t, struct buf *ret);

static void elements(struct net_op *op, rules_fn rules, net_step_fn then)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_NFT_BYTES);
    struct ports ports = { .items = NULL };
    add_ports(&ports, network_record_get(op->n->records, op->sandbox_id));
    if (ports.len == 0) {
        then(op, NULL);
        return;
    }
    struct nft_table t = table_of(op->n, &ports);
    int rc = rules(&t, &text);
    free(ports.items);
    op->nft_replaces = false;
    submit(op, &text, rc, then);
}

void bridge_nft_map(struct net_op *op, net_step_fn then)
{
    if (op->n->bridge.nft_ready)
        elements(op, nft_rules_add, then);
    else
        bridge_nft_replace(op, then);
}

void bridge_nft_unmap(struct net_op *op, net_step_fn then)
{
    struct rt_network *n = op->n;
    if (map_get(&n->leaving, op->sandbox_id)) { /* a replacement without it is queued already */
        then(op, NULL);
        return;
    }
    (void)map_put(&n->leaving, op->sandbox_id, n);
    if (n->bridge.nft_ready || !n->bridge.has_range ||
        network_record_get(n->records, op->sandbox_id)->ports.len == 0)
        elements(op, nft_rules_delete, then);
    else
        bridge_nft_replace(op, then);
}

int bridge_nft_check(const struct rt_network *n, const struct network_record *want, struct err *err)
{
    const struct network_record *r;
    for (size_t i = 0; i < want->ports.len; i++) {
        const struct network_port *p = &want->ports.items[i];
        int rc = nft_rules_check(p, err);
        if (rc < 0)
            return rc;
        for (size_t j = 0; (r = network_record_next(n->records, &j));)
            for (size_t k = 0; k < r->ports.len && !str_eq(r->sandbox_id, want->sandbox_id); k++)
                if (nft_rules_clash(p, &r->ports.items[k]))
                    return err_set(err, -EADDRINUSE, "host port %d is taken by pod %s/%s",
                                   p->host_port, str_or(r->namespace_, "?"), str_or(r->name, "?"));
    }
    return 0;
}
