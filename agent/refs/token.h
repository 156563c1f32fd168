/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h - service account tokens bound to one pod. Private to refs/.
 */
#pragma once

#include "base/err.h"
#include "base/list.h"
#include "environment/reference.h"

struct k8s_client;
struct token;

/* The token that ref asks for out of tokens, asked for anew when there is none, it is old, or the last try has
 * failed a while ago. changed: it has come, or it cannot be had; never from within. */
struct token *token_get(struct list *tokens, struct k8s_client *client, const struct k8s_pod *pod,
                        const struct reference *ref, void (*changed)(void *user), void *user);
struct k8s_object *token_object(const struct token *t);     /* a TokenRequest; NULL: not yet, or not at all */
const struct err *token_error(const struct token *t);       /* why not; NULL: it is being asked for */
void tokens_free(struct list *tokens);
