/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http-hello.c - the smallest handler of HTTP requests: the same answer to all.
 *
 * World: handler
 * Flags: -nostdlib -Wl,--no-entry
 */
#include "answer.h"

static const char hello[] = "hello\n";

EXPORT("wasi:http/incoming-handler@" WASI "#handle") void handle(int32_t request, int32_t outparam)
{
    struct answer a = answer_begin(outparam, 200);
    answer_write(&a, hello, sizeof hello - 1);
    answer_end(&a);
    request_drop(request);
}

/* The host asks for room for what it hands in; nothing that is imported here does so. */
EXPORT("cabi_realloc") void *cabi_realloc(void *old, uint32_t old_len, uint32_t align, uint32_t len)
{
    (void)old, (void)old_len, (void)align, (void)len;
    __builtin_trap();
}
