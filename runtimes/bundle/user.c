/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passwd: name:password:uid:gid:comment:home:shell, group: name:password:gid:member,member. A line of another form
 * is nobody's. A numeric user needs no line; without one its group is 0 and its home is "/".
 */
#include "bundle/user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define FIELDS_MAX 7
#define ID_MAX INT64_C(0xfffffffe)

struct line {
    const char *text[FIELDS_MAX];
    size_t len[FIELDS_MAX];
    size_t fields;
};

/* The next line's fields; NULL at the end. */
static const char *next_line(const char *at, struct line *ret)
{
    const char *end = at + strcspn(at, "\n");

    if (!*at)
        return NULL;
    ret->fields = 0;
    for (const char *p = at; p <= end && ret->fields < FIELDS_MAX;) {
        size_t len = strcspn(p, ":\n");

        ret->text[ret->fields] = p;
        ret->len[ret->fields++] = len;
        p += len + 1;
    }
    return *end ? end + 1 : end;
}

static bool field_is(const struct line *l, size_t field, const char *s)
{
    return field < l->fields && strlen(s) == l->len[field] && memcmp(l->text[field], s, l->len[field]) == 0;
}

static int64_t field_id(const struct line *l, size_t field) /* -1: none */
{
    char text[16];
    int64_t id;

    if (field >= l->fields || l->len[field] >= sizeof(text))
        return -1;
    memcpy(text, l->text[field], l->len[field]);
    text[l->len[field]] = '\0';
    return str_to_i64(text, 0, ID_MAX, &id) < 0 ? -1 : id;
}

enum { PASSWD_NAME = 0, PASSWD_UID = 2, PASSWD_GID = 3, PASSWD_HOME = 5 };
enum { GROUP_NAME = 0, GROUP_GID = 2, GROUP_MEMBERS = 3 };

/* By name, or by id when name is NULL. */
static bool find_user(const char *passwd, const char *name, int64_t uid, struct line *ret)
{
    for (const char *at = next_line(passwd, ret); at; at = next_line(at, ret))
        if (field_id(ret, PASSWD_UID) >= 0 &&
            (name ? field_is(ret, PASSWD_NAME, name) : field_id(ret, PASSWD_UID) == uid))
            return true;
    return false;
}

static bool find_group(const char *group, const char *name, int64_t *ret_gid)
{
    struct line l;

    for (const char *at = next_line(group, &l); at; at = next_line(at, &l)) {
        if (field_is(&l, GROUP_NAME, name) && field_id(&l, GROUP_GID) >= 0) {
            *ret_gid = field_id(&l, GROUP_GID);
            return true;
        }
    }
    return false;
}

static void add_group(struct user_ids *u, size_t *cap, int64_t gid)
{
    if (u->groups_len >= LIMIT_CONTAINER_GROUPS)
        return;
    for (size_t i = 0; i < u->groups_len; i++)
        if (u->groups[i] == gid)
            return;
    u->groups = xgrow(u->groups, cap, u->groups_len + 1, sizeof(*u->groups));
    u->groups[u->groups_len++] = gid;
}

static bool is_member(const struct line *l, const char *name, size_t name_len)
{
    const char *at, *end;

    if (l->fields <= GROUP_MEMBERS)
        return false;
    at = l->text[GROUP_MEMBERS];
    end = at + l->len[GROUP_MEMBERS];
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        size_t len = (size_t)((comma ? comma : end) - at);

        if (len == name_len && memcmp(at, name, len) == 0)
            return true;
        at += len + 1;
    }
    return false;
}

static void add_groups_of(struct user_ids *u, size_t *cap, const char *group, const char *name, size_t name_len)
{
    struct line l;

    for (const char *at = next_line(group, &l); at; at = next_line(at, &l))
        if (field_id(&l, GROUP_GID) >= 0 && is_member(&l, name, name_len))
            add_group(u, cap, field_id(&l, GROUP_GID));
}

