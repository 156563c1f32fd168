/* SPDX-License-Identifier: Apache-2.0 */
/* fds.c - opens the file or folder that its argument names again and again, until it is refused;
 * keeps all of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { ENOUGH = 1000000 };

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "/";
    int n = 0;
    while (n < ENOUGH && open(path, O_RDONLY) >= 0)
        n++;
    if (n == ENOUGH)
        printf("opened %d times and was not refused\n", n);
    else
        printf("refused after %d: %s\n", n, strerror(errno));
    return n == 0 || n == ENOUGH;
}
