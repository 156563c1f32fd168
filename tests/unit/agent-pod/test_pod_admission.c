/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/admission.h"

#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"

static const struct json_pair label_items[] = { { "disk", "ssd" },
                                                { "kubernetes.io/os", "linux" },
                                                { "rank", "5" } };
static const struct json_map labels = { label_items, ARRAY_LEN(label_items) };

static struct k8s_resource allocatable_items[4];
static struct k8s_resource_list allocatable;
static struct admission_node node;

static int setup(void **state)
{
    (void)state;
    allocatable_items[0] = (struct k8s_resource){ "cpu", k8s_quantity_from_value(2, K8S_DECIMAL_SI) };
    allocatable_items[1] =
        (struct k8s_resource){ "ephemeral-storage", k8s_quantity_from_value(1000, K8S_DECIMAL_SI) };
    allocatable_items[2] =
        (struct k8s_resource){ "memory", k8s_quantity_from_value(4ll << 30, K8S_BINARY_SI) };
    allocatable_items[3] = (struct k8s_resource){ "pods", k8s_quantity_from_value(2, K8S_DECIMAL_SI) };
    allocatable = (struct k8s_resource_list){ allocatable_items, 4 };
    node = (struct admission_node){ .name = "n1", .labels = &labels, .allocatable = &allocatable };
    return 0;
}

struct rule {
    const char *spec, *reason, *message; /* reason NULL: admitted */
};

static void check(const struct rule *rules, size_t len, const struct admission_pod *others, size_t others_len)
{
    for (size_t i = 0; i < len; i++) {
        AUTO(free) char *json = xasprintf("{%s}", rules[i].spec);
        AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(json);
        AUTO(arena_unref) struct arena *arena = arena_new(65536);
        struct refusal refusal = { NULL, NULL };
        bool refused = admission_refuses(POD(o), &node, others, others_len, arena, &refusal);
        if (refused != (rules[i].reason != NULL) || !str_eq(refusal.reason, rules[i].reason) ||
            (rules[i].message && !str_eq(refusal.message, rules[i].message)))
            fail_msg("%s: %s: %s", rules[i].spec, str_or(refusal.reason, "admitted"),
                     str_or(refusal.message, ""));
    }
}

static void rules_about_the_pod_itself(void **state)
{
    (void)state;
    static const struct rule rules[] = {
        { "'spec':{'containers':[{'name':'a'}]}", NULL, NULL },
        { "'spec':{'os':{'name':'linux'},'containers':[{'name':'a'}]}", NULL, NULL },
        { "'spec':{'os':{'name':'windows'},'containers':[{'name':'a'}]}", "PodOSNotSupported",
          "Failed to admit pod as the OS field doesn't match node OS" },
        { "'metadata':{'labels':{'kubernetes.io/os':'windows'}},'spec':{'containers':[{'name':'a'}]}",
          "PodOSSelectorNodeLabelDoesNotMatch", NULL },
        { "'spec':{'nodeName':'n1','containers':[{'name':'a'}]}", NULL, NULL },
        { "'spec':{'nodeName':'n2','containers':[{'name':'a'}]}", "NodeName",
          "Predicate NodeName failed: node(s) didn't match the requested node name" },
        { "'spec':{'securityContext':{'supplementalGroupsPolicy':'Strict'},'containers':[{'name':'a'}]}",
          "SupplementalGroupsPolicyNotSupported", NULL },
        { "'spec':{'securityContext':{'sysctls':[{'name':'net.ipv4.tcp_syncookies','value':'1'}]},'containers':[{'name':'a'}]}",
          NULL, NULL },
        { "'spec':{'securityContext':{'sysctls':[{'name':'kernel.msgmax','value':'1'}]},'containers':[{'name':'a'}]}",
          "SysctlForbidden", "forbidden sysctl: \"kernel.msgmax\" not allowlisted" },
        { "'spec':{'containers':[{'name':'a','restartPolicyRules':[{'action':'RestartAllContainers','exitCodes':"
          "{'operator':'In','values':[1]}}]}]}",
          "PodFeatureUnsupported",
          "Pod requires node features that are not available: RestartAllContainersOnContainerExits" },
    };
    check(rules, ARRAY_LEN(rules), NULL, 0);
}

