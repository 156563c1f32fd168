/* SPDX-License-Identifier: Apache-2.0 */
#include "correlate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static const struct k8s_object_reference pod = { .kind = "Pod", .namespace = "ns", .name = "web", .uid = "u1" };

static enum event_verdict decide(struct correlator *c, const char *reason, const char *message, int64_t second,
                                 struct event_decision *ret)
{
    struct event_decision d;
    const struct event_occurrence o = { .about = &pod, .type = "Normal", .reason = reason, .message = message,
                                        .at = { .wall_ns = 1700000000 * NS_PER_S + second * NS_PER_S,
                                                .boot_ns = second * NS_PER_S } };
    correlator_decide(c, &o, &d);
    enum event_verdict v = d.verdict;
    if (ret)
        *ret = d;
    else
        event_decision_done(&d);
    return v;
}

static void the_same_event_counts_up(void **state)
{
    (void)state;
    struct correlator *c = correlator_new();
    struct event_decision a, b;
    assert_int_equal(decide(c, "Pulled", "image x", 1, &a), EVENT_CREATE);
    assert_int_equal(a.count, 1);
    assert_true(str_has_prefix(a.name, "web."));
    assert_int_equal(decide(c, "Pulled", "image x", 9, &b), EVENT_COUNT);
    assert_int_equal(b.count, 2);
    assert_string_equal(b.name, a.name);
    assert_int_equal(b.first_wall_ns, 1700000001 * NS_PER_S);
    assert_int_equal(decide(c, "Pulled", "image y", 9, NULL), EVENT_CREATE);
    assert_int_equal(decide(c, "Failed", "image x", 9, NULL), EVENT_CREATE);
    correlator_forget(c, a.key);
    assert_int_equal(decide(c, "Pulled", "image x", 10, NULL), EVENT_CREATE);
    event_decision_done(&a);
    event_decision_done(&b);
    correlator_free(c);
}

static void many_similar_ones_are_combined(void **state)
{
    (void)state;
    struct correlator *c = correlator_new();
    char message[32];
    for (int i = 0; i < 9; i++) {
        (void)snprintf(message, sizeof message, "m%d", i);
        assert_int_equal(decide(c, "Unhealthy", message, i, NULL), EVENT_CREATE);
    }
    struct event_decision d;
    assert_int_equal(decide(c, "Unhealthy", "m9", 10, &d), EVENT_CREATE);
    assert_string_equal(d.message, "(combined from similar events): m9");
    event_decision_done(&d);
    assert_int_equal(decide(c, "Unhealthy", "m10", 11, &d), EVENT_COUNT);
    assert_string_equal(d.message, "(combined from similar events): m10");
    event_decision_done(&d);
    assert_int_equal(decide(c, "Unhealthy", "m11", 11 + 601, &d), EVENT_CREATE);
    assert_string_equal(d.message, "m11");
    event_decision_done(&d);
    correlator_free(c);
}

static void an_object_that_floods_is_cut_off(void **state)
{
    (void)state;
    struct correlator *c = correlator_new();
    for (int i = 0; i < 25; i++)
        assert_int_not_equal(decide(c, "BackOff", "again", 1, NULL), EVENT_DROP);
    assert_int_equal(decide(c, "BackOff", "again", 1, NULL), EVENT_DROP);
    assert_int_equal(decide(c, "Other", "new", 1, NULL), EVENT_DROP);
    assert_int_equal(decide(c, "BackOff", "again", 298, NULL), EVENT_DROP);
    assert_int_equal(decide(c, "Other", "new", 303, NULL), EVENT_CREATE);
    correlator_free(c);
}

static void what_is_remembered_is_bounded(void **state)
{
    (void)state;
    struct correlator *c = correlator_new();
    for (int i = 0; i < 5000; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "pod-%d", i);
        struct k8s_object_reference other = { .kind = "Pod", .namespace = "ns", .name = name };
        struct event_decision d;
        correlator_decide(c, &(struct event_occurrence){ .about = &other, .type = "Normal", .reason = "R", .message = "m" },
                          &d);
        assert_int_equal(d.verdict, EVENT_CREATE);
        event_decision_done(&d);
    }
    correlator_free(c);
}

static void long_names_still_make_valid_event_names(void **state)
{
    (void)state;
    struct correlator *c = correlator_new();
    char name[254];
    memset(name, 'a', 253);
    name[253] = 0;
    name[235] = '.';
    struct k8s_object_reference other = { .kind = "Pod", .name = name };
    struct event_decision d;
    correlator_decide(c,
                      &(struct event_occurrence){ .about = &other, .type = "Normal", .reason = "R", .message = "m",
                                                  .at = { .wall_ns = INT64_MAX, .boot_ns = 1 } },
                      &d);
    assert_true(strlen(d.name) <= 253);
    assert_null(strstr(d.name, ".."));
    event_decision_done(&d);
    correlator_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_event_counts_up),
        cmocka_unit_test(many_similar_ones_are_combined),
        cmocka_unit_test(an_object_that_floods_is_cut_off),
        cmocka_unit_test(what_is_remembered_is_bounded),
        cmocka_unit_test(long_names_still_make_valid_event_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
