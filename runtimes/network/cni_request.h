/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cni_request.h - what a plugin is given: its configuration on stdin, the rest in the environment.
 * Spec: SPEC.md 1.1.0, "Section 2: Execution protocol", "Section 3", "Deriving execution
 * configuration". Pure.
 */
#pragma once

#include "cni_config.h"
#include "network_record.h"

enum cni_command { CNI_ADD, CNI_DEL };
const char *cni_command_name(enum cni_command command); /* "ADD", "DEL" */

struct cni_request {
    enum cni_command command;
    const struct cni_config *config;
    const struct network_record *pod;
    const char *netns_path;      /* "": gone */
    const char *const *bin_dirs; /* NULL-terminated */
    struct json_raw prev_result; /* text NULL: none */
};

/* The configuration of plugin i with name, cniVersion, prevResult and runtimeConfig put in.
 * -EINVAL, -E2BIG. */
int cni_request_config(const struct cni_request *q, size_t i, struct arena *arena, struct buf *ret,
                       struct err *err);
char **cni_request_env(const struct cni_request *q); /* caller owns, strv_free() */
