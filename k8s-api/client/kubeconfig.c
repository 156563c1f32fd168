/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig.c - from a kubeconfig file to the one cluster and the one user that its context names.
 *
 * YAML becomes JSON, JSON becomes structs by tables, and what the context points at is checked here. Parts of the
 * file that the context does not use are decoded but not judged: a file often holds other clusters, too.
 */
#include "k8s/kubeconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/yaml.h"
#include "kubeconfig_fields.h"

#define TOKEN_AGE_MS 10000 /* a token file is looked at again after that time */
#define TOKEN_BYTES (64 * KIB)

struct source {
    const char *dir;
    const struct kubeconfig *config;
    const struct kubeconfig_context *context;
    const struct kubeconfig_cluster *cluster;
    const struct kubeconfig_user *user; /* NULL: none */
    size_t context_at, cluster_at, user_at;
};

static char *resolve(const char *dir, const char *path)
{
    return path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", dir, path);
}

/* ---- which context, cluster and user --------------------------------------------------------------------- */

static int choose_context(struct source *s, const char *wanted, struct err *err)
{
    const char *name = str_empty(wanted) ? s->config->current_context : wanted;
    if (str_empty(name))
        return err_set(err, -EINVAL, "current-context: not set; name a context");
    for (size_t i = 0; i < s->config->contexts.len; i++) {
        if (!str_eq(s->config->contexts.items[i].name, name))
            continue;
        s->context = &s->config->contexts.items[i].context;
        s->context_at = i;
        return 0;
    }
    return err_set(err, -EINVAL, "%s: there is no context \"%s\"",
                   str_empty(wanted) ? "current-context" : "contexts", name);
}

static int choose_cluster(struct source *s, struct err *err)
{
    const char *name = s->context->cluster;
    if (str_empty(name))
        return err_set(err, -EINVAL, "contexts[%zu].context.cluster: not set", s->context_at);
    for (size_t i = 0; i < s->config->clusters.len; i++) {
        if (!str_eq(s->config->clusters.items[i].name, name))
            continue;
        s->cluster = &s->config->clusters.items[i].cluster;
        s->cluster_at = i;
        return 0;
    }
    return err_set(err, -EINVAL, "contexts[%zu].context.cluster: there is no cluster \"%s\"", s->context_at, name);
}

static int choose_user(struct source *s, struct err *err)
{
    const char *name = s->context->user;
    if (str_empty(name))
        return 0;
    for (size_t i = 0; i < s->config->users.len; i++) {
        if (!str_eq(s->config->users.items[i].name, name))
            continue;
        s->user = &s->config->users.items[i].user;
        s->user_at = i;
        return 0;
    }
    return err_set(err, -EINVAL, "contexts[%zu].context.user: there is no user \"%s\"", s->context_at, name);
}

/* ---- what they say --------------------------------------------------------------------------------------- */

static int refuse_unsupported(const struct source *s, struct err *err)
{
    if (!s->user)
        return 0;
    const struct {
        const char *field;
        struct json_raw value;
        const char *why;
    } refused[] = {
        { "exec", s->user->exec, "credential plugins are not supported; use a client certificate or a token" },
        { "auth-provider", s->user->auth_provider, "not supported; use a client certificate or a token" },
        { "username", s->user->username, "API servers no longer take passwords; use a certificate or a token" },
        { "password", s->user->password, "API servers no longer take passwords; use a certificate or a token" },
        { "as", s->user->as, "impersonation is not supported" },
        { "as-uid", s->user->as_uid, "impersonation is not supported" },
        { "as-groups", s->user->as_groups, "impersonation is not supported" },
        { "as-user-extra", s->user->as_user_extra, "impersonation is not supported" },
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (refused[i].value.text)
            return err_set(err, -ENOTSUP, "users[%zu].user.%s: %s", s->user_at, refused[i].field, refused[i].why);
    }
    return 0;
}

static int read_server(const struct source *s, struct k8s_access *a, struct err *err)
{
    const char *server = s->cluster->server;
    if (str_empty(server))
        return err_set(err, -EINVAL, "clusters[%zu].cluster.server: not set", s->cluster_at);
    bool scheme = str_has_prefix(server, "https://") || str_has_prefix(server, "http://");
    const char *host = scheme ? strstr(server, "//") + 2 : "";
    if (!*host || *host == '/' || *host == ':' || strpbrk(server, " \t\r\n?#@"))
        return err_set(err, -EINVAL, "clusters[%zu].cluster.server: \"%s\" is not a URL such as https://HOST:6443",
                       s->cluster_at, server);
    size_t len = strlen(server);
    while (server[len - 1] == '/')
        len--;
    a->server = xstrndup(server, len);
    return 0;
}

