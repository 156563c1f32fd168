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

#include "base/mem.h"
#include "base/str.h"
#include "cni_request.h"

#define CONFIG                                                                                     \
    "{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"plugins\":[{\"type\":\"a\",\"name\":\"own\","    \
    "\"mtu\":9000,"                                                                                \
    "\"prevResult\":1,\"nested\":{\"z\":[1.0,\"\\u00e4\"]}},{\"type\":\"b\",\"capabilities\":{"    \
    "\"portMappings\":true}}]}"
#define PREV "{\"ips\":[]}"

static struct network_port ports[] = { { RT_TCP, 80, 8080, NULL }, { RT_SCTP, 7, 9, "192.0.2.1" } };
static struct network_record pod = {
    .sandbox_id = "sb", .uid = "u", .name = "web", .namespace_ = "default", .ports = { ports, 2 }
};
static const char *const dirs[] = { "/opt/cni/bin", "/usr/lib/cni", NULL };

static const struct {
    const char *name;
    size_t plugin;
    const char *prev, *text;
    size_t ports;
} cases[] = {
    { "the first: own keys, the list's name and version", 0, NULL,
      "{\"mtu\":9000,\"nested\":{\"z\":[1.0,\"ä\"]},\"type\":\"a\",\"name\":\"net\",\"cniVersion\":"
      "\"1.0.0\"}",
      2 },
    { "a later one: the result before it, and what it is capable of", 1, PREV,
      "{\"capabilities\":{\"portMappings\":true},\"type\":\"b\",\"name\":\"net\",\"cniVersion\":"
      "\"1.0.0\",\"prevResult\":" PREV ",\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":8080,"
                                       "\"containerPort\":80,\"protocol\":\"tcp\",\"hostIP\":\"\"},"
      "{\"hostPort\":9,\"containerPort\":7,\"protocol\":\"sctp\",\"hostIP\":\"192.0.2.1\"}]}}",
      2 },
    { "no ports, no runtimeConfig", 1, NULL,
      "{\"capabilities\":{\"portMappings\":true},\"type\":\"b\",\"name\":\"net\",\"cniVersion\":"
      "\"1.0.0\"}",
      0 },
};

static void a_plugin_gets_its_configuration(void **state)
{
    AUTO(arena_unref) struct arena *arena = arena_new(1 << 20);
    struct cni_config config;
    (void)state;
    assert_int_equal(cni_config_parse(CONFIG, strlen(CONFIG), arena, &config, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf_done) struct buf text = BUF_INIT(4096);
        struct cni_request q = {
            .command = CNI_ADD, .config = &config, .pod = &pod, .bin_dirs = dirs
        };
        if (cases[i].prev)
            q.prev_result = (struct json_raw){ cases[i].prev, strlen(cases[i].prev) };
        pod.ports.len = cases[i].ports;
        print_message("    %s\n", cases[i].name);
        assert_int_equal(cni_request_config(&q, cases[i].plugin, arena, &text, NULL), 0);
        assert_string_equal(buf_str(&text), cases[i].text);
    }
}

static void the_environment_says_who_and_where(void **state)
{
    struct cni_request q = {
        .command = CNI_DEL, .pod = &pod, .netns_path = "/run/ns", .bin_dirs = dirs
    };
    static const char args[] = "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;"
                               "K8S_POD_INFRA_CONTAINER_ID=sb;K8S_POD_UID=u";
    static const char *const expected[] = {
        "CNI_COMMAND=DEL",
        "CNI_CONTAINERID=sb",
        "CNI_NETNS=/run/ns",
        "CNI_IFNAME=eth0",
        args,
        "CNI_PATH=/opt/cni/bin:/usr/lib/cni",
    };
    (void)state;
    AUTO(strv_free) char **env = cni_request_env(&q);
    assert_int_equal(strv_len(env), ARRAY_LEN(expected) + 1);
    assert_true(str_has_prefix(env[0], "PATH="));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_string_equal(env[i + 1], expected[i]);
}

static void a_name_cannot_smuggle_in_an_argument(void **state)
{
    struct network_record bad = { .sandbox_id = "sb", .name = "x;CNI_NETNS=/", .uid = "u" };
    struct cni_request q = { .command = CNI_ADD, .pod = &bad, .netns_path = "", .bin_dirs = dirs };
    (void)state;
    AUTO(strv_free) char **env = cni_request_env(&q);
    assert_string_equal(env[5], "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=;K8S_POD_NAME=;"
                                "K8S_POD_INFRA_CONTAINER_ID=sb;K8S_POD_UID=u");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_gets_its_configuration),
        cmocka_unit_test(the_environment_says_who_and_where),
        cmocka_unit_test(a_name_cannot_smuggle_in_an_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
