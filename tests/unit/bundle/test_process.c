/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle/process.h"

#define LIST(...)                                                                                 \
    { ((const char *const[]){ __VA_ARGS__ }), sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) }
#define NONE { NULL, 0 }

static char *joined(char *const *v)
{
    struct buf text = BUF_INIT(4096);

    for (size_t i = 0; i < strv_len(v); i++)
        (void)buf_printf(&text, "%s|", v[i]);
    return buf_take(&text);
}

static void commands_and_arguments_follow_the_rules(void **state)
{
    const struct {
        const char *name;
        struct rt_strings command, args, entrypoint, cmd;
        const char *result; /* NULL: nothing to run */
    } cases[] = {
        { "the image's", NONE, NONE, LIST("e"), LIST("c"), "e|c|" },
        { "own arguments", NONE, LIST("a"), LIST("e"), LIST("c"), "e|a|" },
        { "own command", LIST("x"), NONE, LIST("e"), LIST("c"), "x|" },
        { "both own", LIST("x"), LIST("a"), LIST("e"), LIST("c"), "x|a|" },
        { "image without entry point", NONE, NONE, NONE, LIST("c"), "c|" },
        { "arguments alone", NONE, LIST("a"), NONE, LIST("c"), "a|" },
        { "nothing", NONE, NONE, NONE, NONE, NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(strv_free) char **args = NULL;
        AUTO(free) char *text = NULL;
        struct err err = ERR_INIT;
        int r = process_args(&cases[i].command, &cases[i].args, &cases[i].entrypoint, &cases[i].cmd, &args, &err);

        if (!cases[i].result) {
            assert_int_equal(r, -EINVAL);
            assert_string_equal(err.msg, "no command specified");
            continue;
        }
        text = joined(args);
        if (!str_eq(text, cases[i].result))
            fail_msg("%s: %s", cases[i].name, text);
    }
}

static void the_container_wins_over_its_image(void **state)
{
    const struct rt_strings image = LIST("A=image", "B=image", "PATH=/image");
    const struct rt_label own[] = { { "B", "own" }, { "C", "" } };
    const struct process_env_input in = { .image = &image, .container = own, .container_len = 2, .hostname = "h",
                                          .home = "/root" };
    AUTO(strv_free) char **env = process_env(&in);
    AUTO(free) char *text = joined(env);

    (void)state;
    assert_string_equal(text, "PATH=/image|HOSTNAME=h|A=image|B=own|C=|HOME=/root|");
}

static void what_nobody_says_has_a_default(void **state)
{
    const struct rt_strings image = LIST("HOME=/mine", "BARE");
    const struct process_env_input in = { .image = &image, .home = "/root", .tty = true };
    AUTO(strv_free) char **env = process_env(&in);
    AUTO(free) char *text = joined(env);

    (void)state;
    assert_string_equal(text, "PATH=" PROCESS_DEFAULT_PATH "|HOME=/mine|BARE=|TERM=xterm|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_and_arguments_follow_the_rules),
        cmocka_unit_test(the_container_wins_over_its_image),
        cmocka_unit_test(what_nobody_says_has_a_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
