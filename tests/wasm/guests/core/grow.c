/* SPDX-License-Identifier: Apache-2.0 */
/* grow.c - grows its memory, page by page, until it is refused, and touches none of it. Prints how
 * far it came. */
#include <stdio.h>

int main(void)
{
    while (__builtin_wasm_memory_grow(0, 16) != (size_t)-1)
        ;
    printf("refused after %zu MiB\n", __builtin_wasm_memory_size(0) / 16);
    return 0;
}
