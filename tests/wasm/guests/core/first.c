/* SPDX-License-Identifier: Apache-2.0 */
/* first.c - one line at once, and the end: for measuring how long it takes to get there. With an
 * argument it stays. */
#include <unistd.h>

int main(int argc, char **argv)
{
    (void)argv;
    (void)!write(1, "S\n", 2);
    while (argc > 1)
        sleep(1U << 30);
    return 0;
}
