/* SPDX-License-Identifier: Apache-2.0 */
/* process.h - the command line and the environment of a container, from its configuration and its image. Pure. */
#pragma once

#include "base/err.h"
#include "rt/runtime.h"

#define PROCESS_DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* command replaces the image's entry point and with it the image's arguments; args replaces the image's
 * arguments. Caller owns, strv_free(). -EINVAL: nothing to run. */
int process_args(const struct rt_strings *command, const struct rt_strings *args,
                 const struct rt_strings *image_entrypoint, const struct rt_strings *image_cmd, char ***ret,
                 struct err *err);

struct process_env_input {
    const struct rt_strings *image;  /* "K=V" */
    const struct rt_label *container; /* wins */
    size_t container_len;
    const char *hostname; /* HOSTNAME, unless the container says otherwise */
    const char *home;     /* HOME, unless somebody says otherwise */
    bool tty;             /* TERM, unless somebody says otherwise */
};
/* "K=V" each name once, in order of first appearance; PATH is always there. Caller owns. */
char **process_env(const struct process_env_input *in);
