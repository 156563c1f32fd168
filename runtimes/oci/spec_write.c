/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle/capability.h"
#include "rt/seccomp.h"
#include "spec.h"

/* Files of the kernel that tell or change too much about the node. */
static const char *const masked_paths[] = {
    "/proc/acpi",       "/proc/asound",      "/proc/interrupts", "/proc/kcore",         "/proc/keys",
    "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",    "/proc/timer_list",    "/proc/timer_stats",
    "/sys/devices/virtual/powercap", "/sys/firmware",
};
static const char *const readonly_paths[] = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static void write_strings(const char *key, const char *const *items, size_t len, struct json_writer *w)
{
    json_write_key_array(w, key);
    for (size_t i = 0; i < len; i++)
        json_write_string(w, items[i]);
    json_write_end(w);
}

/* ---- process ---- */

static void write_user(const struct user_ids *user, struct json_writer *w)
{
    json_write_key_object(w, "user");
    json_write_key_int(w, "uid", user->uid);
    json_write_key_int(w, "gid", user->gid);
    if (user->groups_len > 0) {
        json_write_key_array(w, "additionalGids");
        for (size_t i = 0; i < user->groups_len; i++)
            json_write_int(w, user->groups[i]);
        json_write_end(w);
    }
    json_write_end(w);
}

static void write_capabilities(uint64_t mask, struct json_writer *w)
{
    /* Not inheritable and not ambient: a program that is not root's gets none by executing another. */
    static const char *const sets[] = { "bounding", "effective", "permitted" };

    json_write_key_object(w, "capabilities");
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        json_write_key_array(w, sets[i]);
        for (int cap = 0; cap < CAPABILITY_NR; cap++)
            if (mask & (UINT64_C(1) << cap))
                json_write_string(w, capability_name(cap));
        json_write_end(w);
    }
    json_write_end(w);
}

static void write_rlimits(uint64_t nofile, struct json_writer *w)
{
    if (nofile == 0)
        return;
    json_write_key_array(w, "rlimits");
    json_write_object(w);
    json_write_key_string(w, "type", "RLIMIT_NOFILE");
    json_write_key_int(w, "hard", (int64_t)nofile);
    json_write_key_int(w, "soft", (int64_t)nofile);
    json_write_end(w);
    json_write_end(w);
}

static void write_process(const struct spec_input *in, struct json_writer *w)
{
    json_write_key_object(w, "process");
    json_write_key_bool(w, "terminal", in->config->tty);
    write_user(in->user, w);
    write_strings("args", (const char *const *)in->args, strv_len(in->args), w);
    write_strings("env", (const char *const *)in->env, strv_len(in->env), w);
    json_write_key_string(w, "cwd", in->cwd);
    write_capabilities(in->capabilities, w);
    write_rlimits(in->nofile, w);
    json_write_key_bool(w, "noNewPrivileges", in->config->security.no_new_privs);
    json_write_key_int(w, "oomScoreAdj", in->oom_score_adj);
    json_write_end(w);
}

/* ---- linux ---- */

static void write_namespace(const char *type, const char *path, struct json_writer *w)
{
    json_write_object(w);
    json_write_key_string(w, "type", type);
    if (path)
        json_write_key_string(w, "path", path);
    json_write_end(w);
}

static void write_pid_namespace(const struct spec_input *in, struct json_writer *w)
{
    AUTO(free) char *target = NULL;

    switch (in->pid) {
    case RT_NS_CONTAINER:
        write_namespace("pid", NULL, w);
        break;
    case RT_NS_POD:
        write_namespace("pid", in->place->pid_ns, w);
        break;
    case RT_NS_TARGET:
        target = xasprintf("/proc/%lld/ns/pid", (long long)in->target_pid);
        write_namespace("pid", target, w);
        break;
    case RT_NS_NODE:
        break;
    }
}

static void write_namespaces(const struct spec_input *in, struct json_writer *w)
{
    const struct rt_sandbox_place *p = in->place;

    json_write_key_array(w, "namespaces");
    write_namespace("mount", NULL, w);
    write_pid_namespace(in, w);
    if (p->net_ns)
        write_namespace("network", p->net_ns, w);
    if (p->ipc_ns)
        write_namespace("ipc", p->ipc_ns, w);
    if (p->uts_ns)
        write_namespace("uts", p->uts_ns, w);
    if (in->cgroup_version == 2 && !in->config->security.privileged)
        write_namespace("cgroup", NULL, w);
    json_write_end(w);
}

static void write_device(const struct spec_device *d, struct json_writer *w)
{
    const char type[2] = { d->type, '\0' };

    json_write_object(w);
    json_write_key_string(w, "path", d->path);
    json_write_key_string(w, "type", type);
    json_write_key_int(w, "major", d->major);
    json_write_key_int(w, "minor", d->minor);
    json_write_key_int(w, "fileMode", d->mode);
    json_write_key_int(w, "uid", d->uid);
    json_write_key_int(w, "gid", d->gid);
    json_write_end(w);
}

