/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "test.h"

static struct loop *loop;
static char trace[256];

static void note(const char *what)
{
    assert_true(strlen(trace) + strlen(what) + 2 < sizeof(trace));
    memcpy(trace + strlen(trace), what, strlen(what) + 1);
}

static int make_loop(void **state)
{
    (void)state;
    trace[0] = '\0';
    return loop_new(&loop, NULL);
}

static int free_loop(void **state)
{
    (void)state;
    loop = loop_free(loop);
    return 0;
}

static void run_for(int64_t ms)
{
    int64_t end_ms = clock_boot_ms() + ms;

    while (clock_boot_ms() < end_ms && loop_once(loop, (int)(end_ms - clock_boot_ms()) + 1))
        ;
}

static void an_idle_loop_ends_at_once(void **state)
{
    (void)state;
    loop_run(loop);
    assert_false(loop_once(loop, -1));
}

static int64_t fired_ns;

static void on_fired(struct loop_timer *t)
{
    assert_false(loop_timer_running(t));
    fired_ns = clock_boot_ns();
}

static void a_timer_is_never_early(void **state)
{
    struct loop_timer t;

    (void)state;
    loop_timer_init(&t, loop, "t", on_fired);
    for (int64_t delay_ms = 1; delay_ms < 12; delay_ms++) {
        int64_t start_ns = clock_boot_ns();

        loop_timer_start(&t, delay_ms);
        loop_run(loop);
        assert_true(fired_ns - start_ns >= delay_ms * NS_PER_MS);
        assert_true(fired_ns - start_ns < (delay_ms + 5000) * NS_PER_MS);
    }
}

static void on_busy(struct loop_timer *t)
{
    int64_t end_ns = clock_boot_ns() + 20 * NS_PER_MS;

    (void)t;
    while (clock_boot_ns() < end_ns)
        ;
}

static void a_busy_callback_makes_later_timers_neither_early_nor_doubly_late(void **state)
{
    struct loop_timer busy, t;
    bool in_time = false;

    (void)state;
    loop_timer_init(&busy, loop, "busy", on_busy);
    loop_timer_init(&t, loop, "t", on_fired);
    for (int attempt = 0; attempt < 20 && !in_time;
         attempt++) { /* the machine may be busy with others */
        int64_t start_ns = clock_boot_ns();

        loop_timer_start(&busy, 0);
        loop_timer_start(&t, 40);
        loop_run(loop);
        assert_true(fired_ns - start_ns >= 40 * NS_PER_MS);
        in_time = fired_ns - start_ns < 55 * NS_PER_MS;
    }
    assert_true(in_time);
}

static int again_left;

static void on_again(struct loop_timer *t)
{
    note("t");
    if (again_left-- > 0)
        loop_timer_start(t, 0);
}

static void on_pipe_once(struct loop_fd *f, int events)
{
    (void)events;
    note("f");
    loop_fd_stop(f);
}

