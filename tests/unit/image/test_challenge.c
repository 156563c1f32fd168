/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "challenge.h"

static const struct {
    const char *header;
    enum challenge_kind kind;
    const char *realm, *service, *scope, *error;
} cases[] = {
    { NULL, CHALLENGE_NONE, "", "", "", "" },
    { "", CHALLENGE_NONE, "", "", "", "" },
    { "Bearer "
      "realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/"
      "b:pull,push\"",
      CHALLENGE_BEARER, "https://auth.docker.io/token", "registry.docker.io",
      "repository:a/b:pull,push", "" },
    { "bearer REALM=\"https://x/t\" , Service=y", CHALLENGE_BEARER, "https://x/t", "y", "", "" },
    { "Bearer realm=\"https://x/t\",error=\"insufficient_scope\"", CHALLENGE_BEARER, "https://x/t",
      "", "", "insufficient_scope" },
    { "Basic realm=\"test\"", CHALLENGE_BASIC, "test", "", "", "" },
    { "BASIC", CHALLENGE_BASIC, "", "", "", "" },
    { "Basic realm=\"a\", Bearer realm=\"https://x/t\",service=\"s\"", CHALLENGE_BEARER,
      "https://x/t", "s", "", "" },
    { "Bearer realm=\"https://x/t\",service=\"s\", Basic realm=\"a\"", CHALLENGE_BEARER,
      "https://x/t", "s", "", "" },
    { "Negotiate, Basic realm=\"a\"", CHALLENGE_BASIC, "a", "", "", "" },
    { "Negotiate abc==, Basic realm=\"a\"", CHALLENGE_BASIC, "a", "", "", "" },
    { "Digest realm=\"a\"", CHALLENGE_NONE, "", "", "", "" },
    { "Bearer", CHALLENGE_NONE, "", "", "", "" },
    { "Bearer service=\"s\"", CHALLENGE_NONE, "", "", "", "" },
    { "Bearer realm=\"a\\\"b\"", CHALLENGE_BEARER, "a\"b", "", "", "" },
    { "Bearer realm=\"unfinished", CHALLENGE_BEARER, "unfinished", "", "", "" },
    { "Bearer realm = \"https://x/t\"", CHALLENGE_BEARER, "https://x/t", "", "", "" },
    { "Bearer unknown=\"a,b=c\",realm=\"r\"", CHALLENGE_BEARER, "r", "", "", "" },
    { ",,, \"\" , Basic", CHALLENGE_BASIC, "", "", "", "" },
    { "=", CHALLENGE_NONE, "", "", "", "" },
    { "\"", CHALLENGE_NONE, "", "", "", "" },
};

static void challenges_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct challenge c;
        challenge_parse(cases[i].header, &c);
        bool same = c.kind == cases[i].kind && str_eq(c.realm, cases[i].realm) &&
                    str_eq(c.service, cases[i].service) && str_eq(c.scope, cases[i].scope) &&
                    str_eq(c.error, cases[i].error);
        if (!same)
            fail_msg("'%s': kind %d realm '%s' service '%s' scope '%s' error '%s'",
                     str_or(cases[i].header, "(null)"), c.kind, c.realm, c.service, c.scope,
                     c.error);
    }
}

static void a_realm_that_does_not_fit_is_not_used_in_part(void **state)
{
    char header[4096];
    struct challenge c;
    (void)state;
    (void)snprintf(header, sizeof(header), "Bearer realm=\"https://%02000d/\",service=\"s\"", 0);
    challenge_parse(header, &c);
    assert_int_equal(c.kind, CHALLENGE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(challenges_are_read),
        cmocka_unit_test(a_realm_that_does_not_fit_is_not_used_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
