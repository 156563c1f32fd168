/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - one sub-command of the program: a row of the table in main.c, a file of its own.
 */
#pragma once

struct command {
    const char *name;
    const char *arguments; /* for the usage line */
    const char *summary;
    /* argv[0] is the command's name. Returns the exit code of the program. */
    int (*run)(int argc, char **argv);
};

extern const struct command command_agent, command_play, command_ps, command_image, command_wasm, command_version, command_help;

/* All of them, ending in NULL: main.c has the table. */
extern const struct command *const commands[];

/* Sorts argv[first] and on into flags (each with its value, appended to *flags) and what is none (to *names). */
void command_split(int argc, char **argv, int first, char ***flags, char ***names);

/* "oarsman NAME: message" on stderr, one line. Returns 1: a wrong input; use it as the exit code. */
int command_fail(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
