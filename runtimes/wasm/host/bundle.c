/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "outbound.h"
#include "rt/wasm.h"

JSON_TYPE(oci_user, OCI_USER_FIELDS);
JSON_TYPE(oci_rlimit, OCI_RLIMIT_FIELDS);
JSON_TYPE(oci_process, OCI_PROCESS_FIELDS);
JSON_TYPE(oci_root, OCI_ROOT_FIELDS);
JSON_TYPE(oci_mount, OCI_MOUNT_FIELDS);
JSON_TYPE(oci_namespace, OCI_NAMESPACE_FIELDS);
JSON_TYPE(oci_memory, OCI_MEMORY_FIELDS);
JSON_TYPE(oci_cpu, OCI_CPU_FIELDS);
JSON_TYPE(oci_pids, OCI_PIDS_FIELDS);
JSON_TYPE(oci_resources, OCI_RESOURCES_FIELDS);
JSON_TYPE(oci_linux, OCI_LINUX_FIELDS);
JSON_TYPE(oci_hook, OCI_HOOK_FIELDS);
JSON_TYPE(oci_hooks, OCI_HOOKS_FIELDS);
JSON_TYPE(oci_config, OCI_CONFIG_FIELDS);

static int check_hooks(const struct oci_hooks *h, struct err *err)
{
    size_t n = h->prestart.len + h->create_runtime.len + h->create_container.len + h->start_container.len +
               h->poststart.len + h->poststop.len;

    return n ? err_set(err, -EOPNOTSUPP, "hooks: there are none for WebAssembly") : 0;
}

static int check_ids(const struct oci_user *u, struct err *err)
{
    if (u->uid < 0 || u->uid >= UINT32_MAX || u->gid < 0 || u->gid >= UINT32_MAX)
        return err_set(err, -EINVAL, "process.user: %lld:%lld is not a user", (long long)u->uid, (long long)u->gid);
    for (size_t i = 0; i < u->additional_gids.len; i++)
        if (u->additional_gids.items[i] < 0 || u->additional_gids.items[i] >= UINT32_MAX)
            return err_set(err, -EINVAL, "process.user.additionalGids[%zu]: not a group", i);
    if (u->umask.has && (u->umask.value < 0 || u->umask.value > 0777))
        return err_set(err, -EINVAL, "process.user.umask: %lld is no mask", (long long)u->umask.value);
    return 0;
}

static int check_process(struct oci_process *p, struct err *err)
{
    if (p->args.len == 0)
        return err_set(err, -EINVAL, "process.args: empty");
    p->cwd = str_or(p->cwd, "/");
    if (p->cwd[0] != '/')
        return err_set(err, -EINVAL, "process.cwd: \"%s\" is not absolute", p->cwd);
    for (size_t i = 0; i < p->env.len; i++)
        if (!strchr(p->env.items[i], '='))
            return err_set(err, -EINVAL, "process.env[%zu]: no \"=\" in it", i);
    if (p->oom_score_adj.has && (p->oom_score_adj.value < -1000 || p->oom_score_adj.value > 1000))
        return err_set(err, -EINVAL, "process.oomScoreAdj: %lld is not within -1000 and 1000",
                       (long long)p->oom_score_adj.value);
    return check_ids(&p->user, err);
}

static int check_mounts(const struct oci_config *c, struct err *err)
{
    for (size_t i = 0; i < c->mounts.len; i++) {
        const char *to = c->mounts.items[i].destination;

        if (to[0] != '/')
            return err_set(err, -EINVAL, "mounts[%zu].destination: \"%s\" is not absolute", i, to);
        if (to[strspn(to, "/.")] == '\0')
            return err_set(err, -EINVAL, "mounts[%zu].destination: \"%s\" is the root itself", i, to);
    }
    return 0;
}

/* With one of those of the mounts there is never a path, with those that a guest could not tell it does not matter. */
static int check_namespaces(const struct oci_linux *l, struct err *err)
{
    static const char *const known[] = { "network", "ipc", "uts", "pid", "cgroup", "mount" };

    for (size_t i = 0; i < l->namespaces.len; i++) {
        const struct oci_namespace *n = &l->namespaces.items[i];
        size_t k = 0;

        while (k < ARRAY_LEN(known) && !str_eq(known[k], n->type))
            k++;
        if (k == ARRAY_LEN(known))
            return err_set(err, -EOPNOTSUPP, "linux.namespaces[%zu]: %s namespaces are not supported", i, n->type);
        if (str_eq(n->type, "mount") && n->path)
            return err_set(err, -EOPNOTSUPP, "linux.namespaces[%zu]: a guest's mounts are its own", i);
    }
    return 0;
}

