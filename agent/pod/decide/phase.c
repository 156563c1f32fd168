/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phase of a pod from its containers.
 *
 *   any init container not over, any main container that never ran    Pending
 *   an init container failed for good                                 Failed
 *   something runs, or is going to run again                          Running
 *   all main containers over for good                                 Succeeded if all ended with 0, else Failed
 */
#include "decide/status.h"

#include "situation.h"

struct tally { /* of main containers; sidecars count only while they run */
    size_t init_pending, init_failed;
    size_t waiting, running, ended, ended_again, ended_well;
    bool main_ran; /* one of them ran at least once */
};

static void tally_init(struct tally *t, const struct k8s_pod *pod, const struct container_ref *c,
                       const struct container_record *rec)
{
    const struct pod_instance *i = &rec->current;
    if (i->state != INSTANCE_EXITED)
        t->init_pending++;
    else if (i->exit_code != 0 && !container_restarts(pod, c, i->exit_code))
        t->init_failed++;
    else if (i->exit_code != 0)
        t->init_pending++;
}

static void tally_main(struct tally *t, const struct k8s_pod *pod, const struct container_ref *c,
                       const struct container_record *rec)
{
    const struct pod_instance *i = &rec->current;
    bool ran_before = rec->previous.state == INSTANCE_EXITED;
    if (i->state == INSTANCE_RUNNING) {
        t->running++;
        t->main_ran = true;
    } else if (i->state == INSTANCE_EXITED || ran_before) {
        const struct pod_instance *last = i->state == INSTANCE_EXITED ? i : &rec->previous;
        t->ended++;
        t->main_ran = true;
        t->ended_again += i->state != INSTANCE_EXITED || !container_is_done(pod, c, rec);
        t->ended_well += last->exit_code == 0;
    } else {
        t->waiting++;
    }
}

enum pod_phase pod_phase_derive(const struct k8s_pod *pod, const struct pod_record *r,
                                bool will_not_restart)
{
    struct tally t = { .waiting = 0 };
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref c = containers_at(pod, i);
        const struct container_record *rec = record_of(r, i, c.spec->name);
        if (!rec)
            return PHASE_PENDING;
        if (c.kind == CONTAINER_INIT)
            tally_init(&t, pod, &c, rec);
        else if (c.kind == CONTAINER_MAIN)
            tally_main(&t, pod, &c, rec);
        else if (c.kind == CONTAINER_SIDECAR && rec->current.state == INSTANCE_RUNNING)
            t.running++;
    }
    if (t.init_failed)
        return PHASE_FAILED;
    if ((t.init_pending && !t.main_ran) || t.waiting)
        return PHASE_PENDING;
    if (t.running || (t.ended_again && !will_not_restart))
        return PHASE_RUNNING;
    return t.ended == t.ended_well ? PHASE_SUCCEEDED : PHASE_FAILED;
}
