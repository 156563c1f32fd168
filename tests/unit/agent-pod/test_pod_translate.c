/* SPDX-License-Identifier: Apache-2.0 */
#include "translate.h"

#include <errno.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"
#include "k8s/runtime_class.h"
#include "pod/termination.h"

static const char *const dns_servers[] = { "10.96.0.10", NULL };
static struct pod_settings settings;
static struct arena *arena;
static struct k8s_object *object;

static const char *path_of(struct pod_volumes *v, const struct k8s_pod *pod, const char *volume, struct arena *a)
{
    (void)v, (void)pod;
    return str_eq(volume, "missing") ? NULL : arena_printf(a, "/vol/%s", volume);
}
static const struct pod_volumes_ops volume_ops = { .path = path_of };
static struct pod_volumes volumes = { &volume_ops };

static int setup(void **state)
{
    (void)state;
    arena = arena_new(1 << 22);
    settings = (struct pod_settings){
        .root_dir = "/root-dir",
        .logs_dir = "/logs",
        .cgroup_root = "/kubepods",
        .node_name = "node-1",
        .cluster_domain = "cluster.local",
        .cluster_dns = dns_servers,
        .resolv_conf = "# of the host\nnameserver 192.0.2.1\nsearch example.org corp.\noptions timeout:2 ndots:1\n",
        .hosts = "127.0.0.1 localhost\n",
        .seccomp_dir = "/seccomp",
        .pids_limit = 100,
        .compute = { .memory_capacity_bytes = 1ll << 33 },
    };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    object = k8s_object_unref(object);
    arena = arena_unref(arena);
    return 0;
}

static const struct k8s_pod *use(const char *json)
{
    k8s_object_unref(object);
    object = fixture_pod(json);
    return POD(object);
}

static const char *join(const struct rt_strings *s)
{
    const char *text = "";
    for (size_t i = 0; i < s->len; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? " " : "", s->items[i]);
    return text;
}

/* ---- dns ---- */

