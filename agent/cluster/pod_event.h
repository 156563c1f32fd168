/* SPDX-License-Identifier: Apache-2.0 */
/* pod_event.h - an event about a pod as data, to the recorder. Private to cluster/. */
#pragma once

#include "pod/ports.h"

struct events;

void pod_event_send(struct events *events, const struct k8s_pod *pod, const struct pod_event *e);
void pod_refusal_send(struct events *events, const struct k8s_pod *pod, const char *reason, const char *message);
