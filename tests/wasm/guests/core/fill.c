/* SPDX-License-Identifier: Apache-2.0 */
/* fill.c - writes to the file that its argument names until it is refused, and says how far. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MIB = 1 << 20, ENOUGH = 100000 };

int main(int argc, char **argv)
{
    static char mib[MIB];
    int fd = open(argc > 1 ? argv[1] : "/fill", O_WRONLY | O_CREAT, 0600), n = 0;
    memset(mib, 'f', sizeof mib);
    while (fd >= 0 && n < ENOUGH && write(fd, mib, sizeof mib) == MIB)
        n++;
    printf("refused after %d MiB: %s\n", n, strerror(errno));
    return fd < 0 || n == ENOUGH;
}
