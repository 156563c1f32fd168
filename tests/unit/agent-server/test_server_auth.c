/* SPDX-License-Identifier: Apache-2.0 */
/* test_server_auth.c - who is let in, and what is asked of the API server for it. */
#include "fixture.h"

#include "base/limits.h"

static struct fixture f;

static int setup(void **state)
{
    (void)state;
    fixture_setup(&f);
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    fixture_teardown(&f);
    return 0;
}
static int start(void **state)
{
    (void)state;
    fixture_start(&f, NULL, 0, NULL);
    return 0;
}
static int stop(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

static void nobody_is_let_in_without_certificate_and_token(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, NULL, NULL, "GET", "/pods", 401, "Unauthorized\n");
    ASSERT_ANSWER(&f, NULL, NULL, "GET", "/no/such/path", 401, "Unauthorized\n");
    ASSERT_ANSWER(&f, NULL, NULL, "GET", "/healthz", 401, "Unauthorized\n");
    ASSERT_ANSWER(&f, NULL, "", "GET", "/pods", 401, "Unauthorized\n");
    assert_int_equal(f.reviewer.token_questions + f.reviewer.access_questions, 0);
}

static void a_client_certificate_is_its_common_name_and_organisations(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, "{\"kind\":\"PodList\"}");
    assert_string_equal(f.reviewer.last_user, "admin");
    assert_non_null(strstr(f.reviewer.last_groups, "ops,"));
    assert_non_null(strstr(f.reviewer.last_groups, "dev,"));
    assert_non_null(strstr(f.reviewer.last_groups, "system:authenticated,"));
    assert_int_equal(f.reviewer.token_questions, 0);
}

static void a_certificate_that_names_no_purpose_is_good_for_clients(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, &f.any_purpose, NULL, "GET", "/pods", 200, NULL);
    assert_string_equal(f.reviewer.last_user, "tool");
}

static void certificates_that_do_not_count(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, &f.stranger, NULL, "GET", "/pods", 401, "Unauthorized\n");
    ASSERT_ANSWER(&f, &f.server_only, NULL, "GET", "/pods", 401, "Unauthorized\n");
    ASSERT_ANSWER(&f, &f.expired, NULL, "GET", "/pods", 401, "Unauthorized\n");
    assert_int_equal(f.reviewer.access_questions, 0);
}

static void a_token_helps_where_the_certificate_does_not_count(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, &f.stranger, "sesame", "GET", "/pods", 200, NULL);
    assert_string_equal(f.reviewer.last_user, "ada");
}

static void a_token_is_asked_about_once(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        ASSERT_ANSWER(&f, NULL, "sesame", "GET", "/pods", 200, NULL);
    assert_int_equal(f.reviewer.token_questions, 1);
    assert_int_equal(f.reviewer.access_questions, 1);
    assert_string_equal(f.reviewer.last_groups, "writers,system:authenticated,");
}

static const struct json_strings_pair *scope(const char *const *value)
{
    static struct json_strings_pair pair;

    pair = (struct json_strings_pair){ "scope", { value, 1 } };
    return &pair;
}

static void what_else_is_known_of_a_token_s_owner_is_told_and_tells_access_apart(void **state)
{
    static const char *const read = "read", *const write = "write";

    (void)state;
    f.reviewer.extra = (struct json_multimap){ scope(&read), 1 };
    for (int i = 0; i < 2; i++)
        ASSERT_ANSWER(&f, NULL, "sesame", "GET", "/pods", 200, NULL);
    assert_string_equal(f.reviewer.last_extra, "read");
    assert_int_equal(f.reviewer.access_questions, 1);
    f.reviewer.token = "sesame2"; /* the same user, with another scope */
    f.reviewer.extra = (struct json_multimap){ scope(&write), 1 };
    ASSERT_ANSWER(&f, NULL, "sesame2", "GET", "/pods", 200, NULL);
    assert_string_equal(f.reviewer.last_extra, "write");
    assert_int_equal(f.reviewer.access_questions, 2);
}

static void more_than_can_be_kept_of_a_token_s_owner_makes_it_nobody_s(void **state)
{
    AUTO(free) char *large = xcalloc(LIMIT_AUTH_EXTRA_BYTES + 1, 1);
    const char *value = memset(large, 'x', LIMIT_AUTH_EXTRA_BYTES);

    (void)state;
    f.reviewer.extra = (struct json_multimap){ scope(&value), 1 };
    ASSERT_ANSWER(&f, NULL, "sesame", "GET", "/pods", 401, NULL);
    assert_int_equal(f.reviewer.access_questions, 0);
}

static void a_wrong_token_is_remembered_too(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        ASSERT_ANSWER(&f, NULL, "guess", "GET", "/pods", 401, "Unauthorized\n");
    assert_int_equal(f.reviewer.token_questions, 1);
    assert_int_equal(f.reviewer.access_questions, 0);
}

static void an_answer_may_take_its_time_and_holds_up_nobody(void **state)
{
    struct peer slow;

    (void)state;
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL); /* kept */
    f.reviewer.delay_ms = 600;
    peer_start(&slow, server_port(f.server), NULL, "GET /pods HTTP/1.1\r\nAuthorization: Bearer sesame");
    DRIVE(f.loop, f.reviewer.token_questions == 1);
    int64_t before_ms = clock_boot_ms();
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
    assert_true(clock_boot_ms() - before_ms < 500);
    assert_false(slow.done);
    DRIVE(f.loop, slow.done);
    assert_int_equal(peer_status(&slow), 200);
    peer_done(&slow);
}

