/* SPDX-License-Identifier: Apache-2.0 */
#include "syscalls/filter.h"

#include <errno.h>
#include <seccomp.h>

#include "base/err.h"
#include "syscalls/sanitized.h"

#if SANITIZED
const char *__asan_default_options(void); /* looking for leaks takes /proc, which is not there any more */
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
#endif

static int add_name(scmp_filter_ctx filter, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    return number < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
}

static int add_rule(scmp_filter_ctx filter, const struct syscall_rule *rule)
{
    int number = seccomp_syscall_resolve_name(rule->name);
    struct scmp_arg_cmp condition = { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = rule->value };

    if (rule->condition == SYSCALL_FIRST_HAS) {
        condition.op = SCMP_CMP_MASKED_EQ;
        condition.datum_b = rule->value;
    }
    return number < 0 ? 0 : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &condition);
}

int syscalls_allow_only(const char *const *names, size_t names_len, const struct syscall_rule *rules, size_t rules_len,
                        struct err *err)
{
    if (SANITIZED)
        return 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter)
        return err_set(err, -ENOMEM, "no memory for a filter of system calls");
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < names_len; i++)
        rc = add_name(filter, names[i]);
    for (size_t i = 0; rc == 0 && i < rules_len; i++)
        rc = add_rule(filter, &rules[i]);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc < 0 ? err_errno(err, -rc, "the filter of system calls") : 0;
}
