/* SPDX-License-Identifier: Apache-2.0 */
/* command.h - the commands of the OCI runtime command line, and what all of them are told. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct options {
    const char *root;   /* --root: where states are */
    const char *log;    /* --log: errors go there, too; NULL: nowhere else */
    bool log_json;      /* --log-format=json */
    const char *cache;  /* --cache: compiled modules, of bundles that bring none */
    const char *bundle; /* --bundle; NULL: the working directory */
    const char *pid_file;       /* --pid-file; NULL: none */
    const char *console_socket; /* --console-socket; NULL: none */
    bool force;         /* --force */
    const char *id;
    const char *argument; /* after the id: a signal; NULL: none */
};

int command_create(const struct options *o, struct err *err);
int command_start(const struct options *o, struct err *err);
int command_state(const struct options *o, struct err *err);
int command_kill(const struct options *o, struct err *err);
int command_delete(const struct options *o, struct err *err);
