/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig.h - how a cluster is reached, from a kubeconfig file.
 *
 * Files (read again as they change) and inline data, client certificates, tokens, token files, a chosen context.
 * What is not supported (exec and auth-provider plugins, impersonation, basic authentication) is refused by name.
 * Every error is one line: "kubeconfig FILE: users[0].user.exec: reason".
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/http.h"

struct err;

struct k8s_identity;

struct k8s_access {
    char *server; /* "https://10.0.0.1:6443", without a slash at its end */
    struct http_tls *tls;
    char *proxy;         /* NULL: from the environment */
    char *namespace;     /* of the context; NULL: none named */
    char *context;       /* its name, for messages */
    char *authorization; /* value of the header; NULL: none (the certificate speaks) */
    struct k8s_identity *identity; /* the files that tls and authorization follow; NULL: none, all was given in place */
};

/* context: NULL: the file's current-context. Blocking (small files): at start, not on a busy loop. Caller owns. */
int k8s_kubeconfig_load(const char *path, const char *context, struct k8s_access **ret_access, struct err *err);
/* The same from memory. name: for messages. dir: what relative paths in it start from. */
int k8s_kubeconfig_parse(const char *name, const char *dir, const void *data, size_t len, const char *context,
                         struct k8s_access **ret_access, struct err *err);
struct k8s_access *k8s_access_free(struct k8s_access *a); /* NULL */
DEFINE_CLEANUP(struct k8s_access *, k8s_access_free)
