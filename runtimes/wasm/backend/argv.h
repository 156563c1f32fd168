/* SPDX-License-Identifier: Apache-2.0 */
/*
 * argv.h - what a guest is called with.
 *
 * command and args count as with any container: command replaces the image's entry point and, with it, the image's
 * arguments. But an artifact is the module and has neither, so there all arguments are but arguments, and the guest
 * finds a name before them: the image's title, else the container's. Pure.
 */
#pragma once

#include "rt/runtime.h"
#include "rt/wasm_artifact.h"

struct wasm_argv_input { /* all borrowed */
    const struct rt_strings *command, *args;   /* the container's */
    const struct rt_strings *entrypoint, *cmd; /* the image's */
    const char *title;                         /* the image's; NULL: it has none */
    const char *name;                          /* the container's */
    const struct wasm_choice *choice;
};

/* At least one; without the function of "module.wasm#function". Caller owns: strv_free(). */
char **wasm_argv(const struct wasm_argv_input *in);
