/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

/* "kind:name[?]" in order, with a comma. Caller owns. */
static char *list(const struct references *r)
{
    static const char *const kinds[] = { "cm", "se", "token", "services", "class" };
    AUTO(buf_done) struct buf out = BUF_INIT(4096);

    for (size_t i = 0; i < r->len; i++) {
        const struct reference *ref = &r->items[i];
        (void)buf_printf(&out, "%s%s:%s", i ? "," : "", kinds[ref->kind], ref->name ? ref->name : "");
        if (ref->kind == REFERENCE_TOKEN)
            (void)buf_printf(&out, "%s/%lld", ref->audience ? ref->audience : "-", (long long)ref->expiration_s);
        if (ref->optional)
            (void)buf_putc(&out, '?');
    }
    return xstrdup(buf_str(&out));
}

static void containers_name_each_object_once(void **state)
{
    AUTO(references_done) struct references r = { 0 };
    const struct k8s_pod *pod = pod_with_container(
        "\"envFrom\":[{\"configMapRef\":{\"name\":\"a\",\"optional\":true}},{\"secretRef\":{\"name\":\"s\"}}],"
        "\"env\":[{\"name\":\"X\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"a\",\"key\":\"k\"}}},"
        "{\"name\":\"Y\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"t\",\"key\":\"k\",\"optional\":true}}},"
        "{\"name\":\"Z\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"metadata.name\"}}}],");

    (void)state;
    references_of_container(&r, pod, &pod->spec.containers.items[0]);
    references_of_container(&r, pod, &pod->spec.containers.items[0]);
    AUTO(free) char *got = list(&r);
    assert_string_equal(got, "services:?,cm:a,se:s,se:t?"); /* a is needed by one who asks */
}

static void volumes_and_their_projections(void **state)
{
    AUTO(references_done) struct references r = { 0 };
    const struct k8s_pod *pod = pod_of(
        "", "\"volumes\":[{\"name\":\"1\",\"configMap\":{\"name\":\"a\"}},{\"name\":\"2\",\"secret\":{\"secretName\":\"s\",\"optional\":true}},"
            "{\"name\":\"3\",\"projected\":{\"sources\":[{\"serviceAccountToken\":{\"path\":\"t\"}},"
            "{\"serviceAccountToken\":{\"path\":\"u\",\"audience\":\"\",\"expirationSeconds\":3600}},"
            "{\"serviceAccountToken\":{\"path\":\"v\",\"audience\":\"vault\",\"expirationSeconds\":600}},"
            "{\"configMap\":{\"name\":\"b\"}},{\"secret\":{\"name\":\"s\"}},{\"downwardAPI\":{\"items\":[]}}]}},"
            "{\"name\":\"4\",\"emptyDir\":{}}],");

    (void)state;
    references_of_volumes(&r, pod);
    AUTO(free) char *got = list(&r);
    assert_string_equal(got, "cm:a,se:s,token:-/3600,token:vault/600,cm:b");
}

static void pull_secrets_may_be_missing(void **state)
{
    AUTO(references_done) struct references r = { 0 };

    (void)state;
    references_of_pull_secrets(&r, pod_of("", "\"imagePullSecrets\":[{\"name\":\"x\"},{},{\"name\":\"x\"}],"));
    AUTO(free) char *got = list(&r);
    assert_string_equal(got, "se:x?");
}

static void a_sandbox_needs_its_runtime_class_alone(void **state)
{
    AUTO(references_done) struct references r = { 0 };
    AUTO(references_done) struct references none = { 0 };

    (void)state;
    references_of_sandbox(&r, pod_of("", "\"runtimeClassName\":\"wasm\",\"imagePullSecrets\":[{\"name\":\"x\"}],"));
    AUTO(free) char *got = list(&r);
    assert_string_equal(got, "class:wasm");
    references_of_sandbox(&none, pod_of("", "\"runtimeClassName\":\"\","));
    assert_int_equal(none.len, 0);
}

static void what_was_fetched_is_found_again(void **state)
{
    (void)state;
    assert_non_null(fetched_get(&fetched, REFERENCE_CONFIG_MAP, "cm"));
    assert_null(fetched_get(&fetched, REFERENCE_SECRET, "cm"));
    assert_null(fetched_get(&fetched, REFERENCE_CONFIG_MAP, "no"));
    assert_null(fetched_get(&fetched, REFERENCE_CONFIG_MAP, NULL));
    assert_null(fetched_token(&fetched, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_name_each_object_once),
        cmocka_unit_test(volumes_and_their_projections),
        cmocka_unit_test(pull_secrets_may_be_missing),
        cmocka_unit_test(a_sandbox_needs_its_runtime_class_alone),
        cmocka_unit_test(what_was_fetched_is_found_again),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
