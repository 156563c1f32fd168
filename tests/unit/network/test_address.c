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

#include "address.h"
#include "base/mem.h"

static const struct {
    const char *cidr;
    int result;
    const char *gateway, *first, *last;
} ranges[] = {
    { "10.85.0.0/16", 0, "10.85.0.1", "10.85.0.2", "10.85.255.254" },
    { "192.168.7.8/29", 0, "192.168.7.9", "192.168.7.10", "192.168.7.14" },
    { "10.0.0.0/8", 0, "10.0.0.1", "10.0.0.2", "10.255.255.254" },
    { "255.255.255.0/24", 0, "255.255.255.1", "255.255.255.2", "255.255.255.254" },
    { "10.85.0.1/16", -EINVAL, NULL, NULL, NULL },
    { "10.85.0.0/30", -EINVAL, NULL, NULL, NULL },
    { "10.0.0.0/7", -EINVAL, NULL, NULL, NULL },
    { "0.0.0.0/0", -EINVAL, NULL, NULL, NULL },
    { "10.85.0.0", -EINVAL, NULL, NULL, NULL },
    { "10.85.0.0/", -EINVAL, NULL, NULL, NULL },
    { "10.85.0.0/16 ", -EINVAL, NULL, NULL, NULL },
    { "10.85.0/16", -EINVAL, NULL, NULL, NULL },
    { "fd00::/64", -EINVAL, NULL, NULL, NULL },
    { "", -EINVAL, NULL, NULL, NULL },
    { "/", -EINVAL, NULL, NULL, NULL },
    { "1111111111111111111111111/16", -EINVAL, NULL, NULL, NULL },
};

static void ranges_are_parsed_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        struct address_range r;
        char text[ADDRESS_TEXT_BYTES];
        print_message("    \"%s\"\n", ranges[i].cidr);
        assert_int_equal(address_range_parse(ranges[i].cidr, &r, NULL), ranges[i].result);
        if (ranges[i].result < 0)
            continue;
        address_text(r.gateway, text);
        assert_string_equal(text, ranges[i].gateway);
        address_text(r.first, text);
        assert_string_equal(text, ranges[i].first);
        address_text(r.last, text);
        assert_string_equal(text, ranges[i].last);
        assert_false(address_range_has(&r, r.gateway));
        assert_true(address_range_has(&r, r.last));
        assert_false(address_range_has(&r, r.last + 1));
    }
}

/* A /29 has .2 to .6 for pods; used and after as last octets. */
static const struct {
    const char *name;
    uint32_t used[8];
    size_t used_len;
    uint32_t after;
    int result;
    uint32_t next;
} nexts[] = {
    { "the first of all", { 0 }, 0, 0, 0, 2 },
    { "the one after the last given out", { 0 }, 0, 3, 0, 4 },
    { "round the end", { 0 }, 0, 6, 0, 2 },
    { "over those in use", { 4, 5 }, 2, 3, 0, 6 },
    { "round the end and over", { 2, 3, 6 }, 3, 5, 0, 4 },
    { "the last one left is the one given out last", { 2, 3, 4, 6 }, 4, 5, 0, 5 },
    { "none", { 2, 3, 4, 5, 6 }, 5, 2, -ENOSPC, 0 },
    { "addresses of another range are no matter", { 1, 2, 7, 9 }, 4, 0, 0, 3 },
    { "last one of another range", { 0 }, 0, 200, 0, 2 },
};

static void the_next_address_is_the_one_that_rested_longest(void **state)
{
    struct address_range r;
    (void)state;
    assert_int_equal(address_range_parse("10.0.0.0/29", &r, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(nexts); i++) {
        uint32_t used[8], next = 0;
        for (size_t k = 0; k < nexts[i].used_len; k++)
            used[k] = r.network + nexts[i].used[k];
        print_message("    %s\n", nexts[i].name);
        uint32_t after = nexts[i].after ? r.network + nexts[i].after : 0;
        assert_int_equal(address_next(&r, used, nexts[i].used_len, after, &next), nexts[i].result);
        if (nexts[i].result == 0)
            assert_int_equal(next - r.network, nexts[i].next);
    }
}

/* Random taking and giving back: never twice, never outside, and full means full. */
static void no_address_is_given_out_twice(void **state)
{
    struct address_range r;
    uint32_t used[64] = { 0 }, after = 0, seed = 12345;
    size_t len = 0;
    (void)state;
    assert_int_equal(address_range_parse("10.0.0.0/27", &r, NULL), 0);
    for (int step = 0; step < 20000; step++) {
        seed = seed * 1664525 + 1013904223;
        if (len > 0 && (seed >> 16) % 3 == 0) {
            size_t i = (seed >> 20) % len;
            memmove(used + i, used + i + 1, (len - i - 1) * sizeof(*used));
            len--;
            continue;
        }
        uint32_t next;
        int rc = address_next(&r, used, len, after, &next);
        assert_int_equal(rc, len == 29 ? -ENOSPC : 0);
        if (rc < 0)
            continue;
        assert_true(address_range_has(&r, next));
        size_t i = 0;
        while (i < len && used[i] < next)
            i++;
        assert_true(i == len || used[i] != next);
        memmove(used + i + 1, used + i, (len - i) * sizeof(*used));
        used[i] = after = next;
        len++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_parsed_strictly),
        cmocka_unit_test(the_next_address_is_the_one_that_rested_longest),
        cmocka_unit_test(no_address_is_given_out_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
