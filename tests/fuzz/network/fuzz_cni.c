/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an administrator's file and a plugin's answer can do to us: both are read from the same
 * bytes, and what was read as a configuration is written for each plugin and must be readable
 * again.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cni_request.h"
#include "cni_result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_requests(const struct cni_config *config, struct arena *arena)
{
    static const char *const dirs[] = { "/opt/cni/bin", NULL };
    static const struct network_port port = { RT_UDP, 53, 8053, "192.0.2.1" };
    const struct network_record pod = { .sandbox_id = "s", .ports = { &port, 1 } };
    struct cni_request q = {
        .command = CNI_ADD, .config = config, .pod = &pod, .netns_path = "", .bin_dirs = dirs
    };
    for (size_t i = 0; i < config->plugins_len; i++) {
        AUTO(buf_done) struct buf text = BUF_INIT(4 * LIMIT_CNI_CONFIG_BYTES);
        struct json_raw again;
        if (cni_request_config(&q, i, arena, &text, NULL) < 0)
            continue; /* out of arena */
        if (json_decode(&json_raw_type, buf_str(&text), text.len, NULL, arena, &again, NULL) ==
            -EINVAL)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_unref) struct arena *arena = arena_new(16 * LIMIT_CNI_CONFIG_BYTES);
    const char *text = (const char *)data;
    struct cni_config config, again;
    struct rt_strings ips;
    struct err err = ERR_INIT;
    AUTO(free) char *error_out = xstrndup(text, size);
    if (cni_config_parse(text, size, arena, &config, &err) == 0) {
        check_requests(&config, arena);
        if (cni_config_parse(config.text.text, config.text.len, arena, &again, NULL) == 0 &&
            !str_eq(config.name, again.name))
            abort();
    }
    (void)cni_result_addresses(text, size, arena, &ips, &err);
    cni_result_error(text, size, error_out, 1, &err);
    return 0;
}
