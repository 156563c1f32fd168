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
#include "rt/image_ref.h"

#define HEX64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX128 HEX64 HEX64
#define X50    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X128   X50 X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    const char *text, *whole; /* whole: NULL when it is refused */
    const char *why;          /* part of the message */
} cases[] = {
    { "busybox", "docker.io/library/busybox:latest", NULL },
    { "busybox:1.36", "docker.io/library/busybox:1.36", NULL },
    { "library/busybox", "docker.io/library/busybox:latest", NULL },
    { "docker.io/busybox", "docker.io/library/busybox:latest", NULL },
    { "index.docker.io/busybox", "docker.io/library/busybox:latest", NULL },
    { "index.docker.io/a/b", "docker.io/a/b:latest", NULL },
    { "docker.io/a/b:c", "docker.io/a/b:c", NULL },
    { "user/image", "docker.io/user/image:latest", NULL },
    { "a/b/c/d", "docker.io/a/b/c/d:latest", NULL },
    { "ghcr.io/a/b:v1", "ghcr.io/a/b:v1", NULL },
    { "registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10", NULL },
    { "localhost/x", "localhost/x:latest", NULL },
    { "localhost:5000/x", "localhost:5000/x:latest", NULL },
    { "localhost", "docker.io/library/localhost:latest", NULL },
    { "127.0.0.1:5000/x:y", "127.0.0.1:5000/x:y", NULL },
    { "[::1]:5000/x", "[::1]:5000/x:latest", NULL },
    { "[2001:db8::1]/x/y:z", "[2001:db8::1]/x/y:z", NULL },
    { "host:5000/x/y", "host:5000/x/y:latest", NULL },
    { "Host/x", "Host/x:latest", NULL },
    { "a.b/c", "a.b/c:latest", NULL },
    { "a-b.c/d", "a-b.c/d:latest", NULL },
    { "x:5000", "docker.io/library/x:5000", NULL },
    { "a__b", "docker.io/library/a__b:latest", NULL },
    { "a--b---c", "docker.io/library/a--b---c:latest", NULL },
    { "a.b", "docker.io/library/a.b:latest", NULL },
    { "x:_tag", "docker.io/library/x:_tag", NULL },
    { "x:A.b-c_D", "docker.io/library/x:A.b-c_D", NULL },
    { "x:" X128, "docker.io/library/x:" X128, NULL },
    { "x@sha256:" HEX64, "docker.io/library/x@sha256:" HEX64, NULL },
    { "x:tag@sha256:" HEX64, "docker.io/library/x@sha256:" HEX64, NULL },
    { "a.b:1/x:2@sha512:" HEX128, "a.b:1/x@sha512:" HEX128, NULL },

    { "", NULL, "invalid reference format" },
    { ":", NULL, "invalid reference format" },
    { "@", NULL, "is not a digest" },
    { "/x", NULL, "invalid reference format" },
    { "x/", NULL, "invalid reference format" },
    { "x//y", NULL, "invalid reference format" },
    { "a.b/", NULL, "invalid reference format" },
    { "x:", NULL, "invalid reference format" },
    { "x:.tag", NULL, "invalid reference format" },
    { "x:-tag", NULL, "invalid reference format" },
    { "x:ta g", NULL, "invalid reference format" },
    { "x:" X128 "x", NULL, "tag must not be more than 128 characters" },
    { "-x", NULL, "invalid reference format" },
    { "x-", NULL, "invalid reference format" },
    { "_x", NULL, "invalid reference format" },
    { "x___y", NULL, "invalid reference format" },
    { "x..y", NULL, "invalid reference format" },
    { "x._y", NULL, "invalid reference format" },
    { "X", NULL, "repository name must be lowercase" },
    { "a.b/Xy", NULL, "repository name must be lowercase" },
    { "user/Image", NULL, "repository name must be lowercase" },
    { "a_b.c-d/e", NULL,
      "invalid reference format" }, /* a dot makes a host, and a host has no "_" */
    { "http://a.b/c", NULL, "invalid reference format" },
    { "a.b:port/x", NULL, "invalid reference format" },
    { "a.b:/x", NULL, "invalid reference format" },
    { "-a.b/x", NULL, "invalid reference format" },
    { "a..b/x", NULL, "invalid reference format" },
    { "[::1/x", NULL, "invalid reference format" },
    { "[::g]/x", NULL, "invalid reference format" },
    { " x", NULL, "invalid reference format" },
    { "x\n", NULL, "invalid reference format" },
    { "\xc3\xa4", NULL, "invalid reference format" },
    { HEX64, NULL, "cannot specify 64-byte hexadecimal strings" },
    { "x@sha256:0123", NULL, "64 lower-case hexadecimal digits are expected" },
    { "x@sha256:" HEX64 "0", NULL, "64 lower-case hexadecimal digits are expected" },
    { "x@md5:" HEX64, NULL, "is not supported" },
    { "x@" HEX64, NULL, "is not a digest" },
    { "x@sha256:" HEX64 "@sha256:" HEX64, NULL, "hexadecimal digits are expected" },
    { "x/" X128 X128, NULL, "must not be more than 255 characters" },
    { X128 X128 X128 X128 X128, NULL, "it is too long" },
};

