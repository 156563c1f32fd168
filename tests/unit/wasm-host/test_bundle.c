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
#include "bundle.h"
#include "rt/wasm.h"

#define MINIMUM "\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"a\"]}"
#define PROCESS(rest) "{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"a\"]," rest "}}"
#define WITH(rest) "{" MINIMUM "," rest "}"
#define NOTES(rest) WITH("\"annotations\":{" rest "}")

static int decode(const char *text, struct arena *arena, struct bundle *ret, struct err *err)
{
    return bundle_decode(text, strlen(text), "/bundles/b", arena, ret, err);
}

static void good(const char *text, struct arena *arena, struct bundle *ret)
{
    struct err err = ERR_INIT;

    if (decode(text, arena, ret, &err) < 0)
        fail_msg("%s: %s", text, err.msg);
}

static void the_least_that_is_a_bundle(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct bundle b;

    (void)state;
    good("{" MINIMUM "}", arena, &b);
    assert_string_equal(b.dir, "/bundles/b");
    assert_string_equal(b.config.process.cwd, "/");
    assert_null(b.config.root.path);
    assert_null(b.artifact);
    assert_null(b.function);
    assert_int_equal(b.port, 0);
    assert_int_equal(b.max_outbound, 0);
    assert_false(b.hosts_limited);
    assert_null(bundle_namespace(&b, "network"));
}

static void every_annotation_of_ours_is_read(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct bundle b;

    (void)state;
    good(NOTES("\"" WASM_BUNDLE_ARTIFACT "\":\"/cache/x.cwasm\",\"" WASM_BUNDLE_KIND "\":\"http\",\"" WASM_BUNDLE_FUNCTION
               "\":\"f\",\"" WASM_BUNDLE_PORT "\":\"8123\",\"" WASM_BUNDLE_MAX_OUTBOUND "\":\"7\",\"" WASM_BUNDLE_ALLOWED_HOSTS
               "\":\"a.test, b.test:1\",\"other\":\"x\""), arena, &b);
    assert_string_equal(b.artifact, "/cache/x.cwasm");
    assert_int_equal(b.kind, WASM_HTTP);
    assert_string_equal(b.function, "f");
    assert_int_equal(b.port, 8123);
    assert_int_equal(b.max_outbound, 7);
    assert_true(b.hosts_limited);
    assert_int_equal(b.allowed_hosts.len, 2);
    assert_string_equal(b.allowed_hosts.items[1], "b.test:1");
}

static void an_allow_list_may_be_empty_which_is_not_the_same_as_none(void **state)
{
    static const char *const empty[] = { "", " ", "[]", "," };
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
        AUTO(free) char *text = xasprintf("{" MINIMUM ",\"annotations\":{\"" WASM_BUNDLE_ALLOWED_HOSTS "\":\"%s\"}}", empty[i]);
        struct bundle b;

        good(text, arena, &b);
        assert_true(b.hosts_limited);
        assert_int_equal(b.allowed_hosts.len, 0);
    }
}

static void a_relative_root_lies_in_the_bundle(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct bundle b;

    (void)state;
    good(WITH("\"root\":{\"path\":\"rootfs\"}"), arena, &b);
    assert_string_equal(b.config.root.path, "/bundles/b/rootfs");
    good(WITH("\"root\":{\"path\":\"/r\",\"readonly\":true}"), arena, &b);
    assert_string_equal(b.config.root.path, "/r");
    assert_true(b.config.root.readonly);
}

static void namespaces_are_told_apart(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct bundle b;

    (void)state;
    good(WITH("\"linux\":{\"namespaces\":[{\"type\":\"network\",\"path\":\"/n\"},{\"type\":\"ipc\"},{\"type\":\"mount\"}]}"), arena, &b);
    assert_string_equal(bundle_namespace(&b, "network")->path, "/n");
    assert_null(bundle_namespace(&b, "ipc")->path);
    assert_null(bundle_namespace(&b, "uts"));
}

static void settings_of_the_kernel_are_for_a_network_of_ones_own(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct bundle b;

    (void)state;
    good(WITH("\"linux\":{\"namespaces\":[{\"type\":\"network\"}],\"sysctl\":{\"net.ipv4.ping_group_range\":\"0 0\"}}"), arena, &b);
    assert_int_equal(b.config.linux_.sysctl.len, 1);
}