/* user: a name or a number. Fills uid, gid, home and the line (fields == 0: none). */
static int take_user(struct user_ids *u, const char *user, const char *passwd, struct line *l, struct err *err)
{
    int64_t uid;
    bool numeric = str_to_i64(user, 0, ID_MAX, &uid) == 0;

    if (!find_user(passwd, numeric ? NULL : user, uid, l)) {
        l->fields = 0;
        if (!numeric)
            return err_set(err, -EINVAL, "unable to find user %s: no matching entries in passwd file", user);
        u->uid = uid;
        return 0;
    }
    u->uid = field_id(l, PASSWD_UID);
    if (field_id(l, PASSWD_GID) >= 0)
        u->gid = field_id(l, PASSWD_GID);
    if (l->fields > PASSWD_HOME && l->len[PASSWD_HOME] > 0)
        u->home = xstrndup(l->text[PASSWD_HOME], l->len[PASSWD_HOME]);
    return 0;
}

static int take_group(struct user_ids *u, const char *name, const char *group, struct err *err)
{
    if (str_to_i64(name, 0, ID_MAX, &u->gid) == 0 || find_group(group, name, &u->gid))
        return 0;
    return err_set(err, -EINVAL, "unable to find group %s: no matching entries in group file", name);
}

static int resolve(const struct rt_security *security, const char *user, const char *group_name, const char *passwd,
                   const char *group, struct user_ids *u, struct err *err)
{
    struct line l = { .fields = 0 };
    size_t cap = 0;
    int r = take_user(u, user, passwd, &l, err);

    if (r == 0 && group_name && !security->has_gid)
        r = take_group(u, group_name, group, err);
    if (r < 0)
        return r;
    if (security->has_gid)
        u->gid = security->gid;
    add_group(u, &cap, u->gid);
    if (l.fields > 0 && !security->supplemental_groups_strict)
        add_groups_of(u, &cap, group, l.text[PASSWD_NAME], l.len[PASSWD_NAME]);
    for (size_t i = 0; i < security->supplemental_groups_len; i++)
        add_group(u, &cap, security->supplemental_groups[i]);
    if (!u->home)
        u->home = xstrdup("/");
    return 0;
}

int user_resolve(const struct rt_security *security, const char *image_user, const char *passwd, const char *group,
                 struct user_ids *ret, struct err *err)
{
    AUTO(free) char *user = NULL;
    char *colon;
    struct user_ids u = { 0 };
    int r;

    if (security->has_uid)
        user = xasprintf("%lld", (long long)security->uid);
    else
        user = xstrdup(str_or(security->username, str_or(image_user, "0")));
    colon = strchr(user, ':');
    if (colon)
        *colon++ = '\0';
    r = resolve(security, str_or(user, "0"), str_empty(colon) ? NULL : colon, passwd, group, &u, err);
    if (r < 0)
        user_ids_done(&u);
    else
        *ret = u;
    return r;
}

static int read_below(int root_fd, const char *path, struct buf *ret, struct err *err)
{
    AUTO(close) int fd = -1;
    struct stat st;
    char link[64];
    int r = path_open_beneath(root_fd, path, O_RDONLY | O_NONBLOCK, 0, &fd, err);

    if (r == -ENOENT || r == -ENOTDIR) {
        err_clear(err);
        return 0;
    }
    if (r < 0)
        return r;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_set(err, -EINVAL, "the image's %s is not a file", path);
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    r = file_read(AT_FDCWD, link, ret, err);
    return r < 0 ? err_wrap(err, "the image's %s", path) : 0;
}

int user_resolve_in(int root_fd, const struct rt_security *security, const char *image_user, struct user_ids *ret,
                    struct err *err)
{
    AUTO(buf_done) struct buf passwd = BUF_INIT(LIMIT_CONTAINER_USER_FILE_BYTES);
    AUTO(buf_done) struct buf group = BUF_INIT(LIMIT_CONTAINER_USER_FILE_BYTES);
    int r = read_below(root_fd, "/etc/passwd", &passwd, err);

    if (r == 0)
        r = read_below(root_fd, "/etc/group", &group, err);
    return r < 0 ? r : user_resolve(security, image_user, buf_str(&passwd), buf_str(&group), ret, err);
}

struct rt_user user_told(const struct user_ids *u)
{
    return (struct rt_user){ .uid = u->uid, .gid = u->gid, .groups = u->groups, .groups_len = u->groups_len };
}

void user_ids_done(struct user_ids *u)
{
    free(u->groups);
    free(u->home);
    *u = (struct user_ids){ 0 };
}
