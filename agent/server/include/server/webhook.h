/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook.h - the two questions of the kubelet API, asked of the API server: TokenReview and SubjectAccessReview.
 */
#pragma once

#include "base/cleanup.h"
#include "server/server.h"

struct k8s_client;
struct webhook;

/* client: borrowed until webhook_free(). tokens: false answers "nobody's" without asking. */
struct webhook *webhook_new(struct k8s_client *client, const char *node_name, bool tokens);
/* Questions under way are answered with an error first. */
struct webhook *webhook_free(struct webhook *w); /* NULL */
DEFINE_CLEANUP(struct webhook *, webhook_free)
extern const struct server_auth_ops webhook_auth_ops; /* its user is the webhook */
