/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h - what runs a guest. One row a kind of guest; a second engine brings rows of its own.
 *
 * load() maps compiled code and whatever else needs the node's files or executable memory; run() is called in the
 * guest's own confinement, and lets the caller close the last door (config->before) right before the first instruction.
 */
#pragma once

#include "base/err.h"
#include "engine/component.h"
#include "rt/wasm_kind.h"

struct engine_guest {
    enum wasm_kind kind;
    const char *function;   /* export to call; NULL: the usual one */
    int listen_fd;          /* of an http handler; taken. -1 else */
    struct component_config config;
};

struct engine {
    const char *name;
    /* artifact: a path. *ret lives as long as the process. */
    int (*load)(const char *artifact, const struct engine_guest *g, void **ret, struct err *err);
    /* 0 and how it ended; below 0: it was not run. */
    int (*run)(void *loaded, const struct engine_guest *g, struct component_end *end, struct err *err);
};
const struct engine *engine_for(enum wasm_kind kind);

extern const struct engine engine_core, engine_component; /* engine_core.c, engine_component.c */
