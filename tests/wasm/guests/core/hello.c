/* SPDX-License-Identifier: Apache-2.0 */
/* hello.c - what it was given: arguments and environment, on standard output; a greeting on
 * standard error. */
#include <stdio.h>
#include <stdlib.h>

static void show(const char *name)
{
    const char *value = getenv(name);
    if (value)
        printf("%s=%s\n", name, value);
}

int main(int argc, char **argv)
{
    puts("hello from stdout");
    fputs("hello from stderr\n", stderr);
    show("FOO");
    show("CONFIG_MAP_VAL");
    show("POD_NAME");
    for (int i = 0; i < argc; i++)
        printf("argv[%d]=%s\n", i, argv[i]);
    return 0;
}
