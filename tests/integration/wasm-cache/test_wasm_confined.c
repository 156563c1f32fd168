/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler, looked at from outside while it waits for the first byte of a module. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "world.h"

static struct world w;
static pid_t pid;
static int input;

static char *read_of(const char *file)
{
    struct buf text = BUF_INIT(64 * KIB);
    AUTO(free) char *path = xasprintf("/proc/%d/%s", (int)pid, file);
    struct err err = ERR_INIT;
    if (file_read(AT_FDCWD, path, &text, &err) < 0)
        fail_msg("%s", err.msg);
    return buf_take(&text);
}

static int set_up(void **state)
{
    int ends[2];
    (void)state;
    world_init(&w, "confined");
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        if (dup2(ends[0], 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || dup2(null, 9) < 0)
            _exit(1);
        (void)execl(w.config.compile, "oarsman-wasm-compile", "--describe", "9", "--memory", "1000000000", (char *)NULL);
        _exit(1);
    }
    (void)close(ends[0]);
    input = ends[1];
    for (int i = 0; i < 500; i++) { /* the filter comes last */
        AUTO(free) char *status = read_of("status");
        if (strstr(status, "\nSeccomp:\t2\n"))
            return 0;
        struct timespec ten_ms = { .tv_nsec = 10000000 };
        (void)nanosleep(&ten_ms, NULL);
    }
    return -1;
}

static int tear_down(void **state)
{
    (void)state;
    (void)close(input);
    (void)waitpid(pid, NULL, 0);
    world_done(&w);
    return 0;
}

static void it_is_nobody_and_can_become_nobody_else(void **state)
{
    static const char *const facts[] = {
        "\nUid:\t65534\t65534\t65534\t65534\n", "\nGid:\t65534\t65534\t65534\t65534\n", "\nGroups:\t \n",
        "\nCapInh:\t0000000000000000\n",        "\nCapPrm:\t0000000000000000\n",        "\nCapEff:\t0000000000000000\n",
        "\nCapBnd:\t0000000000000000\n",        "\nCapAmb:\t0000000000000000\n",        "\nNoNewPrivs:\t1\n",
        "\nSeccomp:\t2\n",                      "\nThreads:\t1\n",
    };
    AUTO(free) char *status = read_of("status");
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        if (!strstr(status, facts[i]))
            fail_msg("not in its status: %s\n%s", facts[i], status);
}

static size_t entries_of(const char *folder)
{
    AUTO(free) char *path = xasprintf("/proc/%d/%s", (int)pid, folder);
    AUTO(closedir) DIR *dir = opendir(path);
    size_t count = 0;
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));)
        count += !str_eq(e->d_name, ".") && !str_eq(e->d_name, "..");
    return count;
}

static void it_sees_no_file(void **state)
{
    AUTO(free) char *mounts = read_of("mountinfo");
    (void)state;
    assert_int_equal(entries_of("root"), 0);
    assert_int_equal(entries_of("cwd"), 0);
    char *end = strchr(mounts, '\n');
    assert_true(end && end[1] == '\0'); /* one mount */
    assert_non_null(strstr(mounts, " / / ro,nosuid,nodev,noexec"));
}

static void it_holds_what_it_was_given(void **state)
{
    AUTO(free) char *path = xasprintf("/proc/%d/fd/9", (int)pid);
    (void)state;
    assert_int_equal(entries_of("fd"), 4);
    assert_true(path_exists(path));
}

static void its_memory_and_files_are_bounded(void **state)
{
    AUTO(free) char *limits = read_of("limits"), *score = read_of("oom_score_adj");
    (void)state;
    assert_non_null(strstr(limits, "Max data size             1000000000           1000000000"));
    assert_non_null(strstr(limits, "Max file size             536870912            536870912"));
    assert_non_null(strstr(limits, "Max core file size        0                    0"));
    assert_string_equal(score, "1000\n");
}

static void it_still_compiles(void **state)
{
    static const char module[] = "\0asm\1\0\0\0"
                                 "\1\4\1\x60\0\0"     /* a type: () -> () */
                                 "\3\2\1\0"           /* a function of it */
                                 "\7\5\1\1s\0\0"      /* exported as "s" */
                                 "\x0a\4\1\2\0\x0b"; /* and empty */
    int status = -1;
    (void)state;
    assert_int_equal(write(input, module, sizeof(module) - 1), sizeof(module) - 1);
    (void)close(input);
    input = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(it_is_nobody_and_can_become_nobody_else),
        CASE(it_sees_no_file),
        CASE(it_holds_what_it_was_given),
        CASE(its_memory_and_files_are_bounded),
        CASE(it_still_compiles),
    };
    return world_can_run() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
