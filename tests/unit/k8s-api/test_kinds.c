/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "k8s/kinds.h"
#include "k8s/pod.h"

static void every_kind_is_found_by_name_and_by_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < K8S_KIND_NR; i++) {
        const struct k8s_kind *k = &k8s_kinds[i];

        assert_non_null(k->kind);
        assert_ptr_equal(k8s_kind_find(k->api_version, k->kind), k);
        assert_ptr_equal(k8s_kind_of_type(k->type), k);
    }
    assert_null(k8s_kind_find("v2", "Pod"));
    assert_null(k8s_kind_find("v1", "Pot"));
    assert_null(k8s_kind_find(NULL, NULL));
    assert_null(k8s_kind_of_type(&k8s_pod_spec_type));
}

static void every_kind_has_kind_and_version_and_metadata(void **state)
{
    (void)state;
    for (size_t i = 0; i < K8S_KIND_NR; i++) {
        size_t n;
        const struct json_field *f = k8s_kinds[i].type->fields(&n);

        assert_true(n > 3);
        assert_string_equal(f[0].key, "kind");
        assert_string_equal(f[1].key, "apiVersion");
        assert_string_equal(f[2].key, "metadata");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_found_by_name_and_by_type),
        cmocka_unit_test(every_kind_has_kind_and_version_and_metadata),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
