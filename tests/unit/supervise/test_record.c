/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "record.h"

static char dir[] = "/tmp/oarsman-record-XXXXXX";

static int setup(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL);
}

static void what_is_written_is_read(void **state)
{
    const struct json_pair labels[] = { { "a", "1" }, { "b", "\"2\"" } };
    const int64_t groups[] = { 7, 2000 };
    const struct container_user_record user = { .uid = 5, .gid = 7, .groups = { groups, 2 } };
    struct container_record r = {
        .version = RECORD_VERSION, .id = "x", .sandbox_id = "s", .name = "n", .attempt = 4, .made = true,
        .labels = { labels, 2 }, .pid = 17, .pid_start_ticks = UINT64_MAX, .refused = "no\nsuch",
        .started_wall_ns = 1790000000123456789, .user = &user, .stop_signal = "SIGINT",
    };
    struct container_record back;
    struct arena *a = arena_new(1 << 16);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(container_record_write(dir, &r, &err), 0);
    assert_int_equal(container_record_read(dir, a, &back, &err), 0);
    assert_string_equal(back.id, "x");
    assert_int_equal(back.attempt, 4);
    assert_true(back.made);
    assert_int_equal(back.pid, 17);
    assert_true(back.pid_start_ticks == UINT64_MAX);
    assert_int_equal(back.started_wall_ns, r.started_wall_ns);
    assert_string_equal(back.refused, "no\nsuch");
    assert_string_equal(json_map_get(&back.labels, "b"), "\"2\"");
    assert_int_equal(back.user->uid, 5);
    assert_int_equal(back.user->gid, 7);
    assert_int_equal(back.user->groups.len, 2);
    assert_int_equal(back.user->groups.items[1], 2000);
    arena_unref(a);
}

static void a_record_of_before_is_read(void **state)
{
    static const char text[] = "{\"version\":1,\"id\":\"x\",\"sandboxID\":\"s\",\"name\":\"n\",\"stopSignal\":\"SIGTERM\"}";
    AUTO(free) char *path = xasprintf("%s/record.json", dir);
    AUTO(arena_unref) struct arena *a = arena_new(1 << 16);
    struct container_record back;

    (void)state;
    assert_int_equal(file_write_atomic(-100, path, text, strlen(text), 0600, 0, NULL), 0);
    assert_int_equal(container_record_read(dir, a, &back, NULL), 0);
    assert_null(back.user);
}

static void wrong_records_are_named(void **state)
{
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        { "{\"version\":9,\"id\":\"x\",\"sandboxID\":\"s\",\"name\":\"n\"}", -ENOTSUP },
        { "{\"version\":1}", -EINVAL },
        { "{", -EINVAL },
        { "", -EINVAL },
        { "{\"version\":1,\"id\":7,\"sandboxID\":\"s\",\"name\":\"n\"}", -EINVAL },
    };
    AUTO(free) char *path = xasprintf("%s/record.json", dir);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_new(1 << 16);
        struct container_record back;
        struct err err = ERR_INIT;
        int r;

        assert_int_equal(file_write_atomic(-100, path, cases[i].text, strlen(cases[i].text), 0600, 0, NULL), 0);
        r = container_record_read(dir, a, &back, &err);
        if (r != cases[i].code)
            fail_msg("%s: %d %s", cases[i].text, r, err.msg);
        assert_non_null(strstr(err.msg, path));
        arena_unref(a);
    }
}

static void no_record_is_told_apart(void **state)
{
    struct arena *a = arena_new(1 << 16);
    struct container_record back;

    (void)state;
    assert_int_equal(container_record_read("/tmp/oarsman-nothing-here", a, &back, NULL), -ENOENT);
    arena_unref(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_record_of_before_is_read),
        cmocka_unit_test(wrong_records_are_named),
        cmocka_unit_test(no_record_is_told_apart),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
