/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.h - where certificates, key and token come from: texts in the kubeconfig, or files that others replace while
 * we run (kubeadm, cert-manager, the token controller). Private to the client.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/http.h"

struct err;

enum identity_part { IDENTITY_CA, IDENTITY_CERT, IDENTITY_KEY, IDENTITY_TOKEN, IDENTITY_PART_NR };

struct identity_origin {
    char *text; /* NULL: not given in place */
    size_t text_len;
    char *path;             /* NULL: no file */
    struct file_stamp seen; /* of the file, before it was read last */
};

struct k8s_identity {
    struct identity_origin origins[IDENTITY_PART_NR]; /* a text wins over a file */
    bool insecure;
    char *server_name; /* NULL: the host of the URL */
};
struct k8s_identity *identity_free(struct k8s_identity *i); /* texts are wiped. NULL */
DEFINE_CLEANUP(struct k8s_identity *, identity_free)

bool identity_has(const struct k8s_identity *i, enum identity_part part);
bool identity_has_files(const struct k8s_identity *i);
/* One of the files is not what was read. A failed read counts, too: it need not be repeated before they change. */
bool identity_tls_changed(const struct k8s_identity *i);
bool identity_token_changed(const struct k8s_identity *i);

/* Read what is given, and check it. Blocking (small files). On failure *ret stays. Messages begin with "certificate" for
 * the authority, "client" for certificate and key; of a token with the file. err must not be NULL. Caller owns. */
int identity_read_tls(struct k8s_identity *i, struct http_tls **ret_tls, struct err *err);
int identity_read_token(struct k8s_identity *i, char **ret_authorization, struct err *err); /* the header's value */
