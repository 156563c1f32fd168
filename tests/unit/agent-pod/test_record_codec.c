/* SPDX-License-Identifier: Apache-2.0 */
#include "record/codec.h"

#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"

static struct pod_record *full_record(void)
{
    struct pod_record *r = pod_record_new("u1", "ns", "web");
    struct container_record *c = pod_record_add_container(r, "app", CONTAINER_MAIN);
    struct condition_record *ready = pod_record_add_condition(r, "Ready");
    r->verdict = VERDICT_ADMITTED;
    r->start_wall_ns = 123456789;
    r->next_sandbox_attempt = 2;
    r->had_sandbox = r->volumes_made = r->remains_made = true;
    r->stop = STOP_DEADLINE;
    r->stop_wall_ns = 5;
    r->stop_grace_ms = 30000;
    r->phase = PHASE_RUNNING;
    record_string(&r->reason, "Why");
    r->pod_ips = strv_new();
    strv_push(&r->pod_ips, "10.1.0.2");
    c->next_attempt = 4;
    c->backoff_ms = 20000;
    c->backoff_wall_ns = 99;
    c->current.state = INSTANCE_RUNNING;
    c->current.attempt = 3;
    record_string(&c->current.id, "abc");
    c->current.started_wall_ns = 7;
    container_user_set(&c->current.user, &(struct container_user){ true, 1000, 7, (int64_t[]){ 7, 2000 }, 2 });
    record_string(&c->current.stop_signal, "SIGINT");
    c->previous.state = INSTANCE_EXITED;
    c->previous.attempt = 2;
    c->previous.exit_code = -1;
    record_string(&c->previous.message, "line\n\"quoted\"");
    record_string(&c->spec_image, "busybox");
    record_string(&ready->status, "True");
    ready->transition_wall_ns = 77;
    ready->observed_generation = 2;
    return r;
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    AUTO(pod_record_free) struct pod_record *r = full_record();
    AUTO(pod_record_free) struct pod_record *copy = NULL;
    AUTO(buf_done) struct buf one = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    AUTO(buf_done) struct buf two = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    assert_int_equal(pod_record_encode(r, &one), 0);
    assert_int_equal(pod_record_decode(buf_str(&one), one.len, &copy, NULL), 0);
    assert_int_equal(pod_record_encode(copy, &two), 0);
    assert_string_equal(buf_str(&one), buf_str(&two));
    assert_int_equal(copy->containers[0].current.attempt, 3);
    assert_int_equal(copy->containers[0].current.user.gid, 7);
    assert_int_equal(copy->containers[0].current.user.groups[1], 2000);
    assert_string_equal(copy->containers[0].current.stop_signal, "SIGINT");
    assert_false(copy->containers[0].previous.user.known);
    assert_int_equal(copy->containers[0].previous.exit_code, -1);
    assert_string_equal(copy->containers[0].previous.message, "line\n\"quoted\"");
    assert_int_equal(copy->stop, STOP_DEADLINE);
    assert_string_equal(copy->pod_ips[0], "10.1.0.2");
}

static void what_lives_with_the_process_is_not_written(void **state)
{
    (void)state;
    AUTO(pod_record_free) struct pod_record *r = full_record();
    AUTO(buf_done) struct buf one = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    AUTO(buf_done) struct buf two = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    assert_int_equal(pod_record_encode(r, &one), 0);
    r->containers[0].live.in_flight = ACT_CONTAINER_START;
    r->live.volumes_ready = true;
    record_string(&r->containers[0].live.pull.reason, "ErrImagePull");
    assert_int_equal(pod_record_encode(r, &two), 0);
    assert_string_equal(buf_str(&one), buf_str(&two));
}

static void bad_records_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        const char *message; /* a part of it */
    } cases[] = {
        { "", -EINVAL, "" },
        { "{}", -EINVAL, "version" },
        { "{\"version\":1}", -EINVAL, "uid" },
        { "{\"version\":2,\"uid\":\"u\"}", -EPROTO, "written by a newer one" },
        { "{\"version\":0,\"uid\":\"u\"}", -EPROTO, "record format 0" },
        { "{\"version\":1,\"uid\":\"u\",\"containers\":[{}]}", -EINVAL, "name" },
        { "{\"version\":1,\"uid\":\"u\",\"containers\":7}", -EINVAL, "containers" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pod_record *r = NULL;
        struct err err = ERR_INIT;
        int code = pod_record_decode(cases[i].text, strlen(cases[i].text), &r, &err);
        if (code != cases[i].code || !strstr(err.msg, cases[i].message) || r)
            fail_msg("%s: %d %s", cases[i].text, code, err.msg);
    }
}

static void unknown_words_and_fields_are_survived(void **state)
{
    (void)state;
    AUTO(pod_record_free) struct pod_record *r = NULL;
    static const char text[] = "{\"version\":1,\"uid\":\"u\",\"phase\":\"Strange\",\"verdict\":\"odd\",\"future\":{},"
                               "\"containers\":[{\"name\":\"a\",\"kind\":\"odd\",\"current\":{\"state\":\"odd\"}}]}";
    assert_int_equal(pod_record_decode(text, sizeof(text) - 1, &r, NULL), 0);
    assert_int_equal(r->phase, PHASE_NONE);
    assert_int_equal(r->verdict, VERDICT_NONE);
    assert_int_equal(r->containers[0].current.state, INSTANCE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(what_lives_with_the_process_is_not_written),
        cmocka_unit_test(bad_records_are_refused),
        cmocka_unit_test(unknown_words_and_fields_are_survived),
    };
    return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
