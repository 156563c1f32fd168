/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening, and making groups.
 *
 * A group is made from the top down. Each level that is not there yet is recorded before it is
 * made, so that what we find after a crash is either recorded or somebody else's. With version 2
 * each level above must pass the controllers on, which is a write to its cgroup.subtree_control.
 */
#include "rt/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

#define MOUNTINFO_BYTES (16 * MIB) /* some 200 bytes a mount, some 10 mounts a container */

const struct cgroup_version cgroup_version_1 = {
    .number = 1, .limits = cgroup_limits_v1, .counters = cgroup_counters_v1, .kill = cgroup_kill_v1
};
const struct cgroup_version cgroup_version_2 = {
    .number = 2, .limits = cgroup_limits_v2, .counters = cgroup_counters_v2, .kill = cgroup_kill_v2
};

static int read_words(const char *dir, const char *file, char ***ret)
{
    AUTO(buf_done) struct buf text = BUF_INIT(4 * KIB);
    AUTO(free) char *path = xasprintf("%s/%s", dir, file);
    int r = file_read(AT_FDCWD, path, &text, NULL);
    if (r < 0)
        return r;
    if (text.len > 0 && text.data[text.len - 1] == '\n')
        text.data[text.len - 1] = '\0';
    *ret = strv_split(buf_str(&text), ' ');
    return 0;
}

static bool has_word(char *const *words, const char *word)
{
    for (size_t i = 0; i < strv_len(words); i++)
        if (str_eq(words[i], word))
            return true;
    return false;
}

static bool offers_cpu_and_memory(const char *mount)
{
    AUTO(strv_free) char **words = NULL;
    return read_words(mount, "cgroup.controllers", &words) == 0 && has_word(words, "cpu") &&
           has_word(words, "memory");
}

int rt_cgroups_open(const struct rt_cgroups_config *config, struct rt_cgroups **ret,
                    struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(MOUNTINFO_BYTES);
    AUTO(rt_cgroups_free) struct rt_cgroups *c = NEW(struct rt_cgroups);
    int r = str_empty(config->prefix) ? 0 : cgroup_path_check(config->prefix, err);
    if (r < 0)
        return err_wrap(err, "cgroup prefix");
    c->prefix = xstrdup(str_or(config->prefix, ""));
    c->record_dir = xstrdup(config->record_dir);
    r = file_read(AT_FDCWD, str_or(config->mountinfo_path, "/proc/self/mountinfo"), &text, err);
    if (r == 0)
        r = cgroup_mounts_parse(c, buf_str(&text), offers_cpu_and_memory, err);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(c);
    return 0;
}

struct rt_cgroups *rt_cgroups_free(struct rt_cgroups *c)
{
    for (size_t i = 0; c && i < c->len; i++)
        free(c->items[i].mount);
    if (c) {
        free(c->items);
        free(c->prefix);
        free(c->record_dir);
    }
    free(c);
    return NULL;
}

int rt_cgroups_version(const struct rt_cgroups *c)
{
    return c->version->number;
}

bool rt_cgroup_exists(const struct rt_cgroups *c, const char *path)
{
    for (size_t i = 0; i < c->len; i++) {
        AUTO(free) char *dir = cgroup_path_in(c, &c->items[i], path, NULL);
        if (path_exists(dir))
            return true;
    }
    return false;
}

char **rt_cgroup_join_files(const struct rt_cgroups *c, const char *path, unsigned which)
{
    char **files = strv_new();
    for (size_t i = 0; i < c->len; i++) {
        const struct cgroup_hierarchy *h = &c->items[i];
        if (!(h->controllers & CGROUP_MADE) || !(which & (h->v2 ? RT_CGROUP_JOIN_V2 : RT_CGROUP_JOIN_V1)))
            continue;
        AUTO(free) char *file = cgroup_path_in(c, h, path, h->v2 ? "cgroup.procs" : "tasks");
        strv_push(&files, file);
    }
    return files;
}

/* What a level of version 2 may pass on of what its parent gives it. */
static void pass_controllers_on(const char *dir)
{
    static const char *const wanted[] = { "cpu", "memory", "pids", "cpuset", "io", "hugetlb" };
    AUTO(strv_free) char **offered = NULL;
    AUTO(strv_free) char **passed = NULL;
    AUTO(free) char *file = xasprintf("%s/cgroup.subtree_control", dir);
    if (read_words(dir, "cgroup.controllers", &offered) < 0)
        return;
    (void)read_words(dir, "cgroup.subtree_control", &passed);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        if (!has_word(offered, wanted[i]) || has_word(passed, wanted[i]))
            continue;
        AUTO(free) char *word = xasprintf("+%s", wanted[i]);
        effect("cgroup controllers");
        (void)file_write_value(AT_FDCWD, file, word,
                               NULL); /* refused: writing the limit will say so */
    }
}

static int make_dir(const char *dir, struct err *err)
{
    effect("cgroup mkdir");
    if (mkdir(dir, 0755) == 0 || errno == EEXIST)
        return 0;
    return err_errno(err, errno, "make cgroup %s", dir);
}

/* path: one level, whose parents exist. */
static int make_level(const struct rt_cgroups *c, const char *path, bool is_leaf, struct err *err)
{
    int r = is_leaf || !rt_cgroup_exists(c, path) ? cgroup_record_add(c, path, err) : 0;
    for (size_t i = 0; r == 0 && i < c->len; i++) {
        if (!(c->items[i].controllers & CGROUP_MADE))
            continue;
        AUTO(free) char *dir = cgroup_path_in(c, &c->items[i], path, NULL);
        if (!path_exists(dir))
            r = make_dir(dir, err);
        if (r == 0 && !is_leaf && c->version->number == 2)
            pass_controllers_on(dir);
    }
    return r;
}

/* The prefix is of the configuration: it is made, like the mount above it, but never recorded or
 * removed. */
static int make_prefix(const struct rt_cgroups *c, struct err *err)
{
    for (size_t i = 0; i < c->len; i++) {
        if (!(c->items[i].controllers & CGROUP_MADE))
            continue;
        AUTO(free) char *dir = cgroup_path_in(c, &c->items[i], "", NULL);
        if (c->version->number == 2)
            pass_controllers_on(c->items[i].mount);
        int r = path_exists(dir) ? 0 : path_mkdirs(dir, 0755, err);
        if (r < 0)
            return r;
        if (c->version->number == 2 && c->prefix[0])
            pass_controllers_on(dir);
    }
    return 0;
}

int rt_cgroup_make(const struct rt_cgroups *c, const char *path, const struct rt_resources *limits,
                   struct err *err)
{
    int r = cgroup_path_check(path, err);
    if (r == 0)
        r = make_prefix(c, err);
    AUTO(free) char *level = xstrdup(path);
    for (char *slash = level; r == 0 && (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        r = make_level(c, level, false, err);
        *slash = '/';
    }
    if (r == 0)
        r = make_level(c, path, true, err);
    return r == 0 && limits ? cgroup_limits_write(c, path, limits, err) : r;
}

int rt_cgroup_update(const struct rt_cgroups *c, const char *path,
                     const struct rt_resources *limits, struct err *err)
{
    int r = cgroup_path_check(path, err);
    if (r < 0)
        return r;
    if (!rt_cgroup_exists(c, path))
        return err_set(err, -ENOENT, "cgroup %s does not exist", path);
    return cgroup_limits_write(c, path, limits, err);
}
