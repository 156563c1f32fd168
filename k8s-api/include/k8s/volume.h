/* SPDX-License-Identifier: Apache-2.0 */
/*
 * volume.h - where the files of a pod come from.
 */
#pragma once

#include "k8s/container.h"
#include "k8s/meta.h"
#include "k8s/reference.h"

#define K8S_HOST_PATH_VOLUME_SOURCE_FIELDS(F)                                                      \
    F(value, const char *, path, "path", JSON_ALWAYS)                                              \
    F(value, const char *, type, "type", 0)
JSON_STRUCT(k8s_host_path_volume_source, K8S_HOST_PATH_VOLUME_SOURCE_FIELDS);

#define K8S_EMPTY_DIR_VOLUME_SOURCE_FIELDS(F)                                                      \
    F(value, const char *, medium, "medium", 0)                                                    \
    F(embed, k8s_quantity, size_limit, "sizeLimit", 0)                                             \
    F(value, struct opt_i32, mode, "mode", 0)
JSON_STRUCT(k8s_empty_dir_volume_source, K8S_EMPTY_DIR_VOLUME_SOURCE_FIELDS);

#define K8S_GCE_PERSISTENT_DISK_VOLUME_SOURCE_FIELDS(F)                                            \
    F(value, const char *, pd_name, "pdName", JSON_ALWAYS)                                         \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, int32_t, partition, "partition", 0)                                                   \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_gce_persistent_disk_volume_source, K8S_GCE_PERSISTENT_DISK_VOLUME_SOURCE_FIELDS);

#define K8S_AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE_FIELDS(F)                                        \
    F(value, const char *, volume_id, "volumeID", JSON_ALWAYS)                                     \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, int32_t, partition, "partition", 0)                                                   \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_aws_elastic_block_store_volume_source,
            K8S_AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE_FIELDS);

#define K8S_GIT_REPO_VOLUME_SOURCE_FIELDS(F)                                                       \
    F(value, const char *, repository, "repository", JSON_ALWAYS)                                  \
    F(value, const char *, revision, "revision", 0)                                                \
    F(value, const char *, directory, "directory", 0)
JSON_STRUCT(k8s_git_repo_volume_source, K8S_GIT_REPO_VOLUME_SOURCE_FIELDS);

#define K8S_KEY_TO_PATH_FIELDS(F)                                                                  \
    F(value, const char *, key, "key", JSON_ALWAYS)                                                \
    F(value, const char *, path, "path", JSON_ALWAYS)                                              \
    F(value, struct opt_i32, mode, "mode", 0)                                                      \
    F(value, struct opt_i64, user, "user", 0)
JSON_STRUCT(k8s_key_to_path, K8S_KEY_TO_PATH_FIELDS);

#define K8S_SECRET_VOLUME_SOURCE_FIELDS(F)                                                         \
    F(value, const char *, secret_name, "secretName", 0)                                           \
    F(objects, k8s_key_to_path, items, "items", 0)                                                 \
    F(value, struct opt_i32, default_mode, "defaultMode", 0)                                       \
    F(value, struct opt_bool, optional, "optional", 0)                                             \
    F(value, struct opt_i64, default_user, "defaultUser", 0)
JSON_STRUCT(k8s_secret_volume_source, K8S_SECRET_VOLUME_SOURCE_FIELDS);

#define K8S_NFS_VOLUME_SOURCE_FIELDS(F)                                                            \
    F(value, const char *, server, "server", JSON_ALWAYS)                                          \
    F(value, const char *, path, "path", JSON_ALWAYS)                                              \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_nfs_volume_source, K8S_NFS_VOLUME_SOURCE_FIELDS);

#define K8S_ISCSI_VOLUME_SOURCE_FIELDS(F)                                                          \
    F(value, const char *, target_portal, "targetPortal", JSON_ALWAYS)                             \
    F(value, const char *, iqn, "iqn", JSON_ALWAYS)                                                \
    F(value, int32_t, lun, "lun", JSON_ALWAYS)                                                     \
    F(value, const char *, iscsi_interface, "iscsiInterface", 0)                                   \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, bool, read_only, "readOnly", 0)                                                       \
    F(values, const char *, portals, "portals", 0)                                                 \
    F(value, bool, chap_auth_discovery, "chapAuthDiscovery", 0)                                    \
    F(value, bool, chap_auth_session, "chapAuthSession", 0)                                        \
    F(object, k8s_local_object_reference, secret_ref, "secretRef", 0)                              \
    F(value, const char *, initiator_name, "initiatorName", 0)
