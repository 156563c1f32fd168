/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Wasm container's start costs without agent and supervisor: from the fork of "oarsman-wasm create" to the
 * guest's first byte.
 *
 *   bench_start [--samples N] [--lone N] --program OARSMAN-WASM --dir DIR NAME=KIND=ARTIFACT=BUDGET-MS…
 *
 * Each guest is given what the agent gives one: namespaces of a pod, a few files of the node, a small mount namespace
 * to begin from. Then the same in a group of the kernel's, and lone ones, with a pause before each: a process that
 * joins a version 1 group waits for the kernel's grace period, which is short only when another one has just begun.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "life.h"
#include "rt/cgroup.h"
#include "rt/wasm.h"
#include "small_namespace.h"

#define PAUSE_US    (1000 * 1000)
#define SAMPLES_MAX 1000
#undef usleep /* a pause is what is measured with */

struct bench {
    const char *program, *dir;
    int64_t samples, lone;
    struct life_config life;
    int namespaces[3]; /* net, ipc, uts */
    int mount_ns;
    char *group;       /* cgroup.procs files */
    unsigned count;
};

struct guest {
    const char *name, *kind, *artifact;
    int64_t budget_ms;
};

/* Whatever happens, the group goes. */
static struct {
    struct rt_cgroups *all;
    char *path;
} made;

static void remove_group(void)
{
    if (made.path)
        (void)rt_cgroup_remove(made.all, made.path, 5000, NULL);
    (void)rt_cgroups_free(made.all);
    free(made.path);
    made.all = NULL;
    made.path = NULL;
}

static void must(int r, const struct err *err)
{
    if (r >= 0)
        return;
    remove_group();
    (void)fprintf(stderr, "bench_start: %s\n", err->msg);
    exit(1);
}

/* ---- the bundle ---- */

static void put_mount(struct buf *text, const char *path)
{
    (void)buf_printf(text, "{\"destination\":\"%s\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"rbind\",\"rw\"]}",
                     path, path);
}

static void write_bundle(const struct bench *b, const struct guest *g, bool in_group)
{
    static const char *const types[] = { "network", "ipc", "uts" };
    AUTO(free) char *path = xasprintf("%s/config.json", b->life.bundle);
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    struct err err = ERR_INIT;

    (void)buf_puts(&text, "{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"guest\",\"stay\"],\"env\":[\"PATH=/bin\"],\"cwd\":\"/\"},"
                          "\"root\":{\"readonly\":false},\"mounts\":[");
    put_mount(&text, "/etc/resolv.conf");
    (void)buf_putc(&text, ',');
    put_mount(&text, "/etc/hosts");
    (void)buf_puts(&text, "],\"linux\":{\"namespaces\":[");
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        (void)buf_printf(&text, "%s{\"type\":\"%s\",\"path\":\"/proc/%d/fd/%d\"}", i ? "," : "", types[i], (int)getpid(),
                         b->namespaces[i]);
    (void)buf_printf(&text, "]},\"annotations\":{\"%s\":\"%s\",\"%s\":\"%s\",\"%s\":\"/proc/%d/fd/%d\"", WASM_BUNDLE_ARTIFACT,
                     g->artifact, WASM_BUNDLE_KIND, g->kind, WASM_BUNDLE_MOUNT_NS, (int)getpid(), b->mount_ns);
    if (in_group)
        (void)buf_printf(&text, ",\"%s\":\"%s\"", WASM_BUNDLE_CGROUP_PROCS, b->group);
    (void)buf_puts(&text, "}}\n");
    must(file_write_atomic(AT_FDCWD, path, text.data, text.len, 0600, 0, &err), &err);
}

/* ---- a series ---- */

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

enum piece { TOTAL, PROGRAM, PREPARE, GUEST, RELEASE, PIECE_NR };

static int64_t piece_of(const struct life_times *t, enum piece p)
{
    const int64_t all[] = { t->total, t->program, t->prepare, t->guest, t->release };

    return all[p];
}

/* The nearest rank: a sample that was really seen. */
static double percentile(const struct life_times *times, size_t len, enum piece p, size_t percent)
{
    int64_t sorted[SAMPLES_MAX];

    for (size_t i = 0; i < len; i++)
        sorted[i] = piece_of(&times[i], p);
    qsort(sorted, len, sizeof(sorted[0]), compare);
    return (double)sorted[percent ? (len * percent + 99) / 100 - 1 : 0] / 1e6;
}

static void print(const char *name, const char *how, const struct life_times *times, size_t len, int64_t budget_ms)
{
    double p50 = percentile(times, len, TOTAL, 50);

    (void)printf("%-10s %-34s %4zu %8.2f %8.2f %8.2f |", name, how, len, percentile(times, len, TOTAL, 0), p50,
                 percentile(times, len, TOTAL, 90));
    for (enum piece p = PROGRAM; p < PIECE_NR; p++)
        (void)printf(" %7.2f", percentile(times, len, p, 50));
    if (budget_ms > 0)
        (void)printf(" | %4lld ms %5.2f", (long long)budget_ms, p50 / (double)budget_ms);
    (void)putchar('\n');
    (void)fflush(stdout);
}

