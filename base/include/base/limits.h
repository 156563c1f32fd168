/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h - everything that a peer could size, in one place: the bound, and what happens beyond it.
 * Kept in groups; a new limit goes into the group of the component that enforces it.
 */
#pragma once

#define KIB 1024ull
#define MIB (1024ull * KIB)
#define GIB (1024ull * MIB)

/* base */
#define LIMIT_LOOP_CALLBACK_MS 50             /* reported as slow */
#define LIMIT_PROC_CAPTURE_BYTES (64 * KIB)   /* a child's captured output: the rest is dropped */
#define LIMIT_PROC_DRAIN_BYTES (1 * MIB)      /* read of a pipe that outlives the child which it was made for */
#define LIMIT_PATH_BYTES 4096
#define LIMIT_LOG_LINE_BYTES (8 * KIB)        /* cut */
#define LIMIT_WORKER_RUNTIME 4                /* jobs of a class that run at once: the rest waits */
#define LIMIT_WORKER_DISK 4
#define LIMIT_TREE_OPEN_DIRS 64               /* folders held open while a tree is removed, however deep it is */

/* json: decoding fails with the path of the place */
#define LIMIT_JSON_BYTES (16 * MIB)  /* one document */
#define LIMIT_JSON_DEPTH 64          /* nested objects and lists */
#define LIMIT_JSON_LIST 1000000      /* elements of one list or map; 1.5 MiB of empty strings in an API object are fewer */
#define LIMIT_JSON_SCRATCH_BYTES (32 * MIB) /* elements of lists that are not complete yet */
#define LIMIT_JSON_ARENA_BYTES (32 * MIB)
#define LIMIT_JSON_UNKNOWN_PATHS 64  /* unknown fields whose paths are kept: further ones are only counted */

/* k8s-api client */
#define LIMIT_K8S_OBJECT_BYTES (8 * MIB)    /* one API object: etcd's own limit is 1.5 MiB */
#define LIMIT_K8S_LIST_BYTES (256 * MIB)    /* one list answer, decoded item by item */
#define LIMIT_KUBECONFIG_BYTES (1 * MIB)

/* images */
#define LIMIT_IMAGE_MANIFEST_BYTES (4 * MIB)
#define LIMIT_IMAGE_CONFIG_BYTES (8 * MIB)
#define LIMIT_IMAGE_LAYERS 128
#define LIMIT_IMAGE_ANNOTATIONS_BYTES (256 * KIB)      /* keys and values of a manifest: it is refused */
#define LIMIT_IMAGE_INDEX_DEPTH 3                      /* indexes that lead to indexes */
#define LIMIT_IMAGE_LAYER_BYTES (64ull * GIB)          /* unpacked */
#define LIMIT_IMAGE_LAYER_ENTRIES 2000000
#define LIMIT_IMAGE_LAYER_RATIO 200                    /* unpacked to packed, beyond the next line */
#define LIMIT_IMAGE_LAYER_RATIO_FROM_BYTES (1 * GIB)
#define LIMIT_IMAGE_PATH_DEPTH 256                     /* components of a path in a layer */
#define LIMIT_IMAGE_XATTR_BYTES (64 * KIB)             /* one extended attribute of a file in a layer */
#define LIMIT_IMAGE_OPAQUE_BYTES (1 * MIB)             /* paths of a layer's opaque directories */
#define LIMIT_IMAGE_UNPACK_RESULT_BYTES (4 * MIB)      /* what the unpacker says about a layer */
#define LIMIT_IMAGE_MOUNTS_BYTES (64 * MIB)            /* /proc/self/mountinfo */
#define LIMIT_IMAGE_CA_BYTES (1 * MIB)                 /* certificates to trust for one registry */
#define LIMIT_IMAGE_REF_BYTES 512
#define LIMIT_IMAGE_AUTH_BYTES (4 * MIB)               /* credentials of one pull; JSON with credentials */

/* network */
#define LIMIT_NETWORK_RECORD_BYTES (1 * MIB) /* what was made for one sandbox: the attachment fails */
#define LIMIT_NETWORK_PORTS 4096             /* host ports of one pod: the attachment fails */
#define LIMIT_NFT_BYTES (32 * MIB)           /* one batch of rules, some 60 bytes a host port */
#define LIMIT_CNI_CONFIG_BYTES (256 * KIB)   /* a larger file in the configuration's folder is refused */
#define LIMIT_CNI_PLUGINS 64                 /* in one chain */
#define LIMIT_CNI_RESULT_BYTES (256 * KIB)   /* what a plugin answers: more is an error */
#define LIMIT_CNI_MESSAGE_BYTES (4 * KIB)    /* of a plugin's stderr */

/* pods */
#define LIMIT_POD_CONTAINERS 1000
#define LIMIT_POD_MANIFEST_BYTES (1 * MIB)
#define LIMIT_POD_RECORD_BYTES (4 * MIB) /* record.json of one pod: refused beyond */

/* the agent's own configuration */
#define LIMIT_CONFIG_BYTES (1 * MIB)
#define LIMIT_CONFIG_FIELDS 4096
#define LIMIT_CONFIG_DEPTH 32

