/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "k8s/quantity.h"

/* What the API's own Go library makes of each text, but that ours stops at 2^63-1 where Go's
 * integers wrap around or go beyond what the API allows (the last three), and rounds -1n away from
 * zero as Go does with -100m. */
static const struct {
    const char *text, *canonical;
    int64_t value, milli;
} good[] = {
    { "0", "0", 0, 0 },
    { "1", "1", 1, 1000 },
    { "100m", "100m", 1, 100 },
    { "0.1", "100m", 1, 100 },
    { "0.5", "500m", 1, 500 },
    { "1.5", "1500m", 2, 1500 },
    { "1500m", "1500m", 2, 1500 },
    { "1000m", "1", 1, 1000 },
    { "2000m", "2", 2, 2000 },
    { "1k", "1k", 1000, 1000000 },
    { "1000", "1k", 1000, 1000000 },
    { "1000000", "1M", 1000000, 1000000000 },
    { "1Ki", "1Ki", 1024, 1024000 },
    { "1024", "1024", 1024, 1024000 },
    { "1024Ki", "1Mi", 1048576, 1048576000 },
    { "1025Ki", "1025Ki", 1049600, 1049600000 },
    { "1.5Gi", "1536Mi", 1610612736, INT64_C(1610612736000) },
    { "0.5Gi", "512Mi", 536870912, INT64_C(536870912000) },
    { "0.5Ki", "512", 512, 512000 },
    { "100Mi", "100Mi", 104857600, INT64_C(104857600000) },
    { "1536Mi", "1536Mi", 1610612736, INT64_C(1610612736000) },
    { "1e3", "1e3", 1000, 1000000 },
    { "1E3", "1e3", 1000, 1000000 },
    { "1e-3", "1e-3", 1, 1 },
    { "1E+3", "1e3", 1000, 1000000 },
    { "12e6", "12e6", 12000000, INT64_C(12000000000) },
    { "5e-1", "500e-3", 1, 500 },
    { "1n", "1n", 1, 1 },
    { "1u", "1u", 1, 1 },
    { "0.1n", "1n", 1, 1 },
    { "0.0000000001", "1n", 1, 1 },
    { "-0.0000000001", "-1n", -1, -1 },
    { "1e-12", "1e-9", 1, 1 },
    { "123456789n", "123456789n", 1, 124 },
    { "-1", "-1", -1, -1000 },
    { "-100m", "-100m", -1, -100 },
    { "-1.5Gi", "-1536Mi", -1610612736, INT64_C(-1610612736000) },
    { "-0.5", "-500m", -1, -500 },
    { "+5", "5", 5, 5000 },
    { "+0.5", "500m", 1, 500 },
    { "05", "5", 5, 5000 },
    { "007m", "7m", 1, 7 },
    { "0.10", "100m", 1, 100 },
    { "10.500", "10500m", 11, 10500 },
    { "1.001", "1001m", 2, 1001 },
    { "999999999999", "999999999999", INT64_C(999999999999), INT64_C(999999999999000) },
    { "9223372036854775807", "9223372036854775807", INT64_MAX, INT64_MAX },
    { "9223372036854775806.5", "9223372036854775806500m", INT64_MAX, INT64_MAX },
    { "9Ei", "9223372036854775807", INT64_MAX, INT64_MAX },
    { "7Ei", "7Ei", INT64_C(8070450532247928832), INT64_MAX },
    { "8Ei", "9223372036854775807", INT64_MAX, INT64_MAX },
    { "16Ei", "9223372036854775807", INT64_MAX, INT64_MAX },
    { "1.", "1", 1, 1000 },
    { "1.Gi", "1Gi", 1073741824, INT64_C(1073741824000) },
    { ".5", "500m", 1, 500 },
    { ".5Gi", "512Mi", 536870912, INT64_C(536870912000) },
    { "0Gi", "0", 0, 0 },
    { "0m", "0", 0, 0 },
    { "0e5", "0", 0, 0 },
    { "0.000", "0", 0, 0 },
    { "1E", "1E", INT64_C(1000000000000000000), INT64_MAX },
    { "9E", "9E", INT64_C(9000000000000000000), INT64_MAX },
    { "1P", "1P", INT64_C(1000000000000000), INT64_C(1000000000000000000) },
    { "100T", "100T", INT64_C(100000000000000), INT64_C(100000000000000000) },
    { "1023Ki", "1023Ki", 1047552, 1047552000 },
    { "1000Ki", "1000Ki", 1024000, 1024000000 },
    { "512", "512", 512, 512000 },
    { "1023", "1023", 1023, 1023000 },
    { "-1023", "-1023", -1023, -1023000 },
    { "-2Ki", "-2Ki", -2048, -2048000 },
    { "1.25Ki", "1280", 1280, 1280000 },
    { "1.0001Ki", "1024102400u", 1025, 1024103 },
    { "0.1Ki", "102400m", 103, 102400 },
    { "0.001Ki", "1024m", 2, 1024 },
    { "0.3Gi", "322122547200m", 322122548, INT64_C(322122547200) },
    { "1.1Mi", "1153433600m", 1153434, 1153433600 },
    { "0.0000001Ki", "102400n", 1, 1 },
    { "1000000000000n", "1k", 1000, 1000000 },
    { "1500000u", "1500m", 2, 1500 },
    { "1e18", "1e18", INT64_C(1000000000000000000), INT64_MAX },
    { "12345678901", "12345678901", INT64_C(12345678901), INT64_C(12345678901000) },
    { "0.9Ei", "1037629354146162278400m", INT64_C(1037629354146162279), INT64_MAX },
    { "3.3333333333333333333Ti", "3665038759253333333297n", INT64_C(3665038759254),
      INT64_C(3665038759253334) },
    { "1e2", "100", 100, 100000 },
    { "1e1", "10", 10, 10000 },
    { "1e4", "10e3", 10000, 10000000 },
    { "1e5", "100e3", 100000, 100000000 },
    { "1500e3", "1500e3", 1500000, 1500000000 },
    { "1.5e3", "1500", 1500, 1500000 },
    { "1e-9", "1e-9", 1, 1 },
    { "1e-10", "1e-9", 1, 1 },
    { "1e-1000", "1e-9", 1, 1 },
    { "1e1000", "9223372036854775807", INT64_MAX, INT64_MAX },
    { "100E", "9223372036854775807", INT64_MAX, INT64_MAX },
    { "-100E", "-9223372036854775807", -INT64_MAX, -INT64_MAX },
};

