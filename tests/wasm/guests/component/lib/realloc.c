/* SPDX-License-Identifier: Apache-2.0 */
/*
 * realloc.c - the room that the host asks for when it hands something in.
 *
 * The translator of WASI 0.1 asks too. Were this not there, it would take pages of its own, which
 * the malloc of older C libraries takes for its own as well.
 */
#include <stdint.h>
#include <stdlib.h>

#include "abi.h"

EXPORT("cabi_realloc")
void *cabi_realloc(void *old, uint32_t old_len, uint32_t align, uint32_t len)
{
    (void)old_len, (void)align; /* malloc aligns for everything that there is */
    return realloc(old, len);
}
