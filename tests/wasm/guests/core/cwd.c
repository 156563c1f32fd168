/* SPDX-License-Identifier: Apache-2.0 */
/* cwd.c - prints the file that its argument names; meant for a relative name: it says where the
 * guest stands. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char text[4096];
    FILE *file = fopen(argc > 1 ? argv[1] : "here", "r");
    if (!file) {
        printf("%s\n", strerror(errno));
        return 1;
    }
    size_t n = fread(text, 1, sizeof text, file);
    fwrite(text, 1, n, stdout);
    return fclose(file);
}