static const char *const bad[] = { "",    "-",     "+",     ".",    "abc", "1x",   "1 Gi", "1GI",
                                   "1gi", "1ki",   "1K",    "1Kib", "1e",  "1e+",  "1em",  "1m1",
                                   "--1", "1..2",  "1.2.3", "0x10", "1,5", "1Ki5", "1Mi ", "∞",
                                   "NaN", "1e3Ki", "i",     "Ki",   "m",   "-m",   " 1" };

static struct k8s_quantity parse(const char *s)
{
    struct k8s_quantity q;

    if (k8s_quantity_parse(s, strlen(s), &q) < 0)
        fail_msg("%s: refused", s);
    assert_true(q.has);
    return q;
}

static void texts_mean_what_the_api_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct k8s_quantity q = parse(good[i].text), again;
        char text[K8S_QUANTITY_TEXT_BYTES];

        if (strcmp(k8s_quantity_print(&q, text), good[i].canonical) != 0)
            fail_msg("%s: printed %s, not %s", good[i].text, text, good[i].canonical);
        if (k8s_quantity_value(&q) != good[i].value || k8s_quantity_milli(&q) != good[i].milli)
            fail_msg("%s: value %lld, milli %lld", good[i].text, (long long)k8s_quantity_value(&q),
                     (long long)k8s_quantity_milli(&q));
        again = parse(text);
        assert_int_equal(k8s_quantity_compare(&q, &again), 0);
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct k8s_quantity q = { .whole = 7 };

        if (k8s_quantity_parse(bad[i], strlen(bad[i]), &q) != -EINVAL)
            fail_msg("\"%s\": accepted", bad[i]);
        assert_int_equal(q.whole, 7);
    }
}

