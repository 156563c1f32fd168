/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "manifest.h"

#define HEX8(c) c c c c c c c c
#define D(c) "\"sha256:" HEX8(c) "\""
#define A    D("aaaaaaaa")
#define B    D("bbbbbbbb")
#define C    D("cccccccc")
#define CONFIG                                                                                     \
    "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":" A ",\"size\":10}"
#define LAYER                                                                                      \
    "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":" B ",\"size\":20}"
#define ENTRY(os, arch, variant, digest)                                                           \
    "{\"digest\":" digest ",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch              \
    "\",\"variant\":\"" variant "\"}}"

static int decode(const char *text, struct arena *arena, struct image_document *ret,
                  struct err *err)
{
    return manifest_decode(text, strlen(text), arena, ret, err);
}

static void manifests_and_indexes_are_told_apart(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    struct image_document d;
    (void)state;
    assert_int_equal(decode("{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" LAYER "]}",
                            arena, &d, NULL),
                     0);
    assert_false(manifest_is_index(&d));
    assert_true(manifest_is_image_config(d.config));
    assert_true(manifest_is_tar_layer(&d.layers.items[0]));
    assert_int_equal(
        decode("{\"schemaVersion\":2,\"manifests\":[" ENTRY("linux", "amd64", "", A) "]}", arena,
               &d, NULL),
        0);
    assert_true(manifest_is_index(&d));
}

static void documents_that_are_none_are_refused_with_the_place(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "", "manifest" },
        { "null", "manifest" },
        { "[]", "manifest" },
        { "{}", "neither a manifest (no config) nor an index" },
        { "{\"schemaVersion\":1,\"name\":\"x\",\"fsLayers\":[]}",
          "schema 1, which is not supported" },
        { "{\"config\":7}", "config" },
        { "{\"config\":" CONFIG
          ",\"layers\":[],\"manifests\":[" ENTRY("linux", "amd64", "", A) "]}",
          "both an index and a manifest" },
        { "{\"config\":{\"digest\":\"sha256:12\"}}", "config[0]: 'sha256:12' is not a digest" },
        { "{\"config\":{\"digest\":\"../../etc/passwd\"}}", "config[0]" },
        { "{\"config\":{\"size\":3}}", "digest" },
        { "{\"config\":" CONFIG ",\"layers\":[" LAYER ",{\"digest\":" B ",\"size\":-1}]}",
          "layers[1]: a size of -1 bytes" },
        { "{\"config\":" CONFIG ",\"layers\":[{\"digest\":" B ",\"size\":9223372036854775807}]}",
          "layers[0]: a size of" },
        { "{\"config\":{\"digest\":" A ",\"size\":8388609}}",
          "config[0]: a size of 8388609 bytes" },
        { "{\"config\":" CONFIG ",\"layers\":[{\"digest\":" B ",\"size\":1.5}]}",
          "layers[0].size" },
        { "{\"manifests\":[{\"digest\":\"md5:00\"}]}", "manifests[0]" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(MIB);
        struct image_document d;
        struct err err = ERR_INIT;
        if (decode(cases[i].text, arena, &d, &err) >= 0)
            fail_msg("accepted: %s", cases[i].text);
        if (!strstr(err.msg, cases[i].why))
            fail_msg("%s: '%s' does not say '%s'", cases[i].text, err.msg, cases[i].why);
    }
}

static void too_many_layers_are_refused(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    struct buf text = BUF_INIT(MIB);
    struct image_document d;
    (void)state;
    (void)buf_puts(&text, "{\"config\":" CONFIG ",\"layers\":[" LAYER);
    for (int i = 0; i < LIMIT_IMAGE_LAYERS; i++)
        (void)buf_puts(&text, "," LAYER);
    (void)buf_puts(&text, "]}");
    assert_int_equal(decode(buf_str(&text), arena, &d, NULL), -E2BIG);
    buf_done(&text);
}

