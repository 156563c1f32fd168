/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patch.h - the difference of two objects, as a patch, from the tables of their type.
 *
 * Strategic merge: fields that have become empty are null; maps are merged key by key; lists whose elements have a
 * merge key in the API (conditions by type, podIPs by ip …) are merged element by element, with {"$patch":"delete"}
 * for elements that are gone; other lists are replaced as a whole. If a merge key is not unique (two addresses of
 * one type) the list is replaced by {"$patch":"replace"}. Merge patch (RFC 7386): every list is replaced.
 * What before and after both have or both lack is not in the patch: foreign fields stay as they are. Pure.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "k8s/rest.h"

struct err;

enum k8s_patch_outcome { K8S_PATCH_NOTHING = 1 };

/* before, after: structs of type. Appends a JSON object to ret_patch. 0, K8S_PATCH_NOTHING (then nothing is appended),
 * -E2BIG. */
int k8s_patch_diff(enum k8s_patch_type how, const struct json_type *type, const void *before, const void *after,
                   struct buf *ret_patch, struct err *err);
/* The same for the status of an object: {"metadata":{"uid":…},"status":{…}}. type, before, after: of the status.
 * uid: if the object was replaced by another of its name, the server refuses the patch (K8S_INVALID: metadata.uid is
 * immutable); NULL: not checked. */
int k8s_patch_status(const struct json_type *type, const void *before, const void *after, const char *uid,
                     struct buf *ret_patch, struct err *err);
