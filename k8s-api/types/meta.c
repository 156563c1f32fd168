/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/meta.h"

JSON_TYPE(k8s_owner_reference, K8S_OWNER_REFERENCE_FIELDS);
JSON_TYPE(k8s_object_meta, K8S_OBJECT_META_FIELDS);
JSON_TYPE(k8s_shard_info, K8S_SHARD_INFO_FIELDS);
JSON_TYPE(k8s_list_meta, K8S_LIST_META_FIELDS);
JSON_TYPE(k8s_label_selector_requirement, K8S_LABEL_SELECTOR_REQUIREMENT_FIELDS);
JSON_TYPE(k8s_label_selector, K8S_LABEL_SELECTOR_FIELDS);
JSON_TYPE(k8s_field_selector_requirement, K8S_FIELD_SELECTOR_REQUIREMENT_FIELDS);
JSON_TYPE(k8s_condition, K8S_CONDITION_FIELDS);
