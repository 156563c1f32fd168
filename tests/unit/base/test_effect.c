/* SPDX-License-Identifier: Apache-2.0 */
#include "base/effect.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "test.h"

#define EFFECTS 5

/* A child that reaches EFFECTS effects with CRASH_AT=at; its wait status. */
static int life(const char *at, const char *log)
{
    pid_t pid = fork();
    int status = -1;

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)setenv("CRASH_AT", at, 1);
        (void)setenv("CRASH_LOG", log, 1);
        for (int i = 0; i < EFFECTS; i++)
            effect(i % 2 ? "mount" : "cgroup");
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void the_process_dies_before_its_nth_effect(void **state)
{
    static const struct {
        const char *at, *log;
        int killed;
    } cases[] = {
        { "0", "1 cgroup\n2 mount\n3 cgroup\n4 mount\n5 cgroup\n", 0 },
        { "1", "1 cgroup\n", 1 },
        { "4", "1 cgroup\n2 mount\n3 cgroup\n4 mount\n", 1 },
        { "6", "1 cgroup\n2 mount\n3 cgroup\n4 mount\n5 cgroup\n", 0 },
        { "nonsense", "1 cgroup\n2 mount\n3 cgroup\n4 mount\n5 cgroup\n", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO(buf_done) struct buf text = BUF_INIT(4096);
        char log[] = "/tmp/test-effect-XXXXXX";
        int fd = mkstemp(log), status, r;

        assert_true(fd >= 0);
        (void)close(fd);
        status = life(cases[i].at, log);
        r = file_read(AT_FDCWD, log, &text, NULL);
        (void)unlink(log);
        assert_int_equal(r, 0);
        assert_int_equal(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, cases[i].killed);
        assert_string_equal(buf_str(&text), cases[i].log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_process_dies_before_its_nth_effect) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
