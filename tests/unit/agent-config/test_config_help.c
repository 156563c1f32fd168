/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_config_help.c - help and the README's table of settings come from the one table.
 * After a change of the table: UPDATE_README=1 test_config_help, or paste the output of "oarsman help settings".
 */
#include "setting.h"

#include "test.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"

static const char readme[] = "../README.md";
static const char begin[] = "<!-- settings: begin (oarsman help settings) -->\n";
static const char end[] = "<!-- settings: end -->";

static void the_readme_shows_the_table(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(1 << 20), table = BUF_INIT(1 << 20), updated = BUF_INIT(1 << 20);
    struct err err = ERR_INIT;

    (void)state;
    if (file_read(AT_FDCWD, readme, &text, &err) < 0)
        fail_msg("%s", err.msg);
    char *from = strstr(text.data, begin), *to = strstr(text.data, end);
    assert_non_null(from);
    assert_non_null(to);
    from += strlen(begin);
    config_print_markdown(&table);
    assert_false(buf_failed(&table));
    if (getenv("UPDATE_README")) {
        (void)buf_add(&updated, text.data, (size_t)(from - text.data));
        (void)buf_add(&updated, table.data, table.len);
        (void)buf_puts(&updated, to);
        assert_int_equal(file_write_atomic(AT_FDCWD, readme, updated.data, updated.len, 0644, 0, &err), 0);
        return;
    }
    if ((size_t)(to - from) != table.len || memcmp(from, table.data, table.len) != 0)
        fail_msg("README.md does not show the table of settings as it is: run UPDATE_README=1 test_config_help in tests/");
}

static void every_flag_is_in_the_help(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(1 << 20);

    (void)state;
    config_print_help(&text);
    for (size_t i = 0; i < settings_len; i++) {
        if (!settings[i].flag)
            continue;
        AUTO(free) char *flag = xasprintf("  --%s ", settings[i].flag);
        if (!strstr(buf_str(&text), flag))
            fail_msg("%s is not in the help", flag);
    }
}

static void no_cell_breaks_the_table(void **state)
{
    AUTO(buf_done) struct buf table = BUF_INIT(1 << 20);

    (void)state;
    config_print_markdown(&table);
    AUTO(strv_free) char **lines = strv_split(buf_str(&table), '\n');
    for (char **l = lines; *l && **l; l++) {
        unsigned bars = 0;
        for (const char *c = *l; *c; c++)
            bars += *c == '|';
        if (bars != 6)
            fail_msg("%s", *l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_readme_shows_the_table),
        cmocka_unit_test(every_flag_is_in_the_help),
        cmocka_unit_test(no_cell_breaks_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