/* Inline data wins over a file, as everywhere. Neither: *ret stays empty. */
static int read_pem(const struct source *s, const char *field, const struct json_bytes *data, const char *file,
                    struct buf *ret, struct err *err)
{
    if (data->len > 0)
        return buf_add(ret, data->data, data->len) < 0 ? err_set(err, -E2BIG, "%s-data: too large", field) : 0;
    if (str_empty(file))
        return 0;
    AUTO(free) char *path = resolve(s->dir, file);
    if (file_read(AT_FDCWD, path, ret, err) < 0)
        return err_wrap(err, "%s", field);
    return ret->len > 0 ? 0 : err_set(err, -EINVAL, "%s: %s is empty", field, path);
}

static int read_tls(const struct source *s, struct k8s_access *a, struct err *err)
{
    static const struct kubeconfig_user nobody;
    const struct kubeconfig_cluster *c = s->cluster;
    const struct kubeconfig_user *u = s->user ? s->user : &nobody;
    AUTO(buf_done) struct buf ca = BUF_INIT(LIMIT_KUBECONFIG_BYTES);
    AUTO(buf_done) struct buf cert = BUF_INIT(LIMIT_KUBECONFIG_BYTES);
    AUTO(buf_done) struct buf key = BUF_INIT(LIMIT_KUBECONFIG_BYTES);
    int ret = read_pem(s, "certificate-authority", &c->ca_data, c->ca_file, &ca, err);
    if (ret == 0 && c->insecure && ca.len > 0)
        ret = err_set(err, -EINVAL, "insecure-skip-tls-verify: must not be true beside a certificate-authority");
    if (ret < 0)
        return err_wrap(err, "clusters[%zu].cluster", s->cluster_at);
    ret = read_pem(s, "client-certificate", &u->cert_data, u->cert_file, &cert, err);
    if (ret == 0)
        ret = read_pem(s, "client-key", &u->key_data, u->key_file, &key, err);
    if (ret == 0 && cert.len > 0 && key.len == 0)
        ret = err_set(err, -EINVAL, "client-key: not set, but client-certificate is");
    if (ret == 0 && cert.len == 0 && key.len > 0)
        ret = err_set(err, -EINVAL, "client-certificate: not set, but client-key is");
    if (ret < 0)
        return err_wrap(err, "users[%zu].user", s->user_at);
    struct http_tls_opts o = { .insecure = c->insecure, .server_name = c->tls_server_name };
    if (ca.len > 0) {
        o.ca = ca.data;
        o.ca_len = ca.len;
    }
    if (cert.len > 0) {
        o.cert = cert.data;
        o.cert_len = cert.len;
        o.key = key.data;
        o.key_len = key.len;
    }
    if (http_tls_new(&o, &a->tls, err) == 0)
        return 0;
    return str_has_prefix(err->msg, "certificate authority")
               ? err_wrap(err, "clusters[%zu].cluster", s->cluster_at)
               : err_wrap(err, "users[%zu].user", s->user_at);
}

static int read_token(const struct source *s, struct k8s_access *a, struct err *err)
{
    if (!s->user)
        return 0;
    if (!str_empty(s->user->token_file)) { /* it wins, as everywhere: it is the one that is renewed */
        a->token_file = resolve(s->dir, s->user->token_file);
        if (access_read_token(a, err) < 0)
            return err_wrap(err, "users[%zu].user.tokenFile", s->user_at);
        return 0;
    }
    if (str_empty(s->user->token))
        return 0;
    if (strpbrk(s->user->token, "\r\n\t "))
        return err_set(err, -EINVAL, "users[%zu].user.token: contains white space", s->user_at);
    a->authorization = xasprintf("Bearer %s", s->user->token);
    return 0;
}

static int interpret(struct source *s, const char *context, struct k8s_access *a, struct err *err)
{
    if (!str_empty(s->config->kind) && !str_eq(s->config->kind, "Config"))
        return err_set(err, -EINVAL, "kind: expected Config, got %s", s->config->kind);
    if (!str_empty(s->config->api_version) && !str_eq(s->config->api_version, "v1"))
        return err_set(err, -EINVAL, "apiVersion: expected v1, got %s", s->config->api_version);
    int ret = choose_context(s, context, err);
    ret = ret ? ret : choose_cluster(s, err);
    ret = ret ? ret : choose_user(s, err);
    ret = ret ? ret : refuse_unsupported(s, err);
    ret = ret ? ret : read_server(s, a, err);
    ret = ret ? ret : read_tls(s, a, err);
    ret = ret ? ret : read_token(s, a, err);
    if (ret < 0)
        return ret;
    a->proxy = xstrdup(str_empty(s->cluster->proxy_url) ? NULL : s->cluster->proxy_url);
    a->namespace = xstrdup(str_empty(s->context->namespace) ? NULL : s->context->namespace);
    a->context = xstrdup(s->config->contexts.items[s->context_at].name);
    return 0;
}

