/* SPDX-License-Identifier: Apache-2.0 */
/* The whole: configuration, health, and how requests become operations. */
#include "rt/network.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "network_internal.h"
#include "nft_rules.h"

#define DEFAULT_RUN_DIR  "/run/oarsman/network"
#define DEFAULT_BRIDGE   "oarsman0"
#define DEFAULT_TABLE    "oarsman"
#define DEFAULT_CONF_DIR "/etc/cni/net.d"
enum { DEFAULT_MTU = 1500, MTU_MIN = 576, MTU_MAX = 65535, DEFAULT_PLUGIN_MS = 30000 };

const struct network_mode *network_mode_named(const char *name)
{
    static const struct network_mode *const modes[] = { &network_bridge, &network_cni };
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (str_eq(modes[i]->name, name))
            return modes[i];
    return NULL;
}

void network_changed(struct rt_network *n)
{
    if (n->changed)
        n->changed(n->changed_user);
}

static void on_watch(struct cni_watch *w)
{
    network_changed(container_of(w, struct rt_network, cni.watch));
}

/* Names go into rules and requests: letters, digits, '-', '_' and '.', a letter first. */
static int check_name(const char *what, const char *name, size_t max_len, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t len = strlen(name);
    if (len == 0 || len > max_len || !strchr(letters, name[0]) ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] !=
            '\0')
        return err_set(
            err, -EINVAL,
            "network: %s \"%.64s\": expected a letter, then letters, digits, '-', '_' or '.', at "
            "most %zu together",
            what, name, max_len);
    return 0;
}

/* An address without a record: killed between the two. Nothing was made with it. */
static bool has_record(void *user, const char *owner)
{
    const struct rt_network *n = user;
    return network_record_get(n->records, owner) != NULL;
}

static int set_bridge(struct rt_network *n, const struct rt_network_config *c, struct err *err)
{
    AUTO(free) char *dir = xasprintf("%s/addresses", n->run_dir);
    n->bridge.name = xstrdup(str_or(c->bridge, DEFAULT_BRIDGE));
    n->bridge.table = xstrdup(str_or(c->nft_table, n->bridge.name));
    n->bridge.mtu = c->mtu ? c->mtu : DEFAULT_MTU;
    list_init(&n->bridge.unlink_waiting);
    list_init(&n->bridge.unlinking);
    nft_runner_init(&n->bridge.nft, n->loop, str_or(c->nft, "nft"));
    int r = check_name("bridge", n->bridge.name, IFNAMSIZ - 1, err);
    if (r == 0)
        r = check_name("nft table", n->bridge.table, 64, err);
    if (r == 0 && (n->bridge.mtu < MTU_MIN || n->bridge.mtu > MTU_MAX))
        r = err_set(err, -EINVAL, "network: mtu %u: expected between %d and %d", n->bridge.mtu,
                    MTU_MIN, MTU_MAX);
    if (r == 0 && c->cidr)
        r = rt_network_set_cidr(n, c->cidr, err);
    if (r == 0)
        r = address_pool_new(dir, &n->bridge.pool, err);
    return r < 0 ? r : address_pool_sweep(n->bridge.pool, has_record, n, err);
}

static int set_cni(struct rt_network *n, const struct rt_network_config *c, struct err *err)
{
    n->cni.bin_dirs = strv_new();
    for (size_t i = 0; i < c->cni_bin_dirs.len; i++)
        strv_push(&n->cni.bin_dirs, c->cni_bin_dirs.items[i]);
    if (c->cni_bin_dirs.len == 0) {
        strv_push(&n->cni.bin_dirs, "/opt/cni/bin");
        strv_push(&n->cni.bin_dirs, "/usr/lib/cni");
    }
    n->cni.timeout_ms = c->cni_timeout_ms > 0 ? c->cni_timeout_ms : DEFAULT_PLUGIN_MS;
    if (n->mode != &network_cni)
        return 0;
    return cni_watch_start(&n->cni.watch, n->loop, str_or(c->cni_conf_dir, DEFAULT_CONF_DIR),
                           on_watch, err);
}

static int load_records(struct rt_network *n, struct err *err)
{
    AUTO(free) char *dir = xasprintf("%s/attachments", n->run_dir);
    const struct network_record *record;
    int r = network_records_new(dir, &n->records, err);
    for (size_t i = 0; r == 0 && (record = network_record_next(n->records, &i));)
        if (!network_mode_named(record->mode))
            r = err_set(err, -ENOTSUP, "network record %s/%s: unknown mode \"%.32s\"", dir,
                        record->sandbox_id, record->mode);
    return r;
}

int rt_network_new(struct loop *loop, const struct rt_network_config *config,
                   struct rt_network **ret, struct err *err)
{
    AUTO(rt_network_free) struct rt_network *n = NEW(struct rt_network);
    n->loop = loop;
    list_init(&n->ops);
    n->mode = config->mode == RT_NETWORK_CNI ? &network_cni : &network_bridge;
    n->run_dir = xstrdup(str_or(config->run_dir, DEFAULT_RUN_DIR));
    int r = path_mkdirs(n->run_dir, 0700, err);
    if (r == 0)
        r = load_records(n, err);
    if (r == 0)
        r = set_bridge(n, config, err);
    if (r == 0)
        r = set_cni(n, config, err);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(n);
    return 0;
}

