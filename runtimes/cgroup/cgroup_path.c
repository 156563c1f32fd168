/* SPDX-License-Identifier: Apache-2.0 */
/* Names of groups: what is a good one, where it lies in a hierarchy, how it is written as a file
 * name. Pure. */
#include <errno.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

int cgroup_path_check(const char *path, struct err *err)
{
    if (str_empty(path) || path[0] != '/' || path[1] == '\0' || strlen(path) >= LIMIT_PATH_BYTES)
        return err_set(err, -EINVAL, "cgroup path \"%.100s\": must be absolute and name a group",
                       path ? path : "");
    AUTO(strv_free) char **parts = strv_split(path + 1, '/');
    for (size_t i = 0; i < strv_len(parts); i++)
        if (!path_is_name(parts[i]))
            return err_set(err, -EINVAL, "cgroup path \"%.100s\": \"%.50s\" is not a name", path,
                           parts[i]);
    return 0;
}

char *cgroup_path_in(const struct rt_cgroups *c, const struct cgroup_hierarchy *h, const char *path,
                     const char *file)
{
    return xasprintf("%s%s%s%s%s", h->mount, c->prefix, path, file ? "/" : "", file ? file : "");
}

/* '/' and '%' are written as %2F and %25. */
char *cgroup_path_encode(const char *path)
{
    struct buf b = BUF_INIT(4 * LIMIT_PATH_BYTES);
    for (const char *p = path; *p; p++)
        if (*p == '/' || *p == '%')
            (void)buf_puts(&b, *p == '/' ? "%2F" : "%25");
        else
            (void)buf_putc(&b, *p);
    return buf_take(&b);
}

char *cgroup_path_decode(const char *name)
{
    struct buf b = BUF_INIT(LIMIT_PATH_BYTES);
    for (const char *p = name; *p; p++) {
        if (*p != '%') {
            (void)buf_putc(&b, *p);
        } else if (str_has_prefix(p, "%2F") || str_has_prefix(p, "%25")) {
            (void)buf_putc(&b, p[2] == 'F' ? '/' : '%');
            p += 2;
        } else {
            buf_done(&b);
            return NULL;
        }
    }
    char *path = buf_take(&b);
    if (cgroup_path_check(path, NULL) == 0)
        return path;
    free(path);
    return NULL;
}

const struct cgroup_hierarchy *cgroup_hierarchy_of(const struct rt_cgroups *c, unsigned controller)
{
    for (size_t i = 0; i < c->len; i++)
        if (c->items[i].controllers & controller)
            return &c->items[i];
    return NULL;
}
