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
#include "network_record.h"

static char dir[64];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/oarsman-record-test-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL);
}

static struct network_records *open_records(int result)
{
    struct network_records *rs = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(network_records_new(dir, &rs, &err), result);
    if (result < 0)
        print_message("    %s\n", err.msg);
    return rs;
}

static void put(const char *name, const char *text)
{
    AUTO(free) char *path = xasprintf("%s/%s", dir, name);
    assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), 0600, 0, NULL), 0);
}

static void a_record_survives_the_agent(void **state)
{
    static const char *const ips[] = { "10.85.0.2" };
    static const struct network_port ports[] = { { RT_UDP, 53, 8053, "192.0.2.1" } };
    struct network_record r = { .version = NETWORK_RECORD_VERSION,
                                .mode = "bridge",
                                .sandbox_id = "a",
                                .link = "oar1",
                                .addresses = { ips, 1 },
                                .ports = { ports, 1 },
                                .cni_result = { "{\"x\":1}", 7 } };
    (void)state;
    struct network_records *rs = open_records(0);
    assert_int_equal(network_record_put(rs, &r, NULL), 0);
    r = *network_record_get(rs, "a");
    r.attached = true;
    assert_int_equal(network_record_put(rs, &r, NULL), 0); /* from what is replaced */
    assert_false(network_record_is_old(rs, "a"));
    rs = network_records_free(rs);
    rs = open_records(0);
    const struct network_record *read = network_record_get(rs, "a");
    assert_non_null(read);
    assert_true(network_record_is_old(rs, "a"));
    assert_true(read->attached);
    assert_string_equal(read->link, "oar1");
    assert_string_equal(read->addresses.items[0], "10.85.0.2");
    assert_int_equal(read->ports.items[0].host_port, 8053);
    assert_string_equal(read->cni_result.text, "{\"x\":1}");
    assert_int_equal(network_record_drop(rs, "a", NULL), 0);
    assert_int_equal(network_record_drop(rs, "a", NULL), 0);
    assert_null(network_record_get(rs, "a"));
    rs = network_records_free(rs);
}

static void records_of_the_future_and_damaged_ones_are_named(void **state)
{
    (void)state;
    put("a", "{\"version\":99,\"mode\":\"bridge\",\"sandbox\":\"a\"}");
    assert_null(open_records(-ENOTSUP));
    put("a", "{\"version\":1,\"mode\":\"bridge\",\"sandbox\":\"b\"}");
    assert_null(open_records(-EINVAL));
    put("a", "{\"version\":1,");
    assert_null(open_records(-EINVAL));
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(a_record_survives_the_agent),
        FACT(records_of_the_future_and_damaged_ones_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
