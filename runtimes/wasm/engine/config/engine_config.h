/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_config.h - the engine's settings, the same for what compiles and what runs.
 *
 * The engine refuses code that was compiled with other settings than its own, so both sides take them from here. What
 * concerns one side alone (optimisation, pools of memory) is not among them.
 */
#pragma once

#include <wasm.h>

#include "rt/wasm_kind.h"

/* config: borrowed, as wasm_config_new() has made it */
void engine_config_apply(wasm_config_t *config, enum wasm_kind kind);

/* The engine's full version and these settings of all kinds, as one short line: what was compiled under another line
 * is of no use. Static. */
const char *engine_config_key(void);
