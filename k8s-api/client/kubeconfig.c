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
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/yaml.h"
#include "identity.h"
#include "kubeconfig_fields.h"

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

static void take_origin(const struct source *s, struct identity_origin *o, const struct json_bytes *text, const char *file)
{
    if (text->len > 0) {
        o->text = xmalloc(text->len);
        o->text_len = text->len;
        memcpy(o->text, text->data, text->len);
    } else if (!str_empty(file)) {
        o->path = resolve(s->dir, file);
    }
}

static int take_cluster(const struct source *s, struct k8s_identity *i, struct err *err)
{
    const struct kubeconfig_cluster *c = s->cluster;
    i->insecure = c->insecure;
    i->server_name = xstrdup(c->tls_server_name);
    take_origin(s, &i->origins[IDENTITY_CA], &c->ca_data, c->ca_file);
    if (c->insecure && identity_has(i, IDENTITY_CA))
        return err_set(err, -EINVAL,
                       "clusters[%zu].cluster: insecure-skip-tls-verify: must not be true beside a certificate-authority",
                       s->cluster_at);
    return 0;
}

static int take_user(const struct source *s, struct k8s_identity *i, struct err *err)
{
    const struct kubeconfig_user *u = s->user;
    take_origin(s, &i->origins[IDENTITY_CERT], &u->cert_data, u->cert_file);
    take_origin(s, &i->origins[IDENTITY_KEY], &u->key_data, u->key_file);
    bool cert = identity_has(i, IDENTITY_CERT), key = identity_has(i, IDENTITY_KEY);
    if (cert && !key)
        return err_set(err, -EINVAL, "users[%zu].user: client-key: not set, but client-certificate is", s->user_at);
    if (key && !cert)
        return err_set(err, -EINVAL, "users[%zu].user: client-certificate: not set, but client-key is", s->user_at);
    if (!str_empty(u->token_file)) /* it wins over a token, as everywhere: it is the one that is renewed */
        i->origins[IDENTITY_TOKEN].path = resolve(s->dir, u->token_file);
    return 0;
}

static int read_tls(const struct source *s, struct k8s_access *a, struct err *err)
{
    if (identity_read_tls(a->identity, &a->tls, err) == 0)
        return 0;
    return str_has_prefix(err->msg, "certificate") ? err_wrap(err, "clusters[%zu].cluster", s->cluster_at)
                                                   : err_wrap(err, "users[%zu].user", s->user_at);
}

static int read_token(const struct source *s, struct k8s_access *a, struct err *err)
{
    if (!s->user)
        return 0;
    if (identity_has(a->identity, IDENTITY_TOKEN)) {
        if (identity_read_token(a->identity, &a->authorization, err) < 0)
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
    a->identity = NEW(struct k8s_identity);
    ret = ret ? ret : take_cluster(s, a->identity, err);
    ret = ret || !s->user ? ret : take_user(s, a->identity, err);
    ret = ret ? ret : read_tls(s, a, err);
    ret = ret ? ret : read_token(s, a, err);
    if (ret < 0)
        return ret;
    if (!identity_has_files(a->identity))
        a->identity = identity_free(a->identity);
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

static void wipe_authorization(struct k8s_access *a)
{
    if (a->authorization)
        explicit_bzero(a->authorization, strlen(a->authorization));
    free(a->authorization);
    a->authorization = NULL;
}

static int renew_tls(struct k8s_access *a, struct err *err)
{
    struct http_tls *tls = NULL;
    int ret = identity_read_tls(a->identity, &tls, err);
    if (ret < 0)
        return ret;
    http_tls_unref(a->tls); /* requests under way have references of their own */
    a->tls = tls;
    return ACCESS_RENEWED;
}

static int renew_token(struct k8s_access *a, struct err *err)
{
    char *authorization = NULL;
    int ret = identity_read_token(a->identity, &authorization, err);
    if (ret < 0)
        return err_wrap(err, "tokenFile");
    wipe_authorization(a);
    a->authorization = authorization;
    return 0;
}

int access_renew(struct k8s_access *a, struct err *err)
{
    int ret = a->identity && identity_token_changed(a->identity) ? renew_token(a, err) : 0;
    if (ret < 0) /* certificates can wait for the next request: one message at a time */
        return ret;
    return a->identity && identity_tls_changed(a->identity) ? renew_tls(a, err) : 0;
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
    wipe_authorization(a);
    identity_free(a->identity);
    free(a);
    return NULL;
}
