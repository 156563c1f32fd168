/* SPDX-License-Identifier: Apache-2.0 */
/* help.c - "help", "version", and how commands complain. */
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "command.h"
#include "config/config.h"

int command_fail(const char *name, const char *fmt, ...)
{
    AUTO(buf_done) struct buf text = BUF_INIT(64 * KIB);
    va_list ap;

    va_start(ap, fmt);
    (void)buf_vprintf(&text, fmt, ap);
    va_end(ap);
    (void)fprintf(stderr, "oarsman %s: %s\n", name, buf_str(&text));
    return 1;
}

static int run_help(int argc, char **argv)
{
    AUTO(buf_done) struct buf text = BUF_INIT(256 * KIB);

    if (argc > 1 && str_eq(argv[1], "settings")) {
        config_print_markdown(&text);
        (void)fputs(buf_str(&text), stdout);
        return 0;
    }
    (void)puts("oarsman: a Kubernetes node agent\n");
    for (const struct command *const *c = commands; *c; c++)
        (void)printf("  oarsman %-8s %-22s %s\n", (*c)->name, (*c)->arguments, (*c)->summary);
    (void)puts("\nFlags of \"agent\" (those of \"play\" are the same where they make sense):\n");
    config_print_help(&text);
    (void)fputs(buf_str(&text), stdout);
    return 0;
}

static int run_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    (void)puts("oarsman " OARSMAN_VERSION " (Kubernetes 1.37)");
    return 0;
}

const struct command command_help = {
    .name = "help", .arguments = "[settings]", .summary = "this; or the table of settings", .run = run_help,
};
const struct command command_version = {
    .name = "version", .arguments = "", .summary = "which one this is", .run = run_version,
};
