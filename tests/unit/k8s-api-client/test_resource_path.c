/* SPDX-License-Identifier: Apache-2.0 */
#include "resource_path.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"

static void every_object_has_its_place(void **state)
{
    (void)state;
    static const struct {
        struct resource_path path;
        const char *url;
    } cases[] = {
        { { "https://h:1", "v1", "nodes", NULL, "n1", "status" }, "https://h:1/api/v1/nodes/n1/status" },
        { { "https://h/p", "v1", "pods", "default", NULL, NULL }, "https://h/p/api/v1/namespaces/default/pods" },
        { { "https://h", "coordination.k8s.io/v1", "leases", "kube-node-lease", "n1", NULL },
          "https://h/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1" },
        { { "https://h", "v1", "pods", "a/../b", "x y?z#", NULL },
          "https://h/api/v1/namespaces/a%2F..%2Fb/pods/x%20y%3Fz%23" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf url = BUF_INIT(1000);
        assert_int_equal(resource_path_url(&cases[i].path, &url, NULL), 0);
        assert_string_equal(buf_str(&url), cases[i].url);
        buf_done(&url);
    }
}

static void a_part_that_would_change_the_path_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = { "", ".", ".." };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct buf url = BUF_INIT(1000);
        struct err err = ERR_INIT;
        struct resource_path p = { "https://h", "v1", "pods", "default", names[i], NULL };
        assert_int_equal(resource_path_url(&p, &url, &err), -EINVAL);
        assert_non_null(strstr(err.msg, "name:"));
        buf_done(&url);
    }
}

static void query_values_are_escaped(void **state)
{
    (void)state;
    struct buf url = BUF_INIT(1000);
    buf_puts(&url, "https://h/x");
    url_add_query(&url, "fieldSelector", "spec.nodeName=n1,a!=b");
    url_add_query(&url, "continue", "a+b/=");
    assert_string_equal(buf_str(&url), "https://h/x?fieldSelector=spec.nodeName%3Dn1%2Ca%21%3Db&continue=a%2Bb%2F%3D");
    buf_done(&url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_has_its_place),
        cmocka_unit_test(a_part_that_would_change_the_path_is_refused),
        cmocka_unit_test(query_values_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
