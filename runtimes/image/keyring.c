/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/keyring.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <strings.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/image_ref.h"

#define KEYRING_ENTRY_FIELDS(F)                                                                    \
    F(value, const char *, username, "username", 0)                                                \
    F(value, const char *, password, "password", 0)                                                \
    F(value, const char *, auth, "auth", 0)                                                        \
    F(value, const char *, identity_token, "identitytoken", 0)                                     \
    F(value, const char *, registry_token, "registrytoken", 0)
JSON_STRUCT(keyring_entry, KEYRING_ENTRY_FIELDS);
JSON_TYPE(keyring_entry, KEYRING_ENTRY_FIELDS);
JSON_DICT(keyring_entry);
JSON_DICT_TYPE(keyring_entry);

#define KEYRING_FILE_FIELDS(F) F(dict, keyring_entry, auths, "auths", 0)
JSON_STRUCT(keyring_file, KEYRING_FILE_FIELDS);
JSON_TYPE(keyring_file, KEYRING_FILE_FIELDS);

struct keyring_dict { /* what keyring_entry_dict_type fills */
    const struct keyring_entry_entry *items;
    size_t len;
};

struct credential {
    const char *host; /* "*.example.com", without port */
    const char *port; /* "" none */
    const char *path; /* "/team" or "" */
    const char *key;  /* host:port/path, for the order */
    struct rt_auth auth;
    size_t serial;
};

struct rt_keyring {
    struct arena *arena;
    struct credential *items; /* most specific first */
    size_t len, cap;
    struct rt_auth *found;
    size_t found_cap;
};

struct rt_keyring *rt_keyring_new(void)
{
    struct rt_keyring *k = NEW(struct rt_keyring);
    k->arena = arena_new(LIMIT_IMAGE_AUTH_BYTES);
    return k;
}

struct rt_keyring *rt_keyring_free(struct rt_keyring *k)
{
    if (k) {
        (void)arena_unref(k->arena);
        free(k->items);
        free(k->found);
        free(k);
    }
    return NULL;
}

/* ---- reading ---- */

static bool split_host(struct arena *a, const char *text, size_t len, const char **ret_host,
                       const char **ret_port)
{
    const char *bracket = memchr(text, ']', len);
    const char *from = bracket ? bracket : text;
    const char *colon = memchr(from, ':', len - (size_t)(from - text));
    *ret_host = arena_strndup(a, text, colon ? (size_t)(colon - text) : len);
    *ret_port = colon ? arena_strndup(a, colon + 1, len - (size_t)(colon + 1 - text)) : "";
    return *ret_host && *ret_port;
}

/* "https://index.docker.io/v1/", "registry:5000", "example.com/team": scheme and API version say
 * nothing. */
static bool read_key(struct arena *a, const char *key, struct credential *c)
{
    static const char *const schemes[] = { "https://", "http://" };
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (strncasecmp(key, schemes[i], strlen(schemes[i])) == 0)
            key += strlen(schemes[i]);
    size_t len = strcspn(key, "/");
    const char *path = key + len;
    if (str_has_prefix(path, "/v1/") || str_has_prefix(path, "/v2/"))
        path += 3;
    if (!split_host(a, key, len, &c->host, &c->port))
        return false;
    c->path = str_eq(path, "/") ? "" : arena_strdup(a, path);
    c->key = arena_printf(a, "%.*s%s", (int)len, key, str_or(c->path, ""));
    return c->path && c->key;
}

/* "auth" is base64 of user:password; some tools leave the padding out. */
static int read_auth(struct arena *a, const char *text, struct rt_auth *ret)
{
    size_t len = strlen(text);
    AUTO(free) char *padded = xasprintf("%s%.*s", text, len % 4 ? (int)(4 - len % 4) : 0, "===");
    unsigned char *data = NULL;
    size_t n = 0;
    if (str_base64_decode(padded, strlen(padded), &data, &n) < 0)
        return -EINVAL;
    const char *colon = n ? memchr(data, ':', n) : NULL;
    if (colon) {
        size_t user_len = (size_t)((const unsigned char *)colon - data);
        while (n > user_len + 1 && data[n - 1] == '\0')
            n--;
        ret->username = arena_strndup(a, (const char *)data, user_len);
        ret->password = arena_strndup(a, colon + 1, n - user_len - 1);
    }
    free(data);
    return colon && ret->username && ret->password ? 0 : -EINVAL;
}