static void resolv_conf_by_policy(void **state)
{
    (void)state;
    static const struct {
        const char *spec, *servers, *searches, *options;
    } cases[] = {
        { "'containers':[]", "10.96.0.10", "ns.svc.cluster.local svc.cluster.local cluster.local example.org corp", "ndots:5" },
        { "'dnsPolicy':'Default','containers':[]", "192.0.2.1", "example.org corp", "timeout:2 ndots:1" },
        { "'hostNetwork':true,'dnsPolicy':'ClusterFirst','containers':[]", "192.0.2.1", "example.org corp", "timeout:2 ndots:1" },
        { "'hostNetwork':true,'dnsPolicy':'ClusterFirstWithHostNet','containers':[]", "10.96.0.10",
          "ns.svc.cluster.local svc.cluster.local cluster.local example.org corp", "ndots:5" },
        { "'dnsPolicy':'None','dnsConfig':{'nameservers':['9.9.9.9'],'searches':['x.y'],'options':[{'name':'ndots','value':'2'},"
          "{'name':'edns0'}]},'containers':[]", "9.9.9.9", "x.y", "ndots:2 edns0" },
        { "'dnsConfig':{'nameservers':['10.96.0.10','9.9.9.9'],'searches':['cluster.local','x.y'],'options':[{'name':'ndots','value':'2'}]},"
          "'containers':[]", "10.96.0.10 9.9.9.9",
          "ns.svc.cluster.local svc.cluster.local cluster.local example.org corp x.y", "ndots:2" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *json = xasprintf("{'spec':{%s}}", cases[i].spec);
        struct dns_config dns;
        assert_int_equal(translate_dns(&settings, use(json), arena, &dns), 0);
        if (!str_eq(join(&dns.servers), cases[i].servers) || !str_eq(join(&dns.searches), cases[i].searches) ||
            !str_eq(join(&dns.options), cases[i].options))
            fail_msg("%s: %s | %s | %s", cases[i].spec, join(&dns.servers), join(&dns.searches),
                     join(&dns.options));
        assert_null(dns.warning);
    }
}

static void too_much_dns_is_cut_and_said(void **state)
{
    (void)state;
    struct dns_config dns;
    const struct k8s_pod *pod = use("{'spec':{'dnsPolicy':'None','dnsConfig':{'nameservers':['1.1.1.1','2.2.2.2','3.3.3.3','4.4.4.4']},"
                                    "'containers':[]}}");
    assert_int_equal(translate_dns(&settings, pod, arena, &dns), 0);
    assert_string_equal(join(&dns.servers), "1.1.1.1 2.2.2.2 3.3.3.3");
    assert_string_equal(dns.warning, "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver "
                                     "line is: 1.1.1.1 2.2.2.2 3.3.3.3");
    const char *names = "";
    for (int i = 0; i < 40; i++)
        names = arena_printf(arena, "%s%s'd%d.example'", names, i ? "," : "", i);
    pod = use(arena_printf(arena, "{'spec':{'dnsPolicy':'None','dnsConfig':{'nameservers':['1.1.1.1'],'searches':[%s]},'containers':[]}}",
                           names));
    assert_int_equal(translate_dns(&settings, pod, arena, &dns), 0);
    assert_int_equal(dns.searches.len, 32);
    assert_true(str_has_prefix(dns.warning, "Search Line limits were exceeded"));
    char longest[254];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    pod = use(arena_printf(arena,
                           "{'spec':{'dnsPolicy':'None','dnsConfig':{'nameservers':['1.1.1.1'],'searches':['%s1','%s2','%s3','%s4','%s5',"
                           "'%s6','%s7','%s8','%s9']},'containers':[]}}",
                           longest + 1, longest + 1, longest + 1, longest + 1, longest + 1, longest + 1, longest + 1,
                           longest + 1, longest + 1));
    assert_int_equal(translate_dns(&settings, pod, arena, &dns), 0);
    assert_int_equal(dns.searches.len, 8); /* 8 * 253 + 7 characters */
}

/* ---- names and hosts ---- */

static void names_of_pods(void **state)
{
    (void)state;
    static const struct {
        const char *json, *hostname, *domain;
    } cases[] = {
        { "{'metadata':{'name':'web-0'},'spec':{'containers':[]}}", "web-0", NULL },
        { "{'spec':{'hostname':'h','containers':[]}}", "h", NULL },
        { "{'spec':{'hostname':'h','subdomain':'s','containers':[]}}", "h", "s.ns.svc.cluster.local" },
        { "{'spec':{'hostname':'h','subdomain':'s','setHostnameAsFQDN':true,'containers':[]}}", "h.s.ns.svc.cluster.local",
          "s.ns.svc.cluster.local" },
        { "{'spec':{'hostNetwork':true,'hostname':'h','containers':[]}}", "node-1", NULL },
        { "{'spec':{'hostnameOverride':'other.name','containers':[]}}", "other.name", NULL },
        { "{'metadata':{'name':'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg-xyz'},'spec':{'containers':[]}}",
          "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pod_names names;
        assert_int_equal(translate_names(&settings, use(cases[i].json), arena, &names, NULL), 0);
        if (!str_eq(names.hostname, cases[i].hostname) || !str_eq(names.domain, cases[i].domain))
            fail_msg("%s: %s %s", cases[i].json, names.hostname, str_or(names.domain, ""));
    }
}

static void a_name_that_does_not_fit_the_kernel_is_refused(void **state)
{
    (void)state;
    struct pod_names names;
    struct err err = ERR_INIT;
    const struct k8s_pod *pod = use("{'spec':{'hostname':'a-very-long-host-name-that-goes-on-and-on','subdomain':'and-a-subdomain',"
                                    "'setHostnameAsFQDN':true,'containers':[]}}");
    assert_int_equal(translate_names(&settings, pod, arena, &names, &err), -EINVAL);
    assert_string_equal(err.reason, "FailedCreatePodSandBox");
    assert_non_null(strstr(err.msg, "is too long (64 characters is the max, "));
}

static void hosts_files(void **state)
{
    (void)state;
    static const char *const ips[] = { "10.1.0.2", "fd00::2" };
    struct pod_facts facts = { .pod_ips = ips, .pod_ips_len = 2 };
    const struct k8s_pod *pod = use("{'metadata':{'name':'web'},'spec':{'hostAliases':[{'ip':'1.2.3.4','hostnames':['x','y']}],'containers':[]}}");
    assert_string_equal(translate_hosts(&settings, pod, &facts, arena),
                        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
                        "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
                        "10.1.0.2\tweb\nfd00::2\tweb\n\n# Entries added by HostAliases.\n1.2.3.4\tx\ty\n");
    pod = use("{'spec':{'hostname':'h','subdomain':'s','containers':[]}}");
    assert_non_null(strstr(translate_hosts(&settings, pod, &facts, arena),
                           "10.1.0.2\th.s.ns.svc.cluster.local\th\n"));
    pod = use("{'spec':{'hostNetwork':true,'containers':[{'name':'a','volumeMounts':[{'name':'v','mountPath':'/etc/hosts'}]},{'name':'b'}]}}");
    assert_string_equal(translate_hosts(&settings, pod, &facts, arena),
                        "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n");
    struct container_ref a = containers_at(pod, 0), b = containers_at(pod, 1);
    assert_false(translate_wants_hosts(pod, &a));
    assert_true(translate_wants_hosts(pod, &b));
}

/* ---- rights ---- */

static int security(const char *pod_context, const char *container_context, struct rt_security *ret,
                    struct err *err)
{
    struct translate_container_in in = { .settings = &settings };
    in.pod = use(arena_printf(arena, "{'spec':{'securityContext':{%s},'containers':[{'name':'a','securityContext':{%s}}]}}",
                              pod_context, container_context));
    in.ref = containers_at(in.pod, 0);
    return translate_security(&in, arena, ret, err);
}

static void the_container_wins_over_the_pod(void **state)
{
    (void)state;
    struct rt_security s;
    assert_int_equal(security("'runAsUser':1000,'runAsGroup':2000,'supplementalGroups':[5,6],'seccompProfile':{'type':'RuntimeDefault'}",
                              "'runAsUser':7,'readOnlyRootFilesystem':true,'allowPrivilegeEscalation':false,"
                              "'capabilities':{'add':['NET_ADMIN','CAP_SYS_TIME'],'drop':['ALL']}", &s, NULL), 0);
    assert_true(s.has_uid && s.uid == 7 && s.has_gid && s.gid == 2000);
    assert_int_equal(s.supplemental_groups_len, 2);
    assert_true(s.readonly_rootfs && s.no_new_privs && !s.privileged);
    assert_string_equal(join(&s.add_capabilities), "NET_ADMIN SYS_TIME");
    assert_string_equal(join(&s.drop_capabilities), "ALL");
    assert_int_equal(s.seccomp, RT_SECCOMP_RUNTIME_DEFAULT);
}

static void seccomp_profiles(void **state)
{
    (void)state;
    struct rt_security s;
    assert_int_equal(security("", "", &s, NULL), 0);
    assert_int_equal(s.seccomp, RT_SECCOMP_UNCONFINED);
    assert_false(s.has_uid || s.has_gid);
    settings.seccomp_default = true;
    assert_int_equal(security("", "", &s, NULL), 0);
    assert_int_equal(s.seccomp, RT_SECCOMP_RUNTIME_DEFAULT);
    assert_int_equal(security("", "'privileged':true", &s, NULL), 0);
    assert_int_equal(s.seccomp, RT_SECCOMP_UNCONFINED);
    assert_int_equal(security("", "'seccompProfile':{'type':'Localhost','localhostProfile':'p.json'}", &s, NULL), 0);
    assert_int_equal(s.seccomp, RT_SECCOMP_LOCALHOST);
    assert_string_equal(s.seccomp_localhost_path, "/seccomp/p.json");
}

static void non_root_is_verified(void **state)
{
    (void)state;
    static const struct {
        const char *pod, *container;
        bool has_uid;
        int64_t uid;
        const char *username, *message; /* NULL: fine */
    } cases[] = {
        { "'runAsNonRoot':true", "'runAsUser':5", false, 0, NULL, NULL },
        { "'runAsNonRoot':true", "'runAsUser':0", false, 0, NULL,
          "container's runAsUser breaks non-root policy (pod: \"p_ns(u1)\", container: a)" },
        { "'runAsNonRoot':true", "", true, 1000, NULL, NULL },
        { "'runAsNonRoot':true", "", true, 0, NULL,
          "container has runAsNonRoot and image will run as root (pod: \"p_ns(u1)\", container: a)" },
        { "'runAsNonRoot':true", "", false, 0, NULL,
          "container has runAsNonRoot and image will run as root (pod: \"p_ns(u1)\", container: a)" },
        { "'runAsNonRoot':true", "", false, 0, "nobody",
          "container has runAsNonRoot and image has non-numeric user (nobody), cannot verify user is non-root (pod: \"p_ns(u1)\", "
          "container: a)" },
        { "'runAsNonRoot':true", "'runAsNonRoot':false", true, 0, NULL, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct translate_container_in in = { .settings = &settings,
                                             .image_has_uid = cases[i].has_uid,
                                             .image_uid = cases[i].uid,
                                             .image_username = cases[i].username };
        struct rt_security s;
        struct err err = ERR_INIT;
        in.pod = use(arena_printf(arena, "{'spec':{'securityContext':{%s},'containers':[{'name':'a','securityContext':{%s}}]}}",
                                  cases[i].pod, cases[i].container));
        in.ref = containers_at(in.pod, 0);
        int r = translate_security(&in, arena, &s, &err);
        if ((r == 0) != (cases[i].message == NULL) || (r < 0 && !str_eq(err.msg, cases[i].message)))
            fail_msg("%zu: %s", i, err.msg);
        if (r < 0)
            assert_string_equal(err.reason, "CreateContainerConfigError");
    }
}

/* ---- the whole ---- */

static void a_sandbox(void **state)
{
    (void)state;
    struct rt_sandbox_config c;
    const struct k8s_pod *pod = use(
        "{'metadata':{'name':'web','annotations':{'a':'1','kubectl.kubernetes.io/last-applied-configuration':'{}'}},"
        "'spec':{'shareProcessNamespace':true,'securityContext':{'sysctls':[{'name':'net.ipv4.tcp_syncookies','value':'1'}]},"
        "'containers':[{'name':'a','ports':[{'containerPort':80,'hostPort':8080,'protocol':'UDP'},{'containerPort':81}],"
        "'resources':{'requests':{'cpu':'1'}}}]}}");
    assert_int_equal(translate_sandbox(&settings, pod, 3, arena, &c, NULL), 0);
    assert_string_equal(c.uid, "u1");
    assert_int_equal(c.attempt, 3);
    assert_string_equal(c.hostname, "web");
    assert_string_equal(c.log_directory, "/logs/ns_web_u1");
    assert_string_equal(c.cgroup_parent, "/kubepods/burstable/podu1");
    assert_string_equal(rt_label_get(&c.labels, "io.kubernetes.pod.uid"), "u1");
    assert_string_equal(rt_label_get(&c.annotations, "a"), "1");
    assert_int_equal(c.annotations.len, 1);
    assert_int_equal(c.ports_len, 1);
    assert_int_equal(c.ports[0].protocol, RT_UDP);
    assert_int_equal(c.ports[0].host_port, 8080);
    assert_int_equal(c.pid, RT_NS_POD);
    assert_int_equal(c.network, RT_NS_POD);
    assert_int_equal(c.sysctls_len, 1);
    assert_int_equal(c.resources.cpu_shares, 1024);
    assert_int_equal(c.resources.memory_bytes, -1);
    assert_int_equal(c.resources.pids, 100);
    pod = use("{'spec':{'hostNetwork':true,'hostPID':true,'hostIPC':true,'containers':[{'name':'a','ports':[{'containerPort':80,'hostPort':80}]}]}}");
    assert_int_equal(translate_sandbox(&settings, pod, 0, arena, &c, NULL), 0);
    assert_true(c.network == RT_NS_NODE && c.pid == RT_NS_NODE && c.ipc == RT_NS_NODE);
    assert_int_equal(c.ports_len, 0);
    assert_string_equal(c.cgroup_parent, "/kubepods/besteffort/podu1");
}

static struct translate_container_in container_in(const char *json)
{
    static const struct pod_facts facts;
    static const struct fetched_set nothing;
    struct translate_container_in in = { .settings = &settings,
                                         .pod = use(json),
                                         .facts = &facts,
                                         .fetched = &nothing,
                                         .volumes = &volumes,
                                         .sandbox_id = "s0",
                                         .attempt = 2,
                                         .image_id = "sha256:1",
                                         .termination_log = "/root-dir/t",
                                         .hosts_path = "/root-dir/hosts" };
    in.ref = containers_at(in.pod, 0);
    return in;
}

static void a_container(void **state)
{
    (void)state;
    struct rt_container_config c;
    const char *skipped;
    struct translate_container_in in = container_in(
        "{'spec':{'containers':[{'name':'a','image':'img','command':['sh','-c'],'args':['echo $(X) $$(X) $(Y)'],'workingDir':'/w',"
        "'env':[{'name':'X','value':'1'}],'stdin':true,'tty':true,'terminationMessagePath':'/t',"
        "'volumeMounts':[{'name':'v','mountPath':'/data','readOnly':true,'mountPropagation':'HostToContainer'}],"
        "'resources':{'limits':{'cpu':'500m','memory':'64Mi'}}}]}}");
    assert_int_equal(translate_container(&in, arena, &c, &skipped, NULL), 0);
    assert_string_equal(join(&c.command), "sh -c");
    assert_string_equal(join(&c.args), "echo 1 $(X) $(Y)");
    assert_string_equal(c.log_path, "a/2.log");
    assert_string_equal(c.image, "img");
    assert_string_equal(c.working_dir, "/w");
    assert_true(c.stdin_open && c.tty && !c.stdin_once);
    assert_int_equal(c.mounts_len, 3);
    assert_string_equal(c.mounts[0].host_path, "/vol/v");
    assert_true(c.mounts[0].readonly);
    assert_int_equal(c.mounts[0].propagation, RT_PROPAGATION_HOST_TO_CONTAINER);
    assert_string_equal(c.mounts[1].container_path, "/etc/hosts");
    assert_string_equal(c.mounts[2].container_path, "/t");
    assert_int_equal(c.resources.cpu_quota_us, 50000);
    assert_int_equal(c.resources.memory_bytes, 64 << 20);
    assert_int_equal(c.resources.pids, 0); /* the limit is the pod's */
    assert_null(skipped);
    assert_string_equal(rt_label_get(&c.labels, "io.kubernetes.container.name"), "a");
    assert_string_equal(rt_label_get(&c.annotations, "io.kubernetes.container.restartCount"), "2");
    bool has_x = false;
    for (size_t i = 0; i < c.envs_len; i++)
        has_x = has_x || (str_eq(c.envs[i].key, "X") && str_eq(c.envs[i].value, "1"));
    assert_true(has_x);
}

/* ---- what only some backends read ---- */

static void the_port_to_listen_on_is_the_first_of_tcp(void **state)
{
    (void)state;
    static const struct {
        const char *ports;
        int port;
    } cases[] = {
        { "", 0 },
        { "{'containerPort':53,'protocol':'UDP'}", 0 },
        { "{'containerPort':53,'protocol':'UDP'},{'containerPort':8081,'protocol':'TCP'},{'containerPort':9}", 8081 },
        { "{'containerPort':80,'hostPort':8080}", 80 },
        { "{'containerPort':70000},{'containerPort':-1},{'containerPort':65535}", 65535 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rt_container_config c;
        const char *skipped;
        AUTO(free) char *json = xasprintf("{'spec':{'containers':[{'name':'a','ports':[%s]}]}}", cases[i].ports);
        struct translate_container_in in = container_in(json);
        assert_int_equal(translate_container(&in, arena, &c, &skipped, NULL), 0);
        if (c.listen_port != cases[i].port)
            fail_msg("%s: %u", cases[i].ports, c.listen_port);
    }
}

static void few_annotations_of_a_pod_reach_its_containers(void **state)
{
    (void)state;
    struct rt_container_config c;
    const char *skipped;
    struct translate_container_in in =
        container_in("{'metadata':{'annotations':{'run.oci.handler':'wasm-smart','module.wasm.image/variant':'compat',"
                     "'wasm.oarsman.dev/allowed-hosts':'a.example','alpha.wasi.krustlet.dev/max-concurrent-requests':'3',"
                     "'io.kubernetes.container.restartCount':'77','dev.oarsman.wasm.artifact':'/etc/shadow','other':'x'}},"
                     "'spec':{'containers':[{'name':'a'}]}}");
    assert_int_equal(translate_container(&in, arena, &c, &skipped, NULL), 0);
    assert_int_equal(c.annotations.len, 4 + 4);
    assert_string_equal(rt_label_get(&c.annotations, "run.oci.handler"), "wasm-smart");
    assert_string_equal(rt_label_get(&c.annotations, "module.wasm.image/variant"), "compat");
    assert_string_equal(rt_label_get(&c.annotations, "wasm.oarsman.dev/allowed-hosts"), "a.example");
    assert_string_equal(rt_label_get(&c.annotations, "alpha.wasi.krustlet.dev/max-concurrent-requests"), "3");
    assert_string_equal(rt_label_get(&c.annotations, "io.kubernetes.container.restartCount"), "2"); /* ours */
    assert_null(rt_label_get(&c.annotations, "dev.oarsman.wasm.artifact"));
}

/* ---- runtime classes ---- */

static int handler_of(const char *class, const char *handler, const char **ret, struct err *err)
{
    static const struct rt_handler handlers[] = { { .name = "" }, { .name = "wasm" } };
    static const struct rt_runtime runtime = { .handlers = handlers, .handlers_len = ARRAY_LEN(handlers) };
    const struct k8s_runtime_class value = { .metadata = { .name = "quick" }, .handler = handler };
    AUTO(k8s_object_unref) struct k8s_object *o = NULL;
    AUTO(free) char *json = xasprintf("{'spec':{%s'containers':[{'name':'a'}]}}", class);
    assert_int_equal(k8s_object_new(&k8s_runtime_class_type, &value, NULL, &o, NULL), 0);
    const struct fetched fetched = { .kind = REFERENCE_RUNTIME_CLASS, .name = "quick", .object = o };
    int r = translate_handler(use(json), &(struct fetched_set){ .items = &fetched, .len = 1 }, &runtime, ret, err);
    if (r == 0)
        *ret = arena_strdup(arena, *ret);
    return r;
}

static void a_runtime_class_stands_for_a_handler(void **state)
{
    (void)state;
    const char *handler = NULL;
    assert_int_equal(handler_of("", "wasm", &handler, NULL), 0);
    assert_string_equal(handler, "");
    assert_int_equal(handler_of("'runtimeClassName':'quick',", "wasm", &handler, NULL), 0);
    assert_string_equal(handler, "wasm");
}

static void what_no_handler_can_be_found_for_is_said_in_the_words_of_others(void **state)
{
    (void)state;
    const char *handler = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(handler_of("'runtimeClassName':'slow',", "wasm", &handler, &err), -ENOENT);
    assert_string_equal(err.reason, "FailedCreatePodSandBox");
    assert_string_equal(err.msg, "runtimeclass.node.k8s.io \"slow\" not found");
    err_clear(&err);
    assert_int_equal(handler_of("'runtimeClassName':'quick',", "kata", &handler, &err), -ENOENT);
    assert_string_equal(err.reason, "FailedCreatePodSandBox");
    assert_string_equal(err.msg, "failed to get sandbox runtime: no runtime for \"kata\" is configured");
    assert_null(handler);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    struct rt_container_config c;
    const char *skipped;
    struct err err = ERR_INIT;
    struct translate_container_in in =
        container_in("{'spec':{'containers':[{'name':'a','volumeMounts':[{'name':'missing','mountPath':'/x'}]}]}}");
    assert_true(translate_container(&in, arena, &c, &skipped, &err) < 0);
    assert_string_equal(err.reason, "CreateContainerConfigError");
    assert_string_equal(err.msg, "cannot find volume \"missing\" to mount into container \"a\"");
    err_clear(&err);
    in = container_in("{'spec':{'containers':[{'name':'a','env':[{'name':'E','valueFrom':{'configMapKeyRef':{'name':'m','key':'k'}}}]}]}}");
    assert_true(translate_container(&in, arena, &c, &skipped, &err) < 0);
    assert_string_equal(err.reason, "CreateContainerConfigError");
    assert_string_equal(err.msg, "configmap \"m\" not found");
}

static void the_hash_covers_name_and_image_alone(void **state)
{
    (void)state;
    struct k8s_container c = { .name = "a", .image = "img" };
    const char *hash = translate_hash(&c, arena);
    c.working_dir = "/elsewhere";
    c.tty = true;
    assert_string_equal(translate_hash(&c, arena), hash);
    c.image = "img2";
    assert_string_not_equal(translate_hash(&c, arena), hash);
}

static void last_words_out_of_a_log(void **state)
{
    (void)state;
    static const char log[] = "cut off in the middle\n"
                              "2026-01-01T00:00:00.0Z stdout F first line\n"
                              "2026-01-01T00:00:00.0Z stderr P in two \n"
                              "2026-01-01T00:00:00.0Z stderr F pieces\n"
                              "2026-01-01T00:00:00.0Z stdout F \n";
    assert_string_equal(termination_from_log(log, arena), "first line\nin two pieces\n\n");
    assert_string_equal(termination_from_log("", arena), "");
    assert_string_equal(termination_from_log(NULL, arena), "");
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(resolv_conf_by_policy),
        FACT(too_much_dns_is_cut_and_said),
        FACT(names_of_pods),
        FACT(a_name_that_does_not_fit_the_kernel_is_refused),
        FACT(hosts_files),
        FACT(the_container_wins_over_the_pod),
        FACT(seccomp_profiles),
        FACT(non_root_is_verified),
        FACT(a_sandbox),
        FACT(a_container),
        FACT(the_port_to_listen_on_is_the_first_of_tcp),
        FACT(few_annotations_of_a_pod_reach_its_containers),
        FACT(a_runtime_class_stands_for_a_handler),
        FACT(what_no_handler_can_be_found_for_is_said_in_the_words_of_others),
        FACT(what_is_missing_is_named),
        FACT(the_hash_covers_name_and_image_alone),
        FACT(last_words_out_of_a_log),
    };
    return cmocka_run_group_tests_name("translate", tests, NULL, NULL);
}
