/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/containers.h"

#include "base/mem.h"
#include "fixture.h"

static void the_list_is_ordered_as_containers_are_started(void **state)
{
    (void)state;
    AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(
        "{'spec':{'initContainers':[{'name':'i'},{'name':'s','restartPolicy':'Always'}],"
        "'containers':[{'name':'a'},{'name':'b'}],'ephemeralContainers':[{'name':'e','targetContainerName':'a'}]}}");
    static const struct {
        const char *name;
        enum container_kind kind;
        size_t index;
    } expected[] = { { "i", CONTAINER_INIT, 0 },
                     { "s", CONTAINER_SIDECAR, 1 },
                     { "a", CONTAINER_MAIN, 0 },
                     { "b", CONTAINER_MAIN, 1 },
                     { "e", CONTAINER_EPHEMERAL, 0 } };
    assert_int_equal(containers_len(POD(o)), ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        struct container_ref c = containers_at(POD(o), i);
        assert_string_equal(c.spec->name, expected[i].name);
        assert_int_equal(c.kind, expected[i].kind);
        assert_int_equal(c.index, expected[i].index);
    }
    struct container_ref e;
    assert_true(containers_find(POD(o), "e", &e));
    assert_string_equal(e.target, "a");
    assert_false(containers_find(POD(o), "x", &e));
}

static void restart_policies(void **state)
{
    (void)state;
    static const struct {
        const char *name, *policy, *container;
        size_t at;
        int exit_code;
        bool restarts;
    } cases[] = {
        { "always, 0", "Always", "{'name':'c'}", 0, 0, true },
        { "always, 1", "Always", "{'name':'c'}", 0, 1, true },
        { "on failure, 0", "OnFailure", "{'name':'c'}", 0, 0, false },
        { "on failure, 1", "OnFailure", "{'name':'c'}", 0, 1, true },
        { "never, 1", "Never", "{'name':'c'}", 0, 1, false },
        { "its own policy wins", "Never", "{'name':'c','restartPolicy':'OnFailure'}", 0, 1, true },
        { "a rule that matches wins", "Never",
          "{'name':'c','restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'In',"
          "'values':[42]}}]}",
          0, 42, true },
        { "a rule that does not", "Never",
          "{'name':'c','restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'In',"
          "'values':[42]}}]}",
          0, 41, false },
        { "a rule with NotIn", "Never",
          "{'name':'c','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'NotIn','values':[1]}}]}",
          0, 7, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *json = xasprintf("{'spec':{'restartPolicy':'%s','containers':[%s]}}",
                                          cases[i].policy, cases[i].container);
        AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(json);
        struct container_ref c = containers_at(POD(o), cases[i].at);
        if (container_restarts(POD(o), &c, cases[i].exit_code) != cases[i].restarts)
            fail_msg("%s", cases[i].name);
    }
}

static void init_containers_run_until_they_succeed(void **state)
{
    (void)state;
    AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(
        "{'spec':{'restartPolicy':'Always','initContainers':[{'name':'i'},{'name':'s','restartPolicy':'Always'}],"
        "'containers':[{'name':'a'}],'ephemeralContainers':[{'name':'e'}]}}");
    struct container_ref init = containers_at(POD(o), 0), sidecar = containers_at(POD(o), 1),
                         ephemeral = containers_at(POD(o), 3);
    assert_true(container_restarts(POD(o), &init, 1));
    assert_false(container_restarts(POD(o), &init, 0));
    assert_true(container_restarts(POD(o), &sidecar, 0));
    assert_false(container_restarts(POD(o), &ephemeral, 1));
}

static void a_pod_is_sound_when_its_names_are(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool sound;
    } cases[] = {
        { "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}", true },
        { "{'spec':{'containers':[{'name':'a'},{'name':'a'}]}}", false },
        { "{'spec':{'initContainers':[{'name':'a'}],'containers':[{'name':'a'}]}}", false },
        { "{'spec':{'containers':[{}]}}", false },
        { "{'spec':{'containers':[{'name':'../a'}]}}", false },
        { "{'spec':{'containers':[{'name':'..'}]}}", false },
        { "{'metadata':{'name':'a/b'},'spec':{'containers':[{'name':'a'}]}}", false },
        { "{'metadata':{'uid':'../../etc'},'spec':{'containers':[{'name':'a'}]}}", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(k8s_object_unref) struct k8s_object *o = fixture_pod(cases[i].json);
        if (pod_is_sound(POD(o)) != cases[i].sound)
            fail_msg("%s", cases[i].json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_is_ordered_as_containers_are_started),
        cmocka_unit_test(a_pod_is_sound_when_its_names_are),
        cmocka_unit_test(restart_policies),
        cmocka_unit_test(init_containers_run_until_they_succeed),
    };
    return cmocka_run_group_tests_name("containers", tests, NULL, NULL);
}
