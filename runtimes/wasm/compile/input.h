/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - the module's bytes, as a binary.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

struct err;

/* Reads to the end. ret: initialised with LIMIT_WASM_MODULE_BYTES. -E2BIG beyond it. */
int input_read(int fd, struct buf *ret, struct err *err);
/* Text becomes a binary, in place, when it is allowed; what is neither is refused by what reads it next. */
int input_from_text(struct buf *module, bool text_allowed, struct err *err);
