/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hierarchies there are, from /proc/self/mountinfo (man 5 proc):
 *
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *   (1)(2)(3)  (4)   (5)   (6)        (7)     (8)(9)  (10)      (11)
 *
 * (5) is where, (9) the type, (11) of a version 1 mount holds its controllers. A machine counts as
 * version 1 when cpu and memory are mounted that way, whatever a version 2 hierarchy beside them
 * holds; else as version 2, when that one has these two.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

static const struct {
    const char *name;
    unsigned controller;
} controllers[] = {
    { "cpu", CGROUP_CPU },   { "cpuacct", CGROUP_CPUACCT }, { "memory", CGROUP_MEMORY },
    { "pids", CGROUP_PIDS }, { "freezer", CGROUP_FREEZER }, { "name=systemd", CGROUP_SERVICES },
};

enum { FIELD_MOUNT = 4 };

struct mount {
    char *where;
    bool v1, v2;
    unsigned controllers;
};

static unsigned controllers_of(const char *options)
{
    char **words = strv_split(options, ',');
    unsigned set = CGROUP_OTHER;
    for (size_t i = 0; i < strv_len(words); i++)
        for (size_t k = 0; k < ARRAY_LEN(controllers); k++)
            if (str_eq(words[i], controllers[k].name))
                set |= controllers[k].controller;
    strv_free(words);
    return set;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* Space, tab, newline and backslash are written as \ooo. */
static char *unescape(const char *s)
{
    char *out = xstrdup(s), *w = out;
    for (const char *p = s; *p; p++) {
        if (p[0] == '\\' && is_octal(p[1]) && is_octal(p[2]) && is_octal(p[3])) {
            *w++ = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
            p += 3;
        } else {
            *w++ = *p;
        }
    }
    *w = '\0';
    return out;
}

static struct mount parse_line(const char *line)
{
    struct mount m = { .where = NULL };
    AUTO(strv_free) char **fields = strv_split(line, ' ');
    size_t len = strv_len(fields), dash = FIELD_MOUNT + 2;
    while (dash < len && !str_eq(fields[dash], "-"))
        dash++;
    if (dash + 3 >= len)
        return m;
    m.v1 = str_eq(fields[dash + 1], "cgroup");
    m.v2 = str_eq(fields[dash + 1], "cgroup2");
    if (!m.v1 && !m.v2)
        return m;
    m.where = unescape(fields[FIELD_MOUNT]);
    m.controllers = m.v1 ? controllers_of(fields[dash + 3]) : CGROUP_OTHER | CGROUP_SERVICES;
    return m;
}

/* A hierarchy may be mounted in several places: the first one is used. */
static bool is_new(const struct rt_cgroups *c, unsigned set)
{
    for (size_t i = 0; i < c->len; i++)
        if (c->items[i].controllers == set && (set & ~(unsigned)CGROUP_OTHER))
            return false;
    return true;
}

static void add(struct rt_cgroups *c, size_t *cap, char *where, unsigned set, bool v2)
{
    c->items = xgrow(c->items, cap, c->len + 1, sizeof(*c->items));
    c->items[c->len++] = (struct cgroup_hierarchy){ .mount = where, .controllers = set, .v2 = v2 };
}

static unsigned all_of(const struct rt_cgroups *c)
{
    unsigned set = 0;
    for (size_t i = 0; i < c->len; i++)
        set |= c->items[i].controllers;
    return set;
}

int cgroup_mounts_parse(struct rt_cgroups *c, const char *mountinfo,
                        cgroup_probe_fn has_controllers, struct err *err)
{
    size_t cap = 0;
    AUTO(free) char *v2 = NULL;
    AUTO(strv_free) char **lines = strv_split(mountinfo, '\n');
    for (size_t i = 0; i < strv_len(lines); i++) {
        struct mount m = parse_line(lines[i]);
        if (m.v2 && !v2)
            v2 = TAKE_PTR(m.where);
        else if (m.v1 && is_new(c, m.controllers))
            add(c, &cap, TAKE_PTR(m.where), m.controllers, false);
        free(m.where);
    }
    const unsigned needed = CGROUP_CPU | CGROUP_MEMORY;
    if ((all_of(c) & needed) == needed) {
        c->version = &cgroup_version_1;
        if (v2)
            add(c, &cap, TAKE_PTR(v2), CGROUP_OTHER | CGROUP_SERVICES, true);
        return 0;
    }
    if (v2 && has_controllers(v2)) {
        c->version = &cgroup_version_2;
        add(c, &cap, TAKE_PTR(v2), CGROUP_MADE, true);
        return 0;
    }
    return err_set(
        err, -ENOTSUP,
        "no cgroup hierarchy with the cpu and memory controllers is mounted (mount version 2 on "
        "/sys/fs/cgroup, or version 1 below it)");
}
