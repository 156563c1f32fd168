/* SPDX-License-Identifier: Apache-2.0 */
#include "engine_config.h"

#include <wasmtime.h>

/*
 * All else is as the engine has it: garbage collection, threads and exceptions are on, and a memory reserves 4 GiB of
 * addresses, which costs nothing but addresses and saves a third of the time that memory-heavy code takes.
 *
 * Interruption by epochs costs 15 %. A process with one guest is ended by a signal; one that answers many requests
 * needs them, so that no request holds up the others.
 */
void engine_config_apply(wasm_config_t *config, enum wasm_kind kind)
{
    wasmtime_config_wasm_component_model_set(config, true);
    wasmtime_config_epoch_interruption_set(config, kind == WASM_HTTP);
}

const char *engine_config_key(void)
{
    /* The second part changes with the function above. */
    return "wasmtime " WASMTIME_VERSION " components, http:epochs";
}
