/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hog.c - takes memory and writes to it until it is refused (exit 3) or has what was asked for
 * (exit 0).
 *
 * hog [MIB]: 4000 without an argument, nearly all that 32 bits can address.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    int wanted = argc > 1 ? atoi(argv[1]) : 4000;
    for (int got = 0; got < wanted; got++) {
        char *mib = malloc(1 << 20);
        if (!mib) {
            printf("refused after %d MiB\n", got);
            return 3;
        }
        memset(mib, 1, 1 << 20);
        __asm__ volatile("" ::"r"(mib)
                         : "memory"); /* so that the compiler cannot leave the writing out */
    }
    printf("got %d MiB\n", wanted);
    return 0;
}
