/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "namespaces.h"

static void sysctls_become_paths(void **state)
{
    static const struct {
        const char *name;
        const char *path; /* NULL: refused */
    } cases[] = {
        { "net.core.somaxconn", "/proc/sys/net/core/somaxconn" },
        { "net/ipv4/conf/eth0.100/forwarding", "/proc/sys/net/ipv4/conf/eth0.100/forwarding" },
        { "kernel.shmmax", "/proc/sys/kernel/shmmax" },
        { "kernel.msgmax", "/proc/sys/kernel/msgmax" },
        { "kernel.sem", "/proc/sys/kernel/sem" },
        { "fs.mqueue.queues_max", "/proc/sys/fs/mqueue/queues_max" },
        { "vm.swappiness", NULL },
        { "kernel.panic", NULL },
        { "kernel.core_pattern", NULL },
        { "net/../kernel/panic", NULL },
        { "/etc/passwd", NULL },
        { "", NULL },
    };
    char path[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int r = namespaces_sysctl_path(cases[i].name, path, sizeof(path));

        if ((r == 0) != (cases[i].path != NULL))
            fail_msg("%s: %d", cases[i].name, r);
        if (cases[i].path)
            assert_string_equal(path, cases[i].path);
    }
}

static void a_sysctl_that_is_too_long_is_refused(void **state)
{
    char path[24];

    (void)state;
    assert_int_equal(namespaces_sysctl_path("net.core.somaxconn", path, sizeof(path)), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sysctls_become_paths),
        cmocka_unit_test(a_sysctl_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
