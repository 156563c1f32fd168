/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulator replaces a noun of base_io by defining all of its functions and being linked before
 * it. Here it is the clock, and the log, which stays the real one, tells simulated time.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "test.h"

static int64_t simulated_ns;

int64_t clock_wall_ns(void)
{
    return simulated_ns;
}

int64_t clock_boot_ns(void)
{
    return simulated_ns;
}

int64_t clock_boot_ms(void)
{
    return simulated_ns / NS_PER_MS;
}

struct now clock_now(void)
{
    return (struct now){ .wall_ns = simulated_ns, .boot_ns = simulated_ns };
}

const char *clock_boot_id(void)
{
    return "simulated";
}

static void the_log_tells_simulated_time(void **state)
{
    char line[256] = "";
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    log_set_fd(fds[1]);
    simulated_ns = INT64_C(1767323045) * NS_PER_S + 678 * NS_PER_MS;
    log_info("sim", "tick", "n=%d", 1);
    log_set_fd(STDERR_FILENO);
    assert_true(read(fds[0], line, sizeof(line) - 1) > 0);
    assert_string_equal(line, "level=info ts=2026-01-02T03:04:05.678Z mod=sim msg=\"tick\" n=1\n");
    (void)close(fds[0]);
    (void)close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_log_tells_simulated_time) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
