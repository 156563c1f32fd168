/* SPDX-License-Identifier: Apache-2.0 */
/* scene.h - clients of a real cluster, and calls that wait for their end. */
#pragma once

#include "base/loop.h"
#include "k8s/client.h"
#include "k8s/rest.h"

struct scene {
    struct loop *loop;
    struct k8s_client *admin, *node; /* the administrator over loopback; system:node:n1 over the wire */
};
void scene_open(struct scene *s);
void scene_close(struct scene *s);
struct k8s_client *scene_client(struct scene *s, const char *kubeconfig); /* NAME.kubeconfig of the cluster */
void scene_cluster(const char *command, const char *argument);            /* cluster -d $CLUSTER COMMAND ARGUMENT */

/* What a call came to. */
struct answer {
    struct k8s_call call;
    struct loop *loop;
    bool done;
    enum k8s_outcome outcome;
    int http_status;
    struct k8s_object *object; /* a reference */
    struct err err;
    int64_t took_ms;
};
/* The answer lives until the next but seven. */
struct answer *scene_call(struct scene *s, struct k8s_client *c, const struct k8s_request *request);
/* Runs the loop until *flag, at most timeout_ms. Returns whether it was set. */
bool scene_until(struct scene *s, const bool *flag, int64_t timeout_ms);
void scene_pass(struct scene *s, int64_t ms);

#define BODY(text) .body = (text), .body_len = sizeof(text) - 1
