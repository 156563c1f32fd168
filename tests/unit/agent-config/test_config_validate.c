/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

static int check(const char *kubelet, const char *oarsman, const char *flag, struct err *err)
{
    AUTO(free) char *text = xasprintf(KUBELET "%s\n---\n" OARSMAN "%s\n", kubelet, oarsman);
    AUTO(free) char *copy = xstrdup(flag);
    char *argv[] = { (char *)"agent", copy };
    struct config c;

    int r = parse(&c, text, NULL, err);
    if (r == 0)
        r = config_parse(&c, flag ? 2 : 1, argv, NULL, err);
    config_done(&c);
    return r;
}

static void settings_that_do_not_fit(void **state)
{
    static const struct {
        const char *kubelet, *oarsman, *flag, *message;
    } cases[] = {
        { "", "", "--hostname-override=Node_1",
          "--hostname-override: expected lower-case letters, digits, '-' and '.', got \"Node_1\"" },
        { "", "", "--hostname-override=-a", "--hostname-override: expected lower-case letters, digits, '-' and '.', got \"-a\"" },
        { "", "", "--node-labels=node-role.kubernetes.io/worker=",
          "--node-labels: a node may not set the label \"node-role.kubernetes.io/worker\" on itself" },
        { "", "", "--node-labels=kubernetes.io/x=1", "--node-labels: a node may not set the label \"kubernetes.io/x\" on itself" },
        { "", "", "--node-labels=a b=c", "--node-labels: \"a b=c\" is not a label" },
        { "", "", "--node-labels=a=b c", "--node-labels: \"a=b c\" is not a label" },
        { "", "", "--node-labels=/a=b", "--node-labels: \"/a=b\" is not a label" },
        { "", "", "--node-ip=1.2.3", "--node-ip: expected an IP address, got \"1.2.3\"" },
        { "", "", "--node-ip=192.0.2.1,192.0.2.2",
          "--node-ip: expected at most one address of each family, got 192.0.2.1 and 192.0.2.2" },
        { "", "", "--root-dir=relative", "--root-dir: expected an absolute path, got \"relative\"" },
        { "address: nowhere", "", NULL, "address: expected an IP address, got \"nowhere\"" },
        { "clusterDNS: [dns.example]", "", NULL, "clusterDNS: expected an IP address, got \"dns.example\"" },
        { "registerWithTaints: [{value: a}]", "", NULL, "registerWithTaints[0]: key and effect are required" },
        { "registerWithTaints: [{key: a b, effect: NoSchedule}]", "", NULL, "registerWithTaints[0]: \"a b=\" is not a taint" },
        { "tlsCertFile: /c", "", NULL, "tlsCertFile and tlsPrivateKeyFile: expected both or none" },
        { "kubeReserved: {cpu: lots}", "", NULL, "kubeReserved.cpu: expected a quantity such as 500m or 1Gi, got \"lots\"" },
        { "kubeReserved: {cpu: \"-1\"}", "", NULL, "kubeReserved.cpu: expected a quantity such as 500m or 1Gi, got \"-1\"" },
        { "systemReserved: {gpu: 1}", "", NULL,
          "systemReserved: expected cpu, memory, ephemeral-storage or pid, got \"gpu\"" },
        { "evictionHard: {memory.free: 1Gi}", "", NULL, "evictionHard: \"memory.free\" is not a signal such as memory.available" },
        { "evictionHard: {memory.available: 101%}", "", NULL,
          "evictionHard.memory.available: expected a quantity or a percentage, got \"101%\"" },
        { "podCIDR: 10.0.0.0", "", NULL, "podCIDR: expected a range such as 10.85.0.0/16, got \"10.0.0.0\"" },
        { "", "network: {bridge: {cidr: 10.85.0.0/33}}", NULL,
          "network.bridge.cidr: expected a range such as 10.85.0.0/16, got \"10.85.0.0/33\"" },
        { "", "network: {bridge: {name: a-name-that-is-too-long}}", NULL,
          "network.bridge.name: expected the name of an interface, got \"a-name-that-is-too-long\"" },
        { "", "insecureRegistries: [\"http://r:5000\"]", NULL, "insecureRegistries: expected host[:port], got \"http://r:5000\"" },
        { "", "wasm: {handlers: [wasm, crun]}", NULL, "wasm.handlers: \"crun\" is the handler of an OCI runtime" },
        { "", "wasm: {handlers: [runc]}", NULL, "wasm.handlers: \"runc\" is the handler of an OCI runtime" },
        { "", "wasm: {handlers: [wasm, wasmtime, wasm]}", NULL, "wasm.handlers: \"wasm\" is there twice" },
        { "", "", "--wasm-handlers=wasm.time",
          "wasm.handlers: expected up to 55 lower-case letters, digits and '-', got \"wasm.time\"" },
        { "", "", "--wasm-handlers=-a", "wasm.handlers: expected up to 55 lower-case letters, digits and '-', got \"-a\"" },
        { "", "", "--wasm-handlers=a2345678901234567890123456789012345678901234567890123456",
          "wasm.handlers: expected up to 55 lower-case letters, digits and '-', got "
          "\"a2345678901234567890123456789012345678901234567890123456\"" },
        { "", "stateDir: here", NULL, "stateDir: expected an absolute path, got \"here\"" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        if (check(cases[i].kubelet, cases[i].oarsman, cases[i].flag, &err) >= 0)
            fail_msg("taken: %s", cases[i].message);
        assert_string_equal(err.msg, cases[i].message);
    }
}

static void settings_that_fit(void **state)
{
    static const struct {
        const char *kubelet, *oarsman, *flag;
    } cases[] = {
        { "", "", "--node-labels=topology.kubernetes.io/zone=a,node.kubernetes.io/x=,my.domain/role=db,plain=1" },
        { "", "", "--node-labels=sub.kubelet.kubernetes.io/x=1,kubernetes.io/os=linux,notkubernetes.io/x=y" },
        { "", "", "--hostname-override=n-1.example.com" },
        { "", "", "--node-ip=192.0.2.1,2001:db8::1" },
        { "", "", "--pod-cidr=10.1.0.0/24,2001:db8::/64" },
        { "kubeReserved: {cpu: 500m, memory: 1Gi, ephemeral-storage: 1G, pid: \"100\"}", "", NULL },
        { "evictionHard: {memory.available: 5%, nodefs.available: 2.5%, imagefs.inodesFree: \"0\"}", "", NULL },
        { "", "wasm: {handlers: [wasm, wasmtime, spin-v2], textFormat: true, compileMemory: 2Gi, compileTimeout: 30s}", NULL },
        { "", "wasm: {handlers: [], krustletCompatible: true}", NULL },
        { "", "wasm: {localModules: true}", "--wasm-local-modules=false" },
        { "", "", "--wasm-handlers=a234567890123456789012345678901234567890123456789012345" },
        { "tlsCertFile: /c\ntlsPrivateKeyFile: /k", "insecureRegistries: [\"[::1]:5000\", r.example]", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        if (check(cases[i].kubelet, cases[i].oarsman, cases[i].flag, &err) < 0)
            fail_msg("%s", err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_that_do_not_fit),
        cmocka_unit_test(settings_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
