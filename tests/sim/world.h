/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - everything around the pods of one agent, in memory: an API server that keeps objects, a disk for records,
 * volumes, small files, and the fake runtime. The agent in it can be killed and started at any step.
 *
 * The world watches the agent as the cluster would and counts broken promises (world_faults): a terminal phase that
 * is left or told while something runs, a restart count that falls, a transition time that moves without a
 * transition, an object deleted while something of the pod is left.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "pod/pods.h"
#include "rt/fake.h"
#include "sim.h"

struct world {
    struct loop *loop;
    struct rt_fake *fake;
    struct pods *pods; /* NULL: the agent is dead */
    struct pod_ports ports;
    struct pod_settings settings;

    struct pod_cluster cluster;
    struct pod_refs refs;
    struct pod_volumes volumes;
    struct pod_files files;
    struct pod_store store;

    struct map objects;    /* by UID: struct world_pod */
    struct map disk;       /* by UID: struct world_record */
    struct map mounted;    /* by UID: volumes made */
    struct map texts;      /* by path: what containers left as their last words */
    struct list pending;   /* answers of ports that are on their way */
    char **events;         /* "pod/container Reason message" */
    char **broken;         /* promises */
    unsigned serial;

    /* faults, in percent */
    unsigned report_fails, volumes_fail, save_fails;
    bool api_down;
    bool listed;    /* the agent has its first list */
    bool clock_set; /* somebody has set the clock back: times may, too */

    struct k8s_object *runtime_class; /* the only one there is; NULL: none */
};

struct world_pod { /* as the API server has it */
    char uid[32];
    struct k8s_object *object;
    bool gone;
    bool told_gone;      /* the watch has said so */
    int32_t restarts[8];
    bool was_terminal;
    size_t reports;
    char **phases;       /* as they were reported, each change once */
};

void world_init(struct world *w, uint64_t seed);
void world_done(struct world *w);
void world_start_agent(struct world *w);
void world_kill_agent(struct world *w);
void world_damage_record(struct world *w, const char *uid); /* as a power cut may: the file is there, and empty */

/* json: metadata.name, spec; the world gives it a uid. Returns the uid, borrowed. */
const char *world_create(struct world *w, const char *json);
void world_delete(struct world *w, const char *uid, int64_t grace_s); /* again with a shorter grace: shortens */
void world_set_condition(struct world *w, const char *uid, const char *type, const char *status); /* as others do */
void world_force_delete(struct world *w, const char *uid);
/* There is a class of this name from now on, and no other; handler NULL: there is none. The watch tells every pod. */
void world_set_runtime_class(struct world *w, const char *name, const char *handler);
struct world_pod *world_pod(const struct world *w, const char *uid);
const struct k8s_pod_status *world_status(const struct world *w, const char *uid);
const char *world_phase(const struct world *w, const char *uid); /* "" when there is none, "gone" when deleted */
const struct k8s_container_status *world_container(const struct world *w, const char *uid, const char *name);
bool world_saw_event(const struct world *w, const char *needle);
size_t world_count_events(const struct world *w, const char *needle);
/* Nothing of this pod is left on the node but what the API has. */
bool world_is_clean(const struct world *w, const char *uid);
size_t world_broken(const struct world *w); /* promises; printed when there are any */
