/* SPDX-License-Identifier: Apache-2.0 */
#include "log_files.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { MAX_BYTES = 1000, MAX_FILES = 5 };

static char dir[] = "/tmp/test_log_files.XXXXXX";
static char path[sizeof(dir) + 8];

static void put(const char *name, size_t len)
{
    AUTO(free) char *file = xasprintf("%s/%s", dir, name);
    AUTO(free) char *text = xcalloc(1, len + 1);
    AUTO(close) int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    memset(text, 'x', len);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
}

static bool there(const char *name)
{
    AUTO(free) char *file = xasprintf("%s/%s", dir, name);

    return access(file, F_OK) == 0;
}

static int count(int dirfd, const char *name, void *user)
{
    (void)dirfd, (void)name;
    ++*(int *)user;
    return 0;
}

static int files(void)
{
    int n = 0;

    assert_int_equal(path_each(dir, count, &n, NULL), 0);
    return n;
}

static int remove_one(int dirfd, const char *name, void *user)
{
    (void)user;
    return unlinkat(dirfd, name, 0);
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/test_log_files.XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/0.log", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return path_each(dir, remove_one, NULL, NULL) < 0 || rmdir(dir) < 0 ? -1 : 0;
}

static int rotate(void)
{
    struct err err = ERR_INIT;

    return log_files_rotate(path, MAX_BYTES, MAX_FILES, &err);
}

static void small_log_stays(void **state)
{
    (void)state;
    put("0.log", MAX_BYTES);
    assert_int_equal(rotate(), -EAGAIN);
    assert_true(there("0.log"));
}

static void large_log_is_renamed_and_the_one_before_compressed(void **state)
{
    (void)state;
    put("0.log", MAX_BYTES + 1);
    put("0.log.20200101-000000", MAX_BYTES + 1);
    assert_int_equal(rotate(), 0);
    assert_false(there("0.log"));
    assert_true(there("0.log.20200101-000000.gz"));
    assert_int_equal(files(), 2);
}

static void oldest_go_beyond_the_number(void **state)
{
    (void)state;
    put("0.log", MAX_BYTES + 1);
    for (int i = 1; i <= 6; i++) {
        AUTO(free) char *name = xasprintf("0.log.2020010%d-000000.gz", i);
        put(name, 10);
    }
    assert_int_equal(rotate(), 0);
    assert_int_equal(files(), MAX_FILES - 1); /* with the new 0.log as many as there may be */
    assert_false(there("0.log.20200103-000000.gz"));
    assert_true(there("0.log.20200104-000000.gz"));
}

static void flood_leaves_no_more_than_the_newest(void **state)
{
    (void)state;
    put("0.log", MAX_BYTES * MAX_FILES * 2);
    put("0.log.20200101-000000.gz", 10);
    put("0.log.20200102-000000", MAX_BYTES * 2);
    assert_int_equal(rotate(), 0);
    assert_int_equal(files(), 1);
}

static void what_is_too_large_altogether_goes_from_its_oldest_on(void **state)
{
    (void)state;
    put("0.log", MAX_BYTES * 2);
    put("0.log.20200101-000000.gz", 10);
    put("0.log.20200102-000000.gz", MAX_BYTES * 2);
    put("0.log.20200103-000000.gz", MAX_BYTES * 2);
    assert_int_equal(rotate(), 0);
    assert_true(there("0.log.20200103-000000.gz")); /* 2 + 2 of 5: room for it, and for none before */
    assert_false(there("0.log.20200102-000000.gz"));
    assert_false(there("0.log.20200101-000000.gz"));
}

static void renamed_already_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(rotate(), 0);
}

int main(void)
{
#define FACT(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(small_log_stays),
        FACT(large_log_is_renamed_and_the_one_before_compressed),
        FACT(oldest_go_beyond_the_number),
        FACT(flood_leaves_no_more_than_the_newest),
        FACT(what_is_too_large_altogether_goes_from_its_oldest_on),
        FACT(renamed_already_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
