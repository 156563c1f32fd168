/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for every sequence of events, tried with random ones on a world of a few arrays: no terminal phase is left
 * or told while something runs, no run is made or started twice, no lane has two actions, and from wherever the world
 * is when the trouble ends, doing what the plan says leads to a deleted pod of which nothing is left.
 * PROPERTY_SEED=n repeats one sequence.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"
#include "record/codec.h"

enum { RUNS_MAX = 64, STEPS = 250, SEQUENCES = 400, LANES_MAX = 16 };

struct run {
    char id[32], name[2];
    bool exists;
    struct seen_container seen;
};

static struct {
    uint64_t random;
    struct k8s_object *objects[2]; /* wanted, deleted */
    bool deleted, gone, saved_once;
    struct pod_record *record;
    struct run runs[RUNS_MAX];
    size_t runs_len;
    struct {
        bool exists, ready;
        uint32_t attempt;
        char id[16];
    } sandbox;
    struct pod_action pending[LANES_MAX]; /* strings point into runs, or are static */
    size_t pending_len;
    int64_t now_ms;
    enum pod_phase told;
    unsigned failures_percent;
} w;

static uint64_t below(uint64_t n)
{
    w.random ^= w.random << 13;
    w.random ^= w.random >> 7;
    w.random ^= w.random << 17;
    return w.random % n;
}

static const struct k8s_pod *pod(void)
{
    return POD(w.objects[w.deleted]);
}

static size_t running(void)
{
    size_t count = 0;
    for (size_t i = 0; i < w.runs_len; i++)
        count += w.runs[i].exists && w.runs[i].seen.state == INSTANCE_RUNNING;
    return count;
}

static int newest_first(const void *a, const void *b)
{
    const struct seen_container *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : x->attempt < y->attempt ? 1 : -1;
}

static struct pod_observed observe(struct seen_container *list, struct seen_sandbox *sandbox)
{
    static const char *const ips[] = { "10.1.0.2" };
    size_t len = 0;
    for (size_t i = 0; i < w.runs_len; i++)
        if (w.runs[i].exists)
            list[len++] = w.runs[i].seen;
    qsort(list, len, sizeof(*list), newest_first);
    *sandbox = (struct seen_sandbox){
        .id = w.sandbox.id, .attempt = w.sandbox.attempt, .ready = w.sandbox.ready, .ips = ips, .ips_len = 1
    };
    struct pod_observed seen = fixture_seen(sandbox, w.sandbox.exists, list, len);
    seen.in_source = !w.gone;
    return seen;
}

/* ---- what the node does ---- */

static struct run *run_by_id(const char *id)
{
    for (size_t i = 0; i < w.runs_len; i++)
        if (w.runs[i].exists && str_eq(w.runs[i].id, id))
            return &w.runs[i];
    return NULL;
}

static void end_run(struct run *r, int code)
{
    r->seen.state = INSTANCE_EXITED;
    r->seen.exit_code = code;
    r->seen.finished_wall_ns = fixture_now(w.now_ms).wall_ns;
}

static int do_create(const struct pod_action *a)
{
    for (size_t i = 0; i < w.runs_len; i++)
        if (w.runs[i].exists && str_eq(w.runs[i].name, a->container) && w.runs[i].seen.attempt == a->attempt)
            return 0; /* creating what exists gives the existing one */
    if (!w.sandbox.exists || !w.sandbox.ready || w.runs_len == RUNS_MAX)
        return -EIO;
    struct run *r = &w.runs[w.runs_len++];
    (void)snprintf(r->id, sizeof(r->id), "%s-%u", a->container, (unsigned)w.runs_len);
    (void)snprintf(r->name, sizeof(r->name), "%s", a->container);
    r->exists = true;
    r->seen = (struct seen_container){ .id = r->id,
                                       .sandbox_id = w.sandbox.id,
                                       .name = r->name,
                                       .attempt = a->attempt,
                                       .state = INSTANCE_CREATED,
                                       .spec_image = "img" };
    return 0;
}

static int do_start(const struct pod_action *a)
{
    struct run *r = run_by_id(a->id);
    if (!r)
        return -ENOENT;
    assert_int_equal(r->seen.state, INSTANCE_CREATED); /* never started twice */
    for (size_t i = 0; i < w.runs_len; i++)
        if (w.runs[i].exists && str_eq(w.runs[i].name, r->name))
            assert_int_not_equal(w.runs[i].seen.state, INSTANCE_RUNNING); /* nor beside another run */
    r->seen.state = INSTANCE_RUNNING;
    r->seen.started_wall_ns = fixture_now(w.now_ms).wall_ns;
    return 0;
}

static int do_stop(const struct pod_action *a)
{
    struct run *r = run_by_id(a->id);
    if (r && r->seen.state == INSTANCE_RUNNING)
        end_run(r, 143);
    return 0;
}