static int read_entry(struct rt_keyring *k, const char *key, const struct keyring_entry *e,
                      struct err *err)
{
    struct credential c = {
        .auth = {
            .username = str_empty(e->username) ? NULL : arena_strdup(k->arena, e->username),
            .password = arena_strdup(k->arena, e->password),
            .identity_token = str_empty(e->identity_token) ? NULL : arena_strdup(k->arena, e->identity_token),
            .registry_token = str_empty(e->registry_token) ? NULL : arena_strdup(k->arena, e->registry_token),
        },
        .serial = k->len,
    };
    if (!read_key(k->arena, key, &c))
        return err_set(err, -E2BIG, "too many credentials");
    if (!str_empty(e->auth) && read_auth(k->arena, e->auth, &c.auth) < 0)
        return err_set(err, -EINVAL, "auths[\"%.200s\"].auth: expected base64 of user:password",
                       key);
    if (!c.auth.username && !c.auth.identity_token && !c.auth.registry_token)
        return 0; /* a helper keeps it elsewhere */
    k->items = xgrow(k->items, &k->cap, k->len + 1, sizeof(*k->items));
    k->items[k->len++] = c;
    return 0;
}

/* As the kubelet: keys backwards, which puts the longer of two that begin alike first. */
static int by_key(const void *a, const void *b)
{
    const struct credential *x = a, *y = b;
    int order = strcmp(y->key, x->key);
    return order ? order : (x->serial > y->serial) - (x->serial < y->serial);
}

int rt_keyring_add(struct rt_keyring *k, enum rt_keyring_form form, const char *text, size_t len,
                   struct err *err)
{
    AUTO(arena_unref) struct arena *scratch = arena_new(LIMIT_IMAGE_AUTH_BYTES);
    struct json_decode_opts opts = { .max_bytes = LIMIT_IMAGE_AUTH_BYTES };
    struct keyring_file file = { .auths = { NULL, 0 } };
    struct keyring_dict dict = { NULL, 0 };
    size_t before = k->len;
    int rc;
    if (form == RT_DOCKERCFG)
        rc = json_decode(&keyring_entry_dict_type, text, len, &opts, scratch, &dict, err);
    else
        rc = json_decode(&keyring_file_type, text, len, &opts, scratch, &file, err);
    if (form == RT_DOCKERCONFIGJSON)
        dict = (struct keyring_dict){ file.auths.items, file.auths.len };
    for (size_t i = 0; rc == 0 && i < dict.len; i++)
        rc = read_entry(k, dict.items[i].key, &dict.items[i].value, err);
    if (rc < 0) {
        k->len = before;
        return rc;
    }
    if (k->len)
        qsort(k->items, k->len, sizeof(*k->items), by_key);
    return 0;
}

/* ---- finding ---- */

static const char *next_part(const char **s, char part[256])
{
    size_t len = strcspn(*s, ".");
    (void)snprintf(part, 256, "%.*s", (int)len, *s);
    *s += len;
    if (**s == '.')
        ++*s;
    else
        *s = NULL;
    return part;
}

static bool host_matches(const char *glob, const char *host)
{
    char g[256], h[256];
    if (str_eq(glob, host)) /* an IPv6 address in its brackets, too */
        return true;
    while (glob && host)
        if (fnmatch(next_part(&glob, g), next_part(&host, h), FNM_PERIOD) != 0)
            return false;
    return !glob && !host;
}

static bool matches(const struct credential *c, const char *host, const char *port,
                    const char *path)
{
    return str_eq(c->port, port) && host_matches(c->host, host) && str_has_prefix(path, c->path);
}

static void found(struct rt_keyring *k, size_t *n, const struct rt_auth *auth)
{
    k->found = xgrow(k->found, &k->found_cap, *n + 1, sizeof(*k->found));
    k->found[(*n)++] = *auth;
}

struct rt_auths rt_keyring_find(struct rt_keyring *k, const char *image)
{
    AUTO(arena_unref) struct arena *scratch = arena_new(4 * KIB);
    struct rt_image_ref ref;
    const char *host, *port;
    size_t n = 0;
    if (rt_image_ref_local(image) || rt_image_ref_parse(image, &ref, NULL) < 0 ||
        !split_host(scratch, ref.domain, strlen(ref.domain), &host, &port))
        return (struct rt_auths){ NULL, 0 };
    AUTO(free) char *path = xasprintf("/%s", ref.path);
    for (size_t i = 0; i < k->len; i++)
        if (matches(&k->items[i], host, port, path))
            found(k, &n, &k->items[i].auth);
    /* What Docker itself writes for its hub is the address of an index that is long gone. */
    for (size_t i = 0; n == 0 && str_eq(ref.domain, "docker.io") && i < k->len; i++)
        if (str_eq(k->items[i].host, "index.docker.io"))
            found(k, &n, &k->items[i].auth);
    return (struct rt_auths){ k->found, n };
}
