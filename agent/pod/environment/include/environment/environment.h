/* SPDX-License-Identifier: Apache-2.0 */
/*
 * environment.h - the environment, command and arguments of a container. Pure.
 * Spec: kubernetes.io, "Define Environment Variables for a Container", "Accessing the Service".
 */
#pragma once

#include "base/map.h"
#include "environment/field.h"
#include "environment/reference.h"

struct env_var {
    const char *name, *value;
};
struct env {
    struct env_var *items; /* heap; strings in the arena. Each name once */
    size_t len, cap;
    struct map index;    /* name → place in items, counted from 1 */
    struct arena *arena; /* borrowed */
};
void env_init(struct env *e, struct arena *arena);
void env_done(struct env *e);
DEFINE_CLEANUP_DONE(struct env, env_done)
const char *env_get(const struct env *e, const char *name); /* NULL: not set */
int env_set(struct env *e, const char *name, const char *value, struct err *err); /* copies; the last one wins */

/*
 * env_build() - everything a container's process finds in its environment but what the image sets.
 *
 * Services first (they lose against everything), then envFrom, then env in its order, with $(NAME) replaced.
 * ret_skipped: keys of envFrom sources that cannot be names, as text for the event
 * InvalidEnvironmentVariableNames; "" when there are none. In the arena.
 * err->reason CreateContainerConfigError: `configmap "x" not found`, `couldn't find key k in Secret ns/x`.
 */
int env_build(struct env *e, const struct k8s_pod *pod, const struct k8s_container *c, const struct pod_facts *facts,
              const struct fetched_set *fetched, const char **ret_skipped, struct err *err);

/* Adds the variables of the services that a pod of this namespace sees. links: enableServiceLinks. */
int env_add_services(struct env *e, const char *namespace_, bool links, const struct fetched_set *fetched,
                     struct err *err);

/* "$(NAME)" of a known name becomes its value, "$$" a dollar; all else stays as it is. In the arena. NULL: too big. */
const char *env_expand(const struct env *e, const char *text, struct arena *arena);
