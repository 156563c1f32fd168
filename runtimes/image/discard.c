/* SPDX-License-Identifier: Apache-2.0 */
#include "discard.h"

#include <stdlib.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/worker.h"

struct discard {
    struct worker_job job;
    char *path;
};

static void run(struct worker_job *job)
{
    struct discard *d = container_of(job, struct discard, job);
    effect("image.discard");
    (void)path_remove_tree(d->path, NULL); /* the next start sweeps it */
}

static void done(struct worker_job *job)
{
    struct discard *d = container_of(job, struct discard, job);
    free(d->path);
    free(d);
}

void discard_tree(struct loop *loop, const char *path)
{
    if (!path)
        return;
    struct discard *d = NEW(struct discard);
    d->path = xstrdup(path);
    worker_submit(loop, WORKER_DISK, &d->job, run, done);
}