static void annotations_are_read_and_bounded(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(4 * MIB);
    struct buf text = BUF_INIT(MIB);
    struct image_document d;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(decode("{\"config\":" CONFIG ",\"annotations\":{\"b\":\"2\",\"a\":null}}",
                            arena, &d, NULL),
                     0);
    assert_int_equal(d.annotations.len, 2);
    assert_string_equal(json_map_get(&d.annotations, "b"), "2");
    (void)buf_puts(&text, "{\"config\":" CONFIG ",\"annotations\":{\"a\":\"b\"");
    for (int i = 0; i < 1024; i++)
        (void)buf_printf(&text, ",\"%0256d\":\"\"", i);
    (void)buf_puts(&text, "}}");
    assert_int_equal(decode(buf_str(&text), arena, &d, &err), -E2BIG);
    assert_non_null(strstr(err.msg, "annotations of 262146 bytes: more than 262144"));
    buf_done(&text);
}

static void the_entry_of_the_platform_is_chosen(void **state)
{
#define AMD  ENTRY("linux", "amd64", "", A)
#define ARM7 ENTRY("linux", "arm", "v7", B)
#define ARM6 ENTRY("linux", "arm", "v6", C)
#define V8   ENTRY("linux", "arm64", "v8", B)
#define V3   ENTRY("linux", "amd64", "v3", C)
#define ATT  ENTRY("unknown", "unknown", "", C)
#define WIN  ENTRY("windows", "amd64", "", C)
#define BARE "{\"digest\":" C "}"
    static const struct {
        const char *manifests;
        struct rt_platform wanted[2];
        char chosen; /* 0: none */
    } cases[] = {
        { AMD "," ARM7, { { "linux", "amd64", NULL } }, 'a' },
        { WIN "," AMD, { { "linux", "amd64", NULL } }, 'a' },
        { ATT "," AMD, { { "linux", "amd64", NULL } }, 'a' },
        { V3 "," AMD, { { "linux", "amd64", NULL } }, 'a' },
        { V3 "," AMD, { { "linux", "amd64", "v3" } }, 'c' },
        { V3 "," AMD, { { "linux", "amd64", "v2" } }, 'a' },
        { V3, { { "linux", "amd64", NULL } }, 0 },
        { ARM6 "," ARM7, { { "linux", "arm", "v7" } }, 'b' },
        { ARM6 "," ARM7, { { "linux", "arm", "v6" } }, 'c' },
        { ARM6, { { "linux", "arm", "v7" } }, 'c' },
        { ARM7, { { "linux", "arm", "v6" } }, 0 },
        { ARM6 "," ARM7, { { "linux", "arm", NULL } }, 'b' },
        { AMD "," V8, { { "linux", "arm64", NULL } }, 'b' },
        { AMD, { { "linux", "s390x", NULL } }, 0 },
        { BARE, { { "linux", "amd64", NULL } }, 'c' },
        { BARE "," AMD, { { "linux", "amd64", NULL } }, 'a' },
        { AMD "," ENTRY("wasip1", "wasm", "", B),
          { { "wasip1", "wasm", NULL }, { "linux", "amd64", NULL } },
          'b' },
        { AMD, { { "wasip1", "wasm", NULL }, { "linux", "amd64", NULL } }, 'a' },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(MIB);
        struct image_document d;
        const struct image_descriptor *chosen = NULL;
        char text[2048];
        (void)snprintf(text, sizeof(text), "{\"manifests\":[%s]}", cases[i].manifests);
        assert_int_equal(decode(text, arena, &d, NULL), 0);
        size_t wanted_len = cases[i].wanted[1].os ? 2 : 1;
        int rc = manifest_choose(&d, cases[i].wanted, wanted_len, &chosen, NULL);
        char got = rc == 0 ? chosen->digest[7] : 0;
        if (got != cases[i].chosen)
            fail_msg("case %zu: '%c' instead of '%c'", i, got ? got : '-',
                     cases[i].chosen ? cases[i].chosen : '-');
    }
}

