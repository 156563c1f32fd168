/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "shop.h"

static struct arena *arena;
static struct shop shop;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(MIB);
    memset(&shop, 0, sizeof(shop));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena = arena_unref(arena);
    return 0;
}

static void decode(const char *text)
{
    struct err err = ERR_INIT;

    if (json_decode(&shop_type, text, strlen(text), NULL, arena, &shop, &err) < 0)
        fail_msg("%s: %s", text, err.msg);
}

static void every_kind_of_member_is_read(void **state)
{
    (void)state;
    decode("{\"name\":\"n\",\"open\":true,\"small\":-2147483648,\"large\":9223372036854775807,"
           "\"huge\":18446744073709551615,\"maybeBool\":false,\"maybeSmall\":0,\"maybeLarge\":-7,"
           "\"labels\":{\"a\":\"1\"},\"groups\":{\"g\":[\"x\",\"y\"]},\"secret\":\"aGk=\","
           "\"secrets\":{\"k\":\"\"},"
           "\"raw\":{\"b\":[1.50,\"x\",null]},\"words\":[\"p\",\"q\"],\"numbers\":[1,-2],\"raws\":["
           "1,{}],"
           "\"door\":{\"containerPort\":80},\"window\":{\"protocol\":\"TCP\"},"
           "\"shelves\":[{\"label\":\"l\",\"shelves\":[{\"label\":\"m\"}]}],\"byName\":{\"x\":{"
           "\"containerPort\":3}},"
           "\"winter\":\"cold\",\"summer\":30,\"containerPort\":9,\"junk\":{\"a\":[1]}}");
    assert_string_equal(shop.name, "n");
    assert_null(shop.owner);
    assert_true(shop.open);
    assert_int_equal(shop.small, INT32_MIN);
    assert_true(shop.large == INT64_MAX);
    assert_true(shop.huge == UINT64_MAX);
    assert_true(shop.maybe_bool.has && !shop.maybe_bool.value);
    assert_true(shop.maybe_small.has && shop.maybe_small.value == 0);
    assert_true(shop.maybe_large.has && shop.maybe_large.value == -7);
    assert_string_equal(json_map_get(&shop.labels, "a"), "1");
    assert_null(json_map_get(&shop.labels, "b"));
    assert_int_equal(shop.groups.items[0].value.len, 2);
    assert_string_equal(shop.groups.items[0].value.items[1], "y");
    assert_int_equal(shop.secret.len, 2);
    assert_memory_equal(shop.secret.data, "hi", 3);
    assert_int_equal(json_bytes_map_get(&shop.secrets, "k")->len, 0);
    assert_non_null(json_bytes_map_get(&shop.secrets, "k")->data);
    assert_string_equal(shop.raw.text, "{\"b\":[1.50,\"x\",null]}");
    assert_string_equal(shop.words.items[1], "q");
    assert_true(shop.numbers.items[1] == -2);
    assert_string_equal(shop.raws.items[1].text, "{}");
    assert_int_equal(shop.door->container_port, 80);
    assert_string_equal(shop.window.protocol, "TCP");
    assert_string_equal(shop.shelves.items[0].shelves.items[0].label, "m");
    assert_int_equal(shop.by_name.items[0].value.container_port, 3);
    assert_string_equal(shop.season.winter, "cold");
    assert_true(shop.season.summer == 30);
    assert_int_equal(shop.legacy->container_port, 9);
}

static void null_is_absent(void **state)
{
    (void)state;
    decode("{\"name\":null,\"open\":null,\"maybeBool\":null,\"labels\":null,\"door\":null,"
           "\"window\":null,"
           "\"words\":null,\"raw\":null,\"secret\":null,\"junk\":null,\"unknown\":null}");
    assert_null(shop.name);
    assert_false(shop.maybe_bool.has);
    assert_null(shop.door);
    assert_int_equal(shop.words.len, 0);
    assert_null(shop.raw.text);
}

