/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.h - Event, core/v1.
 */
#pragma once

#include "k8s/meta.h"
#include "k8s/reference.h"

#define K8S_EVENT_SOURCE_FIELDS(F)                                                                 \
    F(value, const char *, component, "component", 0)                                              \
    F(value, const char *, host, "host", 0)
JSON_STRUCT(k8s_event_source, K8S_EVENT_SOURCE_FIELDS);

#define K8S_EVENT_SERIES_FIELDS(F)                                                                 \
    F(value, int32_t, count, "count", 0)                                                           \
    F(embed, k8s_micro_time, last_observed_time, "lastObservedTime", 0)
JSON_STRUCT(k8s_event_series, K8S_EVENT_SERIES_FIELDS);

#define K8S_EVENT_FIELDS(F)                                                                        \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(value, const char *, api_version, "apiVersion", 0)                                           \
    F(embed, k8s_object_meta, metadata, "metadata", JSON_ALWAYS)                                   \
    F(embed, k8s_object_reference, involved_object, "involvedObject", JSON_ALWAYS)                 \
    F(value, const char *, reason, "reason", 0)                                                    \
    F(value, const char *, message, "message", 0)                                                  \
    F(embed, k8s_event_source, source, "source", 0)                                                \
    F(embed, k8s_time, first_timestamp, "firstTimestamp", 0)                                       \
    F(embed, k8s_time, last_timestamp, "lastTimestamp", 0)                                         \
    F(value, int32_t, count, "count", 0)                                                           \
    F(value, const char *, type, "type", 0)                                                        \
    F(embed, k8s_micro_time, event_time, "eventTime", 0)                                           \
    F(object, k8s_event_series, series, "series", 0)                                               \
    F(value, const char *, action, "action", 0)                                                    \
    F(object, k8s_object_reference, related, "related", 0)                                         \
    F(value, const char *, reporting_component, "reportingComponent", JSON_ALWAYS)                 \
    F(value, const char *, reporting_instance, "reportingInstance", JSON_ALWAYS)
JSON_STRUCT(k8s_event, K8S_EVENT_FIELDS);
