/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>

#include "base/file.h"
#include "base/mem.h"
#include "cni_watch.h"

static char dir[64];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/oarsman-cni-test-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL);
}

static void put(const char *name, const char *text)
{
    AUTO(free) char *path = xasprintf("%s/%s", dir, name);
    assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), 0600, 0, NULL), 0);
}

static void the_first_good_file_by_name_is_taken(void **state)
{
    struct cni_found found;
    (void)state;
    put("30-c.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"c\",\"type\":\"x\"}");
    put("20-b.conflist",
        "{\"cniVersion\":\"1.0.0\",\"name\":\"b\",\"plugins\":[{\"type\":\"x\"}]}");
    put("05-readme.txt", "{\"cniVersion\":\"1.0.0\",\"name\":\"txt\",\"type\":\"x\"}");
    put("10-a.json", "broken");
    cni_find(dir, &found);
    assert_non_null(found.arena);
    assert_string_equal(found.config->name, "b");
    assert_string_equal(found.message, "");
    arena_unref(found.arena);
}

static void nothing_good_says_what_is_wrong_with_the_first(void **state)
{
    struct cni_found found;
    (void)state;
    cni_find("/tmp/oarsman-no-such-folder", &found);
    assert_null(found.arena);
    assert_string_equal(found.message, "no configuration in /tmp/oarsman-no-such-folder");
    put("20-b.conf", "{}");
    put("10-a.conf", "broken");
    cni_find(dir, &found);
    assert_null(found.arena);
    assert_non_null(strstr(found.message, "10-a.conf: "));
}

static void a_file_that_is_too_big_is_refused(void **state)
{
    struct cni_found found;
    AUTO(free) char *text = xcalloc(1, 300 * 1024);
    (void)state;
    memset(text, ' ', 300 * 1024 - 1);
    put("10-a.conf", text);
    cni_find(dir, &found);
    assert_null(found.arena);
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(the_first_good_file_by_name_is_taken),
        FACT(nothing_good_says_what_is_wrong_with_the_first),
        FACT(a_file_that_is_too_big_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
