/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oarsman-wasm: runs WebAssembly, and speaks the OCI runtime command line. So whoever supervises containers of crun or
 * runc supervises these the same way. README.md shows it by hand.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "engine_config.h"

#define DEFAULT_ROOT  "/run/oarsman-wasm"
#define DEFAULT_CACHE "/var/lib/oarsman/wasm"

static const struct {
    const char *name;
    int (*run)(const struct options *o, struct err *err);
    const char *help;
} commands[] = {
    { "create", command_create, "[--bundle DIR] [--pid-file FILE] [--console-socket SOCKET] ID" },
    { "start", command_start, "ID" },
    { "state", command_state, "ID" },
    { "kill", command_kill, "ID [SIGNAL]" },
    { "delete", command_delete, "[--force] ID" },
};

static const struct option long_options[] = {
    { "root", required_argument, NULL, 'r' },     { "log", required_argument, NULL, 'l' },
    { "log-format", required_argument, NULL, 'F' }, { "cache", required_argument, NULL, 'c' },
    { "bundle", required_argument, NULL, 'b' },   { "pid-file", required_argument, NULL, 'p' },
    { "console-socket", required_argument, NULL, 's' }, { "force", no_argument, NULL, 'f' },
    { "all", no_argument, NULL, 'a' },            { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'v' },        { NULL, 0, NULL, 0 },
};

static int usage(FILE *to)
{
    (void)fprintf(to, "usage: oarsman-wasm [--root DIR] [--cache DIR] [--log FILE] [--log-format text|json] COMMAND\n\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        (void)fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
    return to == stdout ? 0 : 2;
}

static int version(void)
{
    return printf("oarsman-wasm version " OARSMAN_VERSION "\nspec: 1.0.2\nengine: %s\n", engine_config_key()) < 0;
}

static void take(struct options *o, int option)
{
    switch (option) {
    case 'r': o->root = optarg; break;
    case 'l': o->log = optarg; break;
    case 'F': o->log_json = str_eq(optarg, "json"); break;
    case 'c': o->cache = optarg; break;
    case 'b': o->bundle = optarg; break;
    case 'p': o->pid_file = optarg; break;
    case 's': o->console_socket = optarg; break;
    case 'f': o->force = true; break;
    default: break; /* --all: there is one process */
    }
}

/* Callers read the last line of their log; people read standard error. */
static void complain(const struct options *o, const char *message)
{
    AUTO(buf_done) struct buf line = BUF_INIT(16 * KIB);
    AUTO(close) int fd = o->log ? open(o->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    struct json_writer w = JSON_WRITER(&line);

    (void)fprintf(stderr, "%s\n", message);
    if (o->log_json) {
        json_write_object(&w);
        json_write_key_string(&w, "level", "error");
        json_write_key_string(&w, "msg", message);
        json_write_end(&w);
    } else {
        (void)buf_puts(&line, message);
    }
    (void)buf_putc(&line, '\n');
    if (fd >= 0)
        (void)file_write_all(fd, line.data, line.len, NULL); /* it stands on standard error, too */
}

/* Lives as long as the process. */
static const char *absolute(const char *path)
{
    AUTO(free) char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);

    return here ? xasprintf("%s/%s", here, path) : path;
}

static int run(struct options *o, const char *name, char **rest, int rest_len)
{
    struct err err = ERR_INIT;
    size_t i = 0;

    while (i < ARRAY_LEN(commands) && !str_eq(commands[i].name, name))
        i++;
    if (i == ARRAY_LEN(commands))
        (void)err_set(&err, -EINVAL, "\"%s\" is no command: see --help", name);
    else if (rest_len < 1 || rest_len > (commands[i].run == command_kill ? 2 : 1))
        (void)err_set(&err, -EINVAL, "usage: oarsman-wasm %s %s", name, commands[i].help);
    if (err.code == 0) {
        o->id = rest[0];
        o->argument = rest_len > 1 ? rest[1] : NULL;
        (void)commands[i].run(o, &err);
    }
    if (err.code == 0)
        return 0;
    complain(o, err.msg);
    return 1;
}

/* A guest's process is made of this one: it shall hold nothing but standard streams, and all of those. */
static void sort_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    (void)close_range(STDERR_FILENO + 1, UINT_MAX, 0);
}

int main(int argc, char **argv)
{
    struct options o = { .root = DEFAULT_ROOT, .cache = DEFAULT_CACHE };
    int option;

    sort_descriptors();
    (void)umask(022);
    while ((option = getopt_long(argc, argv, "b:fhv", long_options, NULL)) != -1) {
        if (option == '?')
            return usage(stderr);
        if (option == 'h')
            return usage(stdout);
        if (option == 'v')
            return version();
        take(&o, option);
    }
    if (optind >= argc)
        return usage(stderr);
    o.root = absolute(o.root);
    o.cache = absolute(o.cache);
    return run(&o, argv[optind], argv + optind + 1, argc - optind - 1);
}
