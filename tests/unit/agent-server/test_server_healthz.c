/* SPDX-License-Identifier: Apache-2.0 */
#include "server/healthz.h"

#include "fixture.h"

static struct loop *loop;
static struct healthz *healthz;
static const char *why;

static bool healthy(void *user, const char **ret_why)
{
    (void)user;
    *ret_why = why;
    return why == NULL;
}

static int start(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    why = NULL;
    assert_int_equal(loop_new(&loop, &err), 0);
    assert_int_equal(healthz_new(loop, "127.0.0.1", 0, healthy, NULL, &healthz, &err), 0);
    return 0;
}
static int stop(void **state)
{
    (void)state;
    healthz = healthz_free(healthz);
    while (loop_once(loop, 0))
        ;
    loop = loop_free(loop);
    return 0;
}

static void assert_answer(const char *method, const char *target, int status, const char *body)
{
    struct peer p = { .port = healthz_port(healthz), .plain = true, .fd = -1 };

    p.request = xasprintf("%s %s HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n", method, target);
    peer_start_thread(&p);
    DRIVE(loop, p.done);
    AUTO(free) char *got = peer_body(&p);
    assert_int_equal(peer_status(&p), status);
    assert_string_equal(got, body);
    peer_done(&p);
}

static void says_ok_without_asking_who(void **state)
{
    (void)state;
    assert_answer("GET", "/healthz", 200, "ok");
    assert_answer("GET", "/healthz/ping", 200, "ok");
    assert_answer("HEAD", "/healthz", 200, "");
}

static void says_why_not(void **state)
{
    (void)state;
    why = "the API server has not been heard for 60 s";
    assert_answer("GET", "/healthz", 500, "the API server has not been heard for 60 s");
}

static void nothing_else_is_here(void **state)
{
    (void)state;
    assert_answer("GET", "/pods", 404, "404 page not found\n");
    assert_answer("GET", "/healthzzz", 404, "404 page not found\n");
    assert_answer("POST", "/healthz", 405, "405: Method Not Allowed\n");
}

static void a_port_in_use_is_named(void **state)
{
    struct err err = ERR_INIT;
    struct healthz *second = NULL;
    AUTO(free) char *want =
        xasprintf("cannot serve /healthz on 127.0.0.1 port %u: Address already in use", healthz_port(healthz));

    (void)state;
    assert_true(healthz_new(loop, "127.0.0.1", healthz_port(healthz), NULL, NULL, &second, &err) < 0);
    assert_string_equal(err.msg, want);
}

static void ipv6_is_served_too(void **state)
{
    struct err err = ERR_INIT;
    struct healthz *second = NULL;

    (void)state;
    if (healthz_new(loop, "::1", 0, NULL, NULL, &second, &err) < 0) {
        print_message("skipped: this machine has no IPv6 loopback (%s)\n", err.msg);
        return;
    }
    assert_true(healthz_port(second) > 0);
    healthz_free(second);
}

int main(void)
{
#define STARTED(t) cmocka_unit_test_setup_teardown(t, start, stop)
    const struct CMUnitTest tests[] = {
        STARTED(says_ok_without_asking_who),
        STARTED(says_why_not),
        STARTED(nothing_else_is_here),
        STARTED(a_port_in_use_is_named),
        STARTED(ipv6_is_served_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
