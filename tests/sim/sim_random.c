/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random lives. Each seed is one world: pods of all sorts come, end, crash and are deleted, while requests
 * fail, volumes fail, containers are killed, the API server goes away and the agent dies at any step. Whatever
 * happens, the promises of world.h hold; and once the trouble ends and every pod is deleted, nothing is left.
 *
 * SIM_SEED=n runs that one alone; SIM_SEEDS=n runs that many from 1.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "world.h"

enum { PODS_MAX = 6, EVENTS = 120, SEEDS = 200 };

static const char *const images[] = { "server:1", "job:1", "crash:1", "remote:1", "deaf:1", "flaky:1", "missing:1" };

static void script_images(struct world *w)
{
    rt_fake_script(w->fake, "server:1",
                   &(struct rt_fake_script){ .present = true, .stop_ms = 300, .create_ms = 7 });
    rt_fake_script(w->fake, "job:1", &(struct rt_fake_script){ .present = true, .exits = true, .run_ms = 900 });
    rt_fake_script(w->fake, "crash:1",
                   &(struct rt_fake_script){ .present = true, .exits = true, .run_ms = 40, .exit_code = 2 });
    rt_fake_script(w->fake, "remote:1", &(struct rt_fake_script){ .pull_ms = 2500, .pull_failures = 2 });
    rt_fake_script(w->fake, "deaf:1", &(struct rt_fake_script){ .present = true, .ignores_stop = true });
    rt_fake_script(w->fake, "flaky:1",
                   &(struct rt_fake_script){
                       .present = true, .create_failures = 2, .start_failures = 2, .start_ms = 11 });
}

static const char *create(struct world *w, unsigned n)
{
    static const char *const policies[] = { "Always", "OnFailure", "Never" };
    AUTO(free) char *json = xasprintf(
        "{\"metadata\":{\"name\":\"pod-%u\"},\"spec\":{\"restartPolicy\":\"%s\",%s%s\"hostNetwork\":%s,"
        "\"terminationGracePeriodSeconds\":%u,\"containers\":["
        "{\"name\":\"a\",\"image\":\"%s\"},{\"name\":\"b\",\"image\":\"%s\",\"imagePullPolicy\":\"%s\"}]}}",
        n, policies[sim_random(3)], sim_chance(20) ? "\"activeDeadlineSeconds\":40," : "",
        sim_chance(20) ? "\"runtimeClassName\":\"quick\"," : "",
        sim_chance(20) ? "true" : "false", (unsigned)sim_random(40), images[sim_random(ARRAY_LEN(images))],
        images[sim_random(ARRAY_LEN(images))], sim_chance(30) ? "Always" : "IfNotPresent");
    return world_create(w, json);
}

static void change_runtime_faults(struct world *w)
{
    rt_fake_faults(w->fake, &(struct rt_fake_faults){
                                .latency_ms = (int64_t)sim_random(50),
                                .sandbox_failures = sim_chance(20) ? 2 : 0,
                                .network_down = sim_chance(10) ? "no network yet" : NULL,
                            });
}

static void hurt_a_sandbox(struct world *w)
{
    struct pod_view view;
    size_t i = 0;
    size_t skip = sim_random(PODS_MAX);
    while (w->pods && pods_next(w->pods, &i, &view))
        if (view.sandbox_id && !skip--) {
            AUTO(free) char *id = xstrdup(view.sandbox_id);
            (void)rt_fake_break_sandbox(w->fake, id);
            return;
        }
}

static void restart_agent(struct world *w, bool reboot)
{
    world_kill_agent(w);
    if (sim_chance(50))
        sim_run_for(w->loop, (int64_t)sim_random(30000));
    if (reboot) {
        rt_fake_reboot(w->fake);
        sim_reboot();
    }
    world_start_agent(w);
}