JSON_STRUCT(k8s_iscsi_volume_source, K8S_ISCSI_VOLUME_SOURCE_FIELDS);

#define K8S_GLUSTERFS_VOLUME_SOURCE_FIELDS(F)                                                      \
    F(value, const char *, endpoints, "endpoints", JSON_ALWAYS)                                    \
    F(value, const char *, path, "path", JSON_ALWAYS)                                              \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_glusterfs_volume_source, K8S_GLUSTERFS_VOLUME_SOURCE_FIELDS);

#define K8S_PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE_FIELDS(F)                                        \
    F(value, const char *, claim_name, "claimName", JSON_ALWAYS)                                   \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_persistent_volume_claim_volume_source,
            K8S_PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE_FIELDS);

#define K8S_RBD_VOLUME_SOURCE_FIELDS(F)                                                            \
    F(values, const char *, monitors, "monitors", JSON_ALWAYS)                                     \
    F(value, const char *, image, "image", JSON_ALWAYS)                                            \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, const char *, pool, "pool", 0)                                                        \
    F(value, const char *, user, "user", 0)                                                        \
    F(value, const char *, keyring, "keyring", 0)                                                  \
    F(object, k8s_local_object_reference, secret_ref, "secretRef", 0)                              \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_rbd_volume_source, K8S_RBD_VOLUME_SOURCE_FIELDS);

#define K8S_FLEX_VOLUME_SOURCE_FIELDS(F)                                                           \
    F(value, const char *, driver, "driver", JSON_ALWAYS)                                          \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(object, k8s_local_object_reference, secret_ref, "secretRef", 0)                              \
    F(value, bool, read_only, "readOnly", 0)                                                       \
    F(value, struct json_map, options, "options", 0)
JSON_STRUCT(k8s_flex_volume_source, K8S_FLEX_VOLUME_SOURCE_FIELDS);

#define K8S_CINDER_VOLUME_SOURCE_FIELDS(F)                                                         \
    F(value, const char *, volume_id, "volumeID", JSON_ALWAYS)                                     \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, bool, read_only, "readOnly", 0)                                                       \
    F(object, k8s_local_object_reference, secret_ref, "secretRef", 0)
JSON_STRUCT(k8s_cinder_volume_source, K8S_CINDER_VOLUME_SOURCE_FIELDS);

#define K8S_CEPH_FS_VOLUME_SOURCE_FIELDS(F)                                                        \
    F(values, const char *, monitors, "monitors", JSON_ALWAYS)                                     \
    F(value, const char *, path, "path", 0)                                                        \
    F(value, const char *, user, "user", 0)                                                        \
    F(value, const char *, secret_file, "secretFile", 0)                                           \
    F(object, k8s_local_object_reference, secret_ref, "secretRef", 0)                              \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_ceph_fs_volume_source, K8S_CEPH_FS_VOLUME_SOURCE_FIELDS);

#define K8S_FLOCKER_VOLUME_SOURCE_FIELDS(F)                                                        \
    F(value, const char *, dataset_name, "datasetName", 0)                                         \
    F(value, const char *, dataset_uuid, "datasetUUID", 0)
JSON_STRUCT(k8s_flocker_volume_source, K8S_FLOCKER_VOLUME_SOURCE_FIELDS);

#define K8S_DOWNWARD_API_VOLUME_FILE_FIELDS(F)                                                     \
    F(value, const char *, path, "path", JSON_ALWAYS)                                              \
    F(object, k8s_object_field_selector, field_ref, "fieldRef", 0)                                 \
    F(object, k8s_resource_field_selector, resource_field_ref, "resourceFieldRef", 0)              \
    F(value, struct opt_i32, mode, "mode", 0)                                                      \
    F(value, struct opt_i64, user, "user", 0)
JSON_STRUCT(k8s_downward_api_volume_file, K8S_DOWNWARD_API_VOLUME_FILE_FIELDS);

