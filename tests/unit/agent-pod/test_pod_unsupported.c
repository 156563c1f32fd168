/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/unsupported.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"

static void each_field_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *spec, *message; /* NULL: supported */
    } cases[] = {
        { "'containers':[{'name':'a'}]", NULL },
        { "'hostNetwork':true,'shareProcessNamespace':true,'containers':[{'name':'a','securityContext':{'privileged':true}}]", NULL },
        { "'hostUsers':true,'containers':[{'name':'a'}]", NULL },
        { "'runtimeClassName':'wasm','overhead':{'cpu':'1'},'containers':[{'name':'a'}]", NULL },
        { "'initContainers':[{'name':'i'}],'containers':[{'name':'a'}]", "spec.initContainers is not supported by oarsman yet" },
        { "'containers':[{'name':'a'}],'ephemeralContainers':[{'name':'e'}]",
          "spec.ephemeralContainers is not supported by oarsman yet" },
        { "'hostUsers':false,'containers':[{'name':'a'}]", "spec.hostUsers=false is not supported by oarsman yet" },
        { "'securityContext':{'fsGroup':1},'containers':[{'name':'a'}]",
          "spec.securityContext.fsGroup is not supported by oarsman yet" },
        { "'resourceClaims':[{'name':'r'}],'containers':[{'name':'a'}]", "spec.resourceClaims is not supported by oarsman yet" },
        { "'containers':[{'name':'a'},{'name':'b','readinessProbe':{}}]",
          "spec.containers[1].readinessProbe is not supported by oarsman yet" },
        { "'containers':[{'name':'a','startupProbe':{}}]", "spec.containers[0].startupProbe is not supported by oarsman yet" },
        { "'containers':[{'name':'a','lifecycle':{'preStop':{}}}]",
          "spec.containers[0].lifecycle.preStop is not supported by oarsman yet" },
        { "'containers':[{'name':'a','lifecycle':{'postStart':{}}}]",
          "spec.containers[0].lifecycle.postStart is not supported by oarsman yet" },
        { "'containers':[{'name':'a','volumeMounts':[{'name':'v','mountPath':'/v','subPath':'x'}]}]",
          "spec.containers[0].volumeMounts.subPath is not supported by oarsman yet" },
        { "'containers':[{'name':'a','volumeMounts':[{'name':'v','mountPath':'/v','recursiveReadOnly':'Enabled'}]}]",
          "spec.containers[0].volumeMounts.recursiveReadOnly=Enabled is not supported by oarsman yet" },
        { "'containers':[{'name':'a','env':[{'name':'E','valueFrom':{'fileKeyRef':{'volumeName':'v','path':'p','key':'k'}}}]}]",
          "spec.containers[0].env.valueFrom.fileKeyRef is not supported by oarsman yet" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *json = xasprintf("{'spec':{%s}}", cases[i].spec);
        AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(json);
        AUTO(arena_unref) struct arena *arena = arena_new(65536);
        const char *message = unsupported_message(POD(o), k8s_object_unknown(o), NULL, arena);
        if (!str_eq(message, cases[i].message))
            fail_msg("%s: %s", cases[i].spec, str_or(message, "supported"));
    }
}

static void a_field_of_tomorrow_is_not_ignored_in_silence(void **state)
{
    (void)state;
    AUTO(k8s_object_unref) struct k8s_object *o =
        fixture_pod("{'spec':{'containers':[{'name':'a','newThing':1}]}}");
    AUTO(arena_unref) struct arena *arena = arena_new(65536);
    assert_string_equal(unsupported_message(POD(o), k8s_object_unknown(o), NULL, arena),
                        "spec.containers[0].newThing is not known to this version of oarsman");
}

static void a_volume_that_cannot_be_had_is_named(void **state)
{
    (void)state;
    AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod("{'spec':{'containers':[{'name':'a'}]}}");
    AUTO(arena_unref) struct arena *arena = arena_new(65536);
    assert_string_equal(unsupported_message(POD(o), NULL, "spec.volumes[2]", arena),
                        "spec.volumes[2] is not supported by oarsman yet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_is_named),
        cmocka_unit_test(a_field_of_tomorrow_is_not_ignored_in_silence),
        cmocka_unit_test(a_volume_that_cannot_be_had_is_named),
    };
    return cmocka_run_group_tests_name("unsupported", tests, NULL, NULL);
}