static void null_in_a_list_or_map_is_the_zero_value(void **state)
{
    (void)state;
    decode("{\"words\":[null,\"x\"],\"labels\":{\"a\":null},\"numbers\":[null],\"byName\":{\"p\":"
           "null}}");
    assert_string_equal(shop.words.items[0], "");
    assert_string_equal(shop.labels.items[0].value, "");
    assert_true(shop.numbers.items[0] == 0);
    assert_int_equal(shop.by_name.items[0].value.container_port, 0);
}

static void empty_string_is_not_absent(void **state)
{
    (void)state;
    decode("{\"name\":\"\"}");
    assert_string_equal(shop.name, "");
}

static void last_of_repeated_keys_wins(void **state)
{
    (void)state;
    decode("{\"name\":\"a\",\"name\":\"b\",\"words\":[\"x\",\"y\"],\"words\":[\"z\"],"
           "\"window\":{\"protocol\":\"TCP\"},\"window\":{\"containerPort\":1}}");
    assert_string_equal(shop.name, "b");
    assert_int_equal(shop.words.len, 1);
    assert_null(shop.window.protocol);
}

static void maps_come_out_sorted_with_the_last_of_equal_keys(void **state)
{
    (void)state;
    decode("{\"labels\":{\"c\":\"1\",\"a\":\"2\",\"c\":\"3\",\"b\":\"4\",\"a\":\"5\"}}");
    assert_int_equal(shop.labels.len, 3);
    assert_string_equal(shop.labels.items[0].key, "a");
    assert_string_equal(shop.labels.items[0].value, "5");
    assert_string_equal(shop.labels.items[1].key, "b");
    assert_string_equal(shop.labels.items[2].value, "3");
}

static void keys_are_found_in_any_order(void **state)
{
    (void)state;
    decode("{\"summer\":1,\"protocol\":\"UDP\",\"window\":{\"protocol\":\"x\",\"containerPort\":2},"
           "\"owner\":\"o\","
           "\"winter\":\"w\",\"name\":\"n\"}");
    assert_string_equal(shop.name, "n");
    assert_string_equal(shop.owner, "o");
    assert_int_equal(shop.window.container_port, 2);
    assert_string_equal(shop.legacy->protocol, "UDP");
    assert_string_equal(shop.season.winter, "w");
    assert_true(shop.season.summer == 1);
}

static void base64_may_be_broken_into_lines(void **state)
{
    (void)state;
    decode("{\"secret\":\"aG\\nk=\\r\\n\"}");
    assert_memory_equal(shop.secret.data, "hi", 2);
}