static int do_remove(const struct pod_action *a)
{
    struct run *r = run_by_id(a->id);
    if (r)
        assert_int_not_equal(r->seen.state, INSTANCE_RUNNING);
    if (r)
        r->exists = false;
    return 0;
}

static int do_sandbox(const struct pod_action *a)
{
    if (a->act == ACT_SANDBOX_CREATE) {
        if (w.sandbox.exists)
            return -EEXIST;
        w.sandbox.exists = w.sandbox.ready = true;
        w.sandbox.attempt = a->attempt;
        (void)snprintf(w.sandbox.id, sizeof(w.sandbox.id), "s%u", a->attempt);
    } else if (a->act == ACT_SANDBOX_STOP) {
        assert_int_equal(running(), 0);
        w.sandbox.ready = false;
    } else {
        for (size_t i = 0; i < w.runs_len; i++)
            assert_false(w.runs[i].exists);
        w.sandbox.exists = false;
    }
    return 0;
}

static int do_api_delete(const struct pod_action *a)
{
    (void)a;
    assert_true(phase_is_terminal(w.told));
    assert_false(w.sandbox.exists);
    for (size_t i = 0; i < w.runs_len; i++)
        assert_false(w.runs[i].exists);
    w.gone = true;
    return 0;
}

static int nothing(const struct pod_action *a)
{
    (void)a;
    return 0;
}

static int (*const effects[ACT_NR])(const struct pod_action *a) = {
    [ACT_IMAGE_CHECK] = nothing,       [ACT_IMAGE_PULL] = nothing,
    [ACT_CONTAINER_CREATE] = do_create, [ACT_CONTAINER_START] = do_start,
    [ACT_CONTAINER_STOP] = do_stop,    [ACT_CONTAINER_REMOVE] = do_remove,
    [ACT_SANDBOX_CREATE] = do_sandbox, [ACT_SANDBOX_STOP] = do_sandbox,
    [ACT_SANDBOX_REMOVE] = do_sandbox, [ACT_VOLUMES_PREPARE] = nothing,
    [ACT_VOLUMES_TEARDOWN] = nothing,  [ACT_REMAINS_REMOVE] = nothing,
    [ACT_API_DELETE] = do_api_delete,
};

/* ---- what the agent does ---- */

static bool forgotten;

static void check_status(const struct pod_observed *seen, const struct now *now)
{
    AUTO(arena_unref) struct arena *arena = arena_new(MIB);
    const struct k8s_pod_status *s = pod_status(pod(), w.record, seen, &fixture_policy, now, arena);
    enum pod_phase phase = phase_from_name(s->phase);
    if (phase_is_terminal(w.told))
        assert_int_equal(phase, w.told);
    else if (phase_is_terminal(phase))
        assert_int_equal(running(), 0);
    w.told = phase;
    note_status(w.record, s);
    w.record->live.status_delivered = true;
}

/* The second container is started behind the first, unless that has failed. */
static void check_order(const struct pod_action *a)
{
    const struct container_record *first = pod_record_container(w.record, "a");
    if (a->act == ACT_CONTAINER_START && str_eq(a->container, "b"))
        assert_true(first->current.state == INSTANCE_RUNNING || first->current.state == INSTANCE_EXITED ||
                    first->live.pull.reason || first->live.create.reason);
}

/* A second stop, with less grace, is the first one's: both end together. */
static struct pod_action *place_for(const struct pod_action *a)
{
    for (size_t i = 0; i < w.pending_len; i++)
        if (a->act == ACT_CONTAINER_STOP && w.pending[i].act == ACT_CONTAINER_STOP &&
            str_eq(w.pending[i].container, a->container))
            return &w.pending[i];
    return &w.pending[w.pending_len++];
}

static void begin(const struct pod_action *a, const struct now *now)
{
    size_t same = 0;
    check_order(a);
    for (size_t i = 0; i < w.pending_len; i++)
        same += a->container && str_eq(w.pending[i].container, a->container) && a->act != ACT_CONTAINER_STOP;
    assert_int_equal(same, 0); /* one action a lane */
    assert_true(w.pending_len < LANES_MAX);
    note_begin(w.record, pod(), a, &fixture_policy, now, NULL);
    if (a->act == ACT_FORGET) {
        forgotten = true;
        return;
    }
    struct pod_action *p = place_for(a);
    *p = *a;
    p->container = a->container ? (str_eq(a->container, "a") ? "a" : "b") : NULL;
    p->id = a->id ? (run_by_id(a->id) ? run_by_id(a->id)->id : w.sandbox.id) : NULL;
}

