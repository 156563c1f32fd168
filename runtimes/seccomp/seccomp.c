/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/seccomp.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "seccomp_table.h"

#define NAME_MAX_BYTES 48

/* The architectures whose calls this kernel also answers. */
struct seccomp_arch {
    const char *name;
    uint32_t token;
};
static const struct seccomp_arch architectures[] = {
#if defined(__x86_64__)
    { "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
    { "SCMP_ARCH_X86", SCMP_ARCH_X86 },
    { "SCMP_ARCH_X32", SCMP_ARCH_X32 },
#elif defined(__aarch64__)
    { "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
    { "SCMP_ARCH_ARM", SCMP_ARCH_ARM },
#else
    { "SCMP_ARCH_NATIVE", SCMP_ARCH_NATIVE },
#endif
};

static const struct {
    const char *name; /* NULL: no condition */
    enum scmp_compare compare;
} comparisons[] = {
    [SECCOMP_ARG_NONE] = { NULL, _SCMP_CMP_MIN },
    [SECCOMP_ARG_EQ] = { "SCMP_CMP_EQ", SCMP_CMP_EQ },
    [SECCOMP_ARG_NE] = { "SCMP_CMP_NE", SCMP_CMP_NE },
    [SECCOMP_ARG_MASKED_EQ] = { "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
};

static bool holds(const struct seccomp_rule *rule, uint64_t capabilities)
{
    if (rule->with_caps && !(rule->with_caps & capabilities))
        return false;
    return !(rule->without_caps & capabilities);
}

/* The next of a list of names; NULL at its end. name holds NAME_MAX_BYTES. */
static const char *next_name(const char *list, char *name)
{
    size_t len = strcspn(list, " ");

    if (len == 0)
        return NULL;
    memcpy(name, list, len);
    name[len] = '\0';
    list += len;
    return *list == ' ' ? list + 1 : list;
}

uint64_t rt_seccomp_key(uint64_t capabilities)
{
    uint64_t asked = 0;

    for (size_t i = 0; i < seccomp_rules_len; i++)
        asked |= seccomp_rules[i].with_caps | seccomp_rules[i].without_caps;
    return capabilities & asked;
}

static int add_rule(scmp_filter_ctx ctx, const struct seccomp_rule *rule, struct err *err)
{
    uint32_t action = rule->errnum ? SCMP_ACT_ERRNO((unsigned)rule->errnum) : SCMP_ACT_ALLOW;
    struct scmp_arg_cmp condition = {
        .arg = rule->arg.index,
        .op = comparisons[rule->arg.op].compare,
        .datum_a = rule->arg.value,
        .datum_b = rule->arg.other,
    };
    char name[NAME_MAX_BYTES];

    for (const char *rest = next_name(rule->names, name); rest; rest = next_name(rest, name)) {
        int number = seccomp_syscall_resolve_name(name);
        int r;

        if (number == __NR_SCMP_ERROR)
            continue; /* libseccomp is older than the call: it gets ENOSYS, as from an older kernel */
        r = seccomp_rule_add_array(ctx, action, number, rule->arg.op != SECCOMP_ARG_NONE, &condition);
        if (r < 0 && r != -EEXIST && r != -EDOM)
            return err_errno(err, -r, "seccomp rule for %s", name);
    }
    return 0;
}

static int fill(scmp_filter_ctx ctx, uint64_t capabilities, struct err *err)
{
    for (size_t i = 1; i < ARRAY_LEN(architectures); i++) { /* the first is there already */
        int r = seccomp_arch_add(ctx, architectures[i].token);

        if (r < 0 && r != -EEXIST)
            return err_errno(err, -r, "seccomp architecture %s", architectures[i].name);
    }
    /* A tree instead of a list of comparisons: a call is found in 9 steps, not in 400. */
    (void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* an older libseccomp goes without */
    for (size_t i = 0; i < seccomp_rules_len; i++) {
        int r = holds(&seccomp_rules[i], capabilities) ? add_rule(ctx, &seccomp_rules[i], err) : 0;

        if (r < 0)
            return r;
    }
    return 0;
}

static int export_program(scmp_filter_ctx ctx, struct buf *ret, struct err *err)
{
    AUTO(close) int fd = memfd_create("seccomp", MFD_CLOEXEC);
    int r;

    if (fd < 0)
        return err_errno(err, errno, "memfd");
    r = seccomp_export_bpf(ctx, fd);
    if (r < 0)
        return err_errno(err, -r, "compile the seccomp profile");
    for (off_t at = 0;;) {
        char *room = buf_reserve(ret, 4096);
        ssize_t n = room ? pread(fd, room, 4096, at) : 0;

        if (!room)
            return err_set(err, -E2BIG, "the seccomp program is larger than %d bytes", RT_SECCOMP_MAX_BYTES);
        if (n < 0)
            return err_errno(err, errno, "read the seccomp program");
        if (n == 0)
            return 0;
        buf_commit(ret, (size_t)n);
        at += n;
    }
}

int rt_seccomp_compile(uint64_t capabilities, struct buf *ret_program, struct err *err)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    int r;

    if (!ctx)
        return err_set(err, -ENOMEM, "seccomp cannot start");
    r = fill(ctx, capabilities, err);
    if (r == 0)
        r = export_program(ctx, ret_program, err);
    seccomp_release(ctx);
    return r;
}

static void write_rule(const struct seccomp_rule *rule, struct json_writer *w)
{
    char name[NAME_MAX_BYTES];

    json_write_object(w);
    json_write_key_array(w, "names");
    for (const char *rest = next_name(rule->names, name); rest; rest = next_name(rest, name))
        json_write_string(w, name);
    json_write_end(w);
    json_write_key_string(w, "action", rule->errnum ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW");
    if (rule->errnum)
        json_write_key_int(w, "errnoRet", rule->errnum);
    if (rule->arg.op != SECCOMP_ARG_NONE) {
        json_write_key_array(w, "args");
        json_write_object(w);
        json_write_key_int(w, "index", (int64_t)rule->arg.index);
        json_write_key_int(w, "value", (int64_t)rule->arg.value);
        json_write_key_int(w, "valueTwo", (int64_t)rule->arg.other);
        json_write_key_string(w, "op", comparisons[rule->arg.op].name);
        json_write_end(w);
        json_write_end(w);
    }
    json_write_end(w);
}

void rt_seccomp_write(uint64_t capabilities, struct json_writer *w)
{
    json_write_object(w);
    json_write_key_string(w, "defaultAction", "SCMP_ACT_ERRNO");
    json_write_key_int(w, "defaultErrnoRet", ENOSYS);
    json_write_key_array(w, "architectures");
    for (size_t i = 0; i < ARRAY_LEN(architectures); i++)
        json_write_string(w, architectures[i].name);
    json_write_end(w);
    json_write_key_array(w, "syscalls");
    for (size_t i = 0; i < seccomp_rules_len; i++)
        if (holds(&seccomp_rules[i], capabilities))
            write_rule(&seccomp_rules[i], w);
    json_write_end(w);
    json_write_end(w);
}
