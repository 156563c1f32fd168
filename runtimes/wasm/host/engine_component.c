/* SPDX-License-Identifier: Apache-2.0 */
/* engine_component.c - components: commands and HTTP handlers. */
#include <errno.h>
#include <sched.h>

#include "base/limits.h"
#include "engine.h"

/* A thread for each core but one, a few at most. The one is left to the network and to others: on two cores a second
 * thread costs small handlers a quarter of their requests. A group's quota bounds what they do together. */
static uint32_t threads(void)
{
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return cores <= 2 ? 1 : cores > LIMIT_WASM_HTTP_THREADS ? LIMIT_WASM_HTTP_THREADS : (uint32_t)cores - 1;
}

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
    struct component_serve_limits limits = serve_limits;
    int r;

    limits.threads = threads();
    r = g->kind == WASM_HTTP ? component_serve(loaded, g->listen_fd, &g->config, &limits, end)
                             : component_run(loaded, g->function, &g->config, end);

    if (r == 0 && g->kind == WASM_HTTP)
        end->code = 128 + 15; /* it served until SIGTERM */
    return r < 0 ? err_set(err, r, "%s", end->message) : 0;
}

const struct engine engine_component = { "wasmtime", load, run };
