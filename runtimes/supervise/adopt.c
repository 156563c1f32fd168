/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the run directory holds when we start. Nothing is assumed: pids are checked against start times, and a
 * container that was about to be started is asked about at the runtime, because only that knows.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "calls.h"
#include "clean.h"
#include "runtime_command.h"

static void judge(struct container *c)
{
    struct container_record *r = &c->record;

    if (!str_eq(r->boot_id, clock_boot_id())) { /* not on a tmpfs, and the machine has been restarted */
        c->exited = c->ended_unseen = r->made && !r->refused;
        c->finished_wall_ns = r->lost_wall_ns ? r->lost_wall_ns : r->started_wall_ns;
        return;
    }
    if (!r->made || r->refused)
        return;
    if (r->starting_wall_ns && !r->started_wall_ns && runtime_command_has_started(c->s, r->runtime, r->id)) {
        r->started_wall_ns = r->starting_wall_ns;
        (void)container_save(c, NULL); /* the next start asks again */
    }
    if (r->lost_wall_ns) {
        c->exited = c->ended_unseen = true;
        c->finished_wall_ns = r->lost_wall_ns;
        return;
    }
    exits_watch_container(c, true);
}

static int adopt_one(int dirfd, const char *id, void *user)
{
    struct rt_supervisor *s = user;
    AUTO(free) char *dir = xasprintf("%s/%s", s->containers_dir, id);
    AUTO(arena_unref) struct arena *arena = arena_new(2 * LIMIT_POD_MANIFEST_BYTES);
    struct container_record record;
    int r = container_record_read(dir, arena, &record, &s->adopt_err);

    (void)dirfd;
    if (r == -ENOENT) {
        err_clear(&s->adopt_err);
        return clean_remains(s, id, &s->adopt_err) < 0 ? 1 : 0;
    }
    if (r < 0)
        return 1;
    if (!str_eq(record.id, id)) {
        (void)err_set(&s->adopt_err, -EINVAL, "%s/record.json is of container %s", dir, record.id);
        return 1;
    }
    judge(container_new(s, TAKE_PTR(arena), &record));
    return 0;
}

int adopt_all(struct rt_supervisor *s, struct err *err)
{
    int r = path_each(s->containers_dir, adopt_one, s, err);

    if (r > 0) {
        err_copy(err, &s->adopt_err);
        return s->adopt_err.code;
    }
    return r;
}
