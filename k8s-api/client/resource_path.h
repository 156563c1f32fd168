/* SPDX-License-Identifier: Apache-2.0 */
/* resource_path.h - URLs of the API. Private to the client; pure. */
#pragma once

#include "base/buf.h"
#include "k8s/kinds.h"

struct err;

struct resource_path {
    const char *server;      /* "https://host:port[/prefix]" */
    const char *api_version; /* "v1", "coordination.k8s.io/v1" */
    const char *resource;    /* "pods" */
    const char *namespace, *name, *subresource; /* NULL: none */
};

/* Appends the URL without a query. -EINVAL: a part that cannot stand in a path. */
int resource_path_url(const struct resource_path *p, struct buf *ret_url, struct err *err);
/* Appends "?key=value" or "&key=value", escaped. */
void url_add_query(struct buf *url, const char *key, const char *value);
