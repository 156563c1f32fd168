/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network_record.h - what was made for a sandbox's network, one JSON file each in
 * RUN_DIR/attachments/.
 *
 * Written before anything is made ("attached" false) and again when all of it is there. In memory a
 * record is immutable, in an arena of its own. Loop thread, a few system calls on tmpfs.
 */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "rt/network.h"

enum { NETWORK_RECORD_VERSION = 1 };

#define NETWORK_PORT_FIELDS(F)                                                                     \
    F(value, int32_t, protocol, "protocol", JSON_ALWAYS)                                           \
    F(value, int32_t, container_port, "containerPort", JSON_ALWAYS)                                \
    F(value, int32_t, host_port, "hostPort", JSON_ALWAYS)                                          \
    F(value, const char *, host_ip, "hostIP", 0)
JSON_STRUCT(network_port,
            NETWORK_PORT_FIELDS); /* protocol: enum rt_protocol; host_ip: NULL or "" all */

#define NETWORK_RECORD_FIELDS(F)                                                                   \
    F(value, int32_t, version, "version", JSON_REQUIRED)                                           \
    F(value, const char *, mode, "mode", JSON_REQUIRED)                                            \
    F(value, const char *, sandbox_id, "sandbox", JSON_REQUIRED)                                   \
    F(value, bool, attached, "attached", JSON_ALWAYS)                                              \
    F(value, const char *, uid, "uid", 0)                                                          \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, namespace_, "namespace", 0)                                             \
    F(value, const char *, netns_path, "netns", 0)                                                 \
    F(value, const char *, link, "link", 0)                                                        \
    F(values, const char *, addresses, "addresses", 0)                                             \
    F(objects, network_port, ports, "ports", 0)                                                    \
    F(value, struct json_raw, cni_config, "cniConfig", 0)                                          \
    F(value, struct json_raw, cni_result, "cniResult", 0)
JSON_STRUCT(network_record, NETWORK_RECORD_FIELDS);

struct network_records;

int network_records_new(const char *dir, struct network_records **ret,
                        struct err *err);                                 /* reads what is there */
struct network_records *network_records_free(struct network_records *rs); /* NULL */
const struct network_record *network_record_get(const struct network_records *rs,
                                                const char *sandbox_id);
bool network_record_is_old(const struct network_records *rs,
                           const char *sandbox_id); /* as read at start */
/* Writes r to its file and keeps a copy. Pointers of network_record_get() for this sandbox end
 * here. */
int network_record_put(struct network_records *rs, const struct network_record *r, struct err *err);
int network_record_drop(struct network_records *rs, const char *sandbox_id,
                        struct err *err); /* absent is fine */
/* for (size_t i = 0; (r = network_record_next(rs, &i));) … ; the body may drop the current one. */
const struct network_record *network_record_next(const struct network_records *rs, size_t *i);