static void wasm_entries_are_taken_in_their_order(void **state)
{
#define WASI32 ENTRY("wasi", "wasm32", "", A)
#define WASI   ENTRY("wasi", "wasm", "", B)
#define P2     ENTRY("wasip2", "wasm", "", C)
#define P1     ENTRY("wasip1", "wasm", "", A)
    static const struct {
        const char *manifests;
        char chosen; /* 0: none */
    } cases[] = {
        { WASI32 "," WASI, 'b' }, { P1 "," P2, 'c' },      { P2 "," WASI32, 'a' }, { P1, 'a' },
        { AMD "," P2, 'c' },      { WIN "," BARE, 'c' },   { AMD, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(MIB);
        struct image_document d;
        const struct image_descriptor *chosen = NULL;
        char text[2048];
        (void)snprintf(text, sizeof(text), "{\"manifests\":[%s]}", cases[i].manifests);
        assert_int_equal(decode(text, arena, &d, NULL), 0);
        int rc = manifest_choose(&d, rt_platforms_wasm, RT_PLATFORMS_WASM_NR, &chosen, NULL);
        char got = rc == 0 ? chosen->digest[7] : 0;
        if (got != cases[i].chosen)
            fail_msg("case %zu: '%c' instead of '%c'", i, got ? got : '-',
                     cases[i].chosen ? cases[i].chosen : '-');
    }
}

static void what_there_is_instead_is_said(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    struct image_document d;
    const struct image_descriptor *chosen;
    struct rt_platform wanted = { "linux", "s390x", NULL };
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(decode("{\"manifests\":[" AMD "," ARM7 "]}", arena, &d, NULL), 0);
    assert_int_equal(manifest_choose(&d, &wanted, 1, &chosen, &err), -ENOENT);
    assert_string_equal(err.msg, "no match for platform in manifest: linux/s390x is wanted, there "
                                 "is linux/amd64, linux/arm/v7");
    assert_int_equal(manifest_choose(&d, rt_platforms_wasm, 3, &chosen, &err), -ENOENT);
    assert_non_null(strstr(err.msg, ": wasi/wasm, wasi/wasm32 or wasip2/wasm is wanted, there is"));
}

static void a_configuration_is_read(void **state)
{
    static const char text[] =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2023-11-14T22:13:20Z\","
        "\"config\":{\"User\":\"1000:2000\","
        "\"ExposedPorts\":{\"80/tcp\":{}},\"Env\":[\"A=b\"],\"Entrypoint\":[\"/"
        "x\"],\"Cmd\":null,\"Volumes\":{\"/data\":{}},"
        "\"WorkingDir\":\"/"
        "w\",\"Labels\":{\"k\":\"v\"},\"StopSignal\":\"SIGINT\",\"Healthcheck\":{\"Test\":[]}},"
        "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" A "," B
        "]},\"history\":[{\"created_by\":\"x\"}]}";
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    struct image_spec spec;
    (void)state;
    assert_int_equal(manifest_decode_spec(text, strlen(text), arena, &spec, NULL), 0);
    assert_string_equal(spec.config.user, "1000:2000");
    assert_string_equal(spec.config.exposed_ports.items[0].key, "80/tcp");
    assert_string_equal(spec.config.volumes.items[0].key, "/data");
    assert_string_equal(spec.config.entrypoint.items[0], "/x");
    assert_int_equal(spec.config.cmd.len, 0);
    assert_string_equal(json_map_get(&spec.config.labels, "k"), "v");
    assert_int_equal(spec.rootfs.diff_ids.len, 2);
}

static void diff_ids_must_go_with_the_layers(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    struct image_document d;
    const char *const diff_ids[] = {
        "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "no digest"
    };
    struct image_spec spec = { .rootfs = { .diff_ids = { diff_ids, 1 } } };
    (void)state;
    assert_int_equal(decode("{\"config\":" CONFIG ",\"layers\":[" LAYER "]}", arena, &d, NULL), 0);
    assert_int_equal(manifest_check_layers(&d, &spec, NULL), 0);
    spec.rootfs.diff_ids.items = diff_ids + 1;
    assert_int_equal(manifest_check_layers(&d, &spec, NULL), -EINVAL);
    spec.rootfs.diff_ids.len = 0;
    assert_int_equal(manifest_check_layers(&d, &spec, NULL), -EINVAL);
}

static void diff_ids_may_count_only_what_is_an_archive(void **state)
{
#define MODULE "{\"mediaType\":\"application/wasm\",\"digest\":" C ",\"size\":1}"
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    struct image_document d;
    static const char *const diff_ids[] = {
        "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
    };
    struct image_spec spec = { .rootfs = { .diff_ids = { diff_ids, 3 } } };
    (void)state;
    assert_int_equal(
        decode("{\"config\":" CONFIG ",\"layers\":[" MODULE "," LAYER "," LAYER "]}", arena, &d, NULL),
        0);
    assert_false(manifest_only_tar_layers(&d));
    assert_int_equal(manifest_check_layers(&d, &spec, NULL), 0);
    assert_string_equal(manifest_diff_id(&d, &spec, 1), diff_ids[1]);
    assert_string_equal(manifest_diff_id(&d, &spec, 2), diff_ids[2]);
    spec.rootfs.diff_ids.len = 2;
    assert_int_equal(manifest_check_layers(&d, &spec, NULL), 0);
    assert_string_equal(manifest_diff_id(&d, &spec, 1), diff_ids[0]);
    assert_string_equal(manifest_diff_id(&d, &spec, 2), diff_ids[1]);
    spec.rootfs.diff_ids.len = 1;
    assert_int_equal(manifest_check_layers(&d, &spec, NULL), -EINVAL);
    spec.rootfs.diff_ids.len = 0;
    assert_int_equal(manifest_check_layers(&d, &spec, NULL), -EINVAL);
    assert_int_equal(decode("{\"config\":" CONFIG ",\"layers\":[" MODULE "]}", arena, &d, NULL), 0);
    assert_int_equal(manifest_check_layers(&d, &spec, NULL), 0);
    assert_int_equal(decode("{\"config\":" CONFIG ",\"layers\":[" LAYER "]}", arena, &d, NULL), 0);
    assert_true(manifest_only_tar_layers(&d));
}

static void a_module_has_a_manifest_that_can_be_read_again(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    AUTO(buf_done) struct buf text = BUF_INIT(0), again = BUF_INIT(0);
    struct image_document d;
    struct err err = ERR_INIT;
    const char *digest = "sha256:" HEX8("bbbbbbbb");
    (void)state;
    manifest_of_module(digest, 42, &text);
    if (decode(buf_str(&text), arena, &d, &err) < 0)
        fail_msg("%s", err.msg);
    assert_false(manifest_is_index(&d));
    assert_false(manifest_is_image_config(d.config));
    assert_true(digest_matches(d.config->digest, MANIFEST_EMPTY_CONFIG, 2));
    assert_int_equal(d.config->size, 2);
    assert_string_equal(d.artifact_type, "application/vnd.wasm.config.v0+json");
    assert_int_equal(d.layers.len, 1);
    assert_string_equal(d.layers.items[0].media_type, "application/wasm");
    assert_string_equal(d.layers.items[0].digest, digest);
    assert_int_equal(d.layers.items[0].size, 42);
    manifest_of_module(digest, 42, &again);
    assert_string_equal(buf_str(&text), buf_str(&again));
}

static void chains_are_those_of_the_specification(void **state)
{
    char one[DIGEST_TEXT_MAX], two[DIGEST_TEXT_MAX], want[DIGEST_TEXT_MAX];
    (void)state;
    manifest_chain(NULL, "sha256:aa", one);
    assert_string_equal(one, "sha256:aa");
    manifest_chain(one, "sha256:bb", two);
    digest_of(NULL, "sha256:aa sha256:bb", 19, want);
    assert_string_equal(two, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifests_and_indexes_are_told_apart),
        cmocka_unit_test(documents_that_are_none_are_refused_with_the_place),
        cmocka_unit_test(too_many_layers_are_refused),
        cmocka_unit_test(annotations_are_read_and_bounded),
        cmocka_unit_test(the_entry_of_the_platform_is_chosen),
        cmocka_unit_test(wasm_entries_are_taken_in_their_order),
        cmocka_unit_test(what_there_is_instead_is_said),
        cmocka_unit_test(a_configuration_is_read),
        cmocka_unit_test(diff_ids_must_go_with_the_layers),
        cmocka_unit_test(diff_ids_may_count_only_what_is_an_archive),
        cmocka_unit_test(a_module_has_a_manifest_that_can_be_read_again),
        cmocka_unit_test(chains_are_those_of_the_specification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
