/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "shop.h"

static void check(const struct shop *shop, const char *text)
{
    AUTO(buf_done) struct buf out = BUF_INIT(MIB);

    assert_int_equal(json_encode(&shop_type, shop, &out), 0);
    assert_string_equal(buf_str(&out), text);
}

static void what_is_empty_is_left_out(void **state)
{
    const struct shop shop = { .open = false };

    (void)state;
    check(&shop, "{\"owner\":\"\"}");
}

static void every_kind_of_member_is_written(void **state)
{
    static const char *const words[] = { "x", NULL };
    static const int64_t numbers[] = { 1, INT64_MIN };
    static const struct json_pair labels[] = { { "a", "b\"" }, { "c", NULL } };
    static const struct json_strings_pair groups[] = { { "g", { words, 1 } } };
    static const struct json_bytes_pair secrets[] = { { "s",
                                                        { (const unsigned char *)"abcd", 4 } } };
    static const struct json_raw raws[] = { { "1.0", 3 } };
    static const struct shop_port door = { .container_port = 1 };
    static const struct shop_port_entry by_name[] = { { "n", { .protocol = "TCP" } } };
    static const struct shop_shelf inner = { .label = "in" };
    static const struct shop_shelf shelf = { .label = "out", .shelves = { &inner, 1 } };
    const struct shop shop = {
        .name = "",
        .owner = "me",
        .open = true,
        .small = -1,
        .large = INT64_MAX,
        .huge = UINT64_MAX,
        .maybe_bool = { .has = true },
        .maybe_small = { .has = true },
        .maybe_large = { .has = true, .value = 5 },
        .labels = { labels, 2 },
        .groups = { groups, 1 },
        .secret = { (const unsigned char *)"", 0 },
        .secrets = { secrets, 1 },
        .raw = { "{}", 2 },
        .words = { words, 2 },
        .numbers = { numbers, 2 },
        .raws = { raws, 1 },
        .door = &door,
        .window = { .protocol = "UDP" },
        .shelves = { &shelf, 1 },
        .by_name = { by_name, 1 },
        .season = { .summer = 3 },
        .legacy = &door,
    };

    (void)state;
    check(
        &shop,
        "{\"name\":\"\",\"owner\":\"me\",\"open\":true,\"small\":-1,\"large\":9223372036854775807,"
        "\"huge\":18446744073709551615,\"maybeBool\":false,\"maybeSmall\":0,\"maybeLarge\":5,"
        "\"labels\":{\"a\":\"b\\\"\",\"c\":\"\"},\"groups\":{\"g\":[\"x\"]},\"secret\":\"\","
        "\"secrets\":{\"s\":\"YWJjZA==\"},\"raw\":{},\"words\":[\"x\",\"\"],"
        "\"numbers\":[1,-9223372036854775808],\"raws\":[1.0],\"door\":{\"containerPort\":1},"
        "\"window\":{\"containerPort\":0,\"protocol\":\"UDP\"},"
        "\"shelves\":[{\"label\":\"out\",\"shelves\":[{\"label\":\"in\"}]}],"
        "\"byName\":{\"n\":{\"containerPort\":0,\"protocol\":\"TCP\"}},\"summer\":3,"
        "\"containerPort\":1}");
}

static void a_full_buffer_is_told(void **state)
{
    AUTO(buf_done) struct buf out = BUF_INIT(5);
    const struct shop shop = { .name = "longer" };

    (void)state;
    assert_int_equal(json_encode(&shop_type, &shop, &out), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_empty_is_left_out),
        cmocka_unit_test(every_kind_of_member_is_written),
        cmocka_unit_test(a_full_buffer_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
