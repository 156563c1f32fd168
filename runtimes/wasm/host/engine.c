/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

const struct engine *engine_for(enum wasm_kind kind)
{
    static const struct engine *const engines[WASM_KIND_NR] = {
        [WASM_CORE] = &engine_core,
        [WASM_COMMAND] = &engine_component,
        [WASM_HTTP] = &engine_component,
    };

    return engines[kind];
}