#define K8S_DOWNWARD_API_VOLUME_SOURCE_FIELDS(F)                                                   \
    F(objects, k8s_downward_api_volume_file, items, "items", 0)                                    \
    F(value, struct opt_i32, default_mode, "defaultMode", 0)                                       \
    F(value, struct opt_i64, default_user, "defaultUser", 0)
JSON_STRUCT(k8s_downward_api_volume_source, K8S_DOWNWARD_API_VOLUME_SOURCE_FIELDS);

#define K8S_FC_VOLUME_SOURCE_FIELDS(F)                                                             \
    F(values, const char *, target_wwns, "targetWWNs", 0)                                          \
    F(value, struct opt_i32, lun, "lun", 0)                                                        \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, bool, read_only, "readOnly", 0)                                                       \
    F(values, const char *, wwids, "wwids", 0)
JSON_STRUCT(k8s_fc_volume_source, K8S_FC_VOLUME_SOURCE_FIELDS);

#define K8S_AZURE_FILE_VOLUME_SOURCE_FIELDS(F)                                                     \
    F(value, const char *, secret_name, "secretName", JSON_ALWAYS)                                 \
    F(value, const char *, share_name, "shareName", JSON_ALWAYS)                                   \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_azure_file_volume_source, K8S_AZURE_FILE_VOLUME_SOURCE_FIELDS);

#define K8S_CONFIG_MAP_VOLUME_SOURCE_FIELDS(F)                                                     \
    F(value, const char *, name, "name", 0)                                                        \
    F(objects, k8s_key_to_path, items, "items", 0)                                                 \
    F(value, struct opt_i32, default_mode, "defaultMode", 0)                                       \
    F(value, struct opt_bool, optional, "optional", 0)                                             \
    F(value, struct opt_i64, default_user, "defaultUser", 0)
JSON_STRUCT(k8s_config_map_volume_source, K8S_CONFIG_MAP_VOLUME_SOURCE_FIELDS);

#define K8S_VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE_FIELDS(F)                                           \
    F(value, const char *, volume_path, "volumePath", JSON_ALWAYS)                                 \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, const char *, storage_policy_name, "storagePolicyName", 0)                            \
    F(value, const char *, storage_policy_id, "storagePolicyID", 0)
JSON_STRUCT(k8s_vsphere_virtual_disk_volume_source, K8S_VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE_FIELDS);

#define K8S_QUOBYTE_VOLUME_SOURCE_FIELDS(F)                                                        \
    F(value, const char *, registry, "registry", JSON_ALWAYS)                                      \
    F(value, const char *, volume, "volume", JSON_ALWAYS)                                          \
    F(value, bool, read_only, "readOnly", 0)                                                       \
    F(value, const char *, user, "user", 0)                                                        \
    F(value, const char *, group, "group", 0)                                                      \
    F(value, const char *, tenant, "tenant", 0)
JSON_STRUCT(k8s_quobyte_volume_source, K8S_QUOBYTE_VOLUME_SOURCE_FIELDS);

#define K8S_AZURE_DISK_VOLUME_SOURCE_FIELDS(F)                                                     \
    F(value, const char *, disk_name, "diskName", JSON_ALWAYS)                                     \
    F(value, const char *, disk_uri, "diskURI", JSON_ALWAYS)                                       \
    F(value, const char *, caching_mode, "cachingMode", 0)                                         \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, struct opt_bool, read_only, "readOnly", 0)                                            \
    F(value, const char *, kind, "kind", 0)
JSON_STRUCT(k8s_azure_disk_volume_source, K8S_AZURE_DISK_VOLUME_SOURCE_FIELDS);

#define K8S_PHOTON_PERSISTENT_DISK_VOLUME_SOURCE_FIELDS(F)                                         \
    F(value, const char *, pd_id, "pdID", JSON_ALWAYS)                                             \
    F(value, const char *, fs_type, "fsType", 0)
JSON_STRUCT(k8s_photon_persistent_disk_volume_source,
            K8S_PHOTON_PERSISTENT_DISK_VOLUME_SOURCE_FIELDS);

#define K8S_SECRET_PROJECTION_FIELDS(F)                                                            \
    F(value, const char *, name, "name", 0)                                                        \
    F(objects, k8s_key_to_path, items, "items", 0)                                                 \
    F(value, struct opt_bool, optional, "optional", 0)
