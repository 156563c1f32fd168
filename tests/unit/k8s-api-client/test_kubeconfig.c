/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/kubeconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"

#define CONFIG(cluster, user) \
    "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: " cluster "\nusers:\n- name: u\n  user: " user \
    "\ncontexts:\n- name: x\n  context: {cluster: c, user: u, namespace: ns}\ncurrent-context: x\n"
#define SERVER "{server: 'https://10.0.0.1:6443/'}"

/* Bad input is one line that names file, field and reason. */
static void errors_name_file_field_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *context, *error;
    } cases[] = {
        { "", NULL, "kubeconfig f: the file is empty" },
        { "a: [", NULL, "kubeconfig: f:2: did not find expected node content" },
        { "a: &x b", NULL, "kubeconfig: f:1: anchors and aliases (x) are not supported" },
        { "clusters: 3", NULL, "kubeconfig f: clusters: expected list, got number" },
        { "clusters: [{name: c, cluster: {server: [1]}}]", NULL,
          "kubeconfig f: clusters[0].cluster.server: expected string, got list" },
        { "clusters: [{name: c, cluster: {sever: x}}]", NULL,
          "kubeconfig f: clusters[0].cluster.sever: there is no such field" },
        { "kind: Pod", NULL, "kubeconfig f: kind: expected Config, got Pod" },
        { "apiVersion: v2", NULL, "kubeconfig f: apiVersion: expected v1, got v2" },
        { "kind: Config", NULL, "kubeconfig f: current-context: not set; name a context" },
        { "current-context: w", NULL, "kubeconfig f: current-context: there is no context \"w\"" },
        { CONFIG(SERVER, "{}"), "z", "kubeconfig f: contexts: there is no context \"z\"" },
        { "contexts: [{name: x, context: {}}]", "x", "kubeconfig f: contexts[0].context.cluster: not set" },
        { "contexts: [{name: x, context: {cluster: c}}]", "x",
          "kubeconfig f: contexts[0].context.cluster: there is no cluster \"c\"" },
        { "{clusters: [{name: c}], contexts: [{name: x, context: {cluster: c, user: u}}]}", "x",
          "kubeconfig f: contexts[0].context.user: there is no user \"u\"" },
        { CONFIG("{}", "{}"), NULL, "kubeconfig f: clusters[0].cluster.server: not set" },
        { CONFIG("{server: '10.0.0.1:6443'}", "{}"), NULL,
          "kubeconfig f: clusters[0].cluster.server: \"10.0.0.1:6443\" is not a URL such as https://HOST:6443" },
        { CONFIG(SERVER, "{exec: {command: aws}}"), NULL,
          "kubeconfig f: users[0].user.exec: credential plugins are not supported; use a client certificate or a token" },
        { CONFIG(SERVER, "{auth-provider: {name: gcp}}"), NULL,
          "kubeconfig f: users[0].user.auth-provider: not supported; use a client certificate or a token" },
        { CONFIG(SERVER, "{username: a, password: b}"), NULL,
          "kubeconfig f: users[0].user.username: API servers no longer take passwords; use a certificate or a token" },
        { CONFIG(SERVER, "{as: admin}"), NULL, "kubeconfig f: users[0].user.as: impersonation is not supported" },
        { CONFIG("{server: 'https://h', certificate-authority: missing.crt}", "{}"), NULL,
          "kubeconfig f: clusters[0].cluster: certificate-authority: read /nowhere/missing.crt: No such file or directory" },
        { CONFIG("{server: 'https://h', certificate-authority-data: '!!'}", "{}"), NULL,
          "kubeconfig f: clusters[0].cluster.certificate-authority-data: not base64" },
        { CONFIG("{server: 'https://h', certificate-authority-data: aGVsbG8=}", "{}"), NULL,
          "kubeconfig f: clusters[0].cluster: certificate authority: no PEM certificate found" },
        { CONFIG("{server: 'https://h', certificate-authority-data: aGVsbG8=, insecure-skip-tls-verify: true}", "{}"), NULL,
          "kubeconfig f: clusters[0].cluster: insecure-skip-tls-verify: must not be true beside a "
          "certificate-authority" },
        { CONFIG(SERVER, "{client-certificate-data: aGVsbG8=}"), NULL,
          "kubeconfig f: users[0].user: client-key: not set, but client-certificate is" },
        { CONFIG(SERVER, "{client-key-data: aGVsbG8=}"), NULL,
          "kubeconfig f: users[0].user: client-certificate: not set, but client-key is" },
        { CONFIG(SERVER, "{token: 'a b'}"), NULL, "kubeconfig f: users[0].user.token: contains white space" },
        { CONFIG(SERVER, "{tokenFile: token}"), NULL,
          "kubeconfig f: users[0].user.tokenFile: read /nowhere/token: No such file or directory" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct k8s_access *a = NULL;
        struct err err = ERR_INIT;
        int ret = k8s_kubeconfig_parse("f", "/nowhere", cases[i].text, strlen(cases[i].text), cases[i].context, &a, &err);
        if (ret >= 0 || a)
            fail_msg("accepted: %s", cases[i].text);
        assert_string_equal(err.msg, cases[i].error);
    }
}

static void what_a_context_names_is_taken(void **state)
{
    (void)state;
    static const char text[] = CONFIG("{server: 'https://10.0.0.1:6443/', proxy-url: 'http://p:1', extensions: [{x: 1}]}",
                                      "{token: abc}");
    struct k8s_access *a = NULL;
    struct err err = ERR_INIT;
    if (k8s_kubeconfig_parse("f", "/", text, strlen(text), NULL, &a, &err) < 0)
        fail_msg("%s", err.msg);
    assert_string_equal(a->server, "https://10.0.0.1:6443");
    assert_string_equal(a->proxy, "http://p:1");
    assert_string_equal(a->namespace, "ns");
    assert_string_equal(a->context, "x");
    assert_string_equal(a->authorization, "Bearer abc");
    k8s_access_free(a);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct k8s_access *a = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(k8s_kubeconfig_load("/nowhere/config", NULL, &a, &err), -ENOENT);
    assert_string_equal(err.msg, "kubeconfig: read /nowhere/config: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_name_file_field_and_reason),
        cmocka_unit_test(what_a_context_names_is_taken),
        cmocka_unit_test(a_missing_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
