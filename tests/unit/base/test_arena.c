/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <string.h>

#include "test.h"

static void memory_is_zero_and_aligned_also_between_texts(void **state)
{
    AUTO(arena_unref) struct arena *a = arena_new(1 << 20);

    (void)state;
    for (size_t len = 0; len < 300; len++) {
        char *text = arena_strndup(a, "xxxxxxxxxxxxxxxx", len % 17);
        unsigned char *p = (unsigned char *)arena_alloc(a, len);

        assert_non_null(text);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xee, len);
        assert_int_equal(strlen(text), len % 17);
    }
}

static void nothing_beyond_the_maximum(void **state)
{
    AUTO(arena_unref) struct arena *a = arena_new(4096);
    size_t got = 0;

    (void)state;
    assert_null(arena_alloc(a, 4097));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_alloc(a, SIZE_MAX - 15));
    assert_null(arena_strndup(a, "x", SIZE_MAX));
    while (arena_alloc(a, 100))
        got += 100;
    assert_true(got > 2000 && got <= 4096);
    assert_true(arena_bytes(a) <= 4096);
    assert_null(arena_alloc(a, 100));
}

static void text_is_copied_and_no_text_stays_no_text(void **state)
{
    AUTO(arena_unref) struct arena *a = arena_new(1 << 20);
    char *copy;

    (void)state;
    assert_null(arena_strdup(a, NULL));
    assert_string_equal(arena_strdup(a, "web"), "web");
    assert_string_equal(arena_strndup(a, "website", 3), "web");
    assert_string_equal(arena_printf(a, "%s-%d", "web", 7), "web-7");
    copy = (char *)arena_copy(a, "abc", 3);
    assert_memory_equal(copy, "abc", 3);
}

static void the_last_reference_frees(void **state)
{
    struct arena *a = arena_new(1 << 20);

    (void)state;
    assert_ptr_equal(arena_ref(a), a);
    assert_null(arena_unref(a));
    assert_string_equal(arena_strdup(a, "still there"), "still there");
    assert_null(arena_unref(a));
    assert_null(arena_unref(NULL));
}

static void little_is_wasted_on_small_things(void **state)
{
    AUTO(arena_unref) struct arena *a = arena_new(1 << 20);
    size_t used = 0;

    (void)state;
    for (int i = 0; i < 400; i++) {
        arena_strndup(a, "some-label.example.com/name", (size_t)(i % 27));
        arena_alloc(a, 48);
        used += 48 + (size_t)(i % 27) + 1;
    }
    assert_true(arena_bytes(a) < used + used / 3);
}

static void a_large_piece_leaves_the_current_chunk_in_use(void **state)
{
    AUTO(arena_unref) struct arena *a = arena_new(1 << 20);
    size_t before;

    (void)state;
    arena_alloc(a, 16);
    arena_alloc(a, 100000);
    before = arena_bytes(a);
    arena_alloc(a, 16);
    assert_int_equal(arena_bytes(a), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zero_and_aligned_also_between_texts),
        cmocka_unit_test(nothing_beyond_the_maximum),
        cmocka_unit_test(text_is_copied_and_no_text_stays_no_text),
        cmocka_unit_test(the_last_reference_frees),
        cmocka_unit_test(little_is_wasted_on_small_things),
        cmocka_unit_test(a_large_piece_leaves_the_current_chunk_in_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
