/* SPDX-License-Identifier: Apache-2.0 */
#include "network_record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

JSON_TYPE(network_port, NETWORK_PORT_FIELDS);
JSON_TYPE(network_record, NETWORK_RECORD_FIELDS);

struct network_records {
    char *dir;
    int dir_fd;
    struct map map; /* sandbox id → struct kept */
};

struct kept {
    struct arena *arena;
    struct network_record record;
    bool old;
};

static void *kept_free(struct kept *k)
{
    if (k)
        arena_unref(k->arena);
    free(k);
    return NULL;
}

static int keep(struct network_records *rs, const char *name, const struct buf *text, bool old,
                struct err *err)
{
    struct kept *k = NEW(struct kept);
    k->old = old;
    k->arena = arena_new(4 * LIMIT_NETWORK_RECORD_BYTES);
    int r = json_decode(&network_record_type, buf_str(text), text->len, NULL, k->arena, &k->record,
                        err);
    if (r == 0 && k->record.version > NETWORK_RECORD_VERSION)
        r = err_set(err, -ENOTSUP, "version %d is newer than this program's %d", k->record.version,
                    NETWORK_RECORD_VERSION);
    if (r == 0 && !str_eq(k->record.sandbox_id, name))
        r = err_set(err, -EINVAL, "is about sandbox \"%.100s\"", k->record.sandbox_id);
    if (r < 0) {
        (void)kept_free(k);
        return err_wrap(err, "network record %s/%.300s", rs->dir, name);
    }
    (void)kept_free(map_put(&rs->map, name, k));
    return 0;
}

struct loading {
    struct network_records *rs;
    struct err *err;
};

static int load(int dirfd, const char *name, void *user)
{
    const struct loading *l = user;
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_NETWORK_RECORD_BYTES);
    if (name[0] == '.')
        return 0; /* a file that was being written: never renamed into place */
    int r = file_read(dirfd, name, &text, l->err);
    return r < 0 ? r : keep(l->rs, name, &text, true, l->err);
}

int network_records_new(const char *dir, struct network_records **ret, struct err *err)
{
    struct network_records *rs = NEW(struct network_records);
    struct loading loading = { rs, err };
    rs->dir = xstrdup(dir);
    rs->dir_fd = -1;
    int r = path_mkdirs(dir, 0700, err);
    if (r == 0 && (rs->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        r = err_errno(err, errno, "open %s", dir);
    if (r == 0)
        r = path_each(dir, load, &loading, err);
    if (r < 0) {
        (void)network_records_free(rs);
        return r;
    }
    *ret = rs;
    return 0;
}

struct network_records *network_records_free(struct network_records *rs)
{
    const char *key;
    void *value;
    if (!rs)
        return NULL;
    for (size_t i = 0; map_next(&rs->map, &i, &key, &value);)
        (void)kept_free(value);
    map_done(&rs->map);
    if (rs->dir_fd >= 0)
        (void)close(rs->dir_fd);
    free(rs->dir);
    free(rs);
    return NULL;
}

const struct network_record *network_record_get(const struct network_records *rs,
                                                const char *sandbox_id)
{
    const struct kept *k = map_get(&rs->map, sandbox_id);
    return k ? &k->record : NULL;
}

bool network_record_is_old(const struct network_records *rs, const char *sandbox_id)
{
    const struct kept *k = map_get(&rs->map, sandbox_id);
    return k && k->old;
}

int network_record_put(struct network_records *rs, const struct network_record *r, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_NETWORK_RECORD_BYTES);
    AUTO(free) char *name = xstrdup(r->sandbox_id); /* r may be what is replaced */
    int rc = json_encode(&network_record_type, r, &text);
    if (rc < 0)
        return err_set(err, rc, "network record of sandbox %s is too big", name);
    effect("network record");
    rc = file_write_atomic(rs->dir_fd, name, buf_str(&text), text.len, 0600, 0, err);
    return rc < 0 ? rc : keep(rs, name, &text, false, err);
}

int network_record_drop(struct network_records *rs, const char *sandbox_id, struct err *err)
{
    effect("network record removal");
    if (unlinkat(rs->dir_fd, sandbox_id, 0) < 0 && errno != ENOENT)
        return err_errno(err, errno, "remove network record %s/%s", rs->dir, sandbox_id);
    (void)kept_free(map_remove(&rs->map, sandbox_id));
    return 0;
}

const struct network_record *network_record_next(const struct network_records *rs, size_t *i)
{
    const char *key;
    void *value;
    return map_next(&rs->map, i, &key, &value) ? &((struct kept *)value)->record : NULL;
}
