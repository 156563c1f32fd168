/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_artifact_tool ROOT COMMAND… - rt/wasm_artifact.h on a command line, over a store that image_tool has filled.
 *
 *   choose IMAGE [-w 1] [-t 1] [-v VARIANT] [-h HANDLER] [-a ARG]…   -w wanted, -t text format; no -a: the image's own
 *   find IMAGE PATH…   where the image has that file: "PATH FILE" or "PATH -"
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "merged.h"
#include "rt/image.h"
#include "rt/wasm_artifact.h"

#define ARGS_MAX 16

static int fail(const struct err *err)
{
    (void)printf("%s %s\n", err->code == -EOPNOTSUPP ? "refused" : "failed", err->msg);
    return 1;
}

/* What the image itself would run. */
static void own_args(const struct rt_image_config *config, const char **args, size_t *len)
{
    const struct rt_strings *parts[] = { &config->entrypoint, &config->cmd };
    for (size_t k = 0; k < ARRAY_LEN(parts); k++)
        for (size_t i = 0; i < parts[k]->len && *len < ARGS_MAX; i++)
            args[(*len)++] = parts[k]->items[i];
}

static int choose(const struct rt_image_detail *d, char **options, struct arena *arena)
{
    const char *args[ARGS_MAX];
    struct wasm_ask ask = { .args = { args, 0 } };
    struct wasm_image image;
    struct wasm_choice choice;
    struct err err = ERR_INIT;
    for (char **o = options; o[0] && o[1]; o += 2) {
        if (str_eq(o[0], "-w"))
            ask.wanted = true;
        else if (str_eq(o[0], "-t"))
            ask.text_format = true;
        else if (str_eq(o[0], "-v"))
            ask.variant = o[1];
        else if (str_eq(o[0], "-h"))
            ask.handler = o[1];
        else if (str_eq(o[0], "-a") && ask.args.len < ARGS_MAX)
            args[ask.args.len++] = o[1];
    }
    if (!ask.args.len)
        own_args(&d->config, args, &ask.args.len);
    if (wasm_image_of(d, arena, &image, &err) < 0 || wasm_choose(&image, &ask, arena, &choice, &err) < 0)
        return fail(&err);
    if (!choice.wasm)
        (void)printf("native\n");
    else
        (void)printf("wasm\npath %s\nidentity %s\nfunction %s\nrootfs %s\n", choice.path, choice.identity,
                     str_or(choice.function, "-"), choice.rootfs ? "yes" : "no");
    return 0;
}

static int find(const struct rt_image_detail *d, char **paths, struct arena *arena)
{
    struct err err = ERR_INIT;
    for (char **path = paths; *path; path++) {
        struct merged_file file;
        int rc = merged_open(&d->lower_dirs, *path, arena, &file, &err);
        if (rc < 0)
            return fail(&err);
        (void)printf("%s %s\n", *path, rc == 0 ? file.path : "-");
        if (rc == 0)
            (void)close(file.fd);
    }
    return 0;
}

static int run(struct rt_images *images, char **argv)
{
    AUTO(arena_unref) struct arena *arena = arena_new(4 * MIB);
    const struct rt_image_detail *d = rt_images_get(images, argv[1]);
    if (!d) {
        (void)printf("failed %s is not here\n", argv[1]);
        return 1;
    }
    return str_eq(argv[0], "find") ? find(d, argv + 2, arena) : choose(d, argv + 2, arena);
}

int main(int argc, char **argv)
{
    struct loop *loop;
    struct rt_images *images;
    struct err err = ERR_INIT;
    if (argc < 4) {
        (void)fprintf(stderr, "usage: wasm_artifact_tool ROOT choose|find IMAGE...\n");
        return 2;
    }
    const struct rt_images_opts opts = { .root = argv[1], .unpack_path = "", .read_only = true };
    if (loop_new(&loop, &err) < 0 || rt_images_open(loop, &opts, &images, &err) < 0)
        return fail(&err);
    int rc = run(images, argv + 2);
    images = rt_images_close(images);
    loop = loop_free(loop);
    return rc;
}
