/* SPDX-License-Identifier: Apache-2.0 */
/* kubeconfig_fields.c - the tables behind kubeconfig_fields.h. */
#include "kubeconfig_fields.h"

JSON_TYPE(kubeconfig_cluster, KUBECONFIG_CLUSTER_FIELDS);
JSON_TYPE(kubeconfig_named_cluster, KUBECONFIG_NAMED_CLUSTER_FIELDS);
JSON_TYPE(kubeconfig_user, KUBECONFIG_USER_FIELDS);
JSON_TYPE(kubeconfig_named_user, KUBECONFIG_NAMED_USER_FIELDS);
JSON_TYPE(kubeconfig_context, KUBECONFIG_CONTEXT_FIELDS);
JSON_TYPE(kubeconfig_named_context, KUBECONFIG_NAMED_CONTEXT_FIELDS);
JSON_TYPE(kubeconfig, KUBECONFIG_FIELDS);
