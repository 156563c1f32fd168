/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/event.h"

JSON_TYPE(k8s_event_source, K8S_EVENT_SOURCE_FIELDS);
JSON_TYPE(k8s_event_series, K8S_EVENT_SERIES_FIELDS);
JSON_TYPE(k8s_event, K8S_EVENT_FIELDS);
