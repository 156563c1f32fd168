/* SPDX-License-Identifier: Apache-2.0 */
/* once.c - the same without a loop, for one request. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "compilation.h"
#include "rt/wasm_scan.h"

#define GROUP_TIMEOUT_MS 5000

static int copy_strings(struct arena *arena, struct rt_strings *s)
{
    const char **items = arena_alloc(arena, s->len * sizeof(*items));
    if (!items)
        return -E2BIG;
    for (size_t i = 0; i < s->len; i++) {
        items[i] = arena_strdup(arena, s->items[i]);
        if (!items[i])
            return -E2BIG;
    }
    s->items = items;
    return 0;
}

static int copy_module(const struct wasm_module *from, struct arena *arena, struct wasm_module *ret, struct err *err)
{
    *ret = *from;
    ret->path = arena_strdup(arena, from->path);
    if (!ret->path || copy_strings(arena, &ret->imports) < 0 || copy_strings(arena, &ret->exports) < 0)
        return err_set(err, -E2BIG, "no room for the names of the module's imports and exports");
    return 0;
}

static int compile_now(const struct cache_settings *s, const char *key, const char *identity, const char *path,
                       struct entry *ret, struct err *err)
{
    AUTO(compilation_done) struct compilation c;
    compilation_init(&c, s, "once");
    c.key = key;
    c.identity = identity;
    c.module_path = path;
    int rc = compilation_prepare(&c, err);
    if (rc == 0)
        rc = compilation_run(&c, ret, err);
    if (c.group)
        (void)rt_cgroup_remove(s->cgroups, c.group, GROUP_TIMEOUT_MS, NULL); /* what stays is empty, and recorded */
    return rc;
}

static int get(const struct cache_settings *s, const char *identity, const char *path, struct entry *ret,
               struct err *err)
{
    char key[KEY_BYTES];
    key_of(identity, s->engine, s->cpu, key);
    effect("wasm.mkdir");
    int rc = path_mkdirs(s->dir, 0700, err);
    if (rc == 0)
        rc = entry_load(s, key, ret, err);
    return rc > 0 ? compile_now(s, key, identity, path, ret, err) : rc;
}

static int find_identity(const char *path, char ret[DIGEST_TEXT_MAX], struct err *err)
{
    AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd < 0 ? err_errno(err, errno, "open %s", path) : entry_hash(fd, ret, err);
}

int wasm_cache_get_once(const struct wasm_cache_config *config, const struct wasm_cache_request *req,
                        struct arena *arena, struct wasm_module *ret, struct err *err)
{
    AUTO(settings_done) struct cache_settings s = { .dir = NULL };
    struct entry entry = ENTRY_NONE;
    struct wasm_module module;
    char digest[DIGEST_TEXT_MAX];
    int rc = settings_init(&s, config, err);
    if (rc == 0 && !req->identity)
        rc = find_identity(req->path, digest, err);
    if (rc == 0)
        rc = get(&s, req->identity ? req->identity : digest, req->path, &entry, err);
    if (rc < 0)
        return rc;
    rc = copy_module(&entry.module, arena, &module, err);
    if (rc == 0)
        rc = wasm_entry(module.kind, &module.exports, req->function, &module.entry, err);
    entry_done(&entry);
    if (rc == 0)
        *ret = module;
    return rc;
}