static void references_are_completed_or_refused_as_docker_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rt_image_ref ref;
        struct err err = ERR_INIT;
        char whole[RT_IMAGE_REF_TEXT_MAX];
        int rc = rt_image_ref_parse(cases[i].text, &ref, &err);
        if (rc < 0) {
            if (cases[i].why && !strstr(err.msg, cases[i].why))
                fail_msg("'%s': message '%s' does not say '%s'", cases[i].text, err.msg,
                         cases[i].why);
            if (cases[i].whole)
                fail_msg("'%s' was refused: %s", cases[i].text, err.msg);
            assert_string_equal(err.reason, "InvalidImageName");
            assert_int_equal(rc, -EINVAL);
            continue;
        }
        if (!cases[i].whole)
            fail_msg("'%s' was accepted", cases[i].text);
        rt_image_ref_text(&ref, whole);
        if (!str_eq(whole, cases[i].whole))
            fail_msg("'%s' became '%s' instead of '%s'", cases[i].text, whole, cases[i].whole);
    }
}

static void completing_twice_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rt_image_ref ref, again;
        char first[RT_IMAGE_REF_TEXT_MAX], second[RT_IMAGE_REF_TEXT_MAX];
        if (rt_image_ref_parse(cases[i].text, &ref, NULL) < 0)
            continue;
        rt_image_ref_text(&ref, first);
        assert_int_equal(rt_image_ref_parse(first, &again, NULL), 0);
        rt_image_ref_text(&again, second);
        assert_string_equal(first, second);
    }
}

static void the_message_is_that_of_the_kubelet(void **state)
{
    struct rt_image_ref ref;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(rt_image_ref_parse("a b", &ref, &err), -EINVAL);
    assert_string_equal(err.msg, "couldn't parse image name \"a b\": invalid reference format");
}

static void files_of_the_node_are_told_from_images(void **state)
{
    static const struct {
        const char *text, *path; /* NULL: it names no file */
    } local[] = {
        { "file:/srv/a.wasm", "/srv/a.wasm" },
        { "file:///srv/a.wasm", "/srv/a.wasm" },
        { "file:/a", "/a" },
        { "file:/Upper Case:1@sha256", "/Upper Case:1@sha256" },
        { "file:/a%20b/../c", "/a%20b/../c" },
        { "file:/\xc3\xa4.wasm", "/\xc3\xa4.wasm" },
        { "file:/", "/" },
        { "fs/srv/a.wasm", "/srv/a.wasm" },
        { "fs/srv/A.wat", "/srv/A.wat" },
        { "fs//srv/a.wasm", "//srv/a.wasm" },
        { "file:/" X128 X128 X128, "/" X128 X128 X128 },

        { "file:/" X128 X128 X128 X128, NULL },
        { "file://host/a.wasm", NULL },
        { "file://", NULL },
        { "file:", NULL },
        { "file:1", NULL }, /* docker.io/library/file:1 */
        { "file:a.wasm", NULL },
        { "file:5000/a.wasm", NULL }, /* a registry */
        { "File:/a.wasm", NULL },
        { "file:/a\n.wasm", NULL },
        { "file:/a\x7f", NULL },
        { "fs/srv/a", NULL }, /* of a user of Docker Hub */
        { "fs/a:1", NULL },
        { "fs/a.wasm:1", NULL },
        { "fs/a.wasm@sha256:" HEX64, NULL },
        { "fs", NULL },
        { "fs.wasm", NULL },
        { "docker.io/fs/a.wasm", NULL },
        { "a/fs/b.wasm", NULL },
        { "/srv/a.wasm", NULL },
        { "", NULL },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(local); i++) {
        const char *path = rt_image_ref_local(local[i].text);
        if (!str_eq(path, local[i].path))
            fail_msg("'%s' is '%s'", local[i].text, str_or(path, "no file"));
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_null(rt_image_ref_local(cases[i].text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_completed_or_refused_as_docker_does),
        cmocka_unit_test(completing_twice_changes_nothing),
        cmocka_unit_test(the_message_is_that_of_the_kubelet),
        cmocka_unit_test(files_of_the_node_are_told_from_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
