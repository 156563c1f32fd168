/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declared.c - declares that it needs 1 GiB of memory from the start, and touches none of it.
 *
 * Flags: -Wl,--initial-memory=1073741824
 */
#include <stdio.h>

int main(void)
{
    printf("began with %zu MiB\n", __builtin_wasm_memory_size(0) / 16);
    return 0;
}
