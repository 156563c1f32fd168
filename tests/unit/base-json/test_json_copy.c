/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "shop.h"

static const char text[] =
    "{\"name\":\"same\",\"owner\":\"same\",\"labels\":{\"same\":\"other\"},\"groups\":{\"g\":["
    "\"x\",\"same\"]},"
    "\"secret\":\"aGk=\",\"secrets\":{\"k\":\"eA==\"},\"raw\":{\"a\":1},\"words\":[\"w\",\"\"],"
    "\"numbers\":[1,2],"
    "\"raws\":[3],\"door\":{\"containerPort\":80},\"window\":{\"containerPort\":0,\"protocol\":"
    "\"same\"},"
    "\"shelves\":[{\"label\":\"l\",\"ports\":[{\"containerPort\":1}],\"shelves\":[{\"label\":\"m\"}"
    "]}],"
    "\"byName\":{\"x\":{\"containerPort\":3}},\"winter\":\"cold\",\"containerPort\":9}";

static struct shop *decode(struct arena *arena, const char *data, size_t len)
{
    struct shop *shop = ARENA_NEW(arena, struct shop);
    struct err err = ERR_INIT;

    assert_int_equal(json_decode(&shop_type, data, len, NULL, arena, shop, &err), 0);
    return shop;
}

static void a_copy_stands_on_its_own(void **state)
{
    AUTO(buf_done) struct buf out = BUF_INIT(MIB);
    AUTO(arena_unref) struct arena *home = arena_new(MIB);
    struct arena *away = arena_new(MIB);
    struct shop *shop = decode(away, text, strlen(text));
    void *copy;

    (void)state;
    assert_int_equal(json_copy(&shop_type, shop, 32, home, &copy), 0);
    (void)arena_unref(away); /* a pointer that was left there is found by the address sanitizer */
    assert_int_equal(json_encode(&shop_type, copy, &out), 0);
    assert_string_equal(buf_str(&out), text);
    for (int i = 0; i < 32; i++)
        assert_int_equal(((char *)copy - 32)[i], 0);
}

static void equal_strings_are_kept_once(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    struct shop *shop = decode(arena, text, strlen(text));
    void *to;
    const struct shop *copy;

    (void)state;
    assert_int_equal(json_copy(&shop_type, shop, 0, arena, &to), 0);
    copy = (const struct shop *)to;
    assert_ptr_equal(copy->name, copy->owner);
    assert_ptr_equal(copy->name, copy->window.protocol);
    assert_ptr_equal(copy->name, copy->labels.items[0].key);
    assert_ptr_not_equal(copy->name, shop->name);
}

static void many_different_strings_are_fine(void **state)
{
    AUTO(buf_done) struct buf in = BUF_INIT(MIB);
    AUTO(buf_done) struct buf out = BUF_INIT(MIB);
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    void *copy;

    (void)state;
    (void)buf_puts(&in, "{\"owner\":\"\",\"words\":[\"0\"");
    for (int i = 1; i < 3000; i++)
        (void)buf_printf(&in, ",\"%d\"", i % 2000);
    (void)buf_puts(&in, "]}");
    assert_int_equal(json_copy(&shop_type, decode(arena, in.data, in.len), 0, arena, &copy), 0);
    assert_int_equal(json_encode(&shop_type, copy, &out), 0);
    assert_string_equal(buf_str(&out), buf_str(&in));
}

static void a_full_arena_is_told(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    AUTO(arena_unref) struct arena *tight = arena_new(64);
    void *copy = NULL;

    (void)state;
    assert_int_equal(json_copy(&shop_type, decode(arena, text, strlen(text)), 0, tight, &copy),
                     -E2BIG);
    assert_null(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_stands_on_its_own),
        cmocka_unit_test(equal_strings_are_kept_once),
        cmocka_unit_test(many_different_strings_are_fine),
        cmocka_unit_test(a_full_arena_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
