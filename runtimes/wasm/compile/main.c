/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oarsman-wasm-compile - the program that reads and compiles Wasm modules, so that no other has to.
 *
 *   oarsman-wasm-compile [--text] [--describe FD] [--memory BYTES] <module >code
 *   oarsman-wasm-compile --version
 *
 * Compiled code on stdout, and on descriptor FD one JSON object about the module (description.h) when all went well;
 * one line on stderr and exit code 1 when not. --text: the text format is welcome too. --version: the engine and its
 * settings, the words that compiled code goes by.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "compile.h"
#include "confine.h"
#include "description.h"
#include "engine_config.h"
#include "input.h"

struct arguments {
    bool version, text;
    int64_t describe_fd; /* -1: nobody asks */
    uint64_t memory_max_bytes;
};

static int parse(char **argv, struct arguments *a, struct err *err)
{
    for (char **arg = argv + 1; *arg; arg++) {
        if (str_eq(*arg, "--version"))
            a->version = true;
        else if (str_eq(*arg, "--text"))
            a->text = true;
        else if (str_eq(*arg, "--describe") && arg[1] && str_to_i64(arg[1], 3, 1023, &a->describe_fd) == 0)
            arg++;
        else if (str_eq(*arg, "--memory") && arg[1] && str_to_u64(arg[1], UINT64_MAX, &a->memory_max_bytes) == 0)
            arg++;
        else
            return err_set(err, -EINVAL, "usage: oarsman-wasm-compile [--text] [--describe FD] [--memory BYTES] <module "
                                         ">code, or --version; not %.100s", *arg);
    }
    return 0;
}

static int write_all(int fd, const char *data, size_t len, const char *what, struct err *err)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, errno, "writing %s", what);
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int describe(int fd, const struct wasm_scan *scan, enum wasm_kind kind, struct arena *arena, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_WASM_DESCRIPTION_BYTES);
    struct wasm_description d;
    int rc = description_of(scan, kind, engine_config_key(), arena, &d, err);
    if (rc < 0)
        return rc;
    rc = json_encode(&wasm_description_type, &d, &text);
    return rc < 0 ? err_set(err, rc, "no room for the module's description")
                  : write_all(fd, buf_str(&text), text.len, "the module's description", err);
}

static bool is_doubtful(const struct wasm_name *import)
{
    return import->sort == WASM_SORT_INSTANCE && !str_has_prefix(import->name, "wasi:");
}

/* Refuses what is known not to be there; ret_doubtful is what only the engine can tell. */
static int check_imports(const struct wasm_scan *scan, struct arena *arena, struct wasm_names *ret_doubtful,
                         struct err *err)
{
    struct wasm_names missing, certain = { .len = 0 }, doubtful = { .len = 0 };
    int rc = wasm_imports_missing(scan, arena, &missing, err);
    if (rc < 0)
        return rc;
    struct wasm_name *items = arena_alloc(arena, 2 * missing.len * sizeof(*items));
    if (!items)
        return err_set(err, -E2BIG, "no room for the list of imports");
    certain.items = items;
    doubtful.items = items + missing.len;
    for (size_t i = 0; i < missing.len; i++)
        if (is_doubtful(&missing.items[i]))
            items[missing.len + doubtful.len++] = missing.items[i];
        else
            items[certain.len++] = missing.items[i];
    if (certain.len)
        return wasm_imports_refuse(&certain, err);
    *ret_doubtful = doubtful;
    return 0;
}

static int translate(const struct buf *module, struct arena *arena, const struct arguments *a, struct err *err)
{
    wasm_byte_vec_t code;
    struct wasm_names doubtful;
    struct wasm_scan scan;
    enum wasm_kind kind;
    int rc = wasm_scan(module->data, module->len, arena, &scan, err);
    if (rc == 0)
        rc = wasm_scan_kind(&scan, &kind, err);
    if (rc == 0)
        rc = check_imports(&scan, arena, &doubtful, err);
    if (rc == 0)
        rc = compile(module->data, module->len, kind, &doubtful, &code, err);
    if (rc < 0)
        return rc;
    rc = write_all(STDOUT_FILENO, code.data, code.size, "the compiled code", err);
    wasm_byte_vec_delete(&code);
    return rc == 0 && a->describe_fd >= 0 ? describe((int)a->describe_fd, &scan, kind, arena, err) : rc;
}

/* The engine's threads: its own count would be that of the processors. Before there is any. */
static void set_threads(void)
{
    cpu_set_t set;
    char number[16];
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    (void)snprintf(number, sizeof(number), "%d",
                   count > LIMIT_WASM_COMPILE_THREADS ? LIMIT_WASM_COMPILE_THREADS : count);
    (void)setenv("RAYON_NUM_THREADS", number, 1);
}

static int run(char **argv, struct err *err)
{
    struct arguments a = { .describe_fd = -1 };
    int rc = parse(argv, &a, err);
    if (rc < 0)
        return rc;
    if (a.version)
        return printf("%s\n", engine_config_key()) < 0 || fflush(stdout) != 0 ? err_set(err, -EIO, "stdout") : 0;
    set_threads();
    rc = confine(a.memory_max_bytes, (int)a.describe_fd, err);
    if (rc < 0)
        return rc;
    AUTO(buf_done) struct buf module = BUF_INIT(LIMIT_WASM_MODULE_BYTES);
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_WASM_SCAN_BYTES);
    rc = input_read(STDIN_FILENO, &module, err);
    if (rc == 0)
        rc = input_from_text(&module, a.text, err);
    return rc == 0 ? translate(&module, arena, &a, err) : rc;
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    (void)argc;
    if (run(argv, &err) == 0)
        return 0;
    (void)fprintf(stderr, "%s\n", err.msg);
    return 1;
}
