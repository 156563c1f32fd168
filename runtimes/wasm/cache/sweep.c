/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sweep.c - the first look at the folder: what was left half made goes, and what this engine or this processor has no
 * use for. Nothing is verified here: that is done when an entry is first asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "entry.h"

struct sweep {
    const struct cache_settings *settings;
    entry_each_fn fn;
    void *user;
};

/* Nobody is writing it: its lock is free. */
static void remove_abandoned(int dir_fd, const char *name)
{
    AUTO(close) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
        return;
    effect("wasm.unlink");
    (void)unlinkat(dir_fd, name, 0);
}

static bool is_good(const struct cache_settings *s, int dir_fd, const char *name, const char *key, struct arena *arena,
                    struct wasm_record *ret)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_WASM_DESCRIPTION_BYTES);
    return file_read(dir_fd, name, &text, NULL) == 0 &&
           record_decode(buf_str(&text), text.len, key, s->engine, s->cpu, arena, ret, NULL) == 0;
}

static void look_at_record(struct sweep *sweep, int dir_fd, const char *name, const char *key)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct wasm_record record;
    if (is_good(sweep->settings, dir_fd, name, key, arena, &record))
        sweep->fn(sweep->user, key, record.identity);
    else
        entry_remove(sweep->settings, key);
}

static int look(int dir_fd, const char *name, void *user)
{
    struct sweep *sweep = user;
    size_t len = strcspn(name, ".");
    const char *rest = name + len;
    char key[KEY_BYTES], record[KEY_BYTES + 8];
    if (!key_is(name, len))
        return 0; /* not ours */
    memcpy(key, name, len);
    key[len] = '\0';
    (void)snprintf(record, sizeof(record), "%s.json", key);
    if (str_has_suffix(rest, ".tmp"))
        remove_abandoned(dir_fd, name);
    else if (str_eq(rest, ".json"))
        look_at_record(sweep, dir_fd, name, key);
    else if (str_eq(rest, ".cwasm") && faccessat(dir_fd, record, F_OK, 0) < 0 && errno == ENOENT)
        remove_abandoned(dir_fd, name);
    return 0;
}

int entry_sweep(const struct cache_settings *s, entry_each_fn fn, void *user, struct err *err)
{
    struct sweep sweep = { .settings = s, .fn = fn, .user = user };
    return path_each(s->dir, look, &sweep, err);
}
