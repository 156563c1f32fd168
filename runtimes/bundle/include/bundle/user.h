/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user.h - which ids a container runs with: what its security context says, else its image's user, looked up in
 * the /etc/passwd and /etc/group of the image, which anybody may have written.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "rt/runtime.h"


struct user_ids {
    int64_t uid, gid;
    /* gid first, so that a program which gives up its group (setgid) is not suddenly rid of what was kept from it; then
     * the image's, then the security context's. Caller frees */
    int64_t *groups;
    size_t groups_len;
    char *home; /* caller frees; "/" when passwd has none */
};
void user_ids_done(struct user_ids *u);
struct rt_user user_told(const struct user_ids *u); /* borrows the groups. Pure */
DEFINE_CLEANUP_DONE(struct user_ids, user_ids_done)

/*
 * passwd, group: the files' text, "" when absent
 * image_user:    "user", "uid", "user:group", …; "" or NULL: root
 * Returns 0; -EINVAL: a name that the image does not know. Pure.
 */
int user_resolve(const struct rt_security *security, const char *image_user, const char *passwd, const char *group,
                 struct user_ids *ret, struct err *err);
/* The same with the files below root_fd. Blocking. */
int user_resolve_in(int root_fd, const struct rt_security *security, const char *image_user, struct user_ids *ret,
                    struct err *err);
