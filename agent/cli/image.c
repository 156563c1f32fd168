/* SPDX-License-Identifier: Apache-2.0 */
/* image.c - "oarsman image": the images of this machine, by hand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "config/config.h"
#include "host/host.h"
#include "rt/image.h"

struct image_command {
    struct loop *loop;
    struct rt_images *images;
    char **names; /* NULL-terminated, from the command line */
    struct err err;
    bool progress_shown;
};

/* ---- what people see ---- */

static void put_size(uint64_t bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 1000 && unit + 1 < ARRAY_LEN(units); unit++)
        value /= 1000;
    (void)printf("%.*f %s", unit && value < 10 ? 1 : 0, value, units[unit]);
}

static void end_progress(struct image_command *c)
{
    if (c->progress_shown)
        (void)fputs("\r\033[K", stderr);
    c->progress_shown = false;
}

static void on_progress(void *user, const struct rt_pull_progress *p)
{
    struct image_command *c = user;

    if (!isatty(STDERR_FILENO))
        return;
    c->progress_shown = true;
    (void)fprintf(stderr, "\r\033[Klayers %u/%u, %.1f/%.1f MB", p->layers_done, p->layers_total,
                  (double)p->bytes_done / 1e6, (double)p->bytes_total / 1e6);
}

static void fail(struct image_command *c, const struct err *err)
{
    end_progress(c);
    err_copy(&c->err, err);
    loop_stop(c->loop);
}

/* ---- pull, load, rm: one after the other ---- */

static void pull_next(struct image_command *c);
static void load_next(struct image_command *c);
static void remove_next(struct image_command *c);

static void on_pulled(void *user, const struct err *err, const void *result)
{
    struct image_command *c = user;
    const struct rt_image *image = result;

    if (err) {
        fail(c, err);
        return;
    }
    end_progress(c);
    (void)puts(image->id);
    c->names++;
    pull_next(c);
}

static void pull_next(struct image_command *c)
{
    const struct rt_pull_request request = { .image = *c->names, .progress = on_progress };

    if (*c->names)
        (void)c->images->ops->pull(c->images, &request, &(struct rt_call){ .done = on_pulled, .user = c });
    else
        loop_stop(c->loop);
}

static void on_loaded(void *user, const struct err *err, const void *result)
{
    struct image_command *c = user;
    const struct rt_image_list *list = result;

    if (err) {
        fail(c, err);
        return;
    }
    end_progress(c);
    for (size_t i = 0; i < list->len; i++)
        (void)printf("%s %s\n", list->items[i].id, list->items[i].repo_tags.len ? list->items[i].repo_tags.items[0] : "");
    c->names++;
    load_next(c);
}

static void load_next(struct image_command *c)
{
    const struct rt_load_request request = { .path = *c->names, .progress = on_progress };

    if (*c->names)
        (void)rt_images_load(c->images, &request, &(struct rt_call){ .done = on_loaded, .user = c });
    else
        loop_stop(c->loop);
}

static void on_removed(void *user, const struct err *err, const void *result)
{
    struct image_command *c = user;

    (void)result;
    if (err) {
        fail(c, err);
        return;
    }
    c->names++;
    remove_next(c);
}

static void on_found(void *user, const struct err *err, const void *result)
{
    struct image_command *c = user;
    struct err missing = ERR_INIT;

    if (!err && !result)
        err_set(&missing, -ENOENT, "%s: no such image", *c->names);
    if (err || !result)
        fail(c, err ? err : &missing);
    else
        (void)c->images->ops->remove(c->images, *c->names, &(struct rt_call){ .done = on_removed, .user = c });
}

static void remove_next(struct image_command *c)
{
    if (*c->names)
        (void)c->images->ops->status(c->images, *c->names, &(struct rt_call){ .done = on_found, .user = c });
    else
        loop_stop(c->loop);
}

/* ---- ls ---- */

/* A line for each name: an image may have come under several. */
static void print_image(const struct rt_image *image)
{
    static const char *const nameless[] = { "<none>" };
    const struct rt_strings *named = image->repo_tags.len ? &image->repo_tags : &image->repo_digests;
    const struct rt_strings names = named->len ? *named : (struct rt_strings){ nameless, 1 };

    for (size_t i = 0; i < names.len; i++) {
        (void)printf("%-60s %.19s  ", names.items[i], image->id);
        put_size(image->size_bytes);
        (void)puts("");
    }
}

static void on_listed(void *user, const struct err *err, const void *result)
{
    struct image_command *c = user;
    const struct rt_image_list *list = result;

    if (err) {
        fail(c, err);
        return;
    }
    for (size_t i = 0; i < list->len; i++)
        print_image(&list->items[i]);
    loop_stop(c->loop);
}

static void list_all(struct image_command *c)
{
    (void)c->images->ops->list(c->images, &(struct rt_call){ .done = on_listed, .user = c });
}

static const struct {
    const char *name;
    bool takes_names;
    void (*begin)(struct image_command *c);
} actions[] = {
    { "pull", true, pull_next },
    { "load", true, load_next },
    { "rm", true, remove_next },
    { "ls", false, list_all },
};

/* ---- the command ---- */

static int split(int argc, char **argv, struct config *config, char ***ret_names, struct err *err)
{
    AUTO(strv_free) char **flags = strv_new();

    config_init(config);
    *ret_names = strv_new();
    strv_push(&flags, "oarsman");
    command_split(argc, argv, 2, &flags, ret_names);
    return config_parse(config, (int)strv_len(flags), flags, NULL, err);
}

static int run_action(size_t action, const struct config *config, char **names, struct err *err)
{
    struct image_command c = { .names = names };
    bool reads = !actions[action].takes_names;
    int r = loop_new(&c.loop, err);

    if (r == 0)
        r = host_open_images(c.loop, config, reads, &c.images, err);
    if (r == -ENOENT && reads) {
        err_clear(err);
        r = 0;
    } else if (r == 0) {
        actions[action].begin(&c);
        loop_run(c.loop);
        r = c.err.code;
        err_copy(err, &c.err);
    }
    rt_images_close(c.images);
    loop_free(c.loop);
    return r;
}

static int run_image(int argc, char **argv)
{
    struct config config = { 0 };
    AUTO(strv_free) char **names = NULL;
    struct err err = ERR_INIT;
    size_t action = 0;

    if (argc > 1 && str_eq(argv[1], "--help"))
        return command_help.run(1, argv);
    while (action < ARRAY_LEN(actions) && (argc < 2 || !str_eq(argv[1], actions[action].name)))
        action++;
    if (action == ARRAY_LEN(actions))
        return command_fail("image", "expected pull, load, ls or rm, got \"%s\"", argc > 1 ? argv[1] : "");
    int r = split(argc, argv, &config, &names, &err);
    if (r == 0 && actions[action].takes_names && !*names)
        r = err_set(&err, -EINVAL, "expected NAME…");
    if (r == 0 && geteuid() != 0)
        r = err_set(&err, -EPERM, "needs root: layers keep their owners");
    if (r == 0)
        r = run_action(action, &config, names, &err);
    config_done(&config);
    if (r < 0)
        return command_fail("image", "%s: %s", argv[1], err.msg);
    return 0;
}

const struct command command_image = {
    .name = "image", .arguments = "pull|load|ls|rm NAME…", .summary = "the images of this machine", .run = run_image,
};
