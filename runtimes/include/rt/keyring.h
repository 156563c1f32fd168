/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.h - credentials for registries, in the forms in which Docker writes them, and which of
 * them go with an image.
 *
 *   {"auths": {"registry.example.com": {"auth": "dXNlcjpwYXNz"}}}          .dockerconfigjson,
 * ~/.docker/config.json
 *   {"registry.example.com": {"username": "user", "password": "pass"}}     .dockercfg
 *
 * A key names a host, perhaps with port and path; it may have a scheme, which says nothing. Parts
 * of the host may hold globs: "*.example.com". A key matches an image when host parts match one by
 * one, ports are the same and the image's path begins with the key's. More specific keys come
 * first; all that match are tried.
 *
 * Pure but for memory. Spec: kubernetes.io, "Images", section "Interpretation of config.json"
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "rt/runtime.h"

struct err;
struct rt_keyring;

struct rt_keyring *rt_keyring_new(void);
struct rt_keyring *rt_keyring_free(struct rt_keyring *k); /* NULL */
DEFINE_CLEANUP(struct rt_keyring *, rt_keyring_free)

enum rt_keyring_form { RT_DOCKERCONFIGJSON, RT_DOCKERCFG };
/* Adds what the text holds, after what is there already. -EINVAL, -E2BIG: nothing is added;
 * messages hold no secrets. */
int rt_keyring_add(struct rt_keyring *k, enum rt_keyring_form form, const char *text, size_t len,
                   struct err *err);

/* For any reference to an image; a file of the node takes no credentials. Borrowed until the next
 * call on this keyring; none: an empty list. */
struct rt_auths rt_keyring_find(struct rt_keyring *k, const char *image);
