/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unsupported.h - what a pod may ask for that this agent does not do yet.
 *
 * Such a pod is not failed (a controller would replace it for ever): it waits with CreateContainerConfigError and
 * a message that names the field. One row a field: whoever builds the thing deletes the row. Pure.
 */
#pragma once

#include "decide/containers.h"

/* unknown: fields of the spec that the decoder did not know. volume: path of a volume of a kind that cannot be had,
 * or NULL. NULL: everything is supported; else a message in the arena. */
const char *unsupported_message(const struct k8s_pod *pod, const struct json_paths *unknown, const char *volume,
                                struct arena *arena);