JSON_STRUCT(k8s_secret_projection, K8S_SECRET_PROJECTION_FIELDS);

#define K8S_DOWNWARD_API_PROJECTION_FIELDS(F)                                                      \
    F(objects, k8s_downward_api_volume_file, items, "items", 0)
JSON_STRUCT(k8s_downward_api_projection, K8S_DOWNWARD_API_PROJECTION_FIELDS);

#define K8S_CONFIG_MAP_PROJECTION_FIELDS(F)                                                        \
    F(value, const char *, name, "name", 0)                                                        \
    F(objects, k8s_key_to_path, items, "items", 0)                                                 \
    F(value, struct opt_bool, optional, "optional", 0)
JSON_STRUCT(k8s_config_map_projection, K8S_CONFIG_MAP_PROJECTION_FIELDS);

#define K8S_SERVICE_ACCOUNT_TOKEN_PROJECTION_FIELDS(F)                                             \
    F(value, const char *, audience, "audience", 0)                                                \
    F(value, struct opt_i64, expiration_seconds, "expirationSeconds", 0)                           \
    F(value, const char *, path, "path", JSON_ALWAYS)                                              \
    F(value, struct opt_i64, user, "user", 0)
JSON_STRUCT(k8s_service_account_token_projection, K8S_SERVICE_ACCOUNT_TOKEN_PROJECTION_FIELDS);

#define K8S_CLUSTER_TRUST_BUNDLE_PROJECTION_FIELDS(F)                                              \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, signer_name, "signerName", 0)                                           \
    F(object, k8s_label_selector, label_selector, "labelSelector", 0)                              \
    F(value, struct opt_bool, optional, "optional", 0)                                             \
    F(value, const char *, path, "path", JSON_ALWAYS)                                              \
    F(value, struct opt_i64, user, "user", 0)
JSON_STRUCT(k8s_cluster_trust_bundle_projection, K8S_CLUSTER_TRUST_BUNDLE_PROJECTION_FIELDS);

#define K8S_POD_CERTIFICATE_PROJECTION_FIELDS(F)                                                   \
    F(value, const char *, signer_name, "signerName", 0)                                           \
    F(value, const char *, key_type, "keyType", 0)                                                 \
    F(value, struct opt_i32, max_expiration_seconds, "maxExpirationSeconds", 0)                    \
    F(value, const char *, credential_bundle_path, "credentialBundlePath", 0)                      \
    F(value, const char *, key_path, "keyPath", 0)                                                 \
    F(value, const char *, certificate_chain_path, "certificateChainPath", 0)                      \
    F(value, struct json_map, user_annotations, "userAnnotations", 0)                              \
    F(value, struct opt_i64, user, "user", 0)
JSON_STRUCT(k8s_pod_certificate_projection, K8S_POD_CERTIFICATE_PROJECTION_FIELDS);

#define K8S_VOLUME_PROJECTION_FIELDS(F)                                                            \
    F(object, k8s_secret_projection, secret, "secret", 0)                                          \
    F(object, k8s_downward_api_projection, downward_api, "downwardAPI", 0)                         \
    F(object, k8s_config_map_projection, config_map, "configMap", 0)                               \
    F(object, k8s_service_account_token_projection, service_account_token, "serviceAccountToken",  \
      0)                                                                                           \
    F(object, k8s_cluster_trust_bundle_projection, cluster_trust_bundle, "clusterTrustBundle", 0)  \
    F(object, k8s_pod_certificate_projection, pod_certificate, "podCertificate", 0)
JSON_STRUCT(k8s_volume_projection, K8S_VOLUME_PROJECTION_FIELDS);

#define K8S_PROJECTED_VOLUME_SOURCE_FIELDS(F)                                                      \
    F(objects, k8s_volume_projection, sources, "sources", JSON_ALWAYS)                             \
    F(value, struct opt_i32, default_mode, "defaultMode", 0)                                       \
    F(value, struct opt_i64, default_user, "defaultUser", 0)
JSON_STRUCT(k8s_projected_volume_source, K8S_PROJECTED_VOLUME_SOURCE_FIELDS);

