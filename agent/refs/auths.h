/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auths.h - credentials for an image, out of pull secrets and the node's own file. Private to refs/. Pure.
 */
#pragma once

#include "base/arena.h"
#include "environment/reference.h"
#include "rt/runtime.h"

/* Every matching credential, pull secrets first, in the order in which they are to be tried. docker_config: NULL:
 * none. Secrets that cannot be read are passed over, as the kubelet does. */
void auths_for(const char *image, const struct fetched_set *set, const char *docker_config, struct arena *arena,
               struct rt_auths *ret);
