/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_serve_tool ARTIFACT PORT REQUESTS CONNECTIONS CPU_MS ANSWER_MS HEADER_MS: the engine's HTTP server with limits that
 * a test can reach. Nothing around it is confined.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/component.h"
#include "listen.h"

static uint32_t number(const char *text)
{
    int64_t n;

    if (str_to_i64(text, 0, INT32_MAX, &n) < 0) {
        fprintf(stderr, "\"%s\" is no number\n", text);
        exit(2);
    }
    return (uint32_t)n;
}

static int fail(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return 1;
}

int main(int argc, char **argv)
{
    static struct component_end end;
    static const struct component_config config = { .may_connect = true };
    struct component_serve_limits limits;
    struct component *c;
    struct err err = ERR_INIT;
    int fd;

    if (argc != 8)
        return fail("usage: wasm_serve_tool ARTIFACT PORT REQUESTS CONNECTIONS CPU_MS ANSWER_MS HEADER_MS");
    limits = (struct component_serve_limits){ number(argv[3]), number(argv[4]), number(argv[5]), number(argv[6]),
                                              number(argv[7]), 1 };
    if (component_load(argv[1], limits.requests, 0, &c, &end) < 0)
        return fail(end.message);
    if (listen_on((uint16_t)number(argv[2]), &fd, &err) < 0)
        return fail(err.msg);
    return component_serve(c, fd, &config, &limits, &end) < 0 ? fail(end.message) : 0;
}
