/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "outbound.h"

static const struct {
    const char *list, *host;
    uint16_t port;
    bool allowed;
} rows[] = {
    { "api.example.com", "api.example.com", 443, true },
    { "api.example.com", "api.example.com", 8080, true },
    { "api.example.com", "API.Example.COM", 443, true },
    { "API.example.com", "api.example.com", 443, true },
    { "api.example.com", "example.com", 443, false },
    { "api.example.com", "api.example.com.evil.test", 443, false },
    { "api.example.com", "xapi.example.com", 443, false },
    { "api.example.com", "api.example.com.", 443, false },
    { "api.example.com", "", 443, false },
    { "api.example.com:8443", "api.example.com", 8443, true },
    { "api.example.com:8443", "api.example.com", 443, false },
    { "*.example.com", "a.example.com", 80, true },
    { "*.example.com", "a.b.example.com", 80, true },
    { "*.example.com", "example.com", 80, false },
    { "*.example.com", ".example.com", 80, false },
    { "*.example.com", "aexample.com", 80, false },
    { "*.example.com", "A.EXAMPLE.COM", 80, true },
    { "*.example.com:81", "a.example.com", 80, false },
    { "*.example.com:81", "a.example.com", 81, true },
    { "*", "anything", 1, true },
    { "*:443", "anything", 443, true },
    { "*:443", "anything", 80, false },
    { "10.0.0.1", "10.0.0.1", 80, true },
    { "10.0.0.1:80", "10.0.0.1", 81, false },
    /* IPv6: hosts come without brackets */
    { "::1", "::1", 80, true },
    { "[::1]", "::1", 80, true },
    { "[::1]:80", "::1", 80, true },
    { "[::1]:80", "::1", 81, false },
    { "fd00::1:80", "fd00::1:80", 7, true },
    { "fd00::1:80", "fd00::1", 80, false },
    { "http://[fd00::1]", "fd00::1", 80, true },
    { "http://[fd00::1]:8080/", "fd00::1", 8080, true },
    /* as Krustlet's annotation has them */
    { "[\"https://api.example.com\"]", "api.example.com", 443, true },
    { "[\"https://api.example.com\"]", "api.example.com", 80, false },
    { "[\"https://api.example.com/\"]", "api.example.com", 443, true },
    { "[\"http://api.example.com\"]", "api.example.com", 80, true },
    { "[\"https://api.example.com:8443\"]", "api.example.com", 8443, true },
    { "[\"https://api.example.com:8443\"]", "api.example.com", 443, false },
    { "  [ \"a\" , \"b\" ]", "b", 1, true },
    { "[]", "a", 1, false },
    { "", "a", 1, false },
    { " a.test , b.test\n,\tc.test ,", "b.test", 1, true },
    { " a.test , b.test\n,\tc.test ,", "c.test", 1, true },
    { "a.test,b.test", "b", 1, false },
};

static void each_list_allows_what_it_says(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rt_strings list;
        struct err err = ERR_INIT;

        if (outbound_parse(rows[i].list, arena, &list, &err) < 0)
            fail_msg("%s: %s", rows[i].list, err.msg);
        if (outbound_allows(&list, rows[i].host, rows[i].port) != rows[i].allowed)
            fail_msg("%s: %s:%u", rows[i].list, rows[i].host, rows[i].port);
    }
}

static void what_is_no_list_is_refused(void **state)
{
    static const char *const bad[] = {
        "a b", "a/b", "https://", "http:///", "a:0", "a:65536", "a:x", "a:", ":80", "*a.test", "a.*.test", "**", "a\"", "[", "[x", "[\"a\"",
        "[\"a\",null]", "[[\"a\"]]", "[\"a b\"]", "a@b", "a?b", "a#b", "ftp://a", "https://a/path", "a.test/", "[::1", "::1]",
        "[\"\"]", "http://a:80:80/x", "a;b", "ä.test", "a\x01",
    };
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct rt_strings list = { .len = 77 };
        struct err err = ERR_INIT;

        if (outbound_parse(bad[i], arena, &list, &err) >= 0)
            fail_msg("\"%s\" was taken", bad[i]);
        assert_true(err.msg[0] != '\0');
        assert_int_equal(list.len, 77);
    }
}

static void more_hosts_than_there_is_room_for_are_refused(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(4096);
    AUTO(free) char *text = xcalloc(1, 20001);
    struct rt_strings list;
    struct err err = ERR_INIT;

    (void)state;
    for (size_t i = 0; i < 10000; i++)
        memcpy(text + 2 * i, "a,", 2);
    assert_int_equal(outbound_parse(text, arena, &list, &err), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_list_allows_what_it_says),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(more_hosts_than_there_is_room_for_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