static const struct {
    const char *text, *message;
    int code;
} bad[] = {
    { "", "not JSON at byte 0: parse error: premature EOF", -EINVAL },
    { "{\"name\":\"x\"", "name: not JSON at byte 11: parse error: premature EOF", -EINVAL },
    { "{} {}", "not JSON at byte 4: parse error: trailing garbage", -EINVAL },
    { "{\"a\":01}", NULL, -EINVAL },
    { "{'a':1}", NULL, -EINVAL },
    { "[]", "expected object, got list", -EINVAL },
    { "null", "expected object, got null", -EINVAL },
    { "3", "expected object, got number", -EINVAL },
    { "{\"name\":1}", "name: expected string, got number", -EINVAL },
    { "{\"name\":{}}", "name: expected string, got object", -EINVAL },
    { "{\"open\":\"true\"}", "open: expected boolean, got string", -EINVAL },
    { "{\"small\":2147483648}", "small: 2147483648 is out of range for a 32-bit integer", -EINVAL },
    { "{\"small\":-2147483649}", "small: -2147483649 is out of range for a 32-bit integer",
      -EINVAL },
    { "{\"large\":9223372036854775808}",
      "large: 9223372036854775808 is out of range for a 64-bit integer", -EINVAL },
    { "{\"large\":99999999999999999999999}",
      "large: 99999999999999999999999 is out of range for a 64-bit integer", -EINVAL },
    { "{\"huge\":-1}", "huge: -1 is out of range for an unsigned 64-bit integer", -EINVAL },
    { "{\"large\":1e3}", "large: expected integer, got 1e3", -EINVAL },
    { "{\"large\":1.0}", "large: expected integer, got 1.0", -EINVAL },
    { "{\"maybeSmall\":\"1\"}", "maybeSmall: expected integer, got string", -EINVAL },
    { "{\"shelves\":[{\"label\":\"a\"},{\"label\":\"b\",\"ports\":[{\"containerPort\":\"x\"}]}]}",
      "shelves[1].ports[0].containerPort: expected integer, got string", -EINVAL },
    { "{\"labels\":{\"a\":\"b\",\"c\":[]}}", "labels[c]: expected string, got list", -EINVAL },
    { "{\"labels\":[]}", "labels: expected object, got list", -EINVAL },
    { "{\"words\":\"x\"}", "words: expected list, got string", -EINVAL },
    { "{\"words\":{}}", "words: expected list, got object", -EINVAL },
    { "{\"words\":[\"x\",2]}", "words[1]: expected string, got number", -EINVAL },
    { "{\"groups\":{\"g\":[1]}}", "groups[g][0]: expected string, got number", -EINVAL },
    { "{\"byName\":{\"p\":{\"containerPort\":true}}}",
      "byName[p].containerPort: expected integer, got boolean", -EINVAL },
    { "{\"secret\":\"%%%\"}", "secret: not base64", -EINVAL },
    { "{\"secret\":4}", "secret: expected base64 string, got number", -EINVAL },
    { "{\"door\":[]}", "door: expected object, got list", -EINVAL },
    { "{\"window\":\"x\"}", "window: expected object, got string", -EINVAL },
    { "{\"shelves\":[{\"ports\":[]}]}", "shelves[0]: label is missing", -EINVAL },
    { "{\"summer\":\"hot\"}", "summer: expected integer, got string", -EINVAL },
};

static void bad_input_names_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err err = ERR_INIT;
        struct shop untouched = { .small = 77 };
        int r = json_decode(&shop_type, bad[i].text, strlen(bad[i].text), NULL, arena, &untouched,
                            &err);

        if (r != bad[i].code || (bad[i].message && strcmp(err.msg, bad[i].message) != 0))
            fail_msg("%s: got %d \"%s\"", bad[i].text, r, err.msg);
        assert_int_equal(untouched.small, 77);
    }
}

static void invalid_utf8_is_refused(void **state)
{
    struct err err = ERR_INIT;
    static const char text[] = "{\"name\":\"a\xff\"}";

    (void)state;
    assert_int_equal(json_decode(&shop_type, text, strlen(text), NULL, arena, &shop, &err),
                     -EINVAL);
    assert_non_null(strstr(err.msg, "UTF8"));
}

static void nesting_is_limited_wherever_it_is(void **state)
{
    static const char *const starts[] = { "{\"shelves\":", "{\"unknown\":", "{\"raw\":",
                                          "{\"junk\":" };
    char text[4 * LIMIT_JSON_DEPTH * 16];

    (void)state;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        struct err err = ERR_INIT;
        size_t n = (size_t)sprintf(text, "%s", starts[i]);

        for (int k = 0; k < LIMIT_JSON_DEPTH; k++)
            n += (size_t)sprintf(text + n, i == 0 && k % 2 ? "{\"label\":\"x\",\"shelves\":" : "[");
        assert_int_equal(json_decode(&shop_type, text, n, NULL, arena, &shop, &err), -E2BIG);
        assert_non_null(strstr(err.msg, "nested deeper than 64 levels"));
    }
}

static void lists_are_limited(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(8 * MIB);
    AUTO(arena_unref) struct arena *roomy = arena_new(64 * MIB);
    struct err err = ERR_INIT;

    (void)state;
    (void)buf_puts(&text, "{\"numbers\":[0");
    for (int i = 0; i < LIMIT_JSON_LIST; i++)
        (void)buf_puts(&text, ",0");
    (void)buf_puts(&text, "]}");
    assert_int_equal(json_decode(&shop_type, text.data, text.len, NULL, roomy, &shop, &err),
                     -E2BIG);
    assert_string_equal(err.msg, "numbers[999999]: more than 1000000 elements");
}

