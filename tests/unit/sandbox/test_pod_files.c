/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "pod_files.h"

static void every_part_has_its_line(void **state)
{
    const struct rt_strings servers = { (const char *const[]){ "10.0.0.1", "10.0.0.2" }, 2 };
    const struct rt_strings searches = { (const char *const[]){ "a.b", "c" }, 2 };
    const struct rt_strings options = { (const char *const[]){ "ndots:5", "edns0" }, 2 };
    struct buf out = BUF_INIT(LIMIT_POD_FILE_BYTES);

    (void)state;
    pod_files_resolv_conf(&servers, &searches, &options, &out);
    assert_string_equal(buf_str(&out), "search a.b c\nnameserver 10.0.0.1\nnameserver 10.0.0.2\noptions ndots:5 edns0\n");
    buf_done(&out);
}

static void empty_parts_have_none(void **state)
{
    const struct rt_strings none = { NULL, 0 };
    const struct rt_strings servers = { (const char *const[]){ "10.0.0.1" }, 1 };
    struct buf out = BUF_INIT(LIMIT_POD_FILE_BYTES);

    (void)state;
    pod_files_resolv_conf(&servers, &none, &none, &out);
    assert_string_equal(buf_str(&out), "nameserver 10.0.0.1\n");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_has_its_line),
        cmocka_unit_test(empty_parts_have_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