static const struct {
    const char *a, *b, *sum, *difference;
    int order;
} pairs[] = {
    { "1", "1", "2", "0", 0 },
    { "100m", "0.1", "200m", "0", 0 },
    { "1Gi", "1G", "2073741824", "73741824", 1 },
    { "1Gi", "512Mi", "1536Mi", "512Mi", 1 },
    { "0", "1Gi", "1Gi", "-1Gi", -1 },
    { "1500m", "-0.5", "1", "2", 1 },
    { "-1n", "1n", "0", "-2n", -1 },
    { "0.999999999", "0.000000001", "1", "999999998n", 1 },
    { "1e3", "1k", "2e3", "0", 0 },
    { "7Ei", "7Ei", "9223372036854775807", "0", 0 },
    { "-9E", "9E", "0", "-9223372036854775807", -1 },
};

static void arithmetic_is_exact_and_saturates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct k8s_quantity a = parse(pairs[i].a), b = parse(pairs[i].b);
        struct k8s_quantity sum = k8s_quantity_add(&a, &b), difference = k8s_quantity_sub(&a, &b);
        char text[K8S_QUANTITY_TEXT_BYTES];

        assert_string_equal(k8s_quantity_print(&sum, text), pairs[i].sum);
        assert_string_equal(k8s_quantity_print(&difference, text), pairs[i].difference);
        assert_int_equal(k8s_quantity_compare(&a, &b), pairs[i].order);
        assert_int_equal(k8s_quantity_compare(&b, &a), -pairs[i].order);
    }
}

static void absent_counts_as_zero(void **state)
{
    const struct k8s_quantity none = { .has = false };
    struct k8s_quantity one = parse("1Gi"), sum = k8s_quantity_add(&none, &one);
    char text[K8S_QUANTITY_TEXT_BYTES];

    (void)state;
    assert_true(k8s_quantity_is_zero(&none));
    assert_int_equal(k8s_quantity_value(&none), 0);
    assert_string_equal(k8s_quantity_print(&sum, text), "1Gi");
}

static void numbers_become_quantities(void **state)
{
    struct k8s_quantity memory = k8s_quantity_from_value(INT64_C(16776560640), K8S_BINARY_SI);
    struct k8s_quantity cpu = k8s_quantity_from_milli(3920, K8S_DECIMAL_SI);
    struct k8s_quantity lots = k8s_quantity_from_milli(INT64_MAX, K8S_DECIMAL_SI);
    char text[K8S_QUANTITY_TEXT_BYTES];

    (void)state;
    assert_string_equal(k8s_quantity_print(&memory, text), "16383360Ki");
    assert_string_equal(k8s_quantity_print(&cpu, text), "3920m");
    assert_string_equal(k8s_quantity_print(&lots, text), "9223372036854775807m");
    assert_true(k8s_quantity_milli(&lots) == INT64_MAX);
}

static void json_numbers_are_quantities_too(void **state)
{
    static const char text[] = "{\"memory\":1024,\"cpu\":0.5,\"pods\":\" 110 \"}";
    struct arena *arena = arena_new(4096);
    struct k8s_resource_list list;
    struct err err = ERR_INIT;
    AUTO(buf_done) struct buf out = BUF_INIT(256);

    (void)state;
    assert_int_equal(
        json_decode(&k8s_resource_list_type, text, strlen(text), NULL, arena, &list, &err), 0);
    assert_int_equal(json_encode(&k8s_resource_list_type, &list, &out), 0);
    assert_string_equal(out.data, "{\"cpu\":\"500m\",\"memory\":\"1024\",\"pods\":\"110\"}");
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(&list, "pods")), 110);
    assert_null(k8s_resource_list_get(&list, "gpu"));
    (void)arena_unref(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_mean_what_the_api_means),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(arithmetic_is_exact_and_saturates),
        cmocka_unit_test(absent_counts_as_zero),
        cmocka_unit_test(numbers_become_quantities),
        cmocka_unit_test(json_numbers_are_quantities_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
