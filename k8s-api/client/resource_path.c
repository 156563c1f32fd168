/* SPDX-License-Identifier: Apache-2.0 */
/* resource_path.c - where an object lives: /api/v1/… for the core group, /apis/GROUP/VERSION/… for the others. */
#include "resource_path.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static void escape(struct buf *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (isalnum(c) || strchr("-._~", c))
            buf_putc(out, *s);
        else
            buf_printf(out, "%%%02X", c);
    }
}

static int add_part(struct buf *out, const char *what, const char *part, struct err *err)
{
    if (!part)
        return 0;
    if (!*part || str_eq(part, ".") || str_eq(part, ".."))
        return err_set(err, -EINVAL, "%s: \"%s\" is not a name", what, part);
    buf_putc(out, '/');
    escape(out, part);
    return 0;
}

int resource_path_url(const struct resource_path *p, struct buf *ret_url, struct err *err)
{
    buf_puts(ret_url, p->server);
    buf_puts(ret_url, strchr(p->api_version, '/') ? "/apis/" : "/api/");
    buf_puts(ret_url, p->api_version);
    if (p->namespace)
        buf_puts(ret_url, "/namespaces");
    int ret = add_part(ret_url, "namespace", p->namespace, err);
    ret = ret ? ret : add_part(ret_url, "resource", p->resource, err);
    ret = ret ? ret : add_part(ret_url, "name", p->name, err);
    ret = ret ? ret : add_part(ret_url, "subresource", p->subresource, err);
    if (ret == 0 && buf_failed(ret_url))
        ret = err_set(err, -E2BIG, "the names of the object are too long for a URL");
    return ret;
}

void url_add_query(struct buf *url, const char *key, const char *value)
{
    buf_putc(url, memchr(url->data, '?', url->len) ? '&' : '?');
    buf_puts(url, key);
    buf_putc(url, '=');
    escape(url, value);
}
