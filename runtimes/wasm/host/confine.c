/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "filters.h"

static const struct {
    const char *name;
    int what;
} rlimit_names[] = {
    { "RLIMIT_AS", RLIMIT_AS },           { "RLIMIT_CORE", RLIMIT_CORE },         { "RLIMIT_CPU", RLIMIT_CPU },
    { "RLIMIT_DATA", RLIMIT_DATA },       { "RLIMIT_FSIZE", RLIMIT_FSIZE },       { "RLIMIT_LOCKS", RLIMIT_LOCKS },
    { "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK }, { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE }, { "RLIMIT_NICE", RLIMIT_NICE },
    { "RLIMIT_NOFILE", RLIMIT_NOFILE },   { "RLIMIT_NPROC", RLIMIT_NPROC },       { "RLIMIT_RSS", RLIMIT_RSS },
    { "RLIMIT_RTPRIO", RLIMIT_RTPRIO },   { "RLIMIT_RTTIME", RLIMIT_RTTIME },     { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
    { "RLIMIT_STACK", RLIMIT_STACK },
};

static int set_rlimit(const struct oci_rlimit *l, struct err *err)
{
    const struct rlimit r = { .rlim_cur = l->soft, .rlim_max = l->hard };

    for (size_t i = 0; i < ARRAY_LEN(rlimit_names); i++)
        if (str_eq(l->type, rlimit_names[i].name))
            return setrlimit(rlimit_names[i].what, &r) < 0 ? err_errno(err, errno, "%s", l->type) : 0;
    return err_set(err, -EINVAL, "process.rlimits: \"%s\" is no limit", l->type);
}

int confine_score(const struct oci_process *p, struct err *err)
{
    char text[16];

    if (!p->oom_score_adj.has)
        return 0;
    (void)snprintf(text, sizeof(text), "%d", (int)p->oom_score_adj.value);
    return file_write_value(AT_FDCWD, "/proc/self/oom_score_adj", text, err);
}

int confine_limits(const struct oci_process *p, struct err *err)
{
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none); /* a lower hard limit is as good */
    if (p->user.umask.has)
        (void)umask((mode_t)p->user.umask.value);
    for (size_t i = 0; i < p->rlimits.len; i++)
        if (set_rlimit(&p->rlimits.items[i], err) < 0)
            return err->code;
    return 0;
}

static int set_groups(const struct oci_user *u, struct err *err)
{
    gid_t groups[LIMIT_SUPPLEMENTAL_GROUPS];
    size_t len = u->additional_gids.len;

    if (len > ARRAY_LEN(groups))
        return err_set(err, -E2BIG, "process.user.additionalGids: more than %zu", ARRAY_LEN(groups));
    for (size_t i = 0; i < len; i++)
        groups[i] = (gid_t)u->additional_gids.items[i];
    return setgroups(len, groups) < 0 ? err_errno(err, errno, "setgroups") : 0;
}

/* What no program of its own could ever get back. Takes a capability itself, so it comes before the change of user. */
static int limit_capabilities(struct err *err)
{
    for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
            return err_errno(err, errno, "dropping capability %u", cap);
    return 0;
}

static int drop_capabilities(struct err *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { .effective = 0 } };

    if (syscall(SYS_capset, &header, none) < 0)
        return err_errno(err, errno, "dropping capabilities");
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? err_errno(err, errno, "no_new_privs") : 0;
}

int confine_user(const struct oci_user *u, struct err *err)
{
    const gid_t gid = (gid_t)u->gid;
    const uid_t uid = (uid_t)u->uid;

    if (limit_capabilities(err) < 0 || set_groups(u, err) < 0)
        return err->code;
    if (setresgid(gid, gid, gid) < 0)
        return err_errno(err, errno, "group %lld", (long long)u->gid);
    if (setresuid(uid, uid, uid) < 0)
        return err_errno(err, errno, "user %lld", (long long)u->uid);
    return drop_capabilities(err);
}

int confine_calls(enum wasm_kind kind, struct err *err)
{
    const struct filter *f = kind == WASM_CORE ? &filter_core : &filter_component;
    const struct sock_fprog program = { .len = f->len, .filter = (struct sock_filter *)(uintptr_t)f->code };

    long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);

    if (r > 0) /* a thread that could not be bound as well; there should be none but this one */
        return err_set(err, -EBUSY, "system call filter: thread %ld is without", r);
    return r < 0 ? err_errno(err, errno, "system call filter") : 0;
}
