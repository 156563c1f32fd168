/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offered.h - what this node offers to modules, as tables.
 */
#pragma once

#include <stdbool.h>

#include "rt/wasm_scan.h"

#define WASI_VERSIONS "0.2.0 to 0.2.12"

bool offered_import(bool component, const struct wasm_name *import);
/* Is name this interface ("wasi:cli/run") in a version that is offered? */
bool offered_interface(const char *name, const char *interface);
/* Is name one of the interfaces that are offered, in whatever version? */
bool offered_otherwise(const char *name);
