/* SPDX-License-Identifier: Apache-2.0 */
/* binary.h - Wasm binaries, made by hand. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct binary {
    struct buf bytes, body; /* body: of the section under way */
    uint8_t id;
};

void binary_init(struct binary *b, bool component);
void binary_done(struct binary *b);
void binary_begin(struct binary *b, uint8_t id); /* a section, with a count of entries to follow */
void binary_end(struct binary *b);
void binary_byte(struct binary *b, uint8_t byte);
void binary_u32(struct binary *b, uint64_t value);
void binary_name(struct binary *b, const char *name);

/* Whole sections of one entry. */
void binary_core_import(struct binary *b, const char *module, const char *name); /* a function */
void binary_core_export(struct binary *b, const char *name, uint8_t kind);
void binary_import(struct binary *b, const char *name, uint8_t sort); /* of a component: an instance is 5 */
void binary_export(struct binary *b, const char *name, uint8_t sort);