struct rt_network *rt_network_free(struct rt_network *n)
{
    if (!n)
        return NULL;
    cni_watch_stop(&n->cni.watch);
    if (n->bridge.nft.loop)
        nft_runner_done(&n->bridge.nft);
    (void)network_records_free(n->records);
    (void)address_pool_free(n->bridge.pool);
    map_done(&n->leaving);
    strv_free(n->cni.bin_dirs);
    free(n->bridge.name);
    free(n->bridge.table);
    free(n->run_dir);
    free(n);
    return NULL;
}

int rt_network_set_cidr(struct rt_network *n, const char *cidr, struct err *err)
{
    struct address_range range;
    int r = address_range_parse(cidr, &range, err);
    if (r < 0)
        return r;
    if (n->bridge.has_range && memcmp(&range, &n->bridge.range, sizeof(range)) == 0)
        return 0;
    n->bridge.range = range;
    n->bridge.has_range = true;
    n->bridge.link_ready = n->bridge.nft_ready = false;
    network_changed(n);
    return 0;
}

struct rt_network_health rt_network_health(struct rt_network *n)
{
    return n->mode->health(n);
}

void rt_network_on_change(struct rt_network *n, rt_network_changed_fn fn, void *user)
{
    n->changed = fn;
    n->changed_user = user;
}

/* ---- requests ---- */

static int copy_ports(struct net_op *op, const struct rt_network_pod *pod, struct err *err)
{
    if (pod->ports_len > LIMIT_NETWORK_PORTS)
        return err_set(err, -E2BIG, "a pod with %zu ports: at most %d are possible", pod->ports_len,
                       LIMIT_NETWORK_PORTS);
    struct network_port *ports = arena_alloc(op->arena, (pod->ports_len + 1) * sizeof(*ports));
    size_t len = 0;
    for (size_t i = 0; i < pod->ports_len; i++) {
        const struct rt_port_mapping *p = &pod->ports[i];
        if (p->host_port == 0)
            continue;
        ports[len] = (struct network_port){ .protocol = (int32_t)p->protocol,
                                            .container_port = p->container_port,
                                            .host_port = p->host_port,
                                            .host_ip = arena_strdup(op->arena, p->host_ip) };
        int r = nft_rules_check(&ports[len++], err);
        if (r < 0)
            return r;
    }
    op->want.ports.items = ports;
    op->want.ports.len = len;
    return 0;
}

static void fail_later(struct rt_task *t)
{
    struct net_op *op = container_of(t, struct net_op, task);
    net_op_finish(op, &op->err, NULL);
}

static struct rt_op *refuse(struct net_op *op)
{
    op->started = true;
    rt_task_later(&op->task, fail_later);
    return &op->task.op;
}

struct rt_op *rt_network_attach(struct rt_network *n, const struct rt_network_pod *pod,
                                const struct rt_call *call)
{
    struct net_op *op = net_op_new(n, NET_ATTACH, pod->sandbox_id, call);
    struct arena *a = op->arena;
    if (!path_is_name(pod->sandbox_id)) {
        (void)err_set(&op->err, -EINVAL, "sandbox id \"%.100s\" is not a name", pod->sandbox_id);
        return refuse(op);
    }
    op->want = (struct network_record){
        .version = NETWORK_RECORD_VERSION,
        .sandbox_id = op->sandbox_id,
        .uid = arena_strdup(a, pod->uid),
        .name = arena_strdup(a, pod->name),
        .namespace_ = arena_strdup(a, pod->namespace_),
        .netns_path = arena_strdup(a, pod->netns_path),
    };
    return copy_ports(op, pod, &op->err) < 0 ? refuse(op) : net_op_start(op);
}

struct rt_op *rt_network_detach(struct rt_network *n, const char *sandbox_id,
                                const char *netns_path, const struct rt_call *call)
{
    struct net_op *op = net_op_new(n, NET_DETACH, sandbox_id, call);
    op->netns_path = arena_strdup(op->arena, netns_path);
    return net_op_start(op);
}

struct rt_op *rt_network_sweep(struct rt_network *n, const struct rt_strings *live,
                               const struct rt_call *call)
{
    struct net_op *op = net_op_new(n, NET_SWEEP, "", call);
    const char **items = arena_alloc(op->arena, (live->len + 1) * sizeof(*items));
    for (size_t i = 0; i < live->len; i++)
        items[i] = arena_strdup(op->arena, live->items[i]);
    op->live = (struct rt_strings){ items, live->len };
    return net_op_start(op);
}

int rt_network_addresses(struct rt_network *n, const char *sandbox_id, char ***ret, struct err *err)
{
    const struct network_record *r = network_record_get(n->records, sandbox_id);
    if (!r || !r->attached)
        return err_set(err, -ENOENT, "sandbox %s is not attached", sandbox_id);
    char **addresses = strv_new();
    for (size_t i = 0; i < r->addresses.len; i++)
        strv_push(&addresses, r->addresses.items[i]);
    *ret = addresses;
    return 0;
}
