/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "worker.h"

const char *path_of_pod(const struct pods *p, const char *uid, struct arena *arena)
{
    return arena_printf(arena, "%s/pods/%s", p->settings->root_dir, uid);
}

const char *path_of_termination_log(const struct pods *p, const char *uid, const char *container,
                                    uint32_t attempt, struct arena *arena)
{
    return arena_printf(arena, "%s/pods/%s/containers/%s/%u", p->settings->root_dir, uid, container,
                        attempt);
}

const char *path_of_hosts(const struct pods *p, const char *uid, struct arena *arena)
{
    return arena_printf(arena, "%s/pods/%s/etc-hosts", p->settings->root_dir, uid);
}

const char *path_of_logs(const struct pods *p, const char *namespace_, const char *name,
                         const char *uid, struct arena *arena)
{
    return arena_printf(arena, "%s/%s_%s_%s", p->settings->logs_dir, namespace_, name, uid);
}

const char *path_of_log_link(const struct pods *p, const char *namespace_, const char *name,
                             const char *container, const char *id, struct arena *arena)
{
    if (!p->settings->links_dir)
        return NULL;
    return arena_printf(arena, "%s/%s_%s_%s-%s.log", p->settings->links_dir, name, namespace_,
                        container, id);
}
