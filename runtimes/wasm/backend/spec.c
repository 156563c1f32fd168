/* SPDX-License-Identifier: Apache-2.0 */
#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle/mounts.h"
#include "rt/wasm.h"

#define TERMINATION_PATH "io.kubernetes.container.terminationMessagePath"

static void write_strings(const char *key, char *const *items, struct json_writer *w)
{
    json_write_key_array(w, key);
    for (; *items; items++)
        json_write_string(w, *items);
    json_write_end(w);
}

static void write_user(const struct user_ids *user, struct json_writer *w)
{
    json_write_key_object(w, "user");
    json_write_key_int(w, "uid", user->uid);
    json_write_key_int(w, "gid", user->gid);
    json_write_key_array(w, "additionalGids");
    for (size_t i = 0; i < user->groups_len; i++)
        json_write_int(w, user->groups[i]);
    json_write_end(w);
    json_write_end(w);
}

static void write_process(const struct wasm_spec_input *in, struct json_writer *w)
{
    json_write_key_object(w, "process");
    json_write_key_bool(w, "terminal", in->config->tty);
    write_user(in->user, w);
    write_strings("args", in->args, w);
    write_strings("env", in->env, w);
    json_write_key_string(w, "cwd", in->cwd);
    json_write_key_array(w, "rlimits");
    json_write_object(w);
    json_write_key_string(w, "type", "RLIMIT_NOFILE");
    json_write_key_int(w, "hard", (int64_t)in->nofile);
    json_write_key_int(w, "soft", (int64_t)in->nofile);
    json_write_end(w);
    json_write_end(w);
    json_write_key_bool(w, "noNewPrivileges", true);
    json_write_key_int(w, "oomScoreAdj", in->oom_score_adj);
    json_write_end(w);
}

/* ---- mounts ---- */

static void write_mount(const char *destination, const char *source, const char *propagation, const char *access,
                        struct json_writer *w)
{
    json_write_object(w);
    json_write_key_string(w, "destination", destination);
    json_write_key_string(w, "type", "bind");
    json_write_key_string(w, "source", source);
    json_write_key_array(w, "options");
    json_write_string(w, "rbind");
    json_write_string(w, propagation);
    json_write_string(w, access);
    json_write_end(w);
    json_write_end(w);
}

static void write_own(const struct rt_mount *m, struct json_writer *w)
{
    write_mount(m->container_path, m->host_path, mount_propagation_option(m->propagation), mount_access_option(m), w);
}

static void write_default(const struct wasm_spec_input *in, const char *destination, const char *source, struct json_writer *w)
{
    for (size_t i = 0; i < in->config->mounts_len; i++)
        if (str_eq(in->config->mounts[i].container_path, destination))
            return;
    if (source)
        write_mount(destination, source, "rprivate", "rw", w);
}

static void write_mounts(const struct wasm_spec_input *in, struct json_writer *w)
{
    const struct rt_mount **mounts = mounts_outer_first(in->config);

    json_write_key_array(w, "mounts");
    write_default(in, "/etc/resolv.conf", in->place->resolv_conf, w);
    write_default(in, "/etc/hostname", in->place->hostname_file, w);
    for (size_t i = 0; i < in->config->mounts_len; i++)
        write_own(mounts[i], w);
    json_write_end(w);
    free(mounts);
}

/* ---- linux ---- */

static void write_namespace(const char *type, const char *path, struct json_writer *w)
{
    if (!path)
        return;
    json_write_object(w);
    json_write_key_string(w, "type", type);
    json_write_key_string(w, "path", path);
    json_write_end(w);
}

/* A guest sees no processes, so only a namespace that others look into matters. */
static void write_namespaces(const struct wasm_spec_input *in, struct json_writer *w)
{
    AUTO(free) char *target = xasprintf("/proc/%lld/ns/pid", (long long)in->target_pid);

    json_write_key_array(w, "namespaces");
    write_namespace("network", in->place->net_ns, w);
    write_namespace("ipc", in->place->ipc_ns, w);
    write_namespace("uts", in->place->uts_ns, w);
    if (in->pid == RT_NS_POD)
        write_namespace("pid", in->place->pid_ns, w);
    if (in->pid == RT_NS_TARGET)
        write_namespace("pid", target, w);
    json_write_end(w);
}

static void write_linux(const struct wasm_spec_input *in, struct json_writer *w)
{
    json_write_key_object(w, "linux");
    write_namespaces(in, w);
    json_write_key_string(w, "cgroupsPath", in->cgroup_path);
    json_write_key_object(w, "resources");
    if (in->config->resources.memory_bytes > 0) {
        json_write_key_object(w, "memory");
        json_write_key_int(w, "limit", in->config->resources.memory_bytes);
        json_write_end(w);
    }
    json_write_end(w);
    json_write_end(w);
}

/* ---- annotations ---- */

static void write_annotation(const char *key, const char *value, struct json_writer *w)
{
    if (value)
        json_write_key_string(w, key, value);
}

static const char *of_pod(const struct wasm_spec_input *in, const char *ours, const char *krustlets)
{
    const char *value = rt_label_get(&in->config->annotations, ours);

    return value ? value : rt_label_get(&in->config->annotations, krustlets);
}

static void write_annotations(const struct wasm_spec_input *in, struct json_writer *w)
{
    char port[8];

    (void)snprintf(port, sizeof(port), "%u", in->config->listen_port);
    json_write_key_object(w, "annotations");
    write_annotation(WASM_BUNDLE_ARTIFACT, in->artifact, w);
    write_annotation(WASM_BUNDLE_KIND, wasm_kind_name(in->kind), w);
    write_annotation(WASM_BUNDLE_FUNCTION, in->function, w);
    write_annotation(WASM_BUNDLE_PORT, port, w);
    write_annotation(WASM_BUNDLE_ALLOWED_HOSTS, of_pod(in, WASM_POD_ALLOWED_HOSTS, WASM_POD_KRUSTLET_ALLOWED_DOMAINS), w);
    write_annotation(WASM_BUNDLE_MAX_OUTBOUND, of_pod(in, WASM_POD_MAX_OUTBOUND, WASM_POD_KRUSTLET_MAX_REQUESTS), w);
    write_annotation(WASM_BUNDLE_TERMINATION_LOG, rt_label_get(&in->config->annotations, TERMINATION_PATH), w);
    write_annotation(WASM_BUNDLE_MOUNT_NS, in->mount_ns, w);
    write_annotation(WASM_BUNDLE_CGROUP_PROCS, in->cgroup_procs, w);
    json_write_end(w);
}

int wasm_spec_write(const struct wasm_spec_input *in, struct buf *out, struct err *err)
{
    struct json_writer w = JSON_WRITER(out);

    json_write_object(&w);
    json_write_key_string(&w, "ociVersion", "1.0.2");
    write_process(in, &w);
    json_write_key_object(&w, "root");
    if (in->rootfs)
        json_write_key_string(&w, "path", in->rootfs);
    json_write_key_bool(&w, "readonly", in->config->security.readonly_rootfs);
    json_write_end(&w);
    write_mounts(in, &w);
    write_linux(in, &w);
    write_annotations(in, &w);
    json_write_end(&w);
    if (buf_failed(out))
        return err_set(err, -E2BIG, "config.json is larger than %llu bytes", LIMIT_CONTAINER_SPEC_BYTES);
    return 0;
}