/* What a guest could never see is no reason to refuse it. */
static void what_means_nothing_to_a_guest_is_passed_over(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct bundle b;

    (void)state;
    good("{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"a\"],\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\"]},"
         "\"apparmorProfile\":\"x\",\"noNewPrivileges\":false},\"hooks\":{\"prestart\":[]},\"linux\":{\"maskedPaths\":[\"/proc/x\"],"
         "\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"},\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\"}]}}", arena, &b);
}

static const struct {
    const char *text;
    int rc;
    const char *words;
} refusals[] = {
    { "", -EINVAL, "config.json: " },
    { "nonsense", -EINVAL, "config.json: " },
    { "[]", -EINVAL, "config.json: " },
    { "{}", -EINVAL, "ociVersion" },
    { "{\"ociVersion\":\"1.0.2\"}", -EINVAL, "process.args: empty" },
    { "{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[]}}", -EINVAL, "process.args: empty" },
    { PROCESS("\"cwd\":\"relative\""), -EINVAL, "process.cwd: \"relative\" is not absolute" },
    { PROCESS("\"env\":[\"A=1\",\"nothing\"]"), -EINVAL, "process.env[1]" },
    { PROCESS("\"oomScoreAdj\":1001"), -EINVAL, "process.oomScoreAdj: 1001" },
    { PROCESS("\"oomScoreAdj\":4294967296"), -EINVAL, "process.oomScoreAdj: 4294967296" },
    { PROCESS("\"user\":{\"uid\":-1}"), -EINVAL, "process.user: -1:0" },
    { PROCESS("\"user\":{\"uid\":4294967295}"), -EINVAL, "process.user: 4294967295:0" },
    { PROCESS("\"user\":{\"gid\":4294967296}"), -EINVAL, "process.user: 0:4294967296" },
    { PROCESS("\"user\":{\"additionalGids\":[1,-2]}"), -EINVAL, "process.user.additionalGids[1]" },
    { PROCESS("\"user\":{\"umask\":512}"), -EINVAL, "process.user.umask: 512" },
    { PROCESS("\"rlimits\":[{\"hard\":1}]"), -EINVAL, "process.rlimits[0]: type is missing" },
    { WITH("\"mounts\":[{\"source\":\"/x\"}]"), -EINVAL, "mounts[0]: destination is missing" },
    { WITH("\"mounts\":[{\"destination\":\"data\"}]"), -EINVAL, "mounts[0].destination: \"data\" is not absolute" },
    { WITH("\"mounts\":[{\"destination\":\"\"}]"), -EINVAL, "mounts[0].destination" },
    { WITH("\"mounts\":[{\"destination\":\"/data\"},{\"destination\":\"/\"}]"), -EINVAL, "mounts[1].destination: \"/\" is the root" },
    { WITH("\"mounts\":[{\"destination\":\"/./../\"}]"), -EINVAL, "is the root itself" },
    { WITH("\"hooks\":{\"prestart\":[{\"path\":\"/x\"}]}"), -EOPNOTSUPP, "hooks" },
    { WITH("\"hooks\":{\"createRuntime\":[{\"path\":\"/x\"}]}"), -EOPNOTSUPP, "hooks" },
    { WITH("\"hooks\":{\"createContainer\":[{\"path\":\"/x\"}]}"), -EOPNOTSUPP, "hooks" },
    { WITH("\"hooks\":{\"startContainer\":[{\"path\":\"/x\"}]}"), -EOPNOTSUPP, "hooks" },
    { WITH("\"hooks\":{\"poststart\":[{\"path\":\"/x\"}]}"), -EOPNOTSUPP, "hooks" },
    { WITH("\"hooks\":{\"poststop\":[{\"path\":\"/x\"}]}"), -EOPNOTSUPP, "hooks" },
    { WITH("\"linux\":{\"namespaces\":[{\"type\":\"user\"}]}"), -EOPNOTSUPP, "linux.namespaces[0]: user" },
    { WITH("\"linux\":{\"namespaces\":[{\"type\":\"time\"}]}"), -EOPNOTSUPP, "linux.namespaces[0]: time" },
    { WITH("\"linux\":{\"namespaces\":[{\"type\":\"mount\",\"path\":\"/m\"}]}"), -EOPNOTSUPP, "mounts are its own" },
    { WITH("\"linux\":{\"resources\":{\"cpu\":{\"cpus\":\"0-1\"}}}"), -EOPNOTSUPP, "linux.resources.cpu" },
    { WITH("\"linux\":{\"resources\":{\"cpu\":{\"mems\":\"0\"}}}"), -EOPNOTSUPP, "linux.resources.cpu" },
    { WITH("\"linux\":{\"resources\":{\"unified\":{\"memory.high\":\"1\"}}}"), -EOPNOTSUPP, "memory.high" },
    { WITH("\"linux\":{\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}}"), -EOPNOTSUPP, "net.ipv4.ip_forward" },
    { WITH("\"linux\":{\"namespaces\":[{\"type\":\"network\"}],\"sysctl\":{\"kernel.core_pattern\":\"x\"}}"), -EOPNOTSUPP,
      "kernel.core_pattern" },
    { WITH("\"linux\":{\"namespaces\":[{\"type\":\"network\"}],\"sysctl\":{\"net./../../core_pattern\":\"x\"}}"), -EOPNOTSUPP,
      "linux.sysctl" },
    { NOTES("\"" WASM_BUNDLE_ARTIFACT "\":\"/x\""), -EINVAL, WASM_BUNDLE_KIND ": \"\" is no kind" },
    { NOTES("\"" WASM_BUNDLE_ARTIFACT "\":\"/x\",\"" WASM_BUNDLE_KIND "\":\"native\""), -EINVAL, "\"native\" is no kind" },
    { NOTES("\"" WASM_BUNDLE_PORT "\":\"65536\""), -EINVAL, WASM_BUNDLE_PORT ": \"65536\"" },
    { NOTES("\"" WASM_BUNDLE_PORT "\":\"http\""), -EINVAL, WASM_BUNDLE_PORT ": \"http\"" },
    { NOTES("\"" WASM_BUNDLE_MAX_OUTBOUND "\":\"-1\""), -EINVAL, WASM_BUNDLE_MAX_OUTBOUND ": \"-1\"" },
    { NOTES("\"" WASM_BUNDLE_ALLOWED_HOSTS "\":\"a/b\""), -EINVAL, WASM_BUNDLE_ALLOWED_HOSTS ": \"a/b\" is no host" },
};