/* A setting of the kernel's is made in a namespace of the container's, never in the caller's. */
static int check_sysctls(const struct oci_linux *l, bool own_network, struct err *err)
{
    for (size_t i = 0; i < l->sysctl.len; i++) {
        const char *name = l->sysctl.items[i].key;

        if (!str_has_prefix(name, "net.") || strchr(name, '/') || !own_network)
            return err_set(err, -EOPNOTSUPP, "linux.sysctl: %s cannot be set for a guest", name);
    }
    return 0;
}

static int check_resources(const struct oci_resources *r, struct err *err)
{
    if (!str_empty(r->cpu.cpus) || !str_empty(r->cpu.mems))
        return err_set(err, -EOPNOTSUPP, "linux.resources.cpu: sets of cpus and memory nodes are not supported");
    if (r->unified.len > 0)
        return err_set(err, -EOPNOTSUPP, "linux.resources.unified: %s is not supported", r->unified.items[0].key);
    return 0;
}

static int number(const struct bundle *b, const char *name, int64_t max, int64_t *ret, struct err *err)
{
    const char *text = json_map_get(&b->config.annotations, name);

    *ret = 0;
    if (text && str_to_i64(text, 0, max, ret) < 0)
        return err_set(err, -EINVAL, "annotation %s: \"%s\" is not a number from 0 to %lld", name, text, (long long)max);
    return 0;
}

static int read_annotations(struct bundle *b, struct err *err)
{
    const struct json_map *a = &b->config.annotations;
    const char *kind = json_map_get(a, WASM_BUNDLE_KIND), *hosts = json_map_get(a, WASM_BUNDLE_ALLOWED_HOSTS);
    int64_t port, outbound;

    b->artifact = json_map_get(a, WASM_BUNDLE_ARTIFACT);
    b->function = json_map_get(a, WASM_BUNDLE_FUNCTION);
    if (b->artifact && (!kind || wasm_kind_parse(kind, &b->kind) < 0))
        return err_set(err, -EINVAL, "annotation " WASM_BUNDLE_KIND ": \"%s\" is no kind of module", str_or(kind, ""));
    if (number(b, WASM_BUNDLE_PORT, UINT16_MAX, &port, err) < 0 ||
        number(b, WASM_BUNDLE_MAX_OUTBOUND, INT32_MAX, &outbound, err) < 0)
        return err->code;
    b->port = (uint16_t)port;
    b->max_outbound = (uint32_t)outbound;
    b->hosts_limited = hosts;
    if (hosts && outbound_parse(hosts, b->arena, &b->allowed_hosts, err) < 0)
        return err_wrap(err, "annotation " WASM_BUNDLE_ALLOWED_HOSTS);
    return 0;
}

static int check(struct bundle *b, struct err *err)
{
    struct oci_config *c = &b->config;

    if (check_process(&c->process, err) < 0 || check_mounts(c, err) < 0 || check_hooks(&c->hooks, err) < 0 ||
        check_namespaces(&c->linux_, err) < 0 || check_resources(&c->linux_.resources, err) < 0 ||
        check_sysctls(&c->linux_, bundle_namespace(b, "network"), err) < 0)
        return err->code;
    if (c->root.path && c->root.path[0] != '/') {
        c->root.path = arena_printf(b->arena, "%s/%s", b->dir, c->root.path);
        if (!c->root.path)
            return err_set(err, -E2BIG, "root.path: too long");
    }
    return read_annotations(b, err);
}

int bundle_decode(const char *text, size_t len, const char *dir, struct arena *arena, struct bundle *ret, struct err *err)
{
    const struct json_decode_opts opts = { .max_bytes = LIMIT_CONTAINER_SPEC_BYTES };
    struct bundle b = { .arena = arena, .dir = arena_strdup(arena, dir) };
    struct err own = ERR_INIT;

    if (json_decode(&oci_config_type, text, len, &opts, arena, &b.config, &own) < 0 || check(&b, &own) < 0) {
        (void)err_wrap(&own, "config.json");
        if (err)
            err_copy(err, &own);
        return own.code;
    }
    *ret = b;
    return 0;
}

int bundle_read(const char *dir, struct arena *arena, struct bundle *ret, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    AUTO(free) char *path = xasprintf("%s/config.json", dir);
    int r = file_read(AT_FDCWD, path, &text, err);

    return r < 0 ? r : bundle_decode(buf_str(&text), text.len, dir, arena, ret, err);
}

const struct oci_namespace *bundle_namespace(const struct bundle *b, const char *type)
{
    for (size_t i = 0; i < b->config.linux_.namespaces.len; i++)
        if (str_eq(b->config.linux_.namespaces.items[i].type, type))
            return &b->config.linux_.namespaces.items[i];
    return NULL;
}
