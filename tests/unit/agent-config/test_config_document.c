/* SPDX-License-Identifier: Apache-2.0 */
#include "setting.h"

#include "test.h"

struct heard {
    unsigned n;
    char last[512];
};

static void hear(void *user, const char *message)
{
    struct heard *h = user;
    h->n++;
    (void)snprintf(h->last, sizeof(h->last), "%s", message);
}

static void both_documents_of_one_file(void **state)
{
    static const char text[] = KUBELET "port: 1234\n"
                                       "clusterDNS: [10.96.0.10, 10.96.0.11]\n"
                                       "authentication:\n  webhook:\n    enabled: false\n    cacheTTL: 1m\n"
                                       "evictionHard: {memory.available: 1Gi}\n"
                                       "registerWithTaints:\n- {key: a, value: b, effect: NoSchedule}\n"
                                       "- key: c\n  effect: NoExecute\n  timeAdded: null\n"
                                       "---\n" OARSMAN "network:\n  mode: bridge\n  bridge: {name: br1}\n"
                                       "insecureRegistries: [\"127.0.0.1:5000\"]\n";
    struct config c;
    struct err err = ERR_INIT;
    struct heard heard = { 0 };

    (void)state;
    if (parse(&c, text, &(struct config_warn){ hear, &heard }, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(heard.n, 0);
    assert_int_equal(c.port, 1234);
    assert_int_equal(strv_len(c.cluster_dns), 2);
    assert_false(c.webhook_authn);
    assert_int_equal(c.authn_cache_ttl_ms, 60000);
    assert_int_equal(c.eviction_hard.len, 1); /* the defaults are replaced, not added to */
    assert_string_equal(c.eviction_hard.items[0].key, "memory.available");
    assert_int_equal(c.register_with_taints.len, 2);
    assert_string_equal(c.register_with_taints.items[1].key, "c");
    assert_string_equal(c.register_with_taints.items[1].effect, "NoExecute");
    assert_string_equal(c.network_mode, "bridge");
    assert_string_equal(c.bridge_name, "br1");
    assert_string_equal(c.insecure_registries[0], "127.0.0.1:5000");
    config_done(&c);
}

/* Tools write every field, with zeros for those that nobody has set. */
static void zeros_that_mean_the_default(void **state)
{
    static const char text[] = KUBELET "port: 0\nnodeStatusUpdateFrequency: 0s\naddress: \"\"\ncgroupDriver: \"\"\n"
                                       "authentication:\n  x509: {}\n  webhook: {cacheTTL: 0s}\n  anonymous: {}\n"
                                       "authorization: {mode: \"\", webhook: {cacheAuthorizedTTL: 0s}}\n"
                                       "memorySwap: {}\ncrashLoopBackOff: {}\nlogging: {flushFrequency: 0, options: {json: {}}}\n"
                                       "syncFrequency: 0s\nshutdownGracePeriod: 0s\nclusterDNS: null\nmaxPods: 0\n"
                                       "cpuManagerReconcilePeriod: 0s\nimageMinimumGCAge: 0s\nevictionPressureTransitionPeriod: 0s\n";
    struct config c, defaults;
    struct err err = ERR_INIT;
    struct heard heard = { 0 };

    (void)state;
    if (parse(&c, text, &(struct config_warn){ hear, &heard }, &err) < 0)
        fail_msg("%s", err.msg);
    if (heard.n)
        fail_msg("%s", heard.last);
    config_init(&defaults);
    assert_int_equal(c.port, defaults.port);
    assert_int_equal(c.status_update_ms, defaults.status_update_ms);
    assert_string_equal(c.address, defaults.address);
    assert_string_equal(c.cgroup_driver, defaults.cgroup_driver);
    assert_string_equal(c.authorization_mode, defaults.authorization_mode);
    assert_int_equal(c.authz_allow_ttl_ms, defaults.authz_allow_ttl_ms);
    assert_int_equal(c.max_pods, defaults.max_pods);
    config_done(&defaults);
    config_done(&c);
}

static void zeros_that_count(void **state)
{
    struct config c;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(parse(&c, KUBELET "healthzPort: 0\nresolvConf: \"\"\nregistryPullQPS: 0\n", NULL, &err), 0);
    assert_int_equal(c.healthz_port, 0);
    assert_string_equal(c.resolv_conf, "");
    assert_int_equal(c.registry_pull_qps, 0);
    config_done(&c);
}

static void what_is_not_honoured_is_named(void **state)
{
    static const struct {
        const char *text, *warning; /* NULL: silence */
    } cases[] = {
        { "rotateCertificates: true\n", "FILE:3: rotateCertificates: not honoured: client certificates are not renewed yet" },
        { "rotateCertificates: false\n", NULL },
        { "featureGates: {A: true}\n", "FILE:3: featureGates.A: not honoured: there are no feature gates" },
        { "failSwapOn: false\n", NULL },
        { "containerRuntimeEndpoint: \"\"\n", NULL },
        { "containerRuntimeEndpoint: unix:///run/x.sock\n",
          "FILE:3: containerRuntimeEndpoint: not honoured: containers are run by this agent itself" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *text = xasprintf(KUBELET "%s", cases[i].text);
        struct config c;
        struct err err = ERR_INIT;
        struct heard heard = { 0 };
        if (parse(&c, text, &(struct config_warn){ hear, &heard }, &err) < 0)
            fail_msg("%s", err.msg);
        assert_int_equal(heard.n, cases[i].warning ? 1 : 0);
        if (cases[i].warning)
            assert_string_equal(heard.last, cases[i].warning);
        config_done(&c);
    }
}

static void errors_name_file_line_and_field(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "", "FILE: no configuration in it" },
        { "# nothing\n---\n", "FILE: no configuration in it" },
        { "port: 1\n", "FILE:1: kind: expected KubeletConfiguration or OarsmanConfiguration, got \"\"" },
        { "kind: Pod\napiVersion: v1\n", "FILE:1: kind: expected KubeletConfiguration or OarsmanConfiguration, got \"Pod\"" },
        { "kind: KubeletConfiguration\napiVersion: v1\n",
          "FILE:2: apiVersion: expected kubelet.config.k8s.io/v1beta1 for kind KubeletConfiguration, got \"v1\"" },
        { "[1, 2]\n", "FILE:1: expected a map of fields" },
        { "hello\n", "FILE:1: expected a map of fields" },
        { KUBELET "prot: 1\n", "FILE:3: prot: unknown field" },
        { KUBELET "port: x\n", "FILE:3: port: expected an integer from 1 to 65535, got \"x\"" },
        { KUBELET "port: [1]\n", "FILE:3: port: expected an integer, got a list or a map" },
        { KUBELET "port: 1\nport: 2\n", "FILE:4: port: is there twice" },
        { KUBELET "enableServer: maybe\n", "FILE:3: enableServer: expected true or false, got \"maybe\"" },
        { KUBELET "authentication:\n  webhook:\n    cacheTTL: soon\n",
          "FILE:5: authentication.webhook.cacheTTL: expected a duration from 0h to 24h, got \"soon\"" },
        { KUBELET "authentication: yes\n", "FILE:3: authentication: expected a map, got \"yes\"" },
        { KUBELET "authentication: [a]\n", "FILE:3: authentication[0]: unknown field" },
        { KUBELET "authentication:\n  password: {a: [x]}\n", "FILE:4: authentication.password: unknown field" },
        { KUBELET "clusterDns: [a]\n", "FILE:3: clusterDns: unknown field" },
        { OARSMAN "network: {bridge: {naem: {x: y}}}\n", "FILE:3: network.bridge.naem: unknown field" },
        { KUBELET "clusterDNS: 10.0.0.1\n", "FILE:3: clusterDNS: expected a list of strings, got \"10.0.0.1\"" },
        { KUBELET "clusterDNS: [[a]]\n", "FILE:3: clusterDNS[0][0]: expected a list of strings" },
        { KUBELET "clusterDNS: {a: b}\n", "FILE:3: clusterDNS.a: expected a list of strings" },
        { KUBELET "kubeReserved: [cpu]\n", "FILE:3: kubeReserved[0]: expected a map (key=value,…)" },
        { KUBELET "kubeReserved: {cpu: {a: b}}\n", "FILE:3: kubeReserved.cpu.a: expected a map (key=value,…)" },
        { KUBELET "registerWithTaints: [a]\n", "FILE:3: registerWithTaints[0]: expected taints (key=value:Effect,…)" },
        { KUBELET "registerWithTaints: [{key: a, effect: Never}]\n",
          "FILE:3: registerWithTaints[0].effect: expected one of NoSchedule|PreferNoSchedule|NoExecute, got \"Never\"" },
        { KUBELET "registerWithTaints: [{colour: a}]\n", "FILE:3: registerWithTaints[0].colour: unknown field" },
        { KUBELET "readOnlyPort: 10255\n",
          "FILE:3: readOnlyPort: \"10255\" is not supported: there is no port without authentication" },
        { KUBELET "cgroupDriver: systemd\n", "FILE:3: cgroupDriver: expected one of cgroupfs, got \"systemd\"" },
        { OARSMAN "network: {mode: host}\n", "FILE:3: network.mode: expected one of cni|bridge, got \"host\"" },
        { OARSMAN "port: 1\n", "FILE:3: port: unknown field" },
        { KUBELET "---\n" OARSMAN "x: 1\n", "FILE:6: x: unknown field" },
        { KUBELET "a: &x 1\nb: *x\n", "FILE:3: b: aliases are not supported" },
        { KUBELET "a: &x [*x]\n", "FILE:3: a[0]: aliases are not supported" },
        { KUBELET "? [a]\n: b\n", "FILE:3: a key must be a string" },
        { KUBELET "a: \"x\n", NULL },
        { KUBELET "\ta: b\n", NULL },
        { KUBELET "a: b: c\n", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config c;
        struct err err = ERR_INIT;
        if (parse(&c, cases[i].text, NULL, &err) >= 0)
            fail_msg("taken: %s", cases[i].text);
        if (cases[i].message ? !str_eq(err.msg, cases[i].message) : !str_has_prefix(err.msg, "FILE:"))
            fail_msg("%s\n gave %s", cases[i].text, err.msg);
        assert_null(strchr(err.msg, '\n'));
        config_done(&c);
    }
}

static void a_deep_or_long_document_is_refused(void **state)
{
    AUTO(buf_done) struct buf deep = BUF_INIT(1 << 20), many = BUF_INIT(1 << 20);
    struct config c;
    struct err err = ERR_INIT;

    (void)state;
    (void)buf_puts(&deep, KUBELET "a: ");
    for (int i = 0; i < 100; i++)
        (void)buf_puts(&deep, "[");
    for (int i = 0; i < 100; i++)
        (void)buf_puts(&deep, "]");
    assert_true(parse(&c, buf_str(&deep), NULL, &err) < 0);
    assert_non_null(strstr(err.msg, "nested too deeply"));
    config_done(&c);
    (void)buf_puts(&many, KUBELET "clusterDNS:\n");
    for (int i = 0; i < 5000; i++)
        (void)buf_puts(&many, "- a\n");
    assert_true(parse(&c, buf_str(&many), NULL, &err) < 0);
    assert_non_null(strstr(err.msg, "too many fields"));
    config_done(&c);
}

static void json_is_yaml(void **state)
{
    struct config c;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(parse(&c, "{\"apiVersion\":\"oarsman.dev/v1alpha1\",\"kind\":\"OarsmanConfiguration\",\"stateDir\":\"/s\"}",
                           NULL, &err), 0);
    assert_string_equal(c.state_dir, "/s");
    config_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_documents_of_one_file),
        cmocka_unit_test(zeros_that_mean_the_default),
        cmocka_unit_test(zeros_that_count),
        cmocka_unit_test(what_is_not_honoured_is_named),
        cmocka_unit_test(errors_name_file_line_and_field),
        cmocka_unit_test(a_deep_or_long_document_is_refused),
        cmocka_unit_test(json_is_yaml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
