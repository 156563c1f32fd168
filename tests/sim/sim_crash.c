/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent dies after its n-th step, for every n until a life has none left: a pod of two containers is created, one
 * of them ends and is restarted, the pod is deleted. Whenever it dies, the next agent brings the life to the same end.
 */
#include <stdio.h>

#include "base/log.h"
#include "base/str.h"
#include "world.h"

static const char pod_json[] =
    "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"restartPolicy\":\"OnFailure\",\"terminationGracePeriodSeconds\":5,"
    "\"containers\":[{\"name\":\"a\",\"image\":\"server:1\"},{\"name\":\"b\",\"image\":\"once:1\"}]}}";

struct life {
    struct world w;
    uint64_t steps_left; /* until the agent dies; 0: it has, or it never will */
    bool died;
};

/* Virtual time, step by step, so that the agent can die between any two. */
static void run_for(struct life *l, int64_t ms)
{
    int64_t end_ms = sim_now_ms() + ms;
    while (sim_now_ms() < end_ms && sim_step(l->w.loop)) {
        if (l->died || --l->steps_left)
            continue;
        l->died = true;
        world_kill_agent(&l->w);
        world_start_agent(&l->w);
    }
    if (sim_now_ms() < end_ms)
        sim_run_for(l->w.loop, end_ms - sim_now_ms());
}

#define CHECK(what)                                                                               \
    do {                                                                                          \
        if (!(what)) {                                                                            \
            (void)fprintf(stderr, "killed after step %llu: not so: %s\n",                         \
                          (unsigned long long)die_after, #what);                                  \
            ok = false;                                                                           \
        }                                                                                         \
    } while (0)

static bool run_life(uint64_t die_after, bool *ret_died)
{
    struct life l = { .steps_left = die_after };
    struct world *w = &l.w;
    bool ok = true;
    world_init(w, 7);
    rt_fake_script(w->fake, "server:1", &(struct rt_fake_script){ .pull_ms = 30, .create_ms = 5, .start_ms = 3, .stop_ms = 40 });
    rt_fake_script(w->fake, "once:1",
                   &(struct rt_fake_script){ .present = true, .exits = true, .run_ms = 300, .exit_code = 1, .runs_before_steady = 1 });
    world_start_agent(w);
    const char *uid = world_create(w, pod_json);
    run_for(&l, 5000);
    CHECK(str_eq(world_phase(w, uid), "Running"));
    CHECK(world_container(w, uid, "a") && world_container(w, uid, "a")->restart_count == 0);
    CHECK(world_container(w, uid, "b") && world_container(w, uid, "b")->restart_count == 1);
    CHECK(rt_fake_counts(w->fake).running == 2);
    world_delete(w, uid, 5);
    run_for(&l, 20000);
    CHECK(str_eq(world_phase(w, uid), "gone"));
    CHECK(world_is_clean(w, uid));
    CHECK(world_broken(w) == 0);
    CHECK(rt_fake_counts(w->fake).ran_twice == 0);
    CHECK(rt_fake_counts(w->fake).sandboxes == 0);
    CHECK(pods_len(w->pods) == 0);
    CHECK(map_len(&w->disk) == 0);
    *ret_died = l.died;
    world_done(w);
    return ok;
}

int main(void)
{
    uint64_t n = 1, failed = 0;
    bool died = true;
    log_set_level(LOG_LEVEL_ERROR);
    for (; died; n++)
        failed += !run_life(n, &died);
    (void)printf("%llu lives, %llu failed\n", (unsigned long long)(n - 1), (unsigned long long)failed);
    return failed != 0;
}
