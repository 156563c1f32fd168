/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cni_result.h"

static const struct {
    const char *name, *text;
    int result;
    const char *ips;
} cases[] = {
    { "0.3.1",
      "{\"cniVersion\":\"0.3.1\",\"ips\":[{\"version\":\"4\",\"address\":\"10.1.2.3/"
      "24\",\"gateway\":\"10.1.2.1\"}]}",
      0, "10.1.2.3 " },
    { "two families, and the bridge's own address",
      "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"br\"},{\"name\":\"eth0\","
      "\"sandbox\":\"/x\"}],\"ips\":[{\"interface\":0,\"address\":\"10.1.2.1/"
      "24\"},{\"interface\":1,\"address\":\"10.1.2.3/24\"},"
      "{\"interface\":1,\"address\":\"fd00::3/64\"}],\"dns\":{}}",
      0, "10.1.2.3 fd00::3 " },
    { "an interface that is not there", "{\"ips\":[{\"interface\":7,\"address\":\"10.1.2.1/24\"}]}",
      -EINVAL, NULL },
    { "a negative one", "{\"ips\":[{\"interface\":-1,\"address\":\"10.1.2.1/24\"}]}", -EINVAL,
      NULL },
    { "no addresses", "{\"cniVersion\":\"1.0.0\"}", -EINVAL, NULL },
    { "not an address", "{\"ips\":[{\"address\":\"10.1.2.x/24\"}]}", -EINVAL, NULL },
    { "not JSON", "hello", -EINVAL, NULL },
    { "nothing", "", -EINVAL, NULL },
};

static void the_pods_addresses_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(1 << 20);
        struct rt_strings ips;
        struct err err = ERR_INIT;
        AUTO(buf_done) struct buf text = BUF_INIT(1024);
        int r = cni_result_addresses(cases[i].text, strlen(cases[i].text), arena, &ips, &err);
        print_message("    %s: %s\n", cases[i].name, err.msg);
        assert_int_equal(r, cases[i].result);
        for (size_t k = 0; r == 0 && k < ips.len; k++)
            (void)buf_printf(&text, "%s ", ips.items[k]);
        if (r == 0)
            assert_string_equal(buf_str(&text), cases[i].ips);
    }
}

static const struct {
    const char *out, *error_out;
    int exit_code;
    const char *message;
} errors[] = {
    { "{\"cniVersion\":\"1.0.0\",\"code\":7,\"msg\":\"failed\",\"details\":\"why\"}", "", 1,
      "failed; why" },
    { "{\"code\":100,\"msg\":\"failed\"}", "noise", 1, "failed" },
    { "panic", "panic: runtime error\ngoroutine 1", 2, "exit code 2: panic: runtime error" },
    { "", "", 137, "exit code 137 without a message" },
    { "{}", "", 1, "exit code 1 without a message" },
};

static void a_failure_is_said_in_the_plugins_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct err err = ERR_INIT;
        cni_result_error(errors[i].out, strlen(errors[i].out), errors[i].error_out,
                         errors[i].exit_code, &err);
        assert_int_equal(err.code, -EIO);
        assert_string_equal(err.msg, errors[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pods_addresses_are_found),
        cmocka_unit_test(a_failure_is_said_in_the_plugins_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
