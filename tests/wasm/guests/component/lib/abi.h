/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abi.h - the host's functions as a component's core module sees them, written down by hand.
 *
 * A function of a WIT interface becomes an imported function of numbers (the component model's
 * canonical ABI): a string or list is an address and a length, an option or result an integer
 * before its value, a resource a handle. What does not fit into one number is written to an address
 * that the caller gives as the last argument; offsets in it are multiples of each member's size.
 * Only what the guests use stands here.
 */
#pragma once

#include <stdint.h>

#ifndef WASI
#define WASI "0.2.12" /* the version of the interfaces; build-guests says what it found */
#endif
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name)         __attribute__((export_name(name)))

struct text { /* string, list<u8> */
    const char *at;
    uint32_t len;
};

struct handle_result { /* result<own<…>>, or with an error code of one byte */
    uint8_t failed;
    int32_t handle;
};

/* ---- wasi:io ---- */
#define STREAMS "wasi:io/streams@" WASI
#define POLL    "wasi:io/poll@" WASI
struct read_result { /* result<list<u8>, stream-error> */
    uint8_t failed;
    const char *at; /* or the kind of error: 0 with an error in len, 1 closed */
    uint32_t len;
};
enum { STREAM_WRITE_MAX = 4096 }; /* of blocking-write-and-flush */
IMPORT(STREAMS, "[method]input-stream.blocking-read")
void stream_read(int32_t self, uint64_t max, struct read_result *ret);
IMPORT(STREAMS, "[resource-drop]input-stream") void input_drop(int32_t self);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void stream_write(int32_t self, const char *at, uint32_t len, struct read_result *ret);
IMPORT(STREAMS, "[resource-drop]output-stream") void output_drop(int32_t self);
IMPORT(POLL, "[method]pollable.block") void poll_block(int32_t self);
IMPORT(POLL, "[resource-drop]pollable") void poll_drop(int32_t self);

/* ---- wasi:clocks, wasi:cli ---- */
struct list { /* of pairs of texts, in get-environment; of texts, in get-arguments */
    const struct text *at;
    uint32_t len;
};
IMPORT("wasi:clocks/monotonic-clock@" WASI, "subscribe-duration")
int32_t clock_subscribe(uint64_t nanoseconds);
IMPORT("wasi:cli/stdout@" WASI, "get-stdout") int32_t get_stdout(void);
IMPORT("wasi:cli/environment@" WASI, "get-environment") void get_environment(struct list *ret);
IMPORT("wasi:cli/environment@" WASI, "get-arguments") void get_arguments(struct list *ret);
IMPORT("wasi:cli/exit@" WASI, "exit-with-code") void exit_with_code(int32_t code);
IMPORT("wasi:cli/exit@" WASI, "exit") void exit_with_result(int32_t failed);
