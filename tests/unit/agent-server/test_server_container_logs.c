/* SPDX-License-Identifier: Apache-2.0 */
/* test_server_container_logs.c - /containerLogs with its options, and followers that come, wait and go. */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fixture f;
static char path[64];

#define BASE "/containerLogs/default/web/app"
static const char five[] = "2026-01-01T00:00:01Z stdout F one\n"
                           "2026-01-01T00:00:02Z stderr F two\n"
                           "2026-01-01T00:00:03Z stdout P thr\n"
                           "2026-01-01T00:00:03Z stdout F ee\n"
                           "2026-01-01T00:00:04Z stdout F four\n";

static void write_log(const char *at, const char *text, int flags)
{
    int fd = open(at, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static int setup(void **state)
{
    char dir[48];

    (void)state;
    fixture_setup(&f);
    snprintf(dir, sizeof(dir), "%s/app", f.dir);
    assert_int_equal(mkdir(dir, 0755), 0);
    snprintf(path, sizeof(path), "%s/0.log", dir);
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
    char old[80];

    (void)state;
    fixture_start(&f, NULL, 0, NULL);
    write_log(path, five, O_TRUNC);
    snprintf(old, sizeof(old), "%s/app/0.old.log", f.dir);
    write_log(old, "2026-01-01T00:00:00Z stdout F before\n", O_TRUNC);
    return 0;
}
static int stop(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

static void options_choose_what_is_sent(void **state)
{
    static const struct {
        const char *target;
        int status;
        const char *body;
    } cases[] = {
        { BASE, 200, "one\ntwo\nthree\nfour\n" },
        { BASE "?tailLines=1", 200, "four\n" },
        { BASE "?tailLines=0", 200, "" },
        { BASE "?sinceTime=2026-01-01T00%3A00%3A03Z", 200, "three\nfour\n" },
        { BASE "?sinceSeconds=1", 200, "" },
        { BASE "?timestamps=true&tailLines=1", 200, "2026-01-01T00:00:04Z four\n" },
        { BASE "?limitBytes=6", 200, "one\ntw" },
        { BASE "?previous=true", 200, "before\n" },
        { BASE "?stream=Stderr", 200, "two\n" },
        { BASE "?follow=false", 200, "one\ntwo\nthree\nfour\n" },
        { BASE "?unknown=1", 200, "one\ntwo\nthree\nfour\n" },
        { BASE "?tailLines=x", 400,
          "{\"message\":\"tailLines: expected an integer of at least 0, got \\\"x\\\"\"}" },
        { BASE "?sinceSeconds=1&sinceTime=2026-01-01T00%3A00%3A03Z", 400,
          "{\"message\":\"at most one of sinceTime or sinceSeconds may be specified\"}" },
        { BASE "?limitBytes=0", 400, "{\"message\":\"limitBytes: expected an integer of at least 1, got \\\"0\\\"\"}" },
        { "/containerLogs/default/other/app", 404, "pod \"other\" not found\n" },
        { "/containerLogs/default/web/quiet", 400,
          "container \"quiet\" in pod \"web\" is waiting to start: ContainerCreating\n" },
        { "/containerLogs/default/web", 404, "expected /containerLogs/NAMESPACE/POD/CONTAINER\n" },
        { "/containerLogs/default/web/app/more", 404, NULL },
        { "/containerLogs//web/app", 404, NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer a = fixture_ask(&f, &f.admin, NULL, "GET", cases[i].target);
        if (a.status != cases[i].status || (cases[i].body && strcmp(a.body, cases[i].body) != 0))
            fail_msg("%s: %d \"%s\"", cases[i].target, a.status, a.body);
        free(a.body);
    }
    assert_string_equal(f.reviewer.asked, "get proxy;");
}

static void a_log_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct answer a = fixture_ask(&f, &f.admin, NULL, "GET", "/containerLogs/default/web/gone");
    assert_int_equal(a.status, 500);
    assert_non_null(strstr(a.body, "unable to open log file"));
    free(a.body);
}

static void a_large_log_arrives_whole(void **state)
{
    AUTO(buf_done) struct buf log = BUF_INIT(16u << 20);
    size_t want = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        (void)buf_printf(&log, "2026-01-01T00:00:01Z stdout F line %06u\n", i);
        want += 12;
    }
    write_log(path, buf_str(&log), O_TRUNC);
    struct answer a = fixture_ask(&f, &f.admin, NULL, "GET", BASE);
    assert_int_equal(a.status, 200);
    assert_int_equal(strlen(a.body), want);
    assert_true(str_has_suffix(a.body, "line 099999\n"));
    free(a.body);
}

static void follow(struct peer *p, const char *target)
{
    peer_start(p, server_port(f.server), &f.admin, "GET %s HTTP/1.1", target);
}

static void a_follower_sees_what_is_added_until_the_container_ends(void **state)
{
    struct peer p;

    (void)state;
    follow(&p, BASE "?follow=true&tailLines=1");
    DRIVE(f.loop, peer_has(&p, "four\n"));
    assert_false(peer_has(&p, "three"));
    write_log(path, "2026-01-01T00:00:05Z stdout F five\n", O_APPEND);
    DRIVE(f.loop, peer_has(&p, "five\n"));
    assert_false(p.done);
    write_log(path, "2026-01-01T00:00:06Z stdout F six\n", O_APPEND);
    f.running = false;
    server_wake_logs(f.server, "default", "web");
    DRIVE(f.loop, p.done);
    AUTO(free) char *body = peer_body(&p);
    assert_string_equal(body, "four\nfive\nsix\n");
    peer_done(&p);
}

static void a_follower_goes_on_in_the_next_file(void **state)
{
    struct peer p;
    char aside[80];

    (void)state;
    follow(&p, BASE "?follow=true&tailLines=0");
    DRIVE(f.loop, peer_has(&p, "200 OK"));
    snprintf(aside, sizeof(aside), "%s.20260101", path);
    assert_int_equal(rename(path, aside), 0);
    write_log(aside, "2026-01-01T00:00:05Z stdout F last of the old\n", O_APPEND);
    write_log(path, "2026-01-01T00:00:06Z stdout F first of the new\n", O_EXCL);
    DRIVE(f.loop, peer_has(&p, "first of the new\n"));
    assert_true(peer_has(&p, "last of the old\n"));
    peer_leave(&p);
    DRIVE(f.loop, p.done);
    peer_done(&p);
}

static unsigned open_descriptors(void)
{
    unsigned n = 0;

    for (int fd = 0; fd < 4096; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void a_follower_that_leaves_is_noticed_in_silence(void **state)
{
    struct peer p;

    (void)state;
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", BASE, 200, NULL);
    for (int i = 0; i < 20; i++)
        (void)loop_once(f.loop, 5);
    unsigned before = open_descriptors();
    follow(&p, BASE "?follow=true");
    DRIVE(f.loop, peer_has(&p, "four\n"));
    assert_true(open_descriptors() > before);
    peer_leave(&p);
    DRIVE(f.loop, p.done);
    peer_done(&p);
    DRIVE(f.loop, open_descriptors() <= before);
}

enum { FOLLOWERS = 200 }; /* more than a user may have inotify instances */

static void many_follow_one_log(void **state)
{
    static struct peer peers[FOLLOWERS];
    unsigned arrived = 0;

    (void)state;
    for (int i = 0; i < FOLLOWERS; i++) {
        follow(&peers[i], BASE "?follow=true&tailLines=1");
        DRIVE(f.loop, peer_has(&peers[i], "four\n"));
    }
    write_log(path, "2026-01-01T00:00:05Z stdout F for all\n", O_APPEND);
    for (int i = 0; i < FOLLOWERS; i++) {
        DRIVE(f.loop, peer_has(&peers[i], "for all\n"));
        arrived++;
    }
    assert_int_equal(arrived, FOLLOWERS);
    f.running = false;
    server_wake_logs(f.server, "default", "web");
    for (int i = 0; i < FOLLOWERS; i++) {
        DRIVE(f.loop, peers[i].done);
        peer_done(&peers[i]);
    }
}

static void the_server_ends_while_somebody_follows(void **state)
{
    struct peer p;

    (void)state;
    follow(&p, BASE "?follow=true");
    DRIVE(f.loop, peer_has(&p, "four\n"));
    f.server = server_free(f.server);
    DRIVE(f.loop, p.done);
    peer_done(&p);
}

int main(void)
{
#define WITH_SERVER(t) cmocka_unit_test_setup_teardown(t, start, stop)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(options_choose_what_is_sent),
        WITH_SERVER(a_log_that_is_not_there_is_an_error),
        WITH_SERVER(a_large_log_arrives_whole),
        WITH_SERVER(a_follower_sees_what_is_added_until_the_container_ends),
        WITH_SERVER(a_follower_goes_on_in_the_next_file),
        WITH_SERVER(a_follower_that_leaves_is_noticed_in_silence),
        WITH_SERVER(many_follow_one_log),
        WITH_SERVER(the_server_ends_while_somebody_follows),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
