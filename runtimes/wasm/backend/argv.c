/* SPDX-License-Identifier: Apache-2.0 */
#include "argv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bundle/process.h"

static bool has_name(const struct wasm_argv_input *in)
{
    return in->choice->entry || in->command->len > 0 || in->entrypoint->len > 0;
}

/* The first of all is what it is called by. */
static void cut_function(const struct wasm_argv_input *in, char **all)
{
    char *hash = in->choice->function ? strchr(all[0], '#') : NULL;

    if (hash == all[0]) {
        free(all[0]);
        all[0] = xstrdup(str_or(in->title, in->name));
    } else if (hash) {
        *hash = '\0';
    }
}

char **wasm_argv(const struct wasm_argv_input *in)
{
    char **given = NULL, **all;

    (void)process_args(in->command, in->args, in->entrypoint, in->cmd, &given, NULL); /* there may be none */
    if (given && has_name(in)) {
        cut_function(in, given);
        return given;
    }
    all = strv_new();
    strv_push(&all, str_or(in->title, in->name));
    for (char **arg = given; arg && *arg; arg++)
        strv_push(&all, *arg);
    strv_free(given);
    return all;
}