static void look(void)
{
    struct seen_container list[RUNS_MAX];
    struct seen_sandbox sandbox;
    struct pod_observed seen = observe(list, &sandbox);
    struct now now = fixture_now(w.now_ms);
    note_seen(w.record, pod(), &seen, &fixture_policy, &now, NULL);
    w.record->live.saved = w.record->live.on_disk = true;
    AUTO(pod_plan_done) struct pod_plan plan;
    pod_plan(pod(), w.record, &seen, &fixture_policy, &now, &plan);
    for (size_t i = 0; i < plan.len; i++)
        begin(&plan.actions[i], &now);
    check_status(&seen, &now);
}

static void finish_one(void)
{
    if (!w.pending_len)
        return;
    size_t i = below(w.pending_len);
    struct pod_action a = w.pending[i];
    w.pending[i] = w.pending[--w.pending_len];
    bool fails = below(100) < w.failures_percent;
    int r = fails && below(2) ? -EIO : effects[a.act](&a); /* a failure may come after the effect */
    if (fails && a.act != ACT_CONTAINER_START)
        r = -EIO;
    struct now now = fixture_now(w.now_ms);
    struct pod_result result = { .act = a.act,
                                 .container = a.container,
                                 .code = r,
                                 .image_id = r == 0 ? "sha256:1" : NULL };
    note_end(w.record, pod(), &result, &fixture_policy, &now, NULL);
}

/* The process dies: what was under way may still have its effect; only the durable part comes back. */
static void restart_agent(void)
{
    for (size_t i = 0; i < w.pending_len; i++)
        if (below(2))
            (void)effects[w.pending[i].act](&w.pending[i]);
    w.pending_len = 0;
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    assert_int_equal(pod_record_encode(w.record, &text), 0);
    w.record = pod_record_free(w.record);
    assert_int_equal(pod_record_decode(buf_str(&text), text.len, &w.record, NULL), 0);
}

static void something_happens(void)
{
    switch (below(14)) {
    case 0:
        w.now_ms += (int64_t)below(40000);
        break;
    case 1:
        for (size_t i = 0; i < w.runs_len; i++)
            if (w.runs[i].exists && w.runs[i].seen.state == INSTANCE_RUNNING && below(2))
                end_run(&w.runs[i], (int)below(2));
        break;
    case 2:
        if (below(6) == 0)
            restart_agent();
        break;
    case 3:
        if (below(6) == 0)
            w.sandbox.ready = false;
        break;
    case 4:
        if (below(12) == 0)
            w.deleted = true;
        break;
    case 5:
        if (below(10) == 0) /* a reboot: the runtime has forgotten everything */
            w.sandbox.exists = false, w.runs_len = 0, restart_agent();
        break;
    default:
        finish_one();
        break;
    }
    look();
}

static void start_world(uint64_t seed)
{
    static const char *const policies[] = { "Always", "OnFailure", "Never" };
    memset(&w, 0, sizeof(w));
    w.random = seed * 0x9E3779B97F4A7C15u + 1;
    w.failures_percent = (unsigned)below(40);
    const char *policy = policies[below(3)];
    static const char *const meta[] = { "", "'deletionTimestamp':'2026-01-01T00:00:30Z','deletionGracePeriodSeconds':3" };
    for (size_t i = 0; i < 2; i++) {
        AUTO(free) char *json = xasprintf("{'metadata':{%s},'spec':{'restartPolicy':'%s','containers':["
                                          "{'name':'a','image':'img'},{'name':'b','image':'img'}]}}",
                                          meta[i], policy);
        w.objects[i] = fixture_pod(json);
    }
    w.record = fixture_record(POD(w.objects[0]));
    forgotten = false;
}

static void run_sequence(uint64_t seed)
{
    start_world(seed);
    for (int i = 0; i < STEPS; i++)
        something_happens();
    w.failures_percent = 0;
    w.deleted = true;
    for (int i = 0; i < 2000 && !forgotten; i++) {
        finish_one();
        w.now_ms += 100;
        look();
    }
    if (!forgotten)
        fail_msg("seed %llu does not come to an end", (unsigned long long)seed);
    assert_true(w.gone);
    w.record = pod_record_free(w.record);
    w.objects[0] = k8s_object_unref(w.objects[0]);
    w.objects[1] = k8s_object_unref(w.objects[1]);
}

static uint64_t last_seed;

static int say_seed(void **state)
{
    (void)state;
    print_message("the last sequence was PROPERTY_SEED=%llu\n", (unsigned long long)last_seed);
    return 0;
}

static void every_sequence_keeps_the_promises_and_ends_clean(void **state)
{
    (void)state;
    uint64_t only = 0;
    if (str_to_u64(str_or(getenv("PROPERTY_SEED"), ""), UINT64_MAX, &only) == 0) {
        run_sequence(only);
        return;
    }
    for (uint64_t seed = 1; seed <= SEQUENCES; seed++) {
        last_seed = seed;
        run_sequence(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_sequence_keeps_the_promises_and_ends_clean) };
    return cmocka_run_group_tests_name("property", tests, NULL, say_seed);
}
