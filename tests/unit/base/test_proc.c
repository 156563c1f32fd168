/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "test.h"

static struct loop *loop;
static struct proc_exit last;
static int exits;

static int make_loop(void **state)
{
    (void)state;
    exits = 0;
    return loop_new(&loop, NULL);
}

static int free_loop(void **state)
{
    (void)state;
    loop = loop_free(loop);
    return 0;
}

static void on_exit_seen(struct proc *p, const struct proc_exit *exit)
{
    (void)p;
    last = *exit;
    exits++;
}

#define SHELL(script) ((const char *const[]){ "sh", "-c", (script), NULL })
#define SHELL_SPEC(script)                                                                         \
    {                                                                                              \
        .path = "/bin/sh", .argv = SHELL(script)                                                   \
    }

/* Runs a spec to its end on the blocking twin; what it wrote to stdout, without the last newline.
 */
static const char *output_of(const struct proc_spec *spec)
{
    static char text[8192];
    AUTO(buf_done) struct buf out = BUF_INIT(sizeof(text) - 1);
    struct err err = ERR_INIT;

    if (proc_run(spec, 10000, &out, NULL, &last, &err) < 0)
        fail_msg("%s", err.msg);
    memcpy(text, buf_str(&out), out.len + 1);
    if (out.len && text[out.len - 1] == '\n')
        text[out.len - 1] = '\0';
    return text;
}

static const char *shell(const char *script)
{
    const struct proc_spec spec = SHELL_SPEC(script);

    return output_of(&spec);
}

