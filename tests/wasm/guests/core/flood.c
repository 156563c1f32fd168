/* SPDX-License-Identifier: Apache-2.0 */
/* flood.c - writes lines to standard output: as many MiB as its argument says, or for ever. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, LINE = 64 };

int main(int argc, char **argv)
{
    static char chunk[CHUNK];
    long left = argc > 1 ? atol(argv[1]) * ((1 << 20) / CHUNK) : -1;
    memset(chunk, 'f', sizeof chunk);
    for (int i = LINE - 1; i < CHUNK; i += LINE)
        chunk[i] = '\n';
    for (; left != 0; left -= left > 0) {
        for (size_t done = 0; done < sizeof chunk;) {
            ssize_t n = write(1, chunk + done, sizeof chunk - done);
            if (n < 0)
                return 1;
            done += (size_t)n;
        }
    }
    return 0;
}