static void every_refusal_names_what_is_wrong(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct bundle b = { .dir = "untouched" };
        struct err err = ERR_INIT;

        if (decode(refusals[i].text, arena, &b, &err) != refusals[i].rc || !strstr(err.msg, refusals[i].words))
            fail_msg("%s: %d, \"%s\"; wanted \"%s\"", refusals[i].text, err.code, err.msg, refusals[i].words);
        assert_string_equal(b.dir, "untouched");
    }
}

static void a_configuration_that_is_too_large_is_refused(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(16 * MIB);
    AUTO(free) char *text = xcalloc(1, LIMIT_CONTAINER_SPEC_BYTES + 2);
    struct bundle b;
    struct err err = ERR_INIT;

    (void)state;
    memset(text, ' ', LIMIT_CONTAINER_SPEC_BYTES + 1);
    memcpy(text, "{" MINIMUM "}", sizeof("{" MINIMUM "}") - 1);
    assert_true(decode(text, arena, &b, &err) < 0);
}

static void no_room_is_an_error(void **state)
{
    (void)state;
    for (size_t room = 0; room < 4096; room += 64) {
        AUTO(arena_unref) struct arena *arena = arena_new(room);
        struct bundle b;
        struct err err = ERR_INIT;

        (void)decode(WITH("\"root\":{\"path\":\"rootfs\"},\"annotations\":{\"" WASM_BUNDLE_ALLOWED_HOSTS "\":\"a,b,c\"}"), arena, &b, &err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_that_is_a_bundle),
        cmocka_unit_test(every_annotation_of_ours_is_read),
        cmocka_unit_test(an_allow_list_may_be_empty_which_is_not_the_same_as_none),
        cmocka_unit_test(a_relative_root_lies_in_the_bundle),
        cmocka_unit_test(namespaces_are_told_apart),
        cmocka_unit_test(settings_of_the_kernel_are_for_a_network_of_ones_own),
        cmocka_unit_test(what_means_nothing_to_a_guest_is_passed_over),
        cmocka_unit_test(every_refusal_names_what_is_wrong),
        cmocka_unit_test(a_configuration_that_is_too_large_is_refused),
        cmocka_unit_test(no_room_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
