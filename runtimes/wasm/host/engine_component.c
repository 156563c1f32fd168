/* SPDX-License-Identifier: Apache-2.0 */
/* engine_component.c - components: commands and HTTP handlers. */
#include <errno.h>

#include "base/limits.h"
#include "engine.h"

static const struct component_serve_limits serve_limits = {
    .requests = LIMIT_WASM_HTTP_REQUESTS,
    .connections = LIMIT_WASM_HTTP_CONNECTIONS,
    .cpu_ms = LIMIT_WASM_HTTP_CPU_MS,
    .answer_ms = LIMIT_WASM_HTTP_ANSWER_MS,
    .header_ms = LIMIT_WASM_HTTP_HEADER_MS,
};

static int load(const char *artifact, const struct engine_guest *g, void **ret, struct err *err)
{
    uint32_t requests = g->kind == WASM_HTTP ? serve_limits.requests : 0;
    struct component_end end;
    struct component *c;
    int r = component_load(artifact, requests, g->config.memory_bytes, &c, &end);

    if (r < 0)
        return err_set(err, r, "%s", end.message);
    *ret = c;
    return 0;
}

static int run(void *loaded, const struct engine_guest *g, struct component_end *end, struct err *err)
{
    int r = g->kind == WASM_HTTP ? component_serve(loaded, g->listen_fd, &g->config, &serve_limits, end)
                                 : component_run(loaded, g->function, &g->config, end);

    if (r == 0 && g->kind == WASM_HTTP)
        end->code = 128 + 15; /* it served until SIGTERM */
    return r < 0 ? err_set(err, r, "%s", end->message) : 0;
}

const struct engine engine_component = { "wasmtime", load, run };
