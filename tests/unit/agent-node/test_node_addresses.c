/* SPDX-License-Identifier: Apache-2.0 */
#include "addresses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/mem.h"

static void a_wrong_node_ip_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *error;
    } cases[] = {
        { "nonsense", NULL, "--node-ip: \"nonsense\" is not an IP address" },
        { "10.0.0.1/24", NULL, "--node-ip: \"10.0.0.1/24\" is not an IP address" },
        { "127.0.0.1", NULL, "--node-ip: 127.0.0.1 cannot be reached from other machines" },
        { "::1", NULL, "--node-ip: ::1 cannot be reached from other machines" },
        { "0.0.0.0", NULL, "--node-ip: 0.0.0.0 cannot be reached from other machines" },
        { "169.254.3.4", NULL, "--node-ip: 169.254.3.4 cannot be reached from other machines" },
        { "fe80::1", NULL, "--node-ip: fe80::1 cannot be reached from other machines" },
        { "224.0.0.1", NULL, "--node-ip: 224.0.0.1 cannot be reached from other machines" },
        { "192.0.2.77", NULL, "--node-ip: no network interface of this machine has 192.0.2.77" },
        { "2001:db8::77", NULL, "--node-ip: no network interface of this machine has 2001:db8::77" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *a = xstrdup(cases[i].a);
        AUTO(free) char *b = xstrdup(cases[i].b);
        char *wanted[] = { a, b, NULL }, **got = NULL;
        struct err err = ERR_INIT;
        assert_true(node_addresses(wanted, &got, &err) < 0);
        assert_string_equal(err.msg, cases[i].error);
        assert_null(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_wrong_node_ip_is_named) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
