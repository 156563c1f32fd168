/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle/user.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "broken line\n"
                             "noid:x:abc:1::/:\n"
                             "alice:x:1000:1001::/home/alice:/bin/sh\n"
                             "twin:x:1000:7::/home/twin:\n"
                             "bare:x:5:6\n"
                             "last:x:9:9::/last:/bin/sh";
static const char group[] = "root:x:0:\nalice:x:1001:\nwheel:x:10:bob,alice\ndocker:x:11:alice2,al\nbroken\ntwins:x:12:alice";

static char *said(const struct user_ids *u)
{
    struct buf text = BUF_INIT(256);

    (void)buf_printf(&text, "%lld:%lld", (long long)u->uid, (long long)u->gid);
    for (size_t i = 0; i < u->groups_len; i++)
        (void)buf_printf(&text, " %lld", (long long)u->groups[i]);
    (void)buf_printf(&text, " %s", u->home);
    return buf_take(&text);
}

static void users_are_resolved(void **state)
{
    static const int64_t more[] = { 10, 77, 77 };
    static const struct {
        const char *name;
        struct rt_security security;
        const char *image_user;
        const char *result; /* "!" and the message */
    } cases[] = {
        { "nobody says", { .has_uid = false }, NULL, "0:0 0 /root" },
        { "the image says a name", { .has_uid = false }, "alice", "1000:1001 1001 10 12 /home/alice" },
        { "the image says a number", { .has_uid = false }, "1000", "1000:1001 1001 10 12 /home/alice" },
        { "a number without a line", { .has_uid = false }, "4242", "4242:0 0 /" },
        { "user and group", { .has_uid = false }, "alice:wheel", "1000:10 10 12 /home/alice" },
        { "user and number", { .has_uid = false }, "alice:55", "1000:55 55 10 12 /home/alice" },
        { "an empty group", { .has_uid = false }, "alice:", "1000:1001 1001 10 12 /home/alice" },
        { "the context's uid wins", { .has_uid = true, .uid = 9 }, "alice", "9:9 9 /last" },
        { "the context's gid wins", { .has_gid = true, .gid = 3 }, "alice:wheel", "1000:3 3 10 12 /home/alice" },
        { "the context's name", { .username = "bare" }, "alice", "5:6 6 /" },
        { "more groups, each once", { .supplemental_groups = more, .supplemental_groups_len = 3 }, "alice",
          "1000:1001 1001 10 12 77 /home/alice" },
        { "strict", { .supplemental_groups = more, .supplemental_groups_len = 2, .supplemental_groups_strict = true },
          "alice", "1000:1001 1001 10 77 /home/alice" },
        { "an unknown user", { .has_uid = false }, "eve",
          "!unable to find user eve: no matching entries in passwd file" },
        { "an unknown group", { .has_uid = false }, "alice:eves",
          "!unable to find group eves: no matching entries in group file" },
        { "a user whose id is none", { .has_uid = false }, "noid",
          "!unable to find user noid: no matching entries in passwd file" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(user_ids_done) struct user_ids u = { 0 };
        struct err err = ERR_INIT;
        int r = user_resolve(&cases[i].security, cases[i].image_user, passwd, group, &u, &err);
        AUTO(free) char *text = r < 0 ? xasprintf("!%s", err.msg) : said(&u);

        if (!str_eq(text, cases[i].result))
            fail_msg("%s: %s", cases[i].name, text);
    }
}

static void an_image_without_files_has_root(void **state)
{
    const struct rt_security security = { .has_uid = false };
    AUTO(user_ids_done) struct user_ids u = { 0 };

    (void)state;
    assert_int_equal(user_resolve(&security, "", "", "", &u, NULL), 0);
    assert_int_equal(u.uid, 0);
    assert_string_equal(u.home, "/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_are_resolved),
        cmocka_unit_test(an_image_without_files_has_root),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