#define K8S_PORTWORX_VOLUME_SOURCE_FIELDS(F)                                                       \
    F(value, const char *, volume_id, "volumeID", JSON_ALWAYS)                                     \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_portworx_volume_source, K8S_PORTWORX_VOLUME_SOURCE_FIELDS);

#define K8S_SCALE_IO_VOLUME_SOURCE_FIELDS(F)                                                       \
    F(value, const char *, gateway, "gateway", JSON_ALWAYS)                                        \
    F(value, const char *, system, "system", JSON_ALWAYS)                                          \
    F(object, k8s_local_object_reference, secret_ref, "secretRef", JSON_ALWAYS)                    \
    F(value, bool, ssl_enabled, "sslEnabled", 0)                                                   \
    F(value, const char *, protection_domain, "protectionDomain", 0)                               \
    F(value, const char *, storage_pool, "storagePool", 0)                                         \
    F(value, const char *, storage_mode, "storageMode", 0)                                         \
    F(value, const char *, volume_name, "volumeName", 0)                                           \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, bool, read_only, "readOnly", 0)
JSON_STRUCT(k8s_scale_io_volume_source, K8S_SCALE_IO_VOLUME_SOURCE_FIELDS);

#define K8S_STORAGE_OS_VOLUME_SOURCE_FIELDS(F)                                                     \
    F(value, const char *, volume_name, "volumeName", 0)                                           \
    F(value, const char *, volume_namespace, "volumeNamespace", 0)                                 \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, bool, read_only, "readOnly", 0)                                                       \
    F(object, k8s_local_object_reference, secret_ref, "secretRef", 0)
JSON_STRUCT(k8s_storage_os_volume_source, K8S_STORAGE_OS_VOLUME_SOURCE_FIELDS);

#define K8S_CSI_VOLUME_SOURCE_FIELDS(F)                                                            \
    F(value, const char *, driver, "driver", JSON_ALWAYS)                                          \
    F(value, struct opt_bool, read_only, "readOnly", 0)                                            \
    F(value, const char *, fs_type, "fsType", 0)                                                   \
    F(value, struct json_map, volume_attributes, "volumeAttributes", 0)                            \
    F(object, k8s_local_object_reference, node_publish_secret_ref, "nodePublishSecretRef", 0)
JSON_STRUCT(k8s_csi_volume_source, K8S_CSI_VOLUME_SOURCE_FIELDS);

#define K8S_VOLUME_RESOURCE_REQUIREMENTS_FIELDS(F)                                                 \
    F(embed, k8s_resource_list, limits, "limits", 0)                                               \
    F(embed, k8s_resource_list, requests, "requests", 0)
JSON_STRUCT(k8s_volume_resource_requirements, K8S_VOLUME_RESOURCE_REQUIREMENTS_FIELDS);

#define K8S_PERSISTENT_VOLUME_CLAIM_SPEC_FIELDS(F)                                                 \
    F(values, const char *, access_modes, "accessModes", 0)                                        \
    F(object, k8s_label_selector, selector, "selector", 0)                                         \
    F(embed, k8s_volume_resource_requirements, resources, "resources", 0)                          \
    F(value, const char *, volume_name, "volumeName", 0)                                           \
    F(value, const char *, storage_class_name, "storageClassName", 0)                              \
    F(value, const char *, volume_mode, "volumeMode", 0)                                           \
    F(object, k8s_typed_local_object_reference, data_source, "dataSource", 0)                      \
    F(object, k8s_typed_object_reference, data_source_ref, "dataSourceRef", 0)                     \
    F(value, const char *, volume_attributes_class_name, "volumeAttributesClassName", 0)
JSON_STRUCT(k8s_persistent_volume_claim_spec, K8S_PERSISTENT_VOLUME_CLAIM_SPEC_FIELDS);

#define K8S_PERSISTENT_VOLUME_CLAIM_TEMPLATE_FIELDS(F)                                             \
    F(embed, k8s_object_meta, metadata, "metadata", 0)                                             \
    F(embed, k8s_persistent_volume_claim_spec, spec, "spec", JSON_ALWAYS)
JSON_STRUCT(k8s_persistent_volume_claim_template, K8S_PERSISTENT_VOLUME_CLAIM_TEMPLATE_FIELDS);

#define K8S_EPHEMERAL_VOLUME_SOURCE_FIELDS(F)                                                      \
    F(object, k8s_persistent_volume_claim_template, volume_claim_template, "volumeClaimTemplate", 0)
