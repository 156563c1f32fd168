/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.c - a command that asks servers over wasi:http.
 *
 *   fetch URL [FILE]     tries for ten seconds, prints the status, then writes it to FILE, too
 *
 * World: fetcher
 * Adapter: command
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"

enum { TRIES = 50, PAUSE_NS = 200000000, REFUSED = -7 };

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : "";
    int status = REFUSED;
    if (!strncmp(url, "http://", 7))
        url += 7;
    for (int i = 0; i < TRIES && status == REFUSED; i++) {
        if (i > 0)
            wait_for(clock_subscribe(PAUSE_NS));
        status = fetch((struct text){ url, (uint32_t)strlen(url) });
    }
    printf("%s: %s %d\n", url, status > 0 ? "status" : "error", status > 0 ? status : -status);
    if (status <= 0)
        return 1;
    FILE *file = argc > 2 ? fopen(argv[2], "w") : NULL;
    if (file && (fprintf(file, "%d\n", status) < 0 || fclose(file) != 0))
        return 2;
    return argc > 2 && !file ? 2 : 0;
}
