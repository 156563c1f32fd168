/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_internal.h - what the parts of the fake share.
 *
 * An operation is a small object with a timer: when the timer fires, apply() changes the fake's
 * world and chooses the result; after the node's latency, done() is called. Containers and
 * sandboxes live in maps by id (which keep the order of creation) and own an arena each for
 * everything that they were given.
 */
#pragma once

#include "base/arena.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/map.h"
#include "rt/fake.h"
#include "rt/op.h"

#define FAKE_ARENA_BYTES (16 * MIB) /* of one object or one list */

/* ---- world ---- */

struct fake_script_entry {
    struct rt_fake_script script;
    char *strings[6];           /* the copies that the script points to */
    int pulls, creates, starts; /* how many were tried: failures count from the first */
};

struct fake_image {
    struct rt_image view;
    char *name, *username, *artifact_type;
    char id[7 + 64 + 1];
    const char *names[1];
};

struct fake_sandbox {
    struct rt_fake *fake;
    struct arena *arena;
    struct rt_sandbox view;
    const char *identity; /* uid#attempt */
    const char *log_directory;
};

struct fake_container {
    struct rt_fake *fake;
    struct arena *arena;
    struct rt_container view;
    const char *identity;                   /* sandbox/name#attempt */
    const struct fake_script_entry *script; /* borrowed from the fake */
    struct rt_resources resources;
    struct loop_timer run, stop, kill;
    bool stopping;
    int64_t kill_at_ms; /* boot time */
};

struct fake_event {
    struct list node;
    enum rt_event_kind kind;
    char *sandbox_id, *container_id;
};

struct rt_fake {
    struct loop *loop;
    struct rt_runtime runtime;
    struct rt_images images;
    struct rt_sandboxes sandboxes;
    struct rt_containers containers;
    struct map scripts;           /* image → struct fake_script_entry */
    struct map container_scripts; /* namespace/pod/container → struct fake_script_entry */
    struct map image_map;         /* name → struct fake_image */
    struct map sandbox_map;       /* id → struct fake_sandbox */
    struct map container_map;     /* id → struct fake_container */
    struct map runs;              /* uid/container → char[]: how many runs, as its length */
    struct list ops;
    struct list events;
    struct list execs;
    struct loop_defer deliver;
    rt_event_fn event_fn;
    void *event_user;
    struct rt_fake_faults faults;
    char *sandbox_message, *runtime_down, *network_down;
    char **journal;
    size_t journal_len, journal_cap;
    uint64_t serial; /* makes ids unique */
    size_t sandbox_tries;
    size_t ran_twice;
};

/* ---- fake_op.c ---- */

struct fake_op;
/* Takes effect. 0 and *ret_result; > 0 (FAKE_OP_WAITS): fake_op_finish() comes later; < 0 and err.
 */
typedef int (*fake_apply_fn)(struct fake_op *op, const void **ret_result, struct err *err);
enum { FAKE_OP_WAITS = 1 };

struct fake_op {
    struct rt_op op; /* first: struct rt_op * is cast to it */
    struct rt_fake *fake;
    struct list node;
    struct rt_call call;
    struct loop_timer timer; /* to the effect, then to done() */
    struct loop_timer deadline;
    struct arena *arena; /* of the request and of the result */
    fake_apply_fn apply;
    fake_apply_fn look; /* finds the result when it is told: what it shows may have gone since the
                           effect. NULL: as applied */
    bool applied, waiting;
    const void *result;
    struct err err;
    /* request, whichever part the operation needs */
    const char *id;
    void *request; /* in the arena */
    int64_t grace_ms;
};
/* An operation whose effect comes after delay_ms. Never fails. */
struct fake_op *fake_op_new(struct rt_fake *f, const struct rt_call *call, int64_t delay_ms,
                            fake_apply_fn apply);
struct fake_op *fake_op_new_look(struct rt_fake *f, const struct rt_call *call,
                                 fake_apply_fn look); /* no effect */
void fake_op_finish(struct fake_op *op);              /* a waiting one has what it waited for */
void fake_op_drop(struct fake_op *op);                /* frees without done() */
void fake_op_stopped(struct rt_fake *f,
                     const char *container_id); /* ends the stops that wait for it */

/* ---- fake.c ---- */
void fake_journal_add(struct rt_fake *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *fake_id_new(struct rt_fake *f, struct arena *a, const char *seed); /* 64 hex digits */

/* ---- fake_script.c ---- */
struct fake_script_entry *fake_script_image(struct rt_fake *f, const char *image); /* NULL: none */
struct fake_script_entry *fake_script_container(struct rt_fake *f, const struct fake_sandbox *s,
                                                const char *container, const char *image);
bool fake_script_fails(int failures,
                       int *tries); /* counts a try and says whether it is one that fails */
void *fake_script_entry_free(struct fake_script_entry *e);

/* ---- fake_event.c ---- */
void fake_event_push(struct rt_fake *f, enum rt_event_kind kind, const char *sandbox_id,
                     const char *container_id);
void fake_event_deliver(struct loop_defer *d);
void fake_event_clear(struct rt_fake *f);

/* ---- copies into an arena: NULL stays NULL ---- */
struct rt_labels fake_labels_copy(struct arena *a, const struct rt_labels *labels);
struct rt_strings fake_strings_copy(struct arena *a, const struct rt_strings *strings);

/* ---- fake_image.c, fake_sandbox.c, fake_container.c ---- */
extern const struct rt_images_ops fake_images_ops;
extern const struct rt_sandboxes_ops fake_sandboxes_ops;
extern const struct rt_containers_ops fake_containers_ops;
void fake_image_free(struct fake_image *i);
void fake_image_put(struct rt_fake *f, const char *image, const struct rt_fake_script *script);
struct fake_image *fake_image_find(struct rt_fake *f, const char *image); /* by name or id */
void fake_sandbox_free(struct fake_sandbox *s);
void fake_container_free(struct fake_container *c);
void fake_container_remove(struct rt_fake *f, struct fake_container *c); /* out of the map, freed */

/* ---- fake_life.c: how a container runs and ends ---- */
void fake_life_init(struct fake_container *c);
void fake_life_start(struct fake_container *c);
void fake_life_stop(struct fake_container *c, int64_t grace_ms); /* signal now, SIGKILL later */
void fake_life_end(struct fake_container *c, int exit_code, bool oom, const char *reason);
void fake_life_end_silently(struct fake_container *c, int exit_code,
                            const char *reason); /* no event */
void fake_life_done(struct fake_container *c);   /* stops its timers */

/* ---- fake_exec.c ---- */
struct rt_op *fake_exec(struct rt_containers *s, const struct rt_exec_request *req,
                        const struct rt_call *call);
void fake_exec_drop_all(struct rt_fake *f);

static inline struct rt_fake *fake_of_images(struct rt_images *s)
{
    return container_of(s, struct rt_fake, images);
}
static inline struct rt_fake *fake_of_sandboxes(struct rt_sandboxes *s)
{
    return container_of(s, struct rt_fake, sandboxes);
}
static inline struct rt_fake *fake_of_containers(struct rt_containers *s)
{
    return container_of(s, struct rt_fake, containers);
}
