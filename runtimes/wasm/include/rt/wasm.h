/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm.h - containers that are WebAssembly modules, run by oarsman-wasm under conmon beside the others of their pod.
 *
 * The words that stand in a bundle's config.json and in a pod's annotations.
 */
#pragma once

/* ---- annotations of a pod that this backend reads (from struct rt_container_config.annotations) ---- */
#define WASM_POD_VARIANT       "module.wasm.image/variant" /* compat, compat-smart */
#define WASM_POD_HANDLER       "run.oci.handler"           /* wasm, wasm-smart */
#define WASM_POD_ALLOWED_HOSTS "wasm.oarsman.dev/allowed-hosts" /* JSON array or commas: "api.example.com", "*.x.org:8443" */
#define WASM_POD_MAX_OUTBOUND  "wasm.oarsman.dev/max-outbound-requests"
/* Krustlet's, with the same meaning; ours win. */
#define WASM_POD_KRUSTLET_ALLOWED_DOMAINS "alpha.wasi.krustlet.dev/allowed-domains"
#define WASM_POD_KRUSTLET_MAX_REQUESTS    "alpha.wasi.krustlet.dev/max-concurrent-requests"

/* ---- annotations of a bundle (config.json) that oarsman-wasm reads. Ours alone: a pod's author writes none of them. ---- */
#define WASM_BUNDLE_ARTIFACT        "dev.oarsman.wasm.artifact"      /* absolute path of the compiled code */
#define WASM_BUNDLE_KIND            "dev.oarsman.wasm.kind"          /* core, command, http */
#define WASM_BUNDLE_FUNCTION        "dev.oarsman.wasm.function"      /* export to call */
#define WASM_BUNDLE_PORT            "dev.oarsman.wasm.port"          /* of an http handler */
#define WASM_BUNDLE_ALLOWED_HOSTS   "dev.oarsman.wasm.allowed-hosts" /* as above; absent: all */
#define WASM_BUNDLE_MAX_OUTBOUND    "dev.oarsman.wasm.max-outbound-requests"
#define WASM_BUNDLE_TERMINATION_LOG "dev.oarsman.wasm.termination-log" /* path in the container */
#define WASM_BUNDLE_MOUNT_NS        "dev.oarsman.wasm.mount-namespace" /* path of a small one, to begin from; absent: the node's */
/* Folder of that small namespace on which the root of a guest is put together. */
#define WASM_STAGE "/guest"
#define WASM_BUNDLE_CGROUP_PROCS    "dev.oarsman.wasm.cgroup-procs" /* files to join by a thread ("0"), separated by colons, of a group that is made and limited; absent: cgroupsPath is made here */
