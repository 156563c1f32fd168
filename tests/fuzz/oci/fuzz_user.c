/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_user.c - the user of an image, its /etc/passwd and its /etc/group, which anybody may have written, with a '#'
 * after the first and a NUL after the second: refused, or ids within their range, each group once, its own first.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bundle/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct user_ids *u)
{
    if (u->uid < 0 || u->gid < 0 || !u->home || !u->groups_len || u->groups[0] != u->gid)
        abort();
    for (size_t i = 0; i < u->groups_len; i++) {
        if (u->groups[i] < 0)
            abort();
        for (size_t j = 0; j < i; j++)
            if (u->groups[i] == u->groups[j])
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(free) char *text = xstrndup((const char *)data, size);
    const char *after = memchr(data, 0, size); /* xstrndup() ends there */
    AUTO(free) char *group = after ? xstrndup(after + 1, size - (size_t)(after + 1 - (const char *)data)) : xstrdup("");
    char *passwd = strchr(text, '#');
    const struct rt_security security = { .has_uid = false };
    AUTO(user_ids_done) struct user_ids u = { 0 };

    if (passwd)
        *passwd++ = '\0';
    if (user_resolve(&security, text, passwd ? passwd : "", group, &u, NULL) == 0)
        check(&u);
    return 0;
}
