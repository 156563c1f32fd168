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

#include "address_pool.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

static char dir[64];
static struct address_range range;

static int setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/oarsman-address-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return address_range_parse("10.0.0.0/29", &range, NULL);
}

static int teardown(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL);
}

static struct address_pool *open_pool(void)
{
    struct address_pool *p = NULL;
    assert_int_equal(address_pool_new(dir, &p, NULL), 0);
    return p;
}

static void what_is_taken_survives_the_agent(void **state)
{
    uint32_t a, b, c;
    (void)state;
    struct address_pool *p = open_pool();
    assert_int_equal(address_pool_take(p, &range, "one", &a, NULL), 0);
    assert_int_equal(address_pool_take(p, &range, "two", &b, NULL), 0);
    assert_int_equal(address_pool_release(p, b, NULL), 0);
    assert_int_equal(address_pool_release(p, b, NULL), 0);
    p = address_pool_free(p);
    p = open_pool();
    assert_int_equal(address_pool_len(p), 1);
    assert_int_equal(address_pool_take(p, &range, "three", &c, NULL), 0);
    assert_int_equal(c, b + 1); /* also what rests survives */
    p = address_pool_free(p);
}

static void a_file_that_we_did_not_write_is_believed(void **state)
{
    uint32_t a;
    (void)state;
    struct address_pool *p = open_pool();
    AUTO(free) char *path = xasprintf("%s/10.0.0.2", dir);
    assert_int_equal(file_write_atomic(AT_FDCWD, path, "", 0, 0600, 0, NULL), 0);
    assert_int_equal(address_pool_take(p, &range, "one", &a, NULL), 0);
    assert_int_equal(a, range.network + 3);
    p = address_pool_free(p);
}

static void a_full_range_says_so(void **state)
{
    uint32_t a;
    struct err err = ERR_INIT;
    (void)state;
    struct address_pool *p = open_pool();
    for (int i = 0; i < 5; i++)
        assert_int_equal(address_pool_take(p, &range, "x", &a, NULL), 0);
    assert_int_equal(address_pool_take(p, &range, "x", &a, &err), -ENOSPC);
    assert_non_null(strstr(err.msg, "5 in use"));
    assert_int_equal(address_pool_release(p, range.first + 2, NULL), 0);
    assert_int_equal(address_pool_take(p, &range, "x", &a, &err), 0);
    assert_int_equal(a, range.first + 2);
    p = address_pool_free(p);
}

static bool is_one(void *user, const char *owner)
{
    (void)user;
    return str_eq(owner, "one");
}

static void a_sweep_keeps_what_it_is_told_to(void **state)
{
    uint32_t a, b;
    (void)state;
    struct address_pool *p = open_pool();
    assert_int_equal(address_pool_take(p, &range, "one", &a, NULL), 0);
    assert_int_equal(address_pool_take(p, &range, "two", &b, NULL), 0);
    assert_int_equal(address_pool_take(p, &range, "three", &b, NULL), 0);
    assert_int_equal(address_pool_sweep(p, is_one, NULL, NULL), 0);
    assert_int_equal(address_pool_len(p), 1);
    p = address_pool_free(p);
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(what_is_taken_survives_the_agent),
        FACT(a_file_that_we_did_not_write_is_believed),
        FACT(a_full_range_says_so),
        FACT(a_sweep_keeps_what_it_is_told_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
