/* SPDX-License-Identifier: Apache-2.0 */
/* proc_reaper.c - collects killed children whose owner has let go of them, so that none stays a
 * zombie. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop_impl.h"
#include "proc_child.h"

struct reaper {
    struct loop_fd source;
    int pidfd;
    struct list node; /* in loop->proc_reapers */
};

static void reaper_free(struct reaper *reaper)
{
    siginfo_t info;

    (void)waitid(P_PIDFD, (id_t)reaper->pidfd, &info, WEXITED | WNOHANG);
    loop_fd_stop(&reaper->source);
    list_remove(&reaper->node);
    (void)close(reaper->pidfd);
    free(reaper);
}

static void on_exit_event(struct loop_fd *f, int events)
{
    (void)events;
    reaper_free(container_of(f, struct reaper, source));
}

void proc_reaper_start(struct loop *loop, int pidfd)
{
    struct reaper *reaper = NEW(struct reaper);

    reaper->pidfd = pidfd;
    list_push_back(&loop->proc_reapers, &reaper->node);
    loop_fd_init(&reaper->source, loop, "proc reaper", on_exit_event);
    if (loop_fd_start(&reaper->source, pidfd, LOOP_READ) < 0)
        reaper_free(reaper);
}

void proc_reapers_free(struct loop *loop)
{
    struct reaper *reaper;

    list_each (reaper, &loop->proc_reapers, struct reaper, node)
        reaper_free(reaper);
}
