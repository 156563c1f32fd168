/* SPDX-License-Identifier: Apache-2.0 */
/*
 * volume_port.h - the volumes of pods behind the port of pod/ports.h: fetch what they refer to, then work on a
 * worker. For one pod at most one step is under way.
 */
#pragma once

#include "base/cleanup.h"
#include "pod/ports.h"
#include "pod/settings.h"

struct volume_port;

/* All borrowed until volume_port_free(). */
struct volume_port *volume_port_new(struct loop *loop, const struct pod_settings *settings, struct pod_refs *refs);
/* Waits for steps on workers; nobody is answered any more. */
struct volume_port *volume_port_free(struct volume_port *v); /* NULL */
DEFINE_CLEANUP(struct volume_port *, volume_port_free)
struct pod_volumes *volume_port_get(struct volume_port *v); /* borrowed */