JSON_STRUCT(k8s_ephemeral_volume_source, K8S_EPHEMERAL_VOLUME_SOURCE_FIELDS);

#define K8S_IMAGE_VOLUME_SOURCE_FIELDS(F)                                                          \
    F(value, const char *, reference, "reference", 0)                                              \
    F(value, const char *, pull_policy, "pullPolicy", 0)
JSON_STRUCT(k8s_image_volume_source, K8S_IMAGE_VOLUME_SOURCE_FIELDS);

/* Sources whose drivers left the kubelet for CSI or were withdrawn. They stand beside the others in
 * the JSON text, but nobody uses them, and kept apart they cost a volume no memory. */
#define K8S_VOLUME_LEGACY_FIELDS(F)                                                                \
    F(object, k8s_gce_persistent_disk_volume_source, gce_persistent_disk, "gcePersistentDisk", 0)  \
    F(object, k8s_aws_elastic_block_store_volume_source, aws_elastic_block_store,                  \
      "awsElasticBlockStore", 0)                                                                   \
    F(object, k8s_git_repo_volume_source, git_repo, "gitRepo", 0)                                  \
    F(object, k8s_glusterfs_volume_source, glusterfs, "glusterfs", 0)                              \
    F(object, k8s_rbd_volume_source, rbd, "rbd", 0)                                                \
    F(object, k8s_flex_volume_source, flex_volume, "flexVolume", 0)                                \
    F(object, k8s_cinder_volume_source, cinder, "cinder", 0)                                       \
    F(object, k8s_ceph_fs_volume_source, cephfs, "cephfs", 0)                                      \
    F(object, k8s_flocker_volume_source, flocker, "flocker", 0)                                    \
    F(object, k8s_fc_volume_source, fc, "fc", 0)                                                   \
    F(object, k8s_azure_file_volume_source, azure_file, "azureFile", 0)                            \
    F(object, k8s_vsphere_virtual_disk_volume_source, vsphere_volume, "vsphereVolume", 0)          \
    F(object, k8s_quobyte_volume_source, quobyte, "quobyte", 0)                                    \
    F(object, k8s_azure_disk_volume_source, azure_disk, "azureDisk", 0)                            \
    F(object, k8s_photon_persistent_disk_volume_source, photon_persistent_disk,                    \
      "photonPersistentDisk", 0)                                                                   \
    F(object, k8s_portworx_volume_source, portworx_volume, "portworxVolume", 0)                    \
    F(object, k8s_scale_io_volume_source, scale_io, "scaleIO", 0)                                  \
    F(object, k8s_storage_os_volume_source, storageos, "storageos", 0)
JSON_STRUCT(k8s_volume_legacy, K8S_VOLUME_LEGACY_FIELDS);

#define K8S_VOLUME_FIELDS(F)                                                                       \
    F(value, const char *, name, "name", JSON_ALWAYS)                                              \
    F(object, k8s_host_path_volume_source, host_path, "hostPath", 0)                               \
    F(object, k8s_empty_dir_volume_source, empty_dir, "emptyDir", 0)                               \
    F(object, k8s_secret_volume_source, secret, "secret", 0)                                       \
    F(object, k8s_nfs_volume_source, nfs, "nfs", 0)                                                \
    F(object, k8s_iscsi_volume_source, iscsi, "iscsi", 0)                                          \
    F(object, k8s_persistent_volume_claim_volume_source, persistent_volume_claim,                  \
      "persistentVolumeClaim", 0)                                                                  \
    F(object, k8s_downward_api_volume_source, downward_api, "downwardAPI", 0)                      \
    F(object, k8s_config_map_volume_source, config_map, "configMap", 0)                            \
    F(object, k8s_projected_volume_source, projected, "projected", 0)                              \
    F(object, k8s_csi_volume_source, csi, "csi", 0)                                                \
    F(object, k8s_ephemeral_volume_source, ephemeral, "ephemeral", 0)                              \
    F(object, k8s_image_volume_source, image, "image", 0)                                          \
    F(rare, k8s_volume_legacy, legacy, "", 0)
JSON_STRUCT(k8s_volume, K8S_VOLUME_FIELDS);