/* environment and downward API */
#define LIMIT_ENV_VARS 65536
#define LIMIT_ENV_VALUE_BYTES (1 * MIB)
#define LIMIT_DOWNWARD_BYTES (1 * MIB)

/* events */
#define LIMIT_EVENTS_QUEUE 1000 /* waiting to be sent: further ones are dropped */
#define LIMIT_EVENTS_KNOWN 1024 /* remembered for counting up: the oldest is forgotten */

/* logs */
#define LIMIT_CONTAINER_LOG_LINE_BYTES (1 * MIB) /* a longer line of a log file is dropped when read */

/* wasm: finding the entry point of an image without mounting it */
#define LIMIT_WASM_LINKS 40      /* symbolic links on the way, as in the kernel: it counts as absent */
#define LIMIT_WASM_LOOKUPS 20000 /* of a name in a layer: the choice fails */

/* the kubelet API server */
#define LIMIT_SERVER_CONNECTIONS 1024          /* further ones wait to be accepted */
#define LIMIT_SERVER_HANDSHAKE_S 10            /* from connecting to the first request: the connection is closed */
#define LIMIT_SERVER_IDLE_S 120                /* a connection that sends nothing is closed */
#define LIMIT_SERVER_STALL_S 14400             /* a reader of a long answer that takes nothing is cut off */
#define LIMIT_SERVER_REQUEST_BYTES (128 * KIB) /* line and headers of a request: 431 beyond */
#define LIMIT_SERVER_PODS_BYTES (256 * MIB)
#define LIMIT_AUTH_EXTRA_BYTES (64 * KIB)      /* what is told of a token's owner beside name and groups: it is nobody's */
#define LIMIT_AUTH_CACHE 4096                  /* answers kept of each kind: beyond, all are forgotten */
#define LIMIT_CERT_CHAIN 8
#define LIMIT_CERT_NAME_BYTES 1024
#define LIMIT_CERTIFICATE_BYTES (1 * MIB)
#define LIMIT_RESOLV_CONF_BYTES (256 * KIB) /* /etc/resolv.conf, /etc/hosts: a larger one counts as none */

/* containers (runtimes/oci, runtimes/sandbox) */
#define LIMIT_CONTAINER_SPEC_BYTES (8 * MIB)      /* config.json: creation fails */
#define LIMIT_CONTAINER_GROUPS 4096               /* of a user in an image's /etc/group: further ones are left out */
#define LIMIT_CONTAINER_USER_FILE_BYTES (1 * MIB) /* an image's /etc/passwd and /etc/group: creation fails */
#define LIMIT_CONTAINER_DEVICES 4096              /* of one container: creation fails */
#define LIMIT_SECCOMP_PROFILE_BYTES (1 * MIB)     /* a localhost profile: creation fails */
#define LIMIT_POD_FILE_BYTES (64 * KIB)           /* resolv.conf: the sandbox fails */

/* Wasm guests */
#define LIMIT_SUPPLEMENTAL_GROUPS 1024       /* of one process: creation fails */
#define LIMIT_WASM_DIRS 1024                 /* preopened directories of one guest: creation fails */
#define LIMIT_WASM_FILES 65536               /* open in one guest */
#define LIMIT_WASM_HTTP_REQUESTS 128         /* handled at a time: others wait */
#define LIMIT_WASM_HTTP_CONNECTIONS 1024     /* open at a time: others wait to be accepted */
#define LIMIT_WASM_HTTP_THREADS 4           /* that serve one handler */
#define LIMIT_WASM_HTTP_CPU_MS 30000         /* computing of one request: it is ended, 500 */
#define LIMIT_WASM_HTTP_ANSWER_MS 60000      /* until a handler has begun to answer: it is ended, 504 */
#define LIMIT_WASM_HTTP_HEADER_MS 30000      /* for a client to send the head of a request: closed */
/* Wasm modules: a module beyond one of these is refused, in words */
#define LIMIT_WASM_MODULE_BYTES (256 * MIB)
#define LIMIT_WASM_IMPORTS 4096                  /* of one module */
#define LIMIT_WASM_EXPORTS 4096
#define LIMIT_WASM_NAME_BYTES (4 * KIB)          /* of one import or export */
#define LIMIT_WASM_NAMES_BYTES (256 * KIB)       /* of all of them: they are kept in memory while the module is in use */
#define LIMIT_WASM_SCAN_BYTES (2 * MIB)          /* memory for reading them */
#define LIMIT_WASM_DESCRIPTION_BYTES (2 * MIB)   /* what is written down about a compiled module, as JSON */
#define LIMIT_WASM_ARTIFACT_BYTES (512 * MIB)    /* compiled code */
#define LIMIT_WASM_COMPILE_BYTES (1 * GIB)       /* memory of one compilation: it is ended */
#define LIMIT_WASM_COMPILE_MS 120000             /* likewise */
#define LIMIT_WASM_COMPILE_THREADS 4             /* of one compilation */
#define LIMIT_WASM_COMPILATIONS 2                /* at once: the rest waits */
#define LIMIT_WASM_KNOWN_MODULES 128             /* kept verified and open: the one not used for longest is verified anew */
#define LIMIT_WASM_KNOWN_FAILURES 1024           /* the oldest is forgotten */