static void many_empty_strings_are_fine(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(8 * MIB);
    AUTO(arena_unref) struct arena *roomy = arena_new(32 * MIB);
    struct err err = ERR_INIT;

    (void)state;
    (void)buf_puts(&text, "{\"words\":[\"\"");
    for (int i = 1; i < 500000; i++)
        (void)buf_puts(&text, ",\"\"");
    (void)buf_puts(&text, "]}");
    assert_int_equal(json_decode(&shop_type, text.data, text.len, NULL, roomy, &shop, &err), 0);
    assert_int_equal(shop.words.len, 500000);
}

static void unfinished_lists_are_limited(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(8 * MIB);
    struct err err = ERR_INIT;

    (void)state;
    (void)buf_puts(&text, "{\"byName\":{\"\":{}");
    for (int i = 1; i < 900000; i++)
        (void)buf_puts(&text, ",\"\":{}");
    (void)buf_puts(&text, "}}");
    assert_int_equal(json_decode(&shop_type, text.data, text.len, NULL, arena, &shop, &err),
                     -E2BIG);
    assert_non_null(strstr(err.msg, "object needs too much memory"));
}

static void null_brings_no_rare_record_into_being(void **state)
{
    (void)state;
    decode("{\"protocol\":null}");
    assert_null(shop.legacy);
    decode("{\"protocol\":\"x\",\"containerPort\":null}");
    assert_string_equal(shop.legacy->protocol, "x");
    decode("{\"protocol\":\"x\",\"protocol\":null}");
    assert_null(shop.legacy->protocol);
}

static void memory_is_limited(void **state)
{
    struct arena *tight = arena_new(600);
    static const char text[] =
        "{\"name\":\"0123456789012345678901234567890123456789\",\"words\":[\"a\",\"b\"],"
        "\"byName\":{\"a\":{},\"b\":{},\"c\":{},\"d\":{},\"e\":{},\"f\":{},\"g\":{},\"h\":{},"
        "\"i\":{},\"j\":{},\"k\":{},\"l\":{},\"m\":{},\"n\":{},\"o\":{},\"p\":{},\"q\":{},"
        "\"r\":{},\"s\":{},\"t\":{},\"u\":{},\"v\":{},\"w\":{},\"x\":{},\"y\":{},\"z\":{}}}";
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(json_decode(&shop_type, text, strlen(text), NULL, tight, &shop, &err), -E2BIG);
    assert_string_equal(err.msg, "byName[z]: object needs too much memory");
    (void)arena_unref(tight);
}

