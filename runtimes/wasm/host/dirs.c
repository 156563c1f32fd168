/* SPDX-License-Identifier: Apache-2.0 */
#include "dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

struct choice {
    struct arena *arena;
    struct component_dir *items;
    size_t len;
};

static int add(struct choice *c, const char *host, const char *guest)
{
    if (c->len == LIMIT_WASM_DIRS || !host || !guest)
        return -E2BIG;
    for (size_t i = 0; i < c->len; i++)
        if (str_eq(c->items[i].guest_path, guest))
            return 0;
    c->items[c->len++] = (struct component_dir){ .host_path = host, .guest_path = guest, .writable = true };
    return 0;
}

static int add_entry(int dirfd, const char *name, void *user)
{
    struct choice *c = user;
    const char *path = arena_printf(c->arena, "/%s", name);
    struct stat st;

    if (fstatat(dirfd, name, &st, 0) < 0 || !S_ISDIR(st.st_mode))
        return 0;
    return add(c, path, path);
}

static int add_roots(struct choice *c, const char *cwd, struct err *err)
{
    if (str_eq(cwd, "/"))
        return add(c, "/", "/");
    if (add(c, cwd, ".") < 0)
        return -E2BIG;
    return path_each("/", add_entry, c, err);
}

int dirs_choose(const struct bundle *b, const struct view *v, const struct component_dir **ret, size_t *ret_len,
                struct err *err)
{
    struct choice c = { .arena = b->arena, .items = arena_alloc(b->arena, LIMIT_WASM_DIRS * sizeof(*c.items)) };
    int r = c.items ? add_roots(&c, b->config.process.cwd, err) : -E2BIG;

    for (size_t i = 0; r == 0 && i < v->mounts_len; i++)
        if (!v->mounts[i].file && !v->mounts[i].system)
            r = add(&c, v->mounts[i].destination, v->mounts[i].destination);
    if (r < 0)
        return err && err->code ? err->code : err_set(err, r, "more than %d directories", LIMIT_WASM_DIRS);
    *ret = c.items;
    *ret_len = c.len;
    return 0;
}
