/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define PATIENCE_MS 60000

bool world_can_run(void)
{
    if (geteuid() == 0)
        return true;
    (void)fprintf(stderr, "needs root: it makes control groups, and the compiler becomes nobody\n");
    return false;
}

static void must(int rc, const struct err *err)
{
    if (rc < 0)
        fail_msg("%s", err->msg);
}

void world_init(struct world *w, const char *name)
{
    struct err err = ERR_INIT;
    *w = (struct world){ .loop = NULL };
    (void)snprintf(w->dir, sizeof(w->dir), "/tmp/oarsman-wasm-%s-%d", name, (int)getpid());
    (void)snprintf(w->prefix, sizeof(w->prefix), "/oarsman-test-wasm-%s-%d", name, (int)getpid());
    must(path_mkdirs(w->dir, 0755, &err), &err);
    AUTO(free) char *records = xasprintf("%s/groups", w->dir);
    struct rt_cgroups_config groups = { .prefix = w->prefix, .record_dir = records };
    must(rt_cgroups_open(&groups, &w->cgroups, &err), &err);
    must(loop_new(&w->loop, &err), &err);
    w->cache_dir = xasprintf("%s/cache", w->dir);
    w->config = (struct wasm_cache_config){
        .dir = w->cache_dir,
        .compile = COMPILE,
        .cgroups = w->cgroups,
        .text_format = true,
    };
}

void world_open(struct world *w)
{
    struct err err = ERR_INIT;
    must(wasm_cache_open(w->loop, &w->config, &w->cache, &err), &err);
}

void world_close(struct world *w)
{
    w->cache = wasm_cache_free(w->cache);
}

static int remove_group(const char *path, void *user)
{
    return rt_cgroup_remove(user, path, 5000, NULL);
}

static int count_group(const char *path, void *user)
{
    print_message("left: %s\n", path);
    ++*(int *)user;
    return 0;
}

/* The prefix is made on the way to the first group and is recorded by nobody. In each hierarchy of version 1, or in
 * the one of version 2. */
static int remove_prefix_in(int dir_fd, const char *name, void *user)
{
    AUTO(free) char *path = xasprintf("%s%s", name, (const char *)user);
    (void)unlinkat(dir_fd, path, AT_REMOVEDIR);
    return 0;
}

static void remove_prefix(char *prefix)
{
    AUTO(free) char *path = xasprintf("/sys/fs/cgroup%s", prefix);
    (void)path_each("/sys/fs/cgroup", remove_prefix_in, prefix, NULL);
    (void)rmdir(path);
}

void world_done(struct world *w)
{
    int left = 0;
    world_close(w);
    assert_false(world_has_children(w));
    assert_int_equal(rt_cgroup_each_recorded(w->cgroups, count_group, &left, NULL), 0);
    (void)rt_cgroup_each_recorded(w->cgroups, remove_group, w->cgroups, NULL);
    w->cgroups = rt_cgroups_free(w->cgroups);
    remove_prefix(w->prefix);
    w->loop = loop_free(w->loop);
    free(w->cache_dir);
    (void)path_remove_tree(w->dir, NULL);
    assert_int_equal(left, 0);
}

struct search {
    const char *suffix;
    size_t count;
    char *name;
};

static int count_file(int dir_fd, const char *name, void *user)
{
    struct search *s = user;
    (void)dir_fd;
    if (!str_has_suffix(name, s->suffix))
        return 0;
    s->count++;
    free(s->name);
    s->name = xstrdup(name);
    return 0;
}

size_t world_files(const struct world *w, const char *suffix)
{
    struct search s = { .suffix = suffix };
    (void)path_each(w->cache_dir, count_file, &s, NULL);
    free(s.name);
    return s.count;
}

char *world_file(const struct world *w, const char *suffix)
{
    struct search s = { .suffix = suffix };
    (void)path_each(w->cache_dir, count_file, &s, NULL);
    char *path = s.name ? xasprintf("%s/%s", w->cache_dir, s.name) : NULL;
    free(s.name);
    return path;
}

bool world_has_children(const struct world *w)
{
    siginfo_t info;
    int64_t end_ms = clock_boot_ms() + 2000;
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && clock_boot_ms() < end_ms)
        (void)loop_once(w->loop, 10); /* which collects those that were let go of */
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* ---- modules ---- */

char *world_module(const struct world *w, const char *name, const void *data, size_t len)
{
    struct err err = ERR_INIT;
    char *path = xasprintf("%s/%s", w->dir, name);
    must(file_write_atomic(AT_FDCWD, path, data, len, 0600, 0, &err), &err);
    return path;
}

char *world_text_module(const struct world *w, const char *name, const char *text)
{
    return world_module(w, name, text, strlen(text));
}

char *world_slow_module(const struct world *w, const char *name)
{
    AUTO(buf_done) struct buf text = BUF_INIT(64 * MIB);
    (void)buf_puts(&text, "(module (func (export \"_start\"))");
    for (int f = 0; f < 400; f++) {
        (void)buf_puts(&text, "(func (param i32) (result i32) local.get 0 ");
        for (int i = 0; i < 2000; i++)
            (void)buf_printf(&text, "i32.const %d i32.add local.get 0 i32.mul ", i);
        (void)buf_puts(&text, ")\n");
    }
    (void)buf_puts(&text, ")");
    assert_false(buf_failed(&text));
    return world_module(w, name, text.data, text.len);
}

/* ---- asking ---- */

void answer_take(void *user, const struct err *err, const struct wasm_module *module)
{
    struct answer *a = user;
    a->calls++;
    if (err) {
        a->err = *err;
        return;
    }
    (void)snprintf(a->path, sizeof(a->path), "%s", module->path);
    (void)snprintf(a->entry, sizeof(a->entry), "%s", module->entry);
    a->kind = module->kind;
    a->memory_min_bytes = module->memory_min_bytes;
    a->imports = module->imports.len;
    a->exports = module->exports.len;
}

void world_wait(struct world *w, const struct answer *a)
{
    int64_t end_ms = clock_boot_ms() + PATIENCE_MS;
    while (a->calls == 0 && clock_boot_ms() < end_ms)
        (void)loop_once(w->loop, 100);
    assert_int_equal(a->calls, 1);
}

struct answer world_get_function(struct world *w, const char *path, const char *identity, const char *function)
{
    struct wasm_cache_request req = { .path = path, .identity = identity, .function = function };
    struct answer a = { .calls = 0 };
    (void)wasm_cache_get(w->cache, &req, answer_take, &a);
    assert_int_equal(a.calls, 0); /* never from within the call */
    world_wait(w, &a);
    return a;
}

struct answer world_get(struct world *w, const char *path, const char *identity)
{
    return world_get_function(w, path, identity, NULL);
}