static void series(struct bench *b, const struct guest *g, const char *how, bool lone, int64_t budget_ms)
{
    static struct life_times times[SAMPLES_MAX];
    const size_t len = (size_t)(lone ? b->lone : b->samples);
    struct err err = ERR_INIT;

    for (size_t i = 0; i < len; i++) {
        AUTO(free) char *id = xasprintf("bench%u", b->count++);

        if (lone)
            (void)usleep(PAUSE_US);
        must(life_measure(&b->life, id, &times[i], &err), &err);
    }
    if (len > 0)
        print(g->name, how, times, len, budget_ms);
}

static void measure(struct bench *b, const struct guest *g)
{
    static struct life_times warm;
    struct err err = ERR_INIT;

    b->life.by_command = false;
    write_bundle(b, g, false);
    must(life_measure(&b->life, "warm", &warm, &err), &err);
    series(b, g, "back to back", false, g->budget_ms);
    b->life.by_command = true;
    series(b, g, "back to back, started by command", false, 0);
    b->life.by_command = false;
    series(b, g, "lone", true, 0);
    write_bundle(b, g, true);
    series(b, g, "back to back, into a group", false, 0);
    series(b, g, "lone, into a group", true, 0);
}

/* ---- the world ---- */

static int in_pod(void *arg)
{
    static const char *const names[] = { "net", "ipc", "uts" };
    int *ret_fds = arg;
    int dir = open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (dir < 0 || unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
        return -errno;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if ((ret_fds[i] = openat(dir, names[i], O_RDONLY | O_CLOEXEC)) < 0)
            return -errno;
    return 0;
}

static void make_world(struct bench *b)
{
    struct err err = ERR_INIT;
    int result = 0;

    must(proc_call(in_pod, b->namespaces, &result, &err), &err);
    if (result < 0)
        must(err_errno(&err, -result, "namespaces"), &err);
    must(small_namespace_new(&b->mount_ns, &err), &err);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    b->life = (struct life_config){ .program = b->program,
                                    .root = xasprintf("%s/state", b->dir),
                                    .bundle = xasprintf("%s/bundle", b->dir),
                                    .pid_file = xasprintf("%s/pid", b->dir) };
    must(path_mkdirs(b->life.bundle, 0700, &err), &err);
    if (forks_open(&b->life.forks, &err) < 0)
        (void)fprintf(stderr, "bench_start: no times from within: %s\n", err.msg);
}

/* procs files in the form in which a bundle names them. */
static char *joined(char *const *files)
{
    struct buf text = BUF_INIT(LIMIT_PATH_BYTES * 16);

    for (size_t i = 0; files[i]; i++)
        (void)buf_printf(&text, "%s%s", i ? ":" : "", files[i]);
    return buf_take(&text);
}

static void run(struct bench *b, struct guest *guests, size_t len)
{
    const struct rt_cgroups_config config = { .prefix = NULL };
    AUTO(strv_free) char **files = NULL;
    struct err err = ERR_INIT;

    make_world(b);
    must(rt_cgroups_open(&config, &made.all, &err), &err);
    made.path = xasprintf("/oarsman-bench-%d", (int)getpid());
    must(rt_cgroup_make(made.all, made.path, NULL, &err), &err);
    files = rt_cgroup_join_files(made.all, made.path, RT_CGROUP_JOIN_ALL);
    b->group = joined(files);
    (void)printf("%-10s %-34s %4s %8s %8s %8s | %7s %7s %7s %7s | %7s %5s\n", "ms", "fork -> first byte of the guest", "n",
                 "min", "median", "p90", "exec", "prepare", "guest", "release", "budget", "ratio");
    for (size_t i = 0; i < len; i++)
        measure(b, &guests[i]);
    remove_group();
    free(b->group);
}

/* ---- command line ---- */

static const struct option options[] = {
    { "samples", required_argument, NULL, 'n' }, { "lone", required_argument, NULL, 'l' },
    { "program", required_argument, NULL, 'p' }, { "dir", required_argument, NULL, 'd' }, { NULL, 0, NULL, 0 },
};

static bool take_guest(const char *text, struct guest *ret)
{
    char **parts = strv_split(text, '='); /* lives as long as we do */

    if (strv_len(parts) != 4 || str_to_i64(parts[3], 0, 10000, &ret->budget_ms) < 0)
        return false;
    ret->name = parts[0];
    ret->kind = parts[1];
    ret->artifact = parts[2];
    return true;
}

static bool take_option(struct bench *b, int option)
{
    switch (option) {
    case 'n': return str_to_i64(optarg, 1, SAMPLES_MAX, &b->samples) == 0;
    case 'l': return str_to_i64(optarg, 0, SAMPLES_MAX, &b->lone) == 0;
    case 'p': b->program = optarg; return true;
    case 'd': b->dir = optarg; return true;
    default: return false;
    }
}

int main(int argc, char **argv)
{
    struct bench b = { .samples = 200, .lone = 20 };
    struct guest guests[16];
    size_t len = 0;
    int option;
    bool ok = true;

    while (ok && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
        ok = take_option(&b, option);
    for (; ok && optind < argc; optind++)
        ok = len < ARRAY_LEN(guests) && take_guest(argv[optind], &guests[len++]);
    if (!ok || !b.program || !b.dir || len == 0) {
        (void)fprintf(stderr, "usage: bench_start [--samples N] [--lone N] --program OARSMAN-WASM --dir DIR "
                              "NAME=KIND=ARTIFACT=BUDGET-MS...\n");
        return 2;
    }
    run(&b, guests, len);
    (void)forks_close(b.life.forks);
    return 0;
}
