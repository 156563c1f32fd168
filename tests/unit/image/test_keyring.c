/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/keyring.h"

static int add(struct rt_keyring *k, const char *text, struct err *err)
{
    return rt_keyring_add(k, RT_DOCKERCONFIGJSON, text, strlen(text), err);
}

/* The user names that go with an image, in their order: "a b". */
static const char *users(struct rt_keyring *k, const char *image)
{
    static char list[512];
    struct rt_auths found = rt_keyring_find(k, image);
    size_t n = 0;
    list[0] = '\0';
    for (size_t i = 0; i < found.len; i++)
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? " " : "",
                              str_or(found.items[i].username, "?"));
    return list;
}

static const char ring[] =
    "{\"auths\":{"
    "\"https://index.docker.io/v1/\":{\"username\":\"hub\",\"password\":\"p\"},"
    "\"example.com\":{\"username\":\"host\",\"password\":\"p\"},"
    "\"https://example.com/team\":{\"username\":\"team\",\"password\":\"p\"},"
    "\"example.com/team/app\":{\"username\":\"app\",\"password\":\"p\"},"
    "\"example.com:5000\":{\"username\":\"port\",\"password\":\"p\"},"
    "\"*.glob.example\":{\"username\":\"glob\",\"password\":\"p\"},"
    "\"eu.glob.example\":{\"username\":\"eu\",\"password\":\"p\"},"
    "\"pre*.*.three\":{\"username\":\"three\",\"password\":\"p\"},"
    "\"http://old.example/v2/\":{\"username\":\"old\",\"password\":\"p\"},"
    "\"[::1]:5000\":{\"username\":\"six\",\"password\":\"p\"},"
    "\"helper.example\":{}"
    "}}";

static void keys_match_as_the_kubelet_matches_them(void **state)
{
    static const struct {
        const char *image, *users;
    } cases[] = {
        { "busybox", "hub" },
        { "docker.io/a/b:c", "hub" },
        { "example.com/other/app", "host" },
        { "example.com/team/other", "team host" },
        { "example.com/team/app:v1", "app team host" },
        { "example.com/team/"
          "app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
          "app team host" },
        { "example.com:5000/team/app", "port" },
        { "example.com:5001/team/app", "" },
        { "www.example.com/x", "" },
        { "us.glob.example/x", "glob" },
        { "eu.glob.example/x", "eu glob" },
        { "a.b.glob.example/x", "" },
        { "glob.example/x", "" },
        { "prefix.b.three/x", "three" },
        { "post.b.three/x", "" },
        { "old.example/x", "old" },
        { "[::1]:5000/x", "six" },
        { "helper.example/x", "" },
        { "nowhere.example/x", "" },
        { "not an image", "" },
        { "fs/a", "hub" },
        { "fs/a.wasm", "" }, /* a file of the node */
        { "file:/example.com/team/app", "" },
    };
    AUTO(rt_keyring_free) struct rt_keyring *k = rt_keyring_new();
    (void)state;
    assert_int_equal(add(k, ring, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (!str_eq(users(k, cases[i].image), cases[i].users))
            fail_msg("%s: '%s' instead of '%s'", cases[i].image, users(k, cases[i].image),
                     cases[i].users);
}

static void docker_io_itself_comes_before_the_old_index(void **state)
{
    AUTO(rt_keyring_free) struct rt_keyring *k = rt_keyring_new();
    (void)state;
    assert_int_equal(add(k, ring, NULL), 0);
    assert_int_equal(
        add(k, "{\"auths\":{\"docker.io\":{\"username\":\"new\",\"password\":\"p\"}}}", NULL), 0);
    assert_string_equal(users(k, "busybox"), "new");
}

static void all_forms_of_a_secret_are_read(void **state)
{
    static const struct {
        const char *entry, *username, *password, *identity, *registry;
    } cases[] = {
        { "{\"username\":\"u\",\"password\":\"p\"}", "u", "p", NULL, NULL },
        { "{\"auth\":\"dXNlcjpwYXNz\"}", "user", "pass", NULL, NULL },
        { "{\"auth\":\"dXNlcjpwYTpzcw==\"}", "user", "pa:ss", NULL, NULL },
        { "{\"auth\":\"dXNlcjpwYTpzcw\"}", "user", "pa:ss", NULL, NULL }, /* without padding */
        { "{\"auth\":\"dXNlcjo=\"}", "user", "", NULL, NULL },
        { "{\"auth\":\"dTpwAAA=\"}", "u", "p", NULL, NULL }, /* zeros at the end */
        { "{\"username\":\"x\",\"password\":\"y\",\"auth\":\"dXNlcjpwYXNz\"}", "user", "pass", NULL,
          NULL },
        { "{\"auth\":\"dTpw\",\"identitytoken\":\"id\"}", "u", "p", "id", NULL },
        { "{\"registrytoken\":\"reg\",\"email\":\"a@b\"}", NULL, NULL, NULL, "reg" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(rt_keyring_free) struct rt_keyring *k = rt_keyring_new();
        char text[512];
        (void)snprintf(text, sizeof(text), "{\"a.b\":%s}", cases[i].entry);
        assert_int_equal(rt_keyring_add(k, RT_DOCKERCFG, text, strlen(text), NULL), 0);
        struct rt_auths found = rt_keyring_find(k, "a.b/x");
        assert_int_equal(found.len, 1);
        const struct rt_auth *a = &found.items[0];
        bool same = str_eq(a->username, cases[i].username) &&
                    str_eq(a->password, cases[i].password) &&
                    str_eq(a->identity_token, cases[i].identity) &&
                    str_eq(a->registry_token, cases[i].registry);
        if (!same)
            fail_msg("%s: user '%s' password '%s'", cases[i].entry, str_or(a->username, "-"),
                     str_or(a->password, "-"));
    }
}

static void bad_secrets_are_refused_without_being_told(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "", "" },
        { "[]", "" },
        { "{\"auths\":[]}", "auths" },
        { "{\"auths\":{\"a.b\":7}}", "auths" },
        { "{\"auths\":{\"a.b\":{\"password\":[\"hunter2\"]}}}", "password" },
        { "{\"auths\":{\"a.b\":{\"auth\":\"hunter2!\"}}}", "auths[\"a.b\"].auth: expected base64" },
        { "{\"auths\":{\"a.b\":{\"auth\":\"aHVudGVyMg==\"}}}",
          "auths[\"a.b\"].auth: expected base64" }, /* no colon */
    };
    AUTO(rt_keyring_free) struct rt_keyring *k = rt_keyring_new();
    (void)state;
    assert_int_equal(add(k, ring, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        assert_int_equal(add(k, cases[i].text, &err), -EINVAL);
        if (!strstr(err.msg, cases[i].why) || strstr(err.msg, "hunter2") ||
            strstr(err.msg, "aHVudGVy"))
            fail_msg("%s: '%s'", cases[i].text, err.msg);
    }
    assert_string_equal(users(k, "busybox"), "hub");
    assert_string_equal(users(k, "a.b/x"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_match_as_the_kubelet_matches_them),
        cmocka_unit_test(docker_io_itself_comes_before_the_old_index),
        cmocka_unit_test(all_forms_of_a_secret_are_read),
        cmocka_unit_test(bad_secrets_are_refused_without_being_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
