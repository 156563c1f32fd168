/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_user.h - whom a container's process is, as the runtime made it: what the status tells. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct container_user {
    bool known;
    int64_t uid, gid;
    int64_t *groups;
    size_t groups_len;
};
void container_user_done(struct container_user *u); /* not known afterwards */
/* dst owns a copy; one that is not known changes nothing. src is no part of dst. */
void container_user_set(struct container_user *dst, const struct container_user *src);
