/* SPDX-License-Identifier: Apache-2.0 */
/* runtime_command.h - one call of the OCI runtime's command line, outside of conmon: start, delete, state, kill. */
#pragma once

#include <stdbool.h>

#include "base/proc.h"

struct rt_supervisor;
struct runtime_command;

/* err: filled when the command could not be run, ran too long or failed; its message is the runtime's own. */
typedef void (*runtime_command_fn)(struct runtime_command *c, const struct err *err);

struct runtime_command {
    struct proc proc;
    runtime_command_fn fn;
    const char *verb;
};

/* args: NULL-terminated, after the verb. On an error fn does not come. */
int runtime_command_start(struct runtime_command *c, const struct rt_supervisor *s, const char *runtime,
                          const char *verb, const char *const *args, runtime_command_fn fn, struct err *err);
/* The same, blocking; out may be NULL. */
int runtime_command_run(const struct rt_supervisor *s, const char *runtime, const char *verb,
                        const char *const *args, struct buf *out, struct err *err);
/* Whether the runtime has let the container go, or tells of its end. Not known: it has not, and start will tell.
 * Blocking. */
bool runtime_command_has_started(const struct rt_supervisor *s, const char *runtime, const char *id);
/* The text that a runtime printed, made fit for one line: the message of its last line of log, without colours,
 * "time=… level=…" and the like. text is changed in place; the result points into it. Pure. */
const char *runtime_command_message(char *text);
