/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cni_config.h - a CNI network configuration: a list of plugins, or a single one, which counts as a
 * list of one. Spec: containernetworking/cni, SPEC.md 1.1.0, "Section 1: Network configuration
 * format". Pure.
 */
#pragma once

#include "base/arena.h"
#include "base/json.h"

struct cni_plugin {
    const char *type;
    bool port_mappings; /* has the capability */
    struct json_raw config;
};

struct cni_config {
    const char *name;
    const char *version; /* the highest that both sides know; static */
    const struct cni_plugin *plugins;
    size_t plugins_len;
    struct json_raw text; /* all of it, compact: for the record */
};

/* text: borrowed; the result lies in arena. -EINVAL, -ENOTSUP (version), -E2BIG. */
int cni_config_parse(const char *text, size_t len, struct arena *arena, struct cni_config *ret,
                     struct err *err);
/* < 0, 0, > 0; both of those that cni_config_parse() gives. */
int cni_version_compare(const char *a, const char *b);
