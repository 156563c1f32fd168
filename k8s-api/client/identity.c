/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c - certificates, key and token, read from where they are given. */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define TOKEN_BYTES (64 * KIB)

static const char *const fields[] = {
    [IDENTITY_CA] = "certificate-authority",
    [IDENTITY_CERT] = "client-certificate",
    [IDENTITY_KEY] = "client-key",
};

struct k8s_identity *identity_free(struct k8s_identity *i)
{
    if (!i)
        return NULL;
    for (size_t p = 0; p < IDENTITY_PART_NR; p++) {
        if (i->origins[p].text)
            explicit_bzero(i->origins[p].text, i->origins[p].text_len);
        free(i->origins[p].text);
        free(i->origins[p].path);
    }
    free(i->server_name);
    free(i);
    return NULL;
}

bool identity_has(const struct k8s_identity *i, enum identity_part part)
{
    return i->origins[part].text || i->origins[part].path;
}

static bool is_file(const struct identity_origin *o)
{
    return o->path && !o->text;
}

bool identity_has_files(const struct k8s_identity *i)
{
    bool any = false;
    for (size_t p = 0; p < IDENTITY_PART_NR; p++)
        any |= is_file(&i->origins[p]);
    return any;
}

static bool changed(const struct identity_origin *o)
{
    struct file_stamp now = is_file(o) ? file_stamp(o->path) : o->seen;
    return !file_stamp_eq(&now, &o->seen);
}

bool identity_tls_changed(const struct k8s_identity *i)
{
    return changed(&i->origins[IDENTITY_CA]) || changed(&i->origins[IDENTITY_CERT]) ||
           changed(&i->origins[IDENTITY_KEY]);
}

bool identity_token_changed(const struct k8s_identity *i)
{
    return changed(&i->origins[IDENTITY_TOKEN]);
}

static int read_origin(struct k8s_identity *i, enum identity_part part, struct buf *ret, struct err *err)
{
    struct identity_origin *o = &i->origins[part];
    if (o->text)
        return buf_add(ret, o->text, o->text_len) < 0 ? err_set(err, -E2BIG, "%s-data: too large", fields[part]) : 0;
    if (!o->path)
        return 0;
    if (file_read(AT_FDCWD, o->path, ret, err) < 0)
        return err_wrap(err, "%s", fields[part]);
    return ret->len > 0 ? 0 : err_set(err, -EINVAL, "%s: %s is empty", fields[part], o->path);
}

static void stamp(struct identity_origin *o)
{
    if (is_file(o))
        o->seen = file_stamp(o->path);
}

int identity_read_tls(struct k8s_identity *i, struct http_tls **ret_tls, struct err *err)
{
    AUTO(buf_done) struct buf ca = BUF_INIT(LIMIT_KUBECONFIG_BYTES);
    AUTO(buf_done) struct buf cert = BUF_INIT(LIMIT_KUBECONFIG_BYTES);
    AUTO(buf_done) struct buf key = BUF_INIT(LIMIT_KUBECONFIG_BYTES);
    for (size_t p = IDENTITY_CA; p <= IDENTITY_KEY; p++) /* all of them first: what is replaced meanwhile is seen next */
        stamp(&i->origins[p]);
    int ret = read_origin(i, IDENTITY_CA, &ca, err);
    ret = ret ? ret : read_origin(i, IDENTITY_CERT, &cert, err);
    ret = ret ? ret : read_origin(i, IDENTITY_KEY, &key, err);
    if (ret < 0)
        return ret;
    const struct http_tls_opts opts = {
        .ca = ca.data, /* NULL: nothing was added */
        .ca_len = ca.len,
        .cert = cert.data,
        .cert_len = cert.len,
        .key = key.data,
        .key_len = key.len,
        .insecure = i->insecure,
        .server_name = i->server_name,
    };
    return http_tls_new(&opts, ret_tls, err);
}

int identity_read_token(struct k8s_identity *i, char **ret_authorization, struct err *err)
{
    struct identity_origin *o = &i->origins[IDENTITY_TOKEN];
    AUTO(buf_done) struct buf text = BUF_INIT(TOKEN_BYTES);
    stamp(o);
    if (file_read(AT_FDCWD, o->path, &text, err) < 0)
        return err->code;
    size_t len = text.len;
    while (len > 0 && strchr(" \t\r\n", text.data[len - 1]))
        len--;
    if (len == 0)
        return err_set(err, -EINVAL, "%s is empty", o->path);
    text.data[len] = 0;
    if (strlen(text.data) != len || strpbrk(text.data, " \t\r\n"))
        return err_set(err, -EINVAL, "%s: not a token, it contains white space", o->path);
    *ret_authorization = xasprintf("Bearer %s", text.data);
    return 0;
}