static void something_happens(struct world *w, const char **uids, unsigned *len)
{
    const char *uid = *len ? uids[sim_random(*len)] : NULL;
    switch (sim_random(12)) {
    case 0:
    case 1:
        if (*len < PODS_MAX) {
            uids[*len] = create(w, *len);
            (*len)++;
        }
        break;
    case 2:
        if (uid)
            world_delete(w, uid, (int64_t)sim_random(40));
        break;
    case 3:
        if (uid && sim_chance(30))
            world_force_delete(w, uid);
        break;
    case 4:
        restart_agent(w, sim_chance(15));
        break;
    case 5:
        change_runtime_faults(w);
        break;
    case 6:
        w->report_fails = sim_chance(50) ? (unsigned)sim_random(60) : 0;
        w->volumes_fail = sim_chance(50) ? (unsigned)sim_random(60) : 0;
        w->save_fails = sim_chance(30) ? (unsigned)sim_random(60) : 0;
        break;
    case 7:
        w->api_down = sim_chance(40);
        break;
    case 8:
        hurt_a_sandbox(w);
        break;
    case 9:
        world_set_runtime_class(w, "quick", sim_chance(30) ? NULL : sim_chance(20) ? "kata" : "fake");
        break;
    default: /* steps in between, so that the agent can die in the middle of anything */
        for (uint64_t n = sim_random(60); n > 0; n--)
            (void)sim_step(w->loop);
        break;
    }
}

static void end_trouble(struct world *w, const char **uids, unsigned len)
{
    rt_fake_faults(w->fake, &(struct rt_fake_faults){ .latency_ms = 1 });
    w->report_fails = w->volumes_fail = w->save_fails = 0;
    w->api_down = false;
    restart_agent(w, false);
    sim_run_for(w->loop, 400 * 1000);
    for (unsigned i = 0; i < len; i++)
        if (!world_pod(w, uids[i])->gone)
            world_delete(w, uids[i], 20);
    sim_run_for(w->loop, 400 * 1000);
}

#define CHECK(what)                                                                               \
    do {                                                                                          \
        if (!(what)) {                                                                            \
            (void)fprintf(stderr, "seed %llu: not so: %s\n", (unsigned long long)seed, #what);    \
            ok = false;                                                                           \
        }                                                                                         \
    } while (0)

static bool run_seed(uint64_t seed)
{
    struct world w;
    const char *uids[PODS_MAX];
    unsigned len = 0;
    bool ok = true;
    world_init(&w, seed);
    script_images(&w);
    world_start_agent(&w);
    for (int i = 0; i < EVENTS; i++) {
        something_happens(&w, uids, &len);
        sim_run_for(w.loop, (int64_t)sim_random(sim_chance(20) ? 20000 : 400));
    }
    end_trouble(&w, uids, len);
    for (unsigned i = 0; i < len; i++) {
        CHECK(world_pod(&w, uids[i])->gone);
        CHECK(world_is_clean(&w, uids[i]));
    }
    CHECK(world_broken(&w) == 0);
    CHECK(rt_fake_counts(w.fake).ran_twice == 0);
    CHECK(rt_fake_counts(w.fake).sandboxes == 0);
    CHECK(pods_len(w.pods) == 0);
    CHECK(map_len(&w.disk) == 0);
    CHECK(map_len(&w.mounted) == 0);
    world_done(&w);
    return ok;
}

static uint64_t number_from(const char *name, uint64_t fallback)
{
    uint64_t value = fallback;
    (void)str_to_u64(str_or(getenv(name), ""), UINT64_MAX, &value);
    return value;
}

int main(void)
{
    uint64_t only = number_from("SIM_SEED", 0), count = number_from("SIM_SEEDS", SEEDS), failed = 0;
    log_set_level(only ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
    if (only)
        return run_seed(only) ? 0 : 1;
    for (uint64_t seed = 1; seed <= count; seed++)
        failed += !run_seed(seed);
    (void)printf("%llu seeds, %llu failed (SIM_SEED=n repeats one)\n", (unsigned long long)count,
                 (unsigned long long)failed);
    return failed != 0;
}
