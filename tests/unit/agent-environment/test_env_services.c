/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void build(struct env *e, const char *namespace_, bool links)
{
    struct err err = ERR_INIT;
    env_init(e, arena);
    if (env_add_services(e, namespace_, links, &fetched, &err) < 0)
        fail_msg("%s", err.msg);
}

static void both_styles_of_variables(void **state)
{
    static const struct {
        const char *name, *value;
    } want[] = {
        { "KUBERNETES_SERVICE_HOST", "10.96.0.1" },
        { "KUBERNETES_SERVICE_PORT", "443" },
        { "KUBERNETES_SERVICE_PORT_HTTPS", "443" },
        { "KUBERNETES_PORT", "tcp://10.96.0.1:443" },
        { "KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443" },
        { "KUBERNETES_PORT_443_TCP_PROTO", "tcp" },
        { "KUBERNETES_PORT_443_TCP_PORT", "443" },
        { "KUBERNETES_PORT_443_TCP_ADDR", "10.96.0.1" },
        { "MY_DB_SERVICE_HOST", "10.96.0.9" },
        { "MY_DB_SERVICE_PORT", "5432" },
        { "MY_DB_SERVICE_PORT_ADMIN_UI", "80" },
        { "MY_DB_PORT", "tcp://10.96.0.9:5432" },
        { "MY_DB_PORT_80_UDP", "udp://10.96.0.9:80" },
        { "MY_DB_PORT_80_UDP_PROTO", "udp" },
        { "SIX_PORT", "sctp://[fd00::1]:1" },
    };
    struct env e;

    (void)state;
    build(&e, "ns", true);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        const char *got = env_get(&e, want[i].name);
        if (!str_eq(got, want[i].value))
            fail_msg("%s: %s", want[i].name, got ? got : "(not set)");
    }
    env_done(&e);
}

static void services_that_are_not_seen(void **state)
{
    struct env e;

    (void)state;
    build(&e, "ns", true);
    assert_null(env_get(&e, "HEADLESS_SERVICE_HOST"));
    assert_null(env_get(&e, "EXTERNAL_SERVICE_HOST"));
    assert_null(env_get(&e, "ELSEWHERE_SERVICE_HOST"));
    env_done(&e);
}

static void without_links_only_the_api_server(void **state)
{
    struct env e;

    (void)state;
    build(&e, "ns", false);
    assert_string_equal(env_get(&e, "KUBERNETES_SERVICE_HOST"), "10.96.0.1");
    assert_null(env_get(&e, "MY_DB_SERVICE_HOST"));
    env_done(&e);
    build(&e, "default", false);
    assert_string_equal(env_get(&e, "KUBERNETES_SERVICE_HOST"), "10.96.0.1");
    env_done(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_styles_of_variables),
        cmocka_unit_test(services_that_are_not_seen),
        cmocka_unit_test(without_links_only_the_api_server),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