static void a_refusal_names_user_verb_and_subresources(void **state)
{
    (void)state;
    f.reviewer.allowed = NULL;
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 403,
                  "Forbidden (user=admin, verb=get, resource=nodes, subresource(s)=[pods proxy])\n");
    assert_string_equal(f.reviewer.asked, "get pods;get proxy;");
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 403, NULL);
    assert_int_equal(f.reviewer.access_questions, 2); /* the denials are kept */
}

static void the_second_subresource_is_as_good_as_the_first(void **state)
{
    (void)state;
    f.reviewer.allowed = "proxy";
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
    assert_string_equal(f.reviewer.asked, "get pods;get proxy;");
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
    assert_int_equal(f.reviewer.access_questions, 2);
}

static void nobody_to_ask_is_no_and_is_not_kept(void **state)
{
    (void)state;
    f.reviewer.broken = true;
    ASSERT_ANSWER(&f, NULL, "sesame", "GET", "/pods", 401, "Unauthorized\n");
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 500,
                  "Authorization error (user=admin, verb=get, resource=nodes, subresource(s)=[pods proxy])\n");
    f.reviewer.broken = false;
    ASSERT_ANSWER(&f, NULL, "sesame", "GET", "/pods", 200, NULL);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
}

static void a_client_that_leaves_during_a_review_harms_nothing(void **state)
{
    struct peer p;

    (void)state;
    f.reviewer.delay_ms = 200;
    peer_start(&p, server_port(f.server), NULL, "GET /pods HTTP/1.1\r\nAuthorization: Bearer sesame");
    DRIVE(f.loop, f.reviewer.token_questions == 1);
    peer_leave(&p);
    DRIVE(f.loop, list_empty(&f.reviewer.pending));
    peer_done(&p);
    f.reviewer.delay_ms = 0;
    ASSERT_ANSWER(&f, NULL, "sesame", "GET", "/pods", 200, NULL);
}

static void the_server_may_end_during_a_review(void **state)
{
    struct peer p;

    (void)state;
    f.reviewer.delay_ms = 100;
    peer_start(&p, server_port(f.server), NULL, "GET /pods HTTP/1.1\r\nAuthorization: Bearer sesame");
    DRIVE(f.loop, f.reviewer.token_questions == 1);
    f.server = server_free(f.server);
    DRIVE(f.loop, list_empty(&f.reviewer.pending));
    peer_done(&p);
}

static void trusted_authorities_can_be_replaced(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(server_set_client_ca(f.server, "rubbish", &err), -EINVAL);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
    assert_int_equal(server_set_client_ca(f.server, f.other_ca.cert, &err), 0);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 401, NULL);
    ASSERT_ANSWER(&f, &f.stranger, NULL, "GET", "/pods", 200, NULL);
}

static void no_ca(struct server_opts *o)
{
    o->client_ca_pem = NULL;
}

static void an_authority_can_come_later(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    fixture_start(&f, NULL, 0, no_ca);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 401, NULL);
    assert_int_equal(server_set_client_ca(f.server, f.ca.cert, &err), 0);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
    fixture_stop(&f);
}

static void always_allow(struct server_opts *o)
{
    o->always_allow = true;
}

static void always_allow_still_wants_to_know_who(void **state)
{
    (void)state;
    fixture_start(&f, NULL, 0, always_allow);
    f.reviewer.allowed = NULL;
    ASSERT_ANSWER(&f, NULL, NULL, "GET", "/pods", 401, NULL);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
    assert_int_equal(f.reviewer.access_questions, 0);
    fixture_stop(&f);
}

static void keep_nothing(struct server_opts *o)
{
    o->token_ttl_ms = o->allow_ttl_ms = o->deny_ttl_ms = 0;
}

static void answers_are_kept_only_as_long_as_configured(void **state)
{
    (void)state;
    fixture_start(&f, NULL, 0, keep_nothing);
    for (int i = 0; i < 2; i++)
        ASSERT_ANSWER(&f, NULL, "sesame", "GET", "/pods", 200, NULL);
    assert_int_equal(f.reviewer.token_questions, 2);
    assert_int_equal(f.reviewer.access_questions, 2);
    fixture_stop(&f);
}

int main(void)
{
#define WITH_SERVER(t) cmocka_unit_test_setup_teardown(t, start, stop)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(nobody_is_let_in_without_certificate_and_token),
        WITH_SERVER(a_client_certificate_is_its_common_name_and_organisations),
        WITH_SERVER(a_certificate_that_names_no_purpose_is_good_for_clients),
        WITH_SERVER(certificates_that_do_not_count),
        WITH_SERVER(a_token_helps_where_the_certificate_does_not_count),
        WITH_SERVER(a_token_is_asked_about_once),
        WITH_SERVER(what_else_is_known_of_a_token_s_owner_is_told_and_tells_access_apart),
        WITH_SERVER(more_than_can_be_kept_of_a_token_s_owner_makes_it_nobody_s),
        WITH_SERVER(a_wrong_token_is_remembered_too),
        WITH_SERVER(an_answer_may_take_its_time_and_holds_up_nobody),
        WITH_SERVER(a_refusal_names_user_verb_and_subresources),
        WITH_SERVER(the_second_subresource_is_as_good_as_the_first),
        WITH_SERVER(nobody_to_ask_is_no_and_is_not_kept),
        WITH_SERVER(a_client_that_leaves_during_a_review_harms_nothing),
        WITH_SERVER(the_server_may_end_during_a_review),
        WITH_SERVER(trusted_authorities_can_be_replaced),
        cmocka_unit_test(an_authority_can_come_later),
        cmocka_unit_test(always_allow_still_wants_to_know_who),
        cmocka_unit_test(answers_are_kept_only_as_long_as_configured),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
