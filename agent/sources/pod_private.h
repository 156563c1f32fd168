/* SPDX-License-Identifier: Apache-2.0 */
/* pod_private.h - what pod_defaults.c and pod_validate.c share. */
#pragma once

struct k8s_volume;

/* How many sources a volume names: one is right, none means emptyDir. */
unsigned volume_sources(const struct k8s_volume *v);
