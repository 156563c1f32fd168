/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/container_user.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void container_user_done(struct container_user *u)
{
    free(u->groups);
    *u = (struct container_user){ .known = false };
}

void container_user_set(struct container_user *dst, const struct container_user *src)
{
    if (!src->known)
        return;
    container_user_done(dst);
    *dst = *src;
    dst->groups = src->groups_len ? xcalloc(src->groups_len, sizeof(*src->groups)) : NULL;
    if (src->groups_len)
        memcpy(dst->groups, src->groups, src->groups_len * sizeof(*src->groups));
}