static void write_device_rule(bool allow, const struct spec_device *d, struct json_writer *w)
{
    json_write_object(w);
    json_write_key_bool(w, "allow", allow);
    if (d) {
        const char type[2] = { d->type, '\0' };

        json_write_key_string(w, "type", type);
        json_write_key_int(w, "major", d->major);
        json_write_key_int(w, "minor", d->minor);
    }
    json_write_key_string(w, "access", d ? d->permissions : "rwm");
    json_write_end(w);
}

/* The runtime itself adds the rules for /dev/null and the like. */
static void write_device_rules(const struct spec_input *in, struct json_writer *w)
{
    bool all = in->config->security.privileged;

    json_write_key_array(w, "devices");
    write_device_rule(all, NULL, w);
    for (size_t i = 0; !all && i < in->devices_len; i++)
        write_device_rule(true, &in->devices[i], w);
    json_write_end(w);
}

/* "Unlimited" is what a new group is: it is left out, because crun before 1.9 writes -1 as a huge number. */
static void write_cpu(const struct rt_resources *r, struct json_writer *w)
{
    if (!r->cpu_shares && r->cpu_quota_us <= 0 && !r->cpu_period_us)
        return;
    json_write_key_object(w, "cpu");
    if (r->cpu_shares)
        json_write_key_int(w, "shares", (int64_t)r->cpu_shares);
    if (r->cpu_quota_us > 0)
        json_write_key_int(w, "quota", r->cpu_quota_us);
    if (r->cpu_period_us)
        json_write_key_int(w, "period", (int64_t)r->cpu_period_us);
    json_write_end(w);
}

static void write_resources(const struct spec_input *in, struct json_writer *w)
{
    const struct rt_resources *r = &in->config->resources;

    json_write_key_object(w, "resources");
    write_device_rules(in, w);
    write_cpu(r, w);
    if (r->memory_bytes > 0) {
        json_write_key_object(w, "memory");
        json_write_key_int(w, "limit", r->memory_bytes);
        if (in->swap_limit)
            json_write_key_int(w, "swap", r->memory_bytes); /* memory and swap together: no swap */
        json_write_end(w);
    }
    if (r->pids > 0) {
        json_write_key_object(w, "pids");
        json_write_key_int(w, "limit", r->pids);
        json_write_end(w);
    }
    json_write_end(w);
}

static void write_linux(const struct spec_input *in, struct json_writer *w)
{
    const struct rt_security *security = &in->config->security;
    bool open = security->privileged || security->unmasked_proc;
    const char *propagation = spec_root_propagation(in->config);

    json_write_key_object(w, "linux");
    write_namespaces(in, w);
    if (!open) {
        write_strings("maskedPaths", masked_paths, ARRAY_LEN(masked_paths), w);
        write_strings("readonlyPaths", readonly_paths, ARRAY_LEN(readonly_paths), w);
    }
    json_write_key_string(w, "cgroupsPath", in->cgroup_path);
    write_resources(in, w);
    if (in->devices_len > 0) {
        json_write_key_array(w, "devices");
        for (size_t i = 0; i < in->devices_len; i++)
            write_device(&in->devices[i], w);
        json_write_end(w);
    }
    if (propagation)
        json_write_key_string(w, "rootfsPropagation", propagation);
    if (in->seccomp.kind == SPEC_SECCOMP_DEFAULT) {
        json_write_key(w, "seccomp");
        rt_seccomp_write(in->capabilities, w);
    } else if (in->seccomp.kind == SPEC_SECCOMP_TEXT) {
        json_write_key(w, "seccomp");
        json_write_raw(w, in->seccomp.data, in->seccomp.len);
    }
    json_write_end(w);
}

int spec_write(const struct spec_input *in, struct buf *out, struct err *err)
{
    struct json_writer w = JSON_WRITER(out);

    json_write_object(&w);
    json_write_key_string(&w, "ociVersion", "1.0.2");
    write_process(in, &w);
    json_write_key_object(&w, "root");
    json_write_key_string(&w, "path", in->rootfs);
    json_write_key_bool(&w, "readonly", in->config->security.readonly_rootfs);
    json_write_end(&w);
    spec_write_mounts(in, &w);
    write_linux(in, &w);
    if (in->seccomp.kind == SPEC_SECCOMP_PROGRAM) {
        json_write_key_object(&w, "annotations");
        json_write_key(&w, "run.oci.seccomp_bpf_data");
        json_write_base64(&w, in->seccomp.data, in->seccomp.len);
        json_write_end(&w);
    }
    json_write_end(&w);
    if (buf_failed(out))
        return err_set(err, -E2BIG, "config.json is larger than %llu bytes", LIMIT_CONTAINER_SPEC_BYTES);
    return 0;
}