static void exit_codes_and_signals_are_told_apart(void **state)
{
    static const struct {
        const char *script;
        int code, signal;
    } cases[] = {
        { "exit 0", 0, 0 },
        { "exit 3", 3, 0 },
        { "exit 255", 255, 0 },
        { "kill -TERM $$", 128 + SIGTERM, SIGTERM },
        { "kill -KILL $$", 128 + SIGKILL, SIGKILL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct proc_spec spec = SHELL_SPEC(cases[i].script);
        struct proc p;

        shell(cases[i].script);
        assert_int_equal(last.code, cases[i].code);
        assert_int_equal(last.signal, cases[i].signal);
        proc_init(&p, loop, "p", on_exit_seen);
        assert_int_equal(proc_start(&p, &spec, NULL, NULL), 0);
        loop_run(loop);
        assert_int_equal(last.code, cases[i].code);
        assert_int_equal(last.signal, cases[i].signal);
        assert_false(last.timed_out);
        proc_done(&p);
    }
    assert_int_equal(exits, ARRAY_LEN(cases));
}

static void both_outputs_and_the_input_go_their_ways(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("cat; echo complaint >&2");
    AUTO(free) char *input = (char *)xmalloc(300000);
    struct proc_opts opts = { .capture_out = true,
                              .capture_error = true,
                              .input = input,
                              .input_len = 300000,
                              .capture_max_bytes = 400000 };
    struct proc p;

    (void)state;
    memset(input, 'i', 300000);
    proc_init(&p, loop, "p", on_exit_seen);
    assert_int_equal(proc_start(&p, &spec, &opts, NULL), 0);
    loop_run(loop);
    assert_int_equal(p.out.len, 300000);
    assert_memory_equal(p.out.data, input, 300000);
    assert_string_equal(buf_str(&p.error_out), "complaint\n");
    proc_done(&p);
}

static void a_child_that_does_not_read_its_input_ends_as_it_likes(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("exec <&-; exit 4");
    AUTO(free) char *input = (char *)xcalloc(1, 1 << 20);
    const struct proc_opts opts = { .input = input, .input_len = 1 << 20 };
    struct proc p;

    (void)state;
    proc_init(&p, loop, "p", on_exit_seen);
    assert_int_equal(proc_start(&p, &spec, &opts, NULL), 0);
    loop_run(loop);
    assert_int_equal(last.code, 4);
    proc_done(&p);
}

static void output_beyond_the_bound_is_dropped_and_blocks_nobody(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("head -c 3000000 /dev/zero | tr '\\0' x; exit 6");
    const struct proc_opts opts = { .capture_out = true };
    AUTO(buf_done) struct buf out = BUF_INIT(1000);
    struct proc p;

    (void)state;
    proc_init(&p, loop, "p", on_exit_seen);
    assert_int_equal(proc_start(&p, &spec, &opts, NULL), 0);
    loop_run(loop);
    assert_int_equal(last.code, 6);
    assert_int_equal(p.out.len, LIMIT_PROC_CAPTURE_BYTES);
    assert_false(buf_failed(&p.out));
    proc_done(&p);
    assert_int_equal(proc_run(&spec, 10000, &out, NULL, &last, NULL), 0);
    assert_int_equal(last.code, 6);
    assert_int_equal(out.len, 1000);
}

/* The grandchild writes its pid and keeps stdout: the end of the child is the end. */
static void a_grandchild_that_keeps_the_pipe_does_not_hold_the_end_up(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("sleep 60 & echo $!; exit 5");
    const struct proc_opts opts = { .capture_out = true, .capture_error = true };
    AUTO(buf_done) struct buf out = BUF_INIT(100);
    int64_t start_ms = clock_boot_ms(), pid;
    struct proc p;

    (void)state;
    for (int way = 0; way < 2; way++) {
        proc_init(&p, loop, "p", on_exit_seen);
        if (way == 0) {
            assert_int_equal(proc_start(&p, &spec, &opts, NULL), 0);
            loop_run(loop);
            buf_puts(&out, buf_str(&p.out));
        } else {
            assert_int_equal(proc_run(&spec, 0, &out, NULL, &last, NULL), 0);
        }
        proc_done(&p);
        assert_true(out.len > 1);
        out.data[out.len - 1] = '\0';
        assert_int_equal(str_to_i64(buf_str(&out), 2, INT32_MAX, &pid), 0);
        (void)kill((pid_t)pid, SIGKILL);
        assert_int_equal(last.code, 5);
        assert_true(clock_boot_ms() - start_ms < 30000);
        buf_clear(&out);
    }
}

static void a_deadline_kills(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("trap '' TERM; while :; do sleep 1; done");
    const struct proc_opts opts = { .deadline_ms = 30 };
    struct proc p;

    (void)state;
    proc_init(&p, loop, "p", on_exit_seen);
    assert_int_equal(proc_start(&p, &spec, &opts, NULL), 0);
    loop_run(loop);
    assert_true(last.timed_out);
    assert_int_equal(last.signal, SIGKILL);
    proc_done(&p);
    assert_int_equal(proc_run(&spec, 30, NULL, NULL, &last, NULL), 0);
    assert_true(last.timed_out);
    assert_int_equal(last.signal, SIGKILL);
}

static void what_cannot_start_is_an_error_of_the_start_that_names_it(void **state)
{
    const struct {
        struct proc_spec spec;
        int want;
        const char *msg;
    } cases[] = {
        { { .path = "no-such-program" }, -ENOENT, "no-such-program: not found in PATH (" },
        { { .path = "" }, -EINVAL, "start a program: no name" },
        { { .path = "bin/sh" }, -EINVAL, "bin/sh: neither absolute nor a plain name" },
        { { .path = "/no/such" }, -ENOENT, "/no/such: execute: No such file or directory" },
        { { .path = "/etc/passwd" }, -EACCES, "/etc/passwd: execute: Permission denied" },
        { { .path = "/bin/sh", .cwd = "/no" },
          -ENOENT,
          "/bin/sh: change to its folder /no: No such file" },
        { { .path = "/bin/sh", .cgroup_procs = (const char *const[]){ "/no/cgroup.procs", NULL } },
          -ENOENT,
          "/bin/sh: join cgroup /no/cgroup.procs: No such file" },
        { { .path = "/bin/sh", .fds = (const struct proc_fd[]){ { 900, 5 } }, .fds_len = 1 },
          -EBADF,
          "/bin/sh: pass descriptors (number 5): Bad file descriptor" },
        { { .path = "/bin/sh", .fds = (const struct proc_fd[]){ { -1, 5 } }, .fds_len = 1 },
          -EBADF,
          "descriptor -1 as 5" },
        { { .path = "/bin/sh",
            .fds = (const struct proc_fd[]){ { 0, 5 }, { 1, 5 } },
            .fds_len = 2 },
          -EINVAL,
          "descriptor 5 is given twice" },
        { { .path = "/bin/sh", .net_ns_fd = 900 },
          -EBADF,
          "/bin/sh: enter network namespace: Bad file descriptor" },
        { { .path = "/bin/sh", .mount_ns_fd = 900 },
          -EBADF,
          "/bin/sh: enter mount namespace: Bad file descriptor" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        pid_t pid = -1;
        struct proc p;
        int pidfd = -1;

        proc_init(&p, loop, "p", on_exit_seen);
        assert_int_equal(proc_start(&p, &cases[i].spec, NULL, &err), cases[i].want);
        if (!strstr(err.msg, cases[i].msg))
            fail_msg("%s", err.msg);
        assert_int_equal(proc_run(&cases[i].spec, 0, NULL, NULL, NULL, NULL), cases[i].want);
        assert_int_equal(proc_spawn(&cases[i].spec, &pid, &pidfd, NULL), cases[i].want);
        assert_int_equal(pidfd, -1);
        proc_done(&p);
        assert_false(loop_once(loop, 0));
    }
    assert_int_equal(exits, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left to reap */
    assert_int_equal(errno, ECHILD);
}

static void a_child_has_the_named_descriptors_and_no_other(void **state)
{
    const char *count = "for f in /proc/self/fd/*; do echo -n \"${f##*/} \"; done";
    int fds[2],
        clutter = open("/dev/null", O_RDONLY); /* without CLOEXEC, as a careless library might */
    struct proc_spec spec = { .path = "/bin/bash",
                              .argv = (const char *const[]){ "bash", "-c", count, NULL } };

    (void)state;
    assert_true(clutter >= 0);
    if (access(spec.path, X_OK) < 0)
        skip();
    assert_string_equal(output_of(&spec), "0 1 2 3 "); /* 3 is the listing's own */
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    spec.fds = (const struct proc_fd[]){ { fds[0], 40 }, { fds[1], 7 } };
    spec.fds_len = 2;
    assert_string_equal(output_of(&spec), "0 1 2 3 40 7 ");
    (void)close(clutter);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

/* Each source lies where another has to go. */
static void descriptors_may_swap_places(void **state)
{
    int a[2], b[2], low, high;
    char got[2] = "";

    (void)state;
    assert_int_equal(pipe2(a, O_CLOEXEC), 0);
    assert_int_equal(pipe2(b, O_CLOEXEC), 0);
    low = fcntl(a[1], F_DUPFD_CLOEXEC, 8);
    high = fcntl(b[1], F_DUPFD_CLOEXEC, low + 1);
    {
        AUTO(free)
        char *script =
            xasprintf("printf L >/proc/self/fd/%d; printf H >/proc/self/fd/%d", high, low);
        const struct proc_spec spec = {
            .path = "/bin/sh",
            .argv = SHELL(script),
            .fds = (const struct proc_fd[]){ { low, high }, { high, low }, { low, 0 } },
            .fds_len = 3,
        };

        assert_int_equal(proc_run(&spec, 0, NULL, NULL, &last, NULL), 0);
    }
    assert_int_equal(last.code, 0);
    assert_int_equal(read(a[0], got, 1), 1);
    assert_string_equal(got, "L");
    assert_int_equal(read(b[0], got, 1), 1);
    assert_string_equal(got, "H");
    for (int i = 0; i < 2; i++) {
        (void)close(a[i]);
        (void)close(b[i]);
    }
    (void)close(low);
    (void)close(high);
}

static void the_environment_is_what_was_given_or_path_alone(void **state)
{
    const char *const env[] = { "A=1", "B=two words", NULL };
    struct proc_spec spec = { .path = "env", .argv = (const char *const[]){ "env", NULL } };

    (void)state;
    assert_true(str_has_prefix(output_of(&spec), "PATH="));
    assert_null(strchr(output_of(&spec), '\n'));
    spec.env = env;
    assert_string_equal(output_of(&spec), "A=1\nB=two words");
}

static void the_folder_is_the_root_or_the_one_given(void **state)
{
    struct proc_spec spec = SHELL_SPEC("pwd");

    (void)state;
    assert_string_equal(output_of(&spec), "/");
    spec.cwd = "/usr";
    assert_string_equal(output_of(&spec), "/usr");
}

static void ours(int signum)
{
    (void)signum;
}

static void signals_are_as_after_boot_and_ours_unchanged(void **state)
{
    sigset_t blocked, now;

    (void)state;
    (void)signal(SIGUSR2, ours);
    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
    assert_string_equal(shell("grep -E 'SigBlk|SigIgn' /proc/self/status | cut -f2 | sort -u"),
                        "0000000000000000");
    assert_int_equal(sigprocmask(SIG_UNBLOCK, &blocked, &now), 0);
    assert_true(sigismember(&now, SIGTERM));
    assert_false(sigismember(&now, SIGUSR1));
    assert_ptr_equal(signal(SIGUSR2, SIG_DFL), ours);
}

static void a_session_of_its_own(void **state)
{
    struct proc_spec spec =
        SHELL_SPEC("set -- $(cat /proc/$$/stat); [ $6 = $$ ] && echo own || echo shared");

    (void)state;
    assert_string_equal(output_of(&spec), "shared");
    spec.new_session = true;
    assert_string_equal(output_of(&spec), "own");
}

static void limits_apply(void **state)
{
    struct proc_spec spec = SHELL_SPEC("ulimit -v; ulimit -t; ulimit -f");

    (void)state;
    spec.limit_as_bytes = 512 * MIB;
    spec.limit_cpu_s = 7;
    spec.limit_fsize_bytes = 1 * MIB;
    assert_string_equal(output_of(&spec), "524288\n7\n2048");
}

static void a_cgroup_is_joined_by_writing_zero(void **state)
{
    char path[] = "/tmp/test-proc-XXXXXX", text[8] = "";
    AUTO(close) int fd = mkstemp(path);
    struct proc_spec spec = SHELL_SPEC("exit 0");
    ssize_t len;

    (void)state;
    spec.cgroup_procs = (const char *const[]){ path, NULL };
    assert_int_equal(proc_run(&spec, 0, NULL, NULL, NULL, NULL), 0);
    len = pread(fd, text, sizeof(text), 0);
    (void)unlink(path);
    assert_int_equal(len, 1);
    assert_string_equal(text, "0");
}

static void a_dead_parent_takes_the_child_along(void **state)
{
    struct proc_spec spec = SHELL_SPEC("kill -9 $PPID; exec sleep 10");
    int64_t start_ms = clock_boot_ms();
    int fds[2], status;
    char text[16];
    pid_t pid;

    (void)state;
    spec.death_signal = SIGKILL;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        spec.fds = (const struct proc_fd[]){ { fds[1], 1 } };
        spec.fds_len = 1;
        (void)proc_run(&spec, 0, NULL, NULL, NULL, NULL);
        _exit(0);
    }
    (void)close(fds[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(read(fds[0], text, sizeof(text)),
                     0); /* end of file: nobody holds it any more */
    assert_true(clock_boot_ms() - start_ms < 8000);
    (void)close(fds[0]);
}

static void rights_are_given_up(void **state)
{
    struct proc_spec spec = SHELL_SPEC(
        "id -u; id -g; id -G; grep -E 'Cap|NoNew' /proc/self/status | cut -f2 | sort -u");

    (void)state;
    if (geteuid() != 0)
        skip();
    spec.set_ids = true;
    spec.uid = 65534;
    spec.gid = 65533;
    spec.drop_all_caps = true;
    assert_string_equal(output_of(&spec), "65534\n65533\n65533\n0000000000000000\n1");
    spec.set_ids = false;
    assert_string_equal(output_of(&spec) + 0, "0\n0\n0\n0000000000000000\n1");
    spec.drop_all_caps = false;
    spec.set_ids = true;
    spec.death_signal = SIGKILL; /* set after the ids, which would clear it */
    output_of(&spec);
    assert_int_equal(last.code, 0);
}

static int make_namespaces(void *arg)
{
    int *fds = (int *)arg;

    if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0)
        return -errno;
    fds[0] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    fds[1] = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    return getpid();
}

static const char *link_of(const char *path)
{
    static char text[128];
    ssize_t len = readlink(path, text, sizeof(text) - 1);

    text[len < 0 ? 0 : len] = '\0';
    return text;
}

static void another_process_s_view_can_be_made_and_entered(void **state)
{
    struct proc_spec spec = SHELL_SPEC("readlink /proc/self/ns/net /proc/self/ns/mnt");
    AUTO(free)
    char *ours_net = xstrdup(link_of("/proc/self/ns/net")),
         *ours_mount = xstrdup(link_of("/proc/self/ns/mnt"));
    AUTO(free) char *want = NULL, *got = NULL;
    int fds[2] = { -1, -1 }, result = 0;
    struct stat net, mount;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(proc_call(make_namespaces, fds, &result, NULL), 0);
    assert_true(result > 0 && result != getpid());
    assert_string_equal(link_of("/proc/self/ns/net"), ours_net); /* ours have not changed */
    assert_string_equal(link_of("/proc/self/ns/mnt"), ours_mount);
    assert_int_equal(fstat(fds[0], &net), 0);
    assert_int_equal(fstat(fds[1], &mount), 0);
    want =
        xasprintf("net:[%lu]\nmnt:[%lu]", (unsigned long)net.st_ino, (unsigned long)mount.st_ino);
    spec.net_ns_fd = fds[0];
    spec.mount_ns_fd = fds[1];
    got = xstrdup(output_of(&spec));
    (void)close(fds[0]);
    (void)close(fds[1]);
    assert_string_equal(got, want);
}

static int die(void *arg)
{
    (void)arg;
    (void)kill(getpid(), SIGKILL);
    return 0;
}

static void a_call_whose_process_is_killed_fails(void **state)
{
    int result = 0;

    (void)state;
    assert_int_equal(proc_call(die, NULL, &result, NULL), 0);
    assert_int_equal(result, -ECHILD);
}

static void a_running_child_let_go_is_killed_and_reaped_without_a_call(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("exec sleep 60");
    const struct proc_opts opts = { .capture_out = true, .deadline_ms = 60000 };
    struct proc p;
    pid_t pid;

    (void)state;
    proc_init(&p, loop, "p", on_exit_seen);
    assert_int_equal(proc_start(&p, &spec, &opts, NULL), 0);
    pid = p.pid;
    assert_int_equal(kill(pid, 0), 0);
    proc_done(&p);
    proc_done(&p);
    loop_run(loop);
    assert_int_equal(exits, 0);
    assert_int_equal(kill(pid, 0), -1);
}

struct owner {
    struct proc proc;
};

static void free_owner(struct proc *p, const struct proc_exit *exit)
{
    on_exit_seen(p, exit);
    proc_done(p);
    free(container_of(p, struct owner, proc));
}

static void the_owner_may_free_itself_when_told(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("echo x; exit 2");
    const struct proc_opts opts = { .capture_out = true, .deadline_ms = 60000 };
    struct owner *o = NEW(struct owner);

    (void)state;
    proc_init(&o->proc, loop, "p", free_owner);
    assert_int_equal(proc_start(&o->proc, &spec, &opts, NULL), 0);
    loop_run(loop);
    assert_int_equal(exits, 1);
    assert_int_equal(last.code, 2);
}

static void a_signal_reaches_the_child_and_afterwards_nobody(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("exec sleep 60");
    struct proc p;

    (void)state;
    proc_init(&p, loop, "p", on_exit_seen);
    proc_kill(&p, SIGTERM); /* not started: nothing */
    assert_int_equal(proc_start(&p, &spec, NULL, NULL), 0);
    assert_int_equal(proc_start(&p, &spec, NULL, NULL), -EBUSY);
    proc_kill(&p, SIGTERM);
    loop_run(loop);
    assert_int_equal(last.signal, SIGTERM);
    assert_int_equal(exits, 1);
    proc_kill(&p, SIGTERM);
    proc_done(&p);
}

static void many_children_at_once(void **state)
{
    enum { CHILDREN = 60 };
    const struct proc_spec spec = SHELL_SPEC("echo out; echo err >&2");
    const struct proc_opts opts = { .capture_out = true,
                                    .capture_error = true,
                                    .deadline_ms = 50000 };
    static struct proc procs[CHILDREN];

    (void)state;
    for (int i = 0; i < CHILDREN; i++) {
        proc_init(&procs[i], loop, "p", on_exit_seen);
        assert_int_equal(proc_start(&procs[i], &spec, &opts, NULL), 0);
    }
    loop_run(loop);
    assert_int_equal(exits, CHILDREN);
    for (int i = 0; i < CHILDREN; i++) {
        assert_string_equal(buf_str(&procs[i].out), "out\n");
        assert_string_equal(buf_str(&procs[i].error_out), "err\n");
        proc_done(&procs[i]);
    }
}

/* We become the one who inherits orphans, so that the test does not depend on who is init here. */
static void a_spawned_process_is_not_our_child(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("exec sleep 60");
    struct proc_spec with_signal = spec;
    uint64_t ticks = 0;
    siginfo_t info;
    pid_t pid = -1;
    int pidfd = -1, again = -1;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    assert_int_equal(proc_spawn(&spec, &pid, &pidfd, NULL), 0);
    assert_int_equal(proc_start_time(pid, &ticks), 0);
    assert_int_equal(proc_open(pid, ticks, &again), 0);
    assert_int_equal(proc_open(pid, ticks + 1, &again), -ESRCH);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(poll(&(struct pollfd){ .fd = pidfd, .events = POLLIN }, 1, 10000), 1);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED), 0); /* came to us as an orphan */
    assert_int_equal(proc_start_time(pid, &ticks), -ESRCH);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    with_signal.death_signal = SIGKILL;
    assert_int_equal(proc_spawn(&with_signal, &pid, NULL, NULL), -EINVAL);
    (void)close(pidfd);
    (void)close(again);
}

static void start_times_are_those_of_the_kernel(void **state)
{
    uint64_t self = 0, init = 0;

    (void)state;
    assert_int_equal(prctl(PR_SET_NAME, "a) b (c", 0, 0, 0), 0); /* a name made to mislead */
    assert_int_equal(proc_start_time(getpid(), &self), 0);
    assert_int_equal(proc_start_time(1, &init), 0);
    assert_true(self > init);
    assert_true(self <= (uint64_t)(clock_boot_ns() / (NS_PER_S / sysconf(_SC_CLK_TCK))));
    assert_int_equal(proc_start_time(INT32_MAX, &self), -ESRCH);
}

static int open_fds(void)
{
    int n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* With room for 0, 1, 2 … further descriptors, until there is enough: it works or says why, and
 * leaves nothing. */
static void running_out_of_descriptors_leaves_nothing_behind(void **state)
{
    const struct proc_spec spec = SHELL_SPEC("echo out");
    const int before = open_fds();
    struct rlimit limit, low;
    int successes = 0;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    for (rlim_t room = 3; room < 40 && successes < 3; room++) {
        AUTO(buf_done) struct buf out = BUF_INIT(100), error_out = BUF_INIT(100);
        struct err err = ERR_INIT;
        int r, way = (int)room % 2, pidfd = -1;
        pid_t pid;

        low = (struct rlimit){ .rlim_cur = room, .rlim_max = limit.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        r = way ? proc_run(&spec, 10000, &out, &error_out, &last, &err)
                : proc_spawn(&spec, &pid, &pidfd, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        if (pidfd >= 0)
            (void)close(pidfd);
        if (r == 0 && way)
            assert_string_equal(buf_str(&out), "out\n");
        else if (r < 0)
            assert_true(r == -EMFILE || r == -EINVAL);
        successes += r == 0 && way;
        assert_int_equal(err.msg[0] != '\0', r < 0);
        assert_int_equal(open_fds(), before);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    assert_int_equal(successes, 3);
}

#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, make_loop, free_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(exit_codes_and_signals_are_told_apart),
        LOOP_TEST(both_outputs_and_the_input_go_their_ways),
        LOOP_TEST(a_child_that_does_not_read_its_input_ends_as_it_likes),
        LOOP_TEST(output_beyond_the_bound_is_dropped_and_blocks_nobody),
        LOOP_TEST(a_grandchild_that_keeps_the_pipe_does_not_hold_the_end_up),
        LOOP_TEST(a_deadline_kills),
        LOOP_TEST(what_cannot_start_is_an_error_of_the_start_that_names_it),
        cmocka_unit_test(a_child_has_the_named_descriptors_and_no_other),
        cmocka_unit_test(descriptors_may_swap_places),
        cmocka_unit_test(the_environment_is_what_was_given_or_path_alone),
        cmocka_unit_test(the_folder_is_the_root_or_the_one_given),
        cmocka_unit_test(signals_are_as_after_boot_and_ours_unchanged),
        cmocka_unit_test(a_session_of_its_own),
        cmocka_unit_test(limits_apply),
        cmocka_unit_test(a_cgroup_is_joined_by_writing_zero),
        cmocka_unit_test(a_dead_parent_takes_the_child_along),
        cmocka_unit_test(rights_are_given_up),
        cmocka_unit_test(another_process_s_view_can_be_made_and_entered),
        cmocka_unit_test(a_call_whose_process_is_killed_fails),
        LOOP_TEST(a_running_child_let_go_is_killed_and_reaped_without_a_call),
        LOOP_TEST(the_owner_may_free_itself_when_told),
        LOOP_TEST(a_signal_reaches_the_child_and_afterwards_nobody),
        LOOP_TEST(many_children_at_once),
        cmocka_unit_test(a_spawned_process_is_not_our_child),
        cmocka_unit_test(running_out_of_descriptors_leaves_nothing_behind),
        cmocka_unit_test(start_times_are_those_of_the_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
