/* SPDX-License-Identifier: Apache-2.0 */
#include "dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

struct choice {
    const struct dirs_input *in;
    struct arena *arena;
    struct component_dir *items;
    size_t len;
};

/* ---- what can be written ---- */

/* Is path below (or at) the folder? "/data" is below "/", and not below "/da". */
static bool is_below(const char *folder, const char *path)
{
    size_t len = strlen(folder);

    while (len > 0 && folder[len - 1] == '/')
        len--;
    return strncmp(folder, path, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* A volume is found by its own name, so what it is does not count for the directories above it. */
static bool is_volume(const struct view_mount *m)
{
    return !m->file && !m->system;
}

static bool is_writable(const struct dirs_input *in, const char *path)
{
    const struct view_mount *on = NULL;

    for (size_t i = 0; i < in->mounts_len; i++) {
        const struct view_mount *m = &in->mounts[i];

        if (is_below(m->destination, path) && (!on || strlen(m->destination) >= strlen(on->destination)))
            on = m;
        else if (!is_volume(m) && !m->readonly && is_below(path, m->destination))
            return true;
    }
    return on ? !on->readonly : !in->readonly;
}

/* ---- the list ---- */

static int add(struct choice *c, const char *path, const char *guest_path)
{
    const char *host_path = arena_printf(c->arena, "%s%s", c->in->root, path);

    for (size_t i = 0; i < c->len; i++)
        if (str_eq(c->items[i].guest_path, guest_path))
            return 0;
    if (c->len == LIMIT_WASM_DIRS || !host_path)
        return -E2BIG;
    c->items[c->len++] = (struct component_dir){ .host_path = host_path, .guest_path = guest_path,
                                                 .writable = is_writable(c->in, path) };
    return 0;
}

static int add_entry(int dirfd, const char *name, void *user)
{
    struct choice *c = user;
    const char *path = arena_printf(c->arena, "/%s", name);
    struct stat st;

    if (fstatat(dirfd, name, &st, 0) < 0 || !S_ISDIR(st.st_mode))
        return 0;
    return path ? add(c, path, path) : -E2BIG;
}

static int check_cwd(const struct choice *c, struct err *err)
{
    AUTO(free) char *path = xasprintf("%s%s", c->in->root, c->in->cwd);
    struct stat st;

    if (stat(path, &st) < 0 || access(path, X_OK) < 0)
        return err_errno(err, errno, "working directory %s", c->in->cwd);
    return S_ISDIR(st.st_mode) ? 0 : err_errno(err, ENOTDIR, "working directory %s", c->in->cwd);
}

static int add_roots(struct choice *c, struct err *err)
{
    AUTO(free) char *root = xasprintf("%s/", c->in->root);

    if (str_eq(c->in->cwd, "/"))
        return add(c, "/", "/");
    if (check_cwd(c, err) < 0)
        return err->code;
    return add(c, c->in->cwd, ".") < 0 ? -E2BIG : path_each(root, add_entry, c, err);
}

int dirs_choose(const struct dirs_input *in, struct arena *arena, const struct component_dir **ret, size_t *ret_len,
                struct err *err)
{
    struct choice c = { .in = in, .arena = arena, .items = arena_alloc(arena, LIMIT_WASM_DIRS * sizeof(*c.items)) };
    struct err own = ERR_INIT;
    int r = c.items ? add_roots(&c, &own) : -E2BIG;

    for (size_t i = 0; r == 0 && i < in->mounts_len; i++)
        if (is_volume(&in->mounts[i]))
            r = add(&c, in->mounts[i].destination, in->mounts[i].destination);
    if (r < 0 && own.code == 0)
        (void)err_set(&own, r, "more than %d directories", LIMIT_WASM_DIRS);
    if (r < 0) {
        if (err)
            err_copy(err, &own);
        return r;
    }
    *ret = c.items;
    *ret_len = c.len;
    return 0;
}
