/* SPDX-License-Identifier: Apache-2.0 */
/* test_log_stream.c - files on disk, a real loop, real inotify. */
#include "logs/log_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

static struct loop *loop;
static char dir[32], path[64], aside[80];
static bool running;
static unsigned changes;

static void on_change(void *user)
{
    (void)user;
    changes++;
}
static bool is_running(void *user)
{
    (void)user;
    return running;
}
static const struct log_stream_events events = { .on_change = on_change, .is_running = is_running };

static int setup(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    running = true;
    changes = 0;
    strcpy(dir, "/tmp/log-stream-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/0.log", dir);
    snprintf(aside, sizeof(aside), "%s.20260101-000000", path);
    return loop_new(&loop, &err);
}
static int teardown(void **state)
{
    (void)state;
    while (loop_once(loop, 0))
        ;
    loop = loop_free(loop);
    return path_remove_tree(dir, NULL);
}

static void append(const char *at, const char *text)
{
    int fd = open(at, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static struct log_stream *open_stream(const struct log_options *o)
{
    struct log_stream *s = NULL;
    struct err err = ERR_INIT;

    if (log_stream_open(loop, path, o, &events, &s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

/* Everything there is now; *ret_outcome: END or WAIT. Caller owns. */
static char *read_now(struct log_stream *s, int *ret_outcome)
{
    AUTO(buf_done) struct buf out = BUF_INIT(16u << 20);
    int r;

    while ((r = log_stream_read(s, &out, 4096)) == 0)
        ;
    *ret_outcome = r;
    return xstrdup(buf_str(&out));
}

static void assert_read(struct log_stream *s, const char *text, int outcome)
{
    int r;
    AUTO(free) char *got = read_now(s, &r);

    assert_string_equal(got, text);
    assert_int_equal(r, outcome);
}

static void wait_change(void)
{
    unsigned before = changes;

    for (int64_t end_ms = clock_boot_ms() + 5000; changes == before && clock_boot_ms() < end_ms;)
        (void)loop_once(loop, 20);
    assert_true(changes > before);
}

static struct log_options all(void)
{
    struct log_options o;
    log_options_init(&o);
    return o;
}

static struct log_options following(void)
{
    struct log_options o = all();
    o.follow = true;
    return o;
}

#define L1 "2026-01-01T00:00:01.5Z stdout F one\n"
#define L2 "2026-01-01T00:00:02.5Z stderr F two\n"
#define L3A "2026-01-01T00:00:03.5Z stdout P thr\n"
#define L3B "2026-01-01T00:00:03.6Z stdout F ee\n"
#define L4 "2026-01-01T00:00:04.5Z stderr F four\n"

static void each_option_alone(void **state)
{
    struct log_options tail2 = all(), tail0 = all(), tail99 = all(), since = all(), limit = all(), times = all(),
                       errors = all(), tail_since = all();
    const struct {
        const char *name;
        const struct log_options *o;
        const char *want;
    } cases[] = {
        { "tail 2", &tail2, "ee\nfour\n" }, /* a tail counts lines of the file */
        { "tail 0", &tail0, "" },
        { "tail 99", &tail99, "one\ntwo\nthree\nfour\n" },
        { "since", &since, "three\nfour\n" },
        { "limit", &limit, "one\nt" },
        { "timestamps", &times,
          "2026-01-01T00:00:01.5Z one\n2026-01-01T00:00:02.5Z two\n2026-01-01T00:00:03.5Z thr"
          "2026-01-01T00:00:03.6Z ee\n2026-01-01T00:00:04.5Z four\n" },
        { "stderr", &errors, "two\nfour\n" },
        { "tail and since", &tail_since, "four\n" },
    };

    (void)state;
    append(path, L1 L2 L3A L3B L4);
    tail2.has_tail = tail0.has_tail = tail99.has_tail = tail_since.has_tail = true;
    tail2.tail_lines = 2;
    tail99.tail_lines = 99;
    since.since_wall_ns = INT64_C(1767225603) * NS_PER_S;
    tail_since.tail_lines = 3;
    tail_since.since_wall_ns = INT64_C(1767225604) * NS_PER_S;
    limit.limit_bytes = 5;
    times.timestamps = true;
    errors.streams = LOG_STDERR;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int r;
        struct log_stream *s = open_stream(cases[i].o);
        AUTO(free) char *got = read_now(s, &r);
        if (!str_eq(got, cases[i].want) || r != LOG_STREAM_END)
            fail_msg("%s: \"%s\"", cases[i].name, got);
        log_stream_free(s);
    }
}

static void tail_finds_lines_across_pieces(void **state)
{
    AUTO(buf_done) struct buf log = BUF_INIT(8u << 20);
    struct log_options o = all();

    (void)state;
    for (unsigned i = 0; i < 5000; i++)
        (void)buf_printf(&log, "2026-01-01T00:00:01Z stdout F line %04u of a log that is longer than a piece\n", i);
    append(path, buf_str(&log));
    o.has_tail = true;
    o.tail_lines = 3000;
    struct log_stream *s = open_stream(&o);
    int r;
    AUTO(free) char *got = read_now(s, &r);
    assert_true(str_has_prefix(got, "line 2000 "));
    assert_true(str_has_suffix(got, "line 4999 of a log that is longer than a piece\n"));
    log_stream_free(s);
}

static void an_empty_file_is_an_empty_log(void **state)
{
    struct log_options o = all();

    (void)state;
    append(path, "");
    struct log_stream *s = open_stream(&o);
    assert_read(s, "", LOG_STREAM_END);
    log_stream_free(s);
    o.has_tail = true;
    o.tail_lines = 5;
    s = open_stream(&o);
    assert_read(s, "", LOG_STREAM_END);
    log_stream_free(s);
}

static void an_absent_file_is_an_error_but_not_for_followers(void **state)
{
    struct log_options o = all(), f = following();
    struct log_stream *s = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(log_stream_open(loop, path, &o, &events, &s, &err), -ENOENT);
    assert_true(str_has_prefix(err.msg, "unable to open log file "));
    s = open_stream(&f);
    assert_read(s, "", LOG_STREAM_WAIT);
    append(path, L1);
    wait_change();
    assert_read(s, "one\n", LOG_STREAM_WAIT);
    log_stream_free(s);
}

static void an_absent_folder_is_an_error(void **state)
{
    struct log_options f = following();
    struct log_stream *s = NULL;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(log_stream_open(loop, "/tmp/no/such/folder/0.log", &f, &events, &s, &err), -ENOENT);
    assert_string_equal(err.msg, "watch /tmp/no/such/folder: No such file or directory");
}

static void a_line_waits_for_its_end(void **state)
{
    struct log_options f = following();

    (void)state;
    append(path, "2026-01-01T00:00:01Z stdout F first half");
    struct log_stream *s = open_stream(&f);
    assert_read(s, "", LOG_STREAM_WAIT);
    append(path, ", second half\n");
    wait_change();
    assert_read(s, "first half, second half\n", LOG_STREAM_WAIT);
    log_stream_free(s);
}

static void the_writer_was_cut_off_in_a_line(void **state)
{
    struct log_options o = all();

    (void)state;
    append(path, L1 "2026-01-01T00:00:02Z stdout F cut o");
    struct log_stream *s = open_stream(&o);
    assert_read(s, "one\ncut o", LOG_STREAM_END);
    log_stream_free(s);
}

static void lines_of_another_form_are_passed_over(void **state)
{
    struct log_options o = all();

    (void)state;
    append(path, "rubbish\n" L1 "\n\n{}\n" L2);
    struct log_stream *s = open_stream(&o);
    assert_read(s, "one\ntwo\n", LOG_STREAM_END);
    log_stream_free(s);
}

static void a_line_without_end_is_dropped(void **state)
{
    AUTO(free) char *endless = xmalloc((3u << 20) + 1);
    struct log_options o = all();

    (void)state;
    memset(endless, 'x', 3u << 20);
    endless[3u << 20] = '\0';
    append(path, L1 "2026-01-01T00:00:02Z stdout F ");
    append(path, endless);
    append(path, "\n" L2);
    struct log_stream *s = open_stream(&o);
    assert_read(s, "one\ntwo\n", LOG_STREAM_END);
    log_stream_free(s);
}

static void the_rest_of_the_old_file_comes_before_the_new_one(void **state)
{
    struct log_options f = following();

    (void)state;
    append(path, L1);
    struct log_stream *s = open_stream(&f);
    assert_read(s, "one\n", LOG_STREAM_WAIT);
    assert_int_equal(rename(path, aside), 0);
    assert_read(s, "", LOG_STREAM_WAIT); /* nobody writes anew yet */
    append(aside, L2);
    append(path, L3A L3B);
    wait_change();
    assert_read(s, "two\nthree\n", LOG_STREAM_WAIT);
    append(path, L4);
    wait_change();
    assert_read(s, "four\n", LOG_STREAM_WAIT);
    log_stream_free(s);
}

static void a_cut_line_of_the_old_file_does_not_run_into_the_new_one(void **state)
{
    struct log_options f = following();

    (void)state;
    append(path, "2026-01-01T00:00:01Z stdout F cut");
    struct log_stream *s = open_stream(&f);
    assert_read(s, "", LOG_STREAM_WAIT);
    assert_int_equal(rename(path, aside), 0);
    append(path, L2);
    wait_change();
    assert_read(s, "cuttwo\n", LOG_STREAM_WAIT); /* both texts, and both whole */
    log_stream_free(s);
}

static void the_end_of_the_container_ends_a_follower(void **state)
{
    struct log_options f = following();

    (void)state;
    append(path, L1);
    struct log_stream *s = open_stream(&f);
    assert_read(s, "one\n", LOG_STREAM_WAIT);
    append(path, L2); /* its last word, not yet seen when it ends */
    running = false;
    log_stream_wake(s);
    assert_read(s, "two\n", LOG_STREAM_END);
    log_stream_free(s);
}

static void an_ended_container_is_followed_to_its_end(void **state)
{
    struct log_options f = following();

    (void)state;
    running = false;
    append(path, L1 L2);
    struct log_stream *s = open_stream(&f);
    assert_read(s, "one\ntwo\n", LOG_STREAM_END);
    log_stream_free(s);
}

static void a_limit_ends_a_follower_too(void **state)
{
    struct log_options f = following();

    (void)state;
    f.limit_bytes = 6;
    append(path, L1);
    struct log_stream *s = open_stream(&f);
    assert_read(s, "one\n", LOG_STREAM_WAIT);
    append(path, L2);
    wait_change();
    assert_read(s, "tw", LOG_STREAM_END);
    log_stream_free(s);
}

static void pieces_are_bounded(void **state)
{
    AUTO(buf_done) struct buf log = BUF_INIT(8u << 20), out = BUF_INIT(1u << 20);
    struct log_options o = all();
    size_t total = 0;

    (void)state;
    for (unsigned i = 0; i < 20000; i++)
        (void)buf_puts(&log, L1);
    append(path, buf_str(&log));
    struct log_stream *s = open_stream(&o);
    while (log_stream_read(s, &out, 4096) == 0) {
        assert_true(out.len <= 4096 + 32768 + 64);
        total += out.len;
        buf_clear(&out);
    }
    assert_int_equal(total, 20000 * 4);
    log_stream_free(s);
}

/* Streams that end one another while they are told. */
static struct log_stream *group[3];
static void end_all(void *user)
{
    (void)user;
    changes++;
    for (size_t i = 0; i < ARRAY_LEN(group); i++)
        group[i] = log_stream_free(group[i]);
}

static void a_stream_may_end_all_others_when_told(void **state)
{
    const struct log_stream_events ending = { .on_change = end_all, .is_running = is_running };
    struct log_options f = following();
    struct err err = ERR_INIT;

    (void)state;
    append(path, L1);
    for (size_t i = 0; i < ARRAY_LEN(group); i++)
        assert_int_equal(log_stream_open(loop, path, &f, &ending, &group[i], &err), 0);
    append(path, L2);
    wait_change();
    assert_int_equal(changes, 1);
}

static void two_followers_of_one_folder_end_apart(void **state)
{
    struct log_options f = following();

    (void)state;
    append(path, L1);
    struct log_stream *a = open_stream(&f), *b = open_stream(&f);
    assert_read(a, "one\n", LOG_STREAM_WAIT);
    assert_read(b, "one\n", LOG_STREAM_WAIT);
    log_stream_free(a);
    append(path, L2);
    wait_change();
    assert_read(b, "two\n", LOG_STREAM_WAIT);
    log_stream_free(b);
}

int main(void)
{
#define IN_DIR(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_DIR(each_option_alone),
        IN_DIR(tail_finds_lines_across_pieces),
        IN_DIR(an_empty_file_is_an_empty_log),
        IN_DIR(an_absent_file_is_an_error_but_not_for_followers),
        IN_DIR(an_absent_folder_is_an_error),
        IN_DIR(a_line_waits_for_its_end),
        IN_DIR(the_writer_was_cut_off_in_a_line),
        IN_DIR(lines_of_another_form_are_passed_over),
        IN_DIR(a_line_without_end_is_dropped),
        IN_DIR(the_rest_of_the_old_file_comes_before_the_new_one),
        IN_DIR(a_cut_line_of_the_old_file_does_not_run_into_the_new_one),
        IN_DIR(the_end_of_the_container_ends_a_follower),
        IN_DIR(an_ended_container_is_followed_to_its_end),
        IN_DIR(a_limit_ends_a_follower_too),
        IN_DIR(pieces_are_bounded),
        IN_DIR(a_stream_may_end_all_others_when_told),
        IN_DIR(two_followers_of_one_folder_end_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
