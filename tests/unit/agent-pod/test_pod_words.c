/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/words.h"

#include "base/arena.h"
#include "base/str.h"
#include "fixture.h"

static void every_word_has_a_reason_and_a_format(void **state)
{
    (void)state;
    for (int w = 0; w < WORD_NR; w++) {
        bool bare = w == WORD_REJECTED; /* a frame around another word's message */
        if (str_empty(word_reason((enum word)w)) != bare || !word_text((enum word)w)->format)
            fail_msg("word %d", w);
    }
}

static void messages_are_put_together(void **state)
{
    (void)state;
    AUTO(arena_unref) struct arena *arena = arena_new(4096);
    assert_string_equal(word_message(WORD_PULLED, arena, "busybox", "1.2s", "1.3s", 42ull),
                        "Successfully pulled image \"busybox\" in 1.2s (1.3s including waiting). Image size: 42 bytes.");
    assert_string_equal(word_message(WORD_OUT_OF, arena, "cpu", 3ll, 2ll, 4ll),
                        "Node didn't have enough resource: cpu, requested: 3, used: 2, capacity: 4");
    assert_string_equal(word_message(WORD_CREATED, arena), "Container created");
}

static void a_full_arena_gives_no_message(void **state)
{
    (void)state;
    AUTO(arena_unref) struct arena *arena = arena_new(8);
    assert_null(word_message(WORD_KILLING, arena, "a-container-with-a-long-name"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_has_a_reason_and_a_format),
        cmocka_unit_test(messages_are_put_together),
        cmocka_unit_test(a_full_arena_gives_no_message),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
