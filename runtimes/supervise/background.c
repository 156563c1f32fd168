/* SPDX-License-Identifier: Apache-2.0 */
#include "background.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "container.h"

#define KILL_TIMEOUT_MS 10000

struct background {
    struct worker_job job;
    struct rt_cgroups *cgroups;
    char **files;
    char *cgroup_path;
    pid_t pid;
};

static void done(struct worker_job *job)
{
    struct background *b = container_of(job, struct background, job);

    strv_free(b->files);
    free(b->cgroup_path);
    free(b);
}

static void move(struct worker_job *job)
{
    struct background *b = container_of(job, struct background, job);
    char pid[16];

    (void)snprintf(pid, sizeof(pid), "%d", (int)b->pid);
    effect("move conmon");
    for (size_t i = 0; i < strv_len(b->files); i++)
        (void)file_write_value(AT_FDCWD, b->files[i], pid, NULL); /* it may have ended: then there is nothing to move */
}

void background_move(struct rt_supervisor *s, char *const *procs_files, pid_t pid)
{
    struct background *b = NEW(struct background);

    b->files = strv_copy((const char *const *)procs_files);
    b->pid = pid;
    worker_submit(s->loop, WORKER_RUNTIME, &b->job, move, done);
}

static void kill_group(struct worker_job *job)
{
    struct background *b = container_of(job, struct background, job);

    effect("kill group");
    (void)rt_cgroup_kill(b->cgroups, b->cgroup_path, KILL_TIMEOUT_MS, NULL); /* the pod's end does it again */
}

void background_kill_group(struct rt_supervisor *s, const char *cgroup_path)
{
    struct background *b;

    if (!s->cgroups || str_empty(cgroup_path))
        return;
    b = NEW(struct background);
    b->cgroups = s->cgroups;
    b->cgroup_path = xstrdup(cgroup_path);
    worker_submit(s->loop, WORKER_RUNTIME, &b->job, kill_group, done);
}