static void a_timer_that_starts_itself_does_not_starve_descriptors(void **state)
{
    struct loop_timer t;
    struct loop_fd f;
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    again_left = 3;
    loop_timer_init(&t, loop, "t", on_again);
    loop_fd_init(&f, loop, "f", on_pipe_once);
    loop_timer_start(&t, 0);
    assert_int_equal(loop_fd_start(&f, fds[0], LOOP_READ), 0);
    loop_run(loop);
    assert_string_equal(trace, "tfttt");
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void starting_a_running_timer_moves_it_and_stopping_silences_it(void **state)
{
    struct loop_timer moved, stopped;

    (void)state;
    again_left = 0;
    loop_timer_init(&moved, loop, "moved", on_again);
    loop_timer_init(&stopped, loop, "stopped", on_again);
    loop_timer_start(&moved, 1);
    loop_timer_start(&stopped, 1);
    loop_timer_start(&moved, 60000);
    loop_timer_stop(&stopped);
    loop_timer_stop(&stopped);
    run_for(10);
    assert_string_equal(trace, "");
    loop_timer_start(&moved, -5);
    assert_true(loop_timer_running(&moved));
    loop_run(loop);
    assert_string_equal(trace, "t");
}

struct owner {
    struct loop_timer timer;
    struct loop_defer defer;
    struct loop_fd fd;
    struct loop_signal signal;
};

static struct owner *owner;

static void free_owner(void)
{
    note("x");
    loop_timer_stop(&owner->timer);
    loop_defer_stop(&owner->defer);
    loop_fd_stop(&owner->fd);
    loop_signal_stop(&owner->signal);
    free(owner);
    owner = NULL;
}

static void owner_timer(struct loop_timer *t)
{
    (void)t;
    free_owner();
}

static void owner_defer(struct loop_defer *d)
{
    (void)d;
    free_owner();
}

static void owner_fd(struct loop_fd *f, int events)
{
    (void)f;
    (void)events;
    free_owner();
}

static void owner_signal(struct loop_signal *s, int signum)
{
    (void)s;
    (void)signum;
    free_owner();
}

enum first { BY_TIMER, BY_DEFER, BY_FD, BY_SIGNAL, BY_NR };

static void an_owner_may_free_itself_in_any_callback(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    for (int round = 0; round < 3; round++) { /* the second time with pooled memory */
        for (enum first by = 0; by < BY_NR; by++) {
            owner = NEW(struct owner);
            loop_timer_init(&owner->timer, loop, "timer", owner_timer);
            loop_defer_init(&owner->defer, loop, "defer", owner_defer);
            loop_fd_init(&owner->fd, loop, "fd", owner_fd);
            assert_int_equal(loop_signal_start(&owner->signal, loop, SIGUSR1, owner_signal), 0);
            loop_timer_start(&owner->timer, by == BY_TIMER ? 0 : 60000);
            if (by == BY_DEFER)
                loop_defer_start(&owner->defer);
            if (by == BY_FD)
                assert_int_equal(loop_fd_start(&owner->fd, fds[0], LOOP_READ), 0);
            if (by == BY_SIGNAL)
                (void)raise(SIGUSR1);
            loop_run(loop);
            assert_null(owner);
        }
    }
    assert_string_equal(trace, "xxxxxxxxxxxx");
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static struct loop_fd pair[2];
static int pair_fds[2][2];

static void stops_the_other(struct loop_fd *f, int events)
{
    struct loop_fd *other = f == &pair[0] ? &pair[1] : &pair[0];

    (void)events;
    note("1");
    loop_fd_stop(other);
    loop_fd_stop(f);
    /* takes the memory that the rest of the batch still names */
    assert_int_equal(loop_fd_start(other, pair_fds[0][1], LOOP_READ), 0);
}

static void a_stopped_source_is_silent_within_the_same_batch(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair_fds[i]), 0);
        assert_int_equal(write(pair_fds[i][1], "x", 1), 1);
        loop_fd_init(&pair[i], loop, "pair", stops_the_other);
        assert_int_equal(loop_fd_start(&pair[i], pair_fds[i][0], LOOP_READ), 0);
    }
    run_for(20);
    assert_string_equal(trace, "1");
    for (int i = 0; i < 2; i++) {
        loop_fd_stop(&pair[i]);
        (void)close(pair_fds[i][0]);
        (void)close(pair_fds[i][1]);
    }
}

static int seen_events, seen_calls;

static void on_events(struct loop_fd *f, int events)
{
    seen_events |= events;
    if (++seen_calls == 3)
        loop_fd_stop(f);
}

static int events_of(int fd, int wanted)
{
    struct loop_fd f;

    seen_events = seen_calls = 0;
    loop_fd_init(&f, loop, "f", on_events);
    assert_int_equal(loop_fd_start(&f, fd, wanted), 0);
    run_for(20);
    loop_fd_stop(&f);
    return seen_events;
}

