/* SPDX-License-Identifier: Apache-2.0 */
/* exit.c - ends with the code that its first argument says, by proc_exit, also for 0. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int code = argc > 1 ? atoi(argv[1]) : 0;
    printf("ending with %d\n", code);
    fflush(stdout);
    exit(code);
}