static void sysctls_that_the_administrator_allows(void **state)
{
    (void)state;
    static const char *const allowed[] = { "kernel.msg*", NULL };
    static const struct rule rules[] = {
        { "'spec':{'securityContext':{'sysctls':[{'name':'kernel.msgmax','value':'1'}]},'containers':[{'name':'a'}]}",
          NULL, NULL },
        { "'spec':{'securityContext':{'sysctls':[{'name':'kernel.sem','value':'1'}]},'containers':[{'name':'a'}]}",
          "SysctlForbidden", NULL },
    };
    node.unsafe_sysctls = allowed;
    check(rules, ARRAY_LEN(rules), NULL, 0);
}

static void resources_beside_others(void **state)
{
    (void)state;
    AUTO(k8s_object_unref) struct k8s_object *other = fixture_pod(
        "{'spec':{'containers':[{'name':'a','resources':{'requests':{'cpu':'1500m','memory':'3Gi'}}}]}}");
    struct admission_pod others[] = { { POD(other) }, { POD(other) } };
    static const struct rule fits[] = {
        { "'spec':{'containers':[{'name':'a','resources':{'requests':{'cpu':'500m','memory':'1Gi'}}}]}", NULL, NULL },
        { "'spec':{'containers':[{'name':'a','resources':{'requests':{'cpu':'501m'}}}]}", "OutOfcpu",
          "Node didn't have enough resource: cpu, requested: 501, used: 1500, capacity: 2000" },
        { "'spec':{'containers':[{'name':'a','resources':{'requests':{'memory':'2Gi'}}}]}", "OutOfmemory",
          "Node didn't have enough resource: memory, requested: 2147483648, used: 3221225472, capacity: 4294967296" },
        { "'spec':{'containers':[{'name':'a','resources':{'requests':{'ephemeral-storage':'1001'}}}]}",
          "OutOfephemeral-storage", NULL },
    };
    static const struct rule full[] = {
        { "'spec':{'containers':[{'name':'a'}]}", "OutOfpods",
          "Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2" },
    };
    check(fits, ARRAY_LEN(fits), others, 1);
    check(full, ARRAY_LEN(full), others, 2);
    allocatable_items[0].quantity = k8s_quantity_from_value(1, K8S_DECIMAL_SI); /* shrunk below what is used */
    static const struct rule shrunk[] = { { "'spec':{'containers':[{'name':'a'}]}", NULL, NULL } };
    check(shrunk, ARRAY_LEN(shrunk), others, 1);
}

static void host_ports(void **state)
{
    (void)state;
    AUTO(k8s_object_unref) struct k8s_object *other =
        fixture_pod("{'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'hostPort':8080},"
                    "{'containerPort':81,'hostPort':8081,'hostIP':'10.0.0.1'}]}]}}");
    struct admission_pod others[] = { { POD(other) } };
    static const struct rule rules[] = {
        { "'spec':{'containers':[{'name':'a','ports':[{'containerPort':80}]}]}", NULL, NULL },
        { "'spec':{'containers':[{'name':'a','ports':[{'containerPort':9,'hostPort':8080}]}]}", "NodePorts",
          "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" },
        { "'spec':{'containers':[{'name':'a','ports':[{'containerPort':9,'hostPort':8080,'protocol':'UDP'}]}]}", NULL, NULL },
        { "'spec':{'containers':[{'name':'a','ports':[{'containerPort':9,'hostPort':8081,'hostIP':'10.0.0.2'}]}]}", NULL, NULL },
        { "'spec':{'containers':[{'name':'a','ports':[{'containerPort':9,'hostPort':8081}]}]}", "NodePorts", NULL },
        { "'spec':{'hostNetwork':true,'containers':[{'name':'a','ports':[{'containerPort':8080}]}]}", "NodePorts", NULL },
    };
    check(rules, ARRAY_LEN(rules), others, 1);
}

