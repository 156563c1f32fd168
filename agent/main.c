/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - argv to sub-command. */
#include <stdio.h>

#include "base/str.h"
#include "command.h"

const struct command *const commands[] = {
    &command_agent, &command_play, &command_ps, &command_image, &command_wasm, &command_version, &command_help, NULL,
};

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";

    if (str_eq(name, "--help") || str_eq(name, "-h"))
        name = "help";
    if (str_eq(name, "--version"))
        name = "version";
    for (const struct command *const *c = commands; *c; c++)
        if (str_eq((*c)->name, name))
            return (*c)->run(argc > 1 ? argc - 1 : argc, argc > 1 ? argv + 1 : argv);
    (void)fprintf(stderr, "oarsman: unknown command \"%s\": see oarsman help\n", name);
    return 2;
}
