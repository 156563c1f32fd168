/* SPDX-License-Identifier: Apache-2.0 */
/* lines.c - says each line of its standard input again, and at its end how many there were. */
#include <stdio.h>

int main(void)
{
    char line[4096];
    int n = 0;
    for (; fgets(line, sizeof line, stdin); n++) {
        fputs(line, stdout);
        fflush(stdout);
    }
    printf("%d lines\n", n);
    return 0;
}
