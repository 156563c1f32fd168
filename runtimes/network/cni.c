/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cni mode: the node's network is what /etc/cni/net.d says.
 *
 *   attach:  record (with the configuration in force) → lo up → plugins ADD → record with their
 * result detach:  plugins DEL with the recorded configuration and result → record gone
 *
 * A pod is taken down with the configuration it was set up with, whatever the folder says by then.
 */
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cni_result.h"
#include "netlink.h"
#include "network_internal.h"

static struct rt_network_health health(struct rt_network *n)
{
    const struct cni_found *found = &n->cni.watch.found;
    if (found->arena)
        return (struct rt_network_health){ true, "" };
    (void)snprintf(n->message, sizeof(n->message), "cni plugin not initialized: %.900s",
                   found->message);
    return (struct rt_network_health){ false, n->message };
}

static int check(struct rt_network *n, const struct network_record *want, struct err *err)
{
    (void)want;
    struct rt_network_health h = health(n);
    return h.ready ? 0 : err_set(err, -EAGAIN, "%s", h.message);
}

static void end(struct net_op *op, const struct err *err)
{
    op->mode_then(op, err && err->code ? err : NULL);
}

static void fill_chain(struct net_op *op, enum cni_command command, const struct cni_config *config)
{
    struct rt_network *n = op->n;
    op->chain.loop = n->loop;
    op->chain.timeout_ms = n->cni.timeout_ms;
    op->chain.request = (struct cni_request){
        .command = command,
        .config = config,
        .bin_dirs = (const char *const *)n->cni.bin_dirs,
        .pod = network_record_get(n->records, op->sandbox_id),
    };
}

/* ---- attach ---- */

static int record_result(struct net_op *op, struct err *err)
{
    struct network_record r = *network_record_get(op->n->records, op->sandbox_id);
    const struct json_raw *result = &op->chain.request.prev_result;
    struct rt_strings ips;
    int rc = cni_result_addresses(result->text, result->len, op->chain.arena, &ips, err);
    if (rc < 0)
        return rc;
    r.addresses.items = ips.items;
    r.addresses.len = ips.len;
    r.cni_result = *result;
    r.attached = true;
    return network_record_put(op->n->records, &r, err);
}

static void added(struct cni_chain *c, const struct err *err)
{
    struct net_op *op = container_of(c, struct net_op, chain);
    struct err failure = ERR_INIT;
    if (err)
        err_copy(&failure, err);
    else
        (void)record_result(op, &failure);
    cni_chain_done(c);
    end(op, &failure);
}

/* What the loopback plugin would do, without a program. The pod's place is in the link's job. */
static void lo_up(struct worker_job *job)
{
    struct bridge_link *l = container_of(job, struct bridge_link, job);
    AUTO(netlink_close) struct netlink *pod = NULL;
    int lo, r;
    AUTO(close) int netns = open(l->netns_path, O_RDONLY | O_CLOEXEC);
    if (netns < 0)
        r = err_errno(&l->err, errno, "open network namespace %s", l->netns_path);
    else
        r = netlink_open_in(netns, &pod, &l->err);
    if (r == 0)
        r = netlink_index(pod, "lo", &lo, &l->err);
    if (r == 0)
        (void)netlink_set_up(pod, lo, &l->err);
}

static void lo_is_up(struct worker_job *job)
{
    struct bridge_link *l = container_of(job, struct bridge_link, job);
    struct net_op *op = container_of(l, struct net_op, link);
    if (l->err.code) {
        end(op, &l->err);
        return;
    }
    op->chain.fn = added;
    op->chain.request.netns_path = op->want.netns_path;
    cni_chain_start(&op->chain);
}

static void attach(struct net_op *op, net_step_fn then)
{
    struct rt_network *n = op->n;
    struct network_record r = op->want;
    struct cni_config *config = ARENA_NEW(op->arena, struct cni_config);
    struct err err = ERR_INIT;
    op->mode_then = then;
    r.mode = network_cni.name;
    r.cni_config = n->cni.watch.found.config->text;
    /* a copy of our own: the folder's may change while the plugins run */
    int rc = cni_config_parse(r.cni_config.text, r.cni_config.len, op->arena, config, &err);
    if (rc == 0)
        rc = network_record_put(n->records, &r, &err);
    if (rc < 0) {
        end(op, &err);
        return;
    }
    fill_chain(op, CNI_ADD, config);
    op->link.netns_path = op->want.netns_path;
    err_clear(&op->link.err);
    worker_submit(n->loop, WORKER_RUNTIME, &op->link.job, lo_up, lo_is_up);
}

/* ---- detach ---- */

static void deleted(struct cni_chain *c, const struct err *err);

static int delete_by(struct net_op *op, const struct json_raw *text, struct err *err)
{
    const struct network_record *r = network_record_get(op->n->records, op->sandbox_id);
    struct cni_config *config = ARENA_NEW(op->arena, struct cni_config);
    const char *netns_path = op->netns_path ? op->netns_path : r->netns_path;
    int rc = cni_config_parse(text->text, text->len, op->arena, config, err);
    if (rc < 0)
        return rc;
    fill_chain(op, CNI_DEL, config);
    op->chain.fn = deleted;
    op->chain.request.netns_path = netns_path && path_exists(netns_path) ? netns_path : "";
    if (cni_version_compare(config->version, "0.4.0") >= 0)
        op->chain.request.prev_result = r->cni_result;
    cni_chain_start(&op->chain);
    return 0;
}

/* What a configuration could not set up it may not take down either; it may have been put right since. */
static bool try_current(struct net_op *op)
{
    const struct network_record *r = network_record_get(op->n->records, op->sandbox_id);
    const struct cni_found *found = &op->n->cni.watch.found;
    struct err ignored = ERR_INIT;
    if (r->attached || op->tried_current || !found->arena)
        return false;
    op->tried_current = true;
    return delete_by(op, &found->config->text, &ignored) == 0;
}

static void deleted(struct cni_chain *c, const struct err *err)
{
    struct net_op *op = container_of(c, struct net_op, chain);
    struct err failure = ERR_INIT;
    if (err)
        err_copy(&failure, err);
    else
        (void)network_record_drop(op->n->records, op->sandbox_id, &failure);
    cni_chain_done(c);
    if (!err || !try_current(op))
        end(op, &failure);
}

static void detach(struct net_op *op, net_step_fn then)
{
    const struct network_record *r = network_record_get(op->n->records, op->sandbox_id);
    struct err err = ERR_INIT;
    op->mode_then = then;
    if (delete_by(op, &r->cni_config, &err) < 0) {
        (void)err_wrap(&err, "network record of sandbox %s", op->sandbox_id);
        end(op, &err);
    }
}

const struct network_mode network_cni = { .name = "cni",
                                          .health = health,
                                          .check = check,
                                          .attach = attach,
                                          .detach = detach,
                                          .mend = NULL };