static void readiness_is_level_triggered_and_filtered(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(events_of(fds[0], LOOP_READ), 0);
    assert_int_equal(events_of(fds[0], LOOP_READ | LOOP_WRITE), LOOP_WRITE);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(events_of(fds[0], LOOP_READ), LOOP_READ);
    assert_int_equal(seen_calls, 3); /* unread, so reported again */
    assert_int_equal(events_of(fds[0], LOOP_READ | LOOP_WRITE), LOOP_READ | LOOP_WRITE);
    (void)close(fds[1]);
    assert_int_equal(events_of(fds[0], LOOP_HANGUP), LOOP_HANGUP);
    assert_int_equal(events_of(fds[0], LOOP_READ), LOOP_READ | LOOP_HANGUP);
    (void)close(fds[0]);
}

static void an_error_is_readiness_so_that_the_next_write_tells(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    (void)close(fds[0]);
    assert_int_equal(events_of(fds[1], LOOP_WRITE), LOOP_WRITE | LOOP_HANGUP);
    assert_int_equal(seen_calls, 3);
    assert_int_equal(write(fds[1], "x", 1), -1); /* and no SIGPIPE */
    assert_int_equal(errno, EPIPE);
    (void)close(fds[1]);
}

static void watching_leaves_a_descriptor_s_flags_alone(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    events_of(fds[0], LOOP_READ);
    assert_false(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void a_paused_source_keeps_nothing_alive(void **state)
{
    struct loop_fd f;
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    loop_fd_init(&f, loop, "f", on_events);
    assert_int_equal(loop_fd_start(&f, fds[0], LOOP_READ), 0);
    assert_true(loop_once(loop, 0));
    assert_int_equal(loop_fd_start(&f, fds[0], 0), 0);
    assert_false(loop_once(loop, 0));
    assert_int_equal(loop_fd_start(&f, fds[0], LOOP_READ), 0);
    assert_true(loop_once(loop, 0));
    loop_fd_stop(&f);
    assert_false(loop_once(loop, 0));
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void what_cannot_be_watched_is_an_error_of_the_start(void **state)
{
    AUTO(close) int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct loop_fd f;

    (void)state;
    loop_fd_init(&f, loop, "f", on_events);
    assert_int_equal(loop_fd_start(&f, file, LOOP_READ), -EPERM);
    assert_int_equal(loop_fd_start(&f, -1, LOOP_READ), -EBADF);
    assert_false(loop_once(loop, 0));
}

static struct loop_defer deferred, chained;
static struct loop_timer due;

static void on_chained(struct loop_defer *d)
{
    (void)d;
    note("c");
}

static void on_deferred(struct loop_defer *d)
{
    note("d");
    loop_defer_start(&chained);
    if (again_left-- > 0)
        loop_defer_start(d);
}

static void on_due(struct loop_timer *t)
{
    (void)t;
    note("t");
    loop_defer_start(&deferred);
    loop_defer_start(&deferred);
}

static void on_due_second(struct loop_timer *t)
{
    (void)t;
    note("T");
}

static void deferred_calls_come_once_after_what_is_due(void **state)
{
    struct loop_timer second;

    (void)state;
    again_left = 0;
    loop_defer_init(&deferred, loop, "deferred", on_deferred);
    loop_defer_init(&chained, loop, "chained", on_chained);
    loop_timer_init(&due, loop, "due", on_due);
    loop_timer_init(&second, loop, "second", on_due_second);
    loop_timer_start(&due, 0);
    loop_timer_start(&second, 0);
    loop_run(loop);
    assert_string_equal(trace, "tTdc");
}

static void a_deferred_call_that_starts_itself_leaves_the_round(void **state)
{
    (void)state;
    again_left = 1000;
    loop_defer_init(&deferred, loop, "deferred", on_deferred);
    loop_defer_init(&chained, loop, "chained", on_chained);
    loop_defer_start(&deferred);
    assert_true(loop_once(loop, -1));
    assert_string_equal(trace, "d");
    assert_true(loop_once(loop, -1));
    assert_string_equal(trace, "dcd");
    loop_defer_stop(&deferred);
    loop_defer_stop(&chained);
    assert_false(loop_once(loop, -1));
    assert_string_equal(trace, "dcd");
}

static void on_stop(struct loop_timer *t)
{
    note("s");
    loop_stop(loop);
    loop_timer_start(t, 0);
}

static void stopping_ends_the_run_and_it_may_run_again(void **state)
{
    struct loop_timer t;

    (void)state;
    loop_timer_init(&t, loop, "t", on_stop);
    loop_timer_start(&t, 0);
    loop_run(loop);
    assert_string_equal(trace, "s");
    loop_run(loop);
    assert_string_equal(trace, "ss");
    loop_timer_stop(&t);
}

static void waiting_has_a_bound(void **state)
{
    struct loop_timer t;
    int64_t start_ms = clock_boot_ms();

    (void)state;
    loop_timer_init(&t, loop, "t", on_fired);
    loop_timer_start(&t, 60000);
    assert_true(loop_once(loop, 15));
    assert_true(clock_boot_ms() - start_ms >= 14);
    assert_true(clock_boot_ms() - start_ms < 10000);
    loop_timer_stop(&t);
}

static char slow_name[32];

static void on_slow(const char *name, int64_t took_ms)
{
    (void)snprintf(slow_name, sizeof(slow_name), "%s %d", name, took_ms >= 60);
}

static void on_sluggish(struct loop_timer *t)
{
    int64_t end_ns = clock_boot_ns() + 60 * NS_PER_MS;

    (void)t;
    while (clock_boot_ns() < end_ns)
        ;
}

static void a_slow_callback_is_reported_by_name(void **state)
{
    struct loop_timer t;

    (void)state;
    slow_name[0] = '\0';
    loop_on_slow(loop, on_slow);
    loop_timer_init(&t, loop, "sluggish", on_sluggish);
    loop_timer_start(&t, 0);
    loop_run(loop);
    assert_string_equal(slow_name, "sluggish 1");
}

static void many_sources_at_once_are_all_served(void **state)
{
    enum { MANY = 300 };
    static struct loop_fd sources[MANY];
    static int fds[MANY][2];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(pipe2(fds[i], O_CLOEXEC), 0);
        assert_int_equal(write(fds[i][1], "x", 1), 1);
        loop_fd_init(&sources[i], loop, "many", on_pipe_once);
        assert_int_equal(loop_fd_start(&sources[i], fds[i][0], LOOP_READ), 0);
        if (i % 100 == 99)
            trace[0] = '\0';
        if (i % 100 != 0)
            continue;
        loop_fd_stop(&sources[i]); /* and back, from the pool */
        assert_int_equal(loop_fd_start(&sources[i], fds[i][0], LOOP_READ), 0);
    }
    while (loop_once(loop, 1000))
        trace[0] = '\0';
    for (int i = 0; i < MANY; i++) {
        assert_null(sources[i].impl);
        (void)close(fds[i][0]);
        (void)close(fds[i][1]);
    }
}

#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, make_loop, free_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(an_idle_loop_ends_at_once),
        LOOP_TEST(a_timer_is_never_early),
        LOOP_TEST(a_busy_callback_makes_later_timers_neither_early_nor_doubly_late),
        LOOP_TEST(a_timer_that_starts_itself_does_not_starve_descriptors),
        LOOP_TEST(starting_a_running_timer_moves_it_and_stopping_silences_it),
        LOOP_TEST(an_owner_may_free_itself_in_any_callback),
        LOOP_TEST(a_stopped_source_is_silent_within_the_same_batch),
        LOOP_TEST(readiness_is_level_triggered_and_filtered),
        LOOP_TEST(an_error_is_readiness_so_that_the_next_write_tells),
        LOOP_TEST(watching_leaves_a_descriptor_s_flags_alone),
        LOOP_TEST(a_paused_source_keeps_nothing_alive),
        LOOP_TEST(what_cannot_be_watched_is_an_error_of_the_start),
        LOOP_TEST(deferred_calls_come_once_after_what_is_due),
        LOOP_TEST(a_deferred_call_that_starts_itself_leaves_the_round),
        LOOP_TEST(stopping_ends_the_run_and_it_may_run_again),
        LOOP_TEST(waiting_has_a_bound),
        LOOP_TEST(a_slow_callback_is_reported_by_name),
        LOOP_TEST(many_sources_at_once_are_all_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
