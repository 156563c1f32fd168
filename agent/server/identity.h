/* SPDX-License-Identifier: Apache-2.0 */
/* identity.h - who somebody is, kept beyond the call that told. Private to server/. */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "server/server.h"

struct arena;

struct auth_identity { /* owned; user NULL: nobody */
    char *user, *uid;
    char **groups;
    struct json_multimap extra; /* in the arena, which copies share */
    struct arena *arena;        /* NULL: nothing extra */
};
void identity_done(struct auth_identity *i); /* nobody afterwards */
DEFINE_CLEANUP_DONE(struct auth_identity, identity_done)
void identity_copy(struct auth_identity *dst, const struct auth_identity *src);
/* false: what is extra is larger than LIMIT_AUTH_EXTRA_BYTES, *ret stays. None of it may be left out: others decide by it. */
bool identity_take(const struct server_identity *told, struct auth_identity *ret);
struct server_identity identity_told(const struct auth_identity *i); /* borrows */
