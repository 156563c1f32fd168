/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module.h - the compiled code of a bundle: what its annotation names, or else the module that its first argument
 * names in its root file system, compiled by "oarsman wasm compile" (which stands beside this program) into a cache.
 */
#pragma once

#include "bundle.h"

/* b->function is filled from an argument of the form "module.wasm#function". */
int module_find(struct bundle *b, const char *cache_dir, const char **ret_artifact, enum wasm_kind *ret_kind,
                struct err *err);
