/* SPDX-License-Identifier: Apache-2.0 */
/* sleep.c - sleeps as many seconds as its first argument says, or for ever, in one call to the
 * host. */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    (void)!write(1, "sleeping\n", 9);
    if (argc > 1)
        return sleep((unsigned)atoi(argv[1])) ? 1 : 0;
    for (;;)
        sleep(1U << 30);
}