static void node_affinity_operators(void **state)
{
    (void)state;
    static const struct {
        const char *term;
        bool matches;
    } cases[] = {
        { "{'matchExpressions':[{'key':'disk','operator':'In','values':['hdd','ssd']}]}", true },
        { "{'matchExpressions':[{'key':'disk','operator':'In','values':['hdd']}]}", false },
        { "{'matchExpressions':[{'key':'none','operator':'In','values':['x']}]}", false },
        { "{'matchExpressions':[{'key':'disk','operator':'NotIn','values':['hdd']}]}", true },
        { "{'matchExpressions':[{'key':'none','operator':'NotIn','values':['x']}]}", true },
        { "{'matchExpressions':[{'key':'disk','operator':'NotIn','values':['ssd']}]}", false },
        { "{'matchExpressions':[{'key':'disk','operator':'Exists'}]}", true },
        { "{'matchExpressions':[{'key':'none','operator':'Exists'}]}", false },
        { "{'matchExpressions':[{'key':'none','operator':'DoesNotExist'}]}", true },
        { "{'matchExpressions':[{'key':'disk','operator':'DoesNotExist'}]}", false },
        { "{'matchExpressions':[{'key':'rank','operator':'Gt','values':['4']}]}", true },
        { "{'matchExpressions':[{'key':'rank','operator':'Gt','values':['5']}]}", false },
        { "{'matchExpressions':[{'key':'rank','operator':'Lt','values':['6']}]}", true },
        { "{'matchExpressions':[{'key':'disk','operator':'Lt','values':['6']}]}", false },
        { "{'matchExpressions':[{'key':'rank','operator':'Near','values':['5']}]}", false },
        { "{'matchExpressions':[{'key':'disk','operator':'Exists'},{'key':'none','operator':'Exists'}]}", false },
        { "{'matchFields':[{'key':'metadata.name','operator':'In','values':['n1']}]}", true },
        { "{'matchFields':[{'key':'metadata.name','operator':'NotIn','values':['n1']}]}", false },
        { "{}", false },
        { "{},{'matchExpressions':[{'key':'disk','operator':'Exists'}]}", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *json = xasprintf(
            "{'spec':{'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':"
            "{'nodeSelectorTerms':[%s]}}},'containers':[{'name':'a'}]}}",
            cases[i].term);
        AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(json);
        if (node_selector_matches(POD(o), &labels, "n1") != cases[i].matches)
            fail_msg("%s", cases[i].term);
    }
    static const struct rule rules[] = {
        { "'spec':{'nodeSelector':{'disk':'ssd'},'containers':[{'name':'a'}]}", NULL, NULL },
        { "'spec':{'nodeSelector':{'disk':'hdd'},'containers':[{'name':'a'}]}", "NodeAffinity",
          "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" },
    };
    check(rules, ARRAY_LEN(rules), NULL, 0);
}

static void taints_that_drive_pods_away_must_be_tolerated(void **state)
{
    (void)state;
    static const struct k8s_taint taints[] = { { .key = "oarsman.dev/node", .effect = "NoSchedule" },
                                               { .key = "level", .value = "5", .effect = "NoExecute" } };
    static const struct rule rules[] = {
        { "'spec':{'containers':[{'name':'a'}]}", "TaintToleration",
          "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate" },
        { "'spec':{'tolerations':[{'operator':'Exists'}]}", NULL, NULL },
        { "'spec':{'tolerations':[{'key':'level','operator':'Exists','effect':'NoExecute'}]}", NULL, NULL },
        { "'spec':{'tolerations':[{'key':'level','operator':'Exists','effect':'NoSchedule'}]}", "TaintToleration", NULL },
        { "'spec':{'tolerations':[{'key':'level','value':'5'}]}", NULL, NULL },
        { "'spec':{'tolerations':[{'key':'level','operator':'Equal','value':'6'}]}", "TaintToleration", NULL },
        { "'spec':{'tolerations':[{'key':'level','operator':'Gt','value':'4'}]}", NULL, NULL },
        { "'spec':{'tolerations':[{'key':'level','operator':'Lt','value':'5'}]}", "TaintToleration", NULL },
        { "'spec':{'tolerations':[{'key':'level','operator':'Gt','value':'x'}]}", "TaintToleration", NULL },
        { "'spec':{'tolerations':[{'key':'other','operator':'Exists'}]}", "TaintToleration", NULL },
    };
    node.taints = taints;
    node.taints_len = ARRAY_LEN(taints);
    check(rules, ARRAY_LEN(rules), NULL, 0);
    node.taints_len = 1; /* the other effects are the scheduler's */
    static const struct rule without[] = { { "'spec':{'containers':[{'name':'a'}]}", NULL, NULL } };
    check(without, 1, NULL, 0);
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        FACT(rules_about_the_pod_itself), FACT(sysctls_that_the_administrator_allows),
        FACT(resources_beside_others),    FACT(host_ports),
        FACT(node_affinity_operators),    FACT(taints_that_drive_pods_away_must_be_tolerated),
    };
    return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}
