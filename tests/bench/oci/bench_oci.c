/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container costs, step by step: bench_oci [SAMPLES]. Each step is a call of the contract as the agent makes
 * it, on an otherwise idle loop. OARSMAN_TEST_RUNTIME names another runtime than the one found.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "world.h"

enum step { POD, CREATE, START, EXIT, REMOVE, REMOVE_POD, STEP_NR };
static const char *const names[STEP_NR] = { "sandbox create", "container create", "container start",
                                            "start -> exit told", "container remove", "sandbox remove" };

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void print(const char *name, int64_t *ns, size_t len)
{
    qsort(ns, len, sizeof(*ns), compare);
    (void)printf("%-22s median %7.2f ms  p90 %7.2f  min %7.2f  (%zu samples)\n", name, (double)ns[len / 2] / 1e6,
                 (double)ns[len * 9 / 10] / 1e6, (double)ns[0] / 1e6, len);
}

static void must(const struct answer *a, const char *what)
{
    if (a->code < 0) {
        (void)fprintf(stderr, "%s: %s\n", what, a->message);
        exit(1);
    }
}

static void one(struct world *w, size_t i, int64_t *const ns[STEP_NR])
{
    AUTO(free) char *uid = xasprintf("bench%zu", i);
    struct rt_sandbox_config pod = world_pod(w, uid);
    struct rt_container_config c;
    struct answer p, a, s;
    int64_t t[STEP_NR + 1];

    pod.network = RT_NS_POD;
    t[POD] = clock_boot_ns();
    p = world_make_pod(w, &pod);
    must(&p, "pod");
    c = world_container(w, p.id, uid, COMMAND("true"));
    t[CREATE] = clock_boot_ns();
    a = world_create(w, &c);
    must(&a, "create");
    t[START] = clock_boot_ns();
    s = world_start(w, a.id);
    must(&s, "start");
    t[EXIT] = clock_boot_ns();
    while (!world_event(w, RT_EVENT_CONTAINER_EXITED, a.id))
        (void)loop_once(w->loop, -1);
    t[REMOVE] = clock_boot_ns();
    s = world_remove(w, a.id);
    must(&s, "remove");
    t[REMOVE_POD] = clock_boot_ns();
    s = world_remove_pod(w, p.id);
    must(&s, "remove pod");
    t[STEP_NR] = clock_boot_ns();
    for (size_t step = 0; step < STEP_NR; step++)
        ns[step][i] = t[step + 1] - t[step];
}

/* How long a successor needs until it knows and watches what runs. */
static void adopt(struct world *w, size_t containers)
{
    struct rt_sandbox_config pod = world_pod(w, "adopt");
    struct answer p = world_make_pod(w, &pod), a;
    int64_t ns[5];

    must(&p, "pod");
    for (size_t i = 0; i < containers; i++) {
        AUTO(free) char *name = xasprintf("adopt%zu", i);
        struct rt_container_config c = world_container(w, p.id, name, COMMAND("sleep", "1000"));

        a = world_create(w, &c);
        must(&a, "create");
        a = world_start(w, a.id);
        must(&a, "start");
    }
    for (size_t i = 0; i < ARRAY_LEN(ns); i++) {
        world_close(w);
        ns[i] = clock_boot_ns();
        world_open(w);
        ns[i] = clock_boot_ns() - ns[i];
    }
    (void)printf("%zu containers, ", containers);
    print("adopted in", ns, ARRAY_LEN(ns));
}

int main(int argc, char **argv)
{
    int64_t samples = 30;
    int64_t *ns[STEP_NR];
    int64_t *total;
    struct world w;

    world_need();
    if (argc > 1 && str_to_i64(argv[1], 1, 200, &samples) < 0)
        return 2;
    world_init(&w, "bench");
    w.runtime = getenv("OARSMAN_TEST_RUNTIME");
    world_open(&w);
    total = xcalloc((size_t)samples, sizeof(*total));
    for (size_t step = 0; step < STEP_NR; step++)
        ns[step] = xcalloc((size_t)samples, sizeof(int64_t));
    for (size_t i = 0; i < (size_t)samples; i++) {
        one(&w, i, ns);
        total[i] = ns[POD][i] + ns[CREATE][i] + ns[START][i];
    }
    for (size_t step = 0; step < STEP_NR; step++)
        print(names[step], ns[step], (size_t)samples);
    print("sandbox to started", total, (size_t)samples);
    adopt(&w, 40);
    world_done(&w);
    return 0;
}
