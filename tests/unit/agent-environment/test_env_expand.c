/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void references_in_text(void **state)
{
    /* What the kubelet's own expansion does, case by case. */
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "" }, { "plain", "plain" }, { "$(A)", "one" }, { "x$(A)y$(B)z", "xoneytwoz" }, { "$(NO)", "$(NO)" },
        { "$$(A)", "$(A)" }, { "$$$(A)", "$one" }, { "$$$$(A)", "$$(A)" }, { "$", "$" }, { "$$", "$" }, { "a$b", "a$b" },
        { "$(A", "$(A" }, { "$(A)$(", "one$(" }, { "$()", "$()" }, { "$(EMPTY)|", "|" }, { "$(A)$(A)", "oneone" },
        { "$(DOLLAR)", "$(A)" }, /* a value is not looked at again */
        { "${A}", "${A}" }, { "$A", "$A" }, { "$((A))", "$((A))" }, { "\xff$(A)", "\xffone" },
    };
    struct env e;
    struct err err = ERR_INIT;

    (void)state;
    env_init(&e, arena);
    assert_int_equal(env_set(&e, "A", "one", &err), 0);
    assert_int_equal(env_set(&e, "B", "two", &err), 0);
    assert_int_equal(env_set(&e, "EMPTY", "", &err), 0);
    assert_int_equal(env_set(&e, "DOLLAR", "$(A)", &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(env_expand(&e, cases[i].text, arena), cases[i].want);
    env_done(&e);
}

static void an_expansion_has_a_limit(void **state)
{
    AUTO(free) char *big = xmalloc(600001), *text = xstrdup("$(BIG)$(BIG)");
    struct env e;
    struct err err = ERR_INIT;

    (void)state;
    memset(big, 'x', 600000);
    big[600000] = '\0';
    env_init(&e, arena);
    assert_int_equal(env_set(&e, "BIG", big, &err), 0);
    assert_null(env_expand(&e, text, arena));
    env_done(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_in_text),
        cmocka_unit_test(an_expansion_has_a_limit),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