static void size_is_limited(void **state)
{
    struct json_decode_opts opts = { .max_bytes = 10 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(json_decode(&shop_type, "{\"name\":\"n\"}", 12, &opts, arena, &shop, &err),
                     -E2BIG);
    assert_string_equal(err.msg, "larger than 10 bytes");
}

static void unknown_fields_are_collected_below_a_path(void **state)
{
    static const char text[] =
        "{\"new\":1,\"window\":{\"a\":{\"b\":1},\"protocol\":\"x\",\"c\":[{}]},"
        "\"windowed\":1,\"shelves\":[{\"label\":\"l\",\"z\":0}]}";
    struct json_paths unknown;
    struct json_decode_opts opts = { .unknown_below = "window", .ret_unknown = &unknown };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(json_decode(&shop_type, text, strlen(text), &opts, arena, &shop, &err), 0);
    assert_int_equal(unknown.len, 2);
    assert_string_equal(unknown.items[0], "window.a");
    assert_string_equal(unknown.items[1], "window.c");
    opts.unknown_below = "";
    assert_int_equal(json_decode(&shop_type, text, strlen(text), &opts, arena, &shop, &err), 0);
    assert_int_equal(unknown.len, 5);
    assert_string_equal(unknown.items[4], "shelves[0].z");
}

static void unknown_paths_are_limited(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(MIB);
    struct json_paths unknown;
    struct json_decode_opts opts = { .unknown_below = "", .ret_unknown = &unknown };
    struct err err = ERR_INIT;

    (void)state;
    (void)buf_puts(&text, "{\"x0\":0");
    for (int i = 1; i < LIMIT_JSON_UNKNOWN_PATHS + 5; i++)
        (void)buf_printf(&text, ",\"x%d\":0", i);
    (void)buf_puts(&text, "}");
    assert_int_equal(json_decode(&shop_type, text.data, text.len, &opts, arena, &shop, &err), 0);
    assert_int_equal(unknown.len, LIMIT_JSON_UNKNOWN_PATHS);
    assert_int_equal(unknown.more, 5);
}

static void nul_in_a_string_is_replaced_and_noted(void **state)
{
    static const char text[] = "{\"words\":[\"a\\u0000b\"],\"labels\":{\"k\\u0000\":\"v\"}}";
    struct json_paths unknown;
    struct json_decode_opts opts = { .unknown_below = "", .ret_unknown = &unknown };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(json_decode(&shop_type, text, strlen(text), &opts, arena, &shop, &err), 0);
    assert_string_equal(shop.words.items[0], "a\xEF\xBF\xBD"
                                             "b");
    assert_string_equal(shop.labels.items[0].key, "k\xEF\xBF\xBD");
    assert_int_equal(unknown.len, 2);
    assert_string_equal(unknown.items[0], "words[0]");
}

static void pieces_of_any_size_give_the_same(void **state)
{
    static const char text[] =
        "{\"name\":\"\\u00e9\xC3\xA9 \\\"x\",\"large\":-1234567,\"words\":[\"abc\",\"\"],"
        "\"raw\":[true,1.25e-3],\"by\":{\"x\":[1,2]},\"open\":true}";

    (void)state;
    for (size_t step = 1; step < sizeof(text); step++) {
        AUTO(json_decoder_free) struct json_decoder *d = json_decoder_new(&shop_type, NULL, arena);
        struct err err = ERR_INIT;

        for (size_t at = 0; at < strlen(text); at += step)
            assert_int_equal(json_decoder_feed(d, text + at,
                                               strlen(text) - at < step ? strlen(text) - at : step,
                                               &err),
                             0);
        assert_int_equal(json_decoder_finish(d, &shop, &err), 0);
        assert_string_equal(shop.name, "\xC3\xA9\xC3\xA9 \"x");
        assert_true(shop.large == -1234567);
        assert_int_equal(shop.words.len, 2);
        assert_string_equal(shop.raw.text, "[true,1.25e-3]");
        assert_true(shop.open);
    }
}

static void a_failed_decoder_stays_failed(void **state)
{
    AUTO(json_decoder_free) struct json_decoder *d = json_decoder_new(&shop_type, NULL, arena);
    struct err err = ERR_INIT, again = ERR_INIT;

    (void)state;
    assert_int_equal(json_decoder_feed(d, "{\"name\":1", 9, &err), 0); /* the number may go on */
    assert_int_equal(json_decoder_feed(d, ",", 1, &err), -EINVAL);
    assert_int_equal(json_decoder_feed(d, "}", 1, &again), -EINVAL);
    assert_string_equal(err.msg, again.msg);
    assert_int_equal(json_decoder_finish(d, &shop, &again), -EINVAL);
}

static const struct json_type *choose(void *user, const void *record, struct err *err)
{
    const struct shop_letter *letter = (const struct shop_letter *)record;

    (void)user;
    if (letter->kind && strcmp(letter->kind, "port") == 0)
        return &shop_port_type;
    (void)err_set(err, -EINVAL, "no such kind");
    return NULL;
}

static void the_type_of_any_is_chosen(void **state)
{
    static const char text[] = "{\"kind\":\"port\",\"body\":{\"containerPort\":5,\"x\":1}}";
    static const char other[] = "{\"kind\":\"ship\",\"body\":{}}";
    struct json_paths unknown;
    struct json_decode_opts opts = { .choose = choose,
                                     .unknown_below = "",
                                     .ret_unknown = &unknown };
    struct shop_letter letter;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(
        json_decode(&shop_letter_type, text, strlen(text), &opts, arena, &letter, &err), 0);
    assert_int_equal(((const struct shop_port *)letter.body)->container_port, 5);
    assert_string_equal(unknown.items[0], "x"); /* as seen from the body */
    assert_int_equal(
        json_decode(&shop_letter_type, other, strlen(other), &opts, arena, &letter, &err), -EINVAL);
    assert_string_equal(err.msg, "no such kind");
    opts.choose = NULL;
    assert_int_equal(
        json_decode(&shop_letter_type, text, strlen(text), &opts, arena, &letter, &err), -EINVAL);
    assert_string_equal(err.msg, "body: no type is known for this value");
}

struct seen {
    int sum, n, stop_at;
    char unknown[64];
};

static int each(void *user, struct arena *item_arena, void *element,
                const struct json_paths *unknown, struct err *err)
{
    struct seen *seen = (struct seen *)user;
    const struct shop_port *port = (const struct shop_port *)element;

    seen->sum += port->container_port;
    if (unknown->len)
        (void)snprintf(seen->unknown, sizeof(seen->unknown), "%s", unknown->items[0]);
    (void)arena_unref(item_arena);
    return ++seen->n == seen->stop_at ? err_set(err, -ECANCELED, "enough") : 0;
}

static void elements_go_to_a_callback(void **state)
{
    static const char text[] =
        "{\"version\":\"7\",\"items\":[{\"containerPort\":1},{\"containerPort\":2,\"z\":1},"
        "{\"containerPort\":4}],\"unknown\":1}";
    static const char bad_item[] = "{\"items\":[{},{\"containerPort\":\"x\"}]}";
    struct seen seen = { .stop_at = -1 };
    struct json_decode_opts opts = {
        .each_type = &shop_port_type, .each = each, .user = &seen, .unknown_below = ""
    };
    struct shop_list list;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(json_decode(&shop_list_type, text, strlen(text), &opts, arena, &list, &err),
                     0);
    assert_int_equal(seen.sum, 7);
    assert_string_equal(seen.unknown, "z");
    assert_string_equal(list.version, "7");

    assert_int_equal(
        json_decode(&shop_list_type, bad_item, strlen(bad_item), &opts, arena, &list, &err),
        -EINVAL);
    assert_string_equal(err.msg, "items[1].containerPort: expected integer, got string");

    seen = (struct seen){ .stop_at = 2 };
    assert_int_equal(json_decode(&shop_list_type, text, strlen(text), &opts, arena, &list, &err),
                     -ECANCELED);
    assert_string_equal(err.msg, "enough");
    assert_int_equal(seen.n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_of_member_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(null_is_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(null_in_a_list_or_map_is_the_zero_value, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_string_is_not_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(last_of_repeated_keys_wins, setup, teardown),
        cmocka_unit_test_setup_teardown(maps_come_out_sorted_with_the_last_of_equal_keys, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(keys_are_found_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(base64_may_be_broken_into_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_input_names_the_place, setup, teardown),
        cmocka_unit_test_setup_teardown(invalid_utf8_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(nesting_is_limited_wherever_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_are_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(many_empty_strings_are_fine, setup, teardown),
        cmocka_unit_test_setup_teardown(unfinished_lists_are_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(null_brings_no_rare_record_into_being, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(size_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_fields_are_collected_below_a_path, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_paths_are_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(nul_in_a_string_is_replaced_and_noted, setup, teardown),
        cmocka_unit_test_setup_teardown(pieces_of_any_size_give_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_decoder_stays_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(the_type_of_any_is_chosen, setup, teardown),
        cmocka_unit_test_setup_teardown(elements_go_to_a_callback, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