/* ---- the header's functions ------------------------------------------------------------------------------ */

static int decode(const char *name, const char *dir, const void *data, size_t len, const char *context,
                  struct k8s_access *a, struct err *err)
{
    AUTO(buf_done) struct buf json = BUF_INIT(2 * LIMIT_KUBECONFIG_BYTES);
    int ret = yaml_to_json(name, data, len, &json, err);
    if (ret < 0)
        return err_wrap(err, "kubeconfig");
    if (ret == YAML_END)
        return err_set(err, -EINVAL, "kubeconfig %s: the file is empty", name);
    AUTO(arena_unref) struct arena *arena = arena_new(4 * LIMIT_KUBECONFIG_BYTES);
    struct kubeconfig config;
    struct json_paths unknown = { .len = 0 };
    const struct json_decode_opts opts = { .unknown_below = "", .ret_unknown = &unknown };
    ret = json_decode(&kubeconfig_type, json.data, json.len, &opts, arena, &config, err);
    if (ret == 0 && unknown.len > 0)
        ret = err_set(err, -EINVAL, "%s: there is no such field", unknown.items[0]);
    if (ret == 0) {
        struct source s = { .dir = dir, .config = &config };
        ret = interpret(&s, context, a, err);
    }
    return ret < 0 ? err_wrap(err, "kubeconfig %s", name) : 0;
}

int k8s_kubeconfig_parse(const char *name, const char *dir, const void *data, size_t len, const char *context,
                         struct k8s_access **ret_access, struct err *err)
{
    AUTO(k8s_access_free) struct k8s_access *a = NEW(struct k8s_access);
    struct err local = ERR_INIT;
    int ret = decode(name, dir, data, len, context, a, &local);
    if (ret < 0) {
        err_copy(err, &local);
        return ret;
    }
    *ret_access = TAKE_PTR(a);
    return 0;
}

int k8s_kubeconfig_load(const char *path, const char *context, struct k8s_access **ret_access, struct err *err)
{
    AUTO(buf_done) struct buf data = BUF_INIT(LIMIT_KUBECONFIG_BYTES);
    struct err local = ERR_INIT;
    int ret = file_read(AT_FDCWD, path, &data, &local);
    if (ret < 0) {
        err_wrap(&local, "kubeconfig");
        err_copy(err, &local);
        return ret;
    }
    const char *slash = strrchr(path, '/');
    AUTO(free) char *dir = slash ? xstrndup(path, slash > path ? (size_t)(slash - path) : 1) : xstrdup(".");
    return k8s_kubeconfig_parse(path, dir, data.data, data.len, context, ret_access, err);
}

int access_read_token(struct k8s_access *a, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(TOKEN_BYTES);
    a->token_read_boot_ms = clock_boot_ms();
    int ret = file_read(AT_FDCWD, a->token_file, &text, err);
    if (ret < 0)
        return ret;
    size_t len = text.len;
    while (len > 0 && strchr(" \t\r\n", text.data[len - 1]))
        len--;
    if (len == 0)
        return err_set(err, -EINVAL, "%s is empty", a->token_file);
    text.data[len] = 0;
    if (strlen(text.data) != len || strpbrk(text.data, " \t\r\n"))
        return err_set(err, -EINVAL, "%s: not a token, it contains white space", a->token_file);
    free(a->authorization);
    a->authorization = xasprintf("Bearer %s", text.data);
    return 0;
}

const char *access_authorization(struct k8s_access *a)
{
    /* A file that cannot be read just now leaves the last token in force. */
    if (a->token_file && clock_boot_ms() - a->token_read_boot_ms >= TOKEN_AGE_MS)
        (void)access_read_token(a, NULL);
    return a->authorization;
}

void access_doubt_token(struct k8s_access *a)
{
    a->token_read_boot_ms = INT64_MIN / 2;
}

struct k8s_access *k8s_access_free(struct k8s_access *a)
{
    if (!a)
        return NULL;
    http_tls_unref(a->tls);
    free(a->server);
    free(a->proxy);
    free(a->namespace);
    free(a->context);
    if (a->authorization)
        explicit_bzero(a->authorization, strlen(a->authorization));
    free(a->authorization);
    free(a->token_file);
    free(a);
    return NULL;
}
