/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_tool UNPACK-PROGRAM ROOT COMMAND… - rt/image.h on a command line, for the tests here.
 *
 *   pull REFERENCE [-u USER:PASSWORD]… [-t IDENTITY-TOKEN] [-n TIMES] [-c|-x AFTER-MS] [-v 1]
 * several -n at once; -c cancels the first, -x closes; -a another image at the same time; -f 1 the
 * entries for WebAssembly first, -b 1 both ways at once
 * before the command: -l modules that are files, too; -m a node that runs WebAssembly; -r only reading, beside another process; -w
 * HOST in plain HTTP; -d DIR with certificates
 *   load PATH [NAME] | ls | show IMAGE | status IMAGE | rm IMAGE [--in-use] | wait
 *
 * Prints one line for each thing; ends with 1 when something has failed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/image.h"

static struct loop *loop;
static struct rt_images *images;
static unsigned pending;
static int status;
static bool quiet = true;

static void report(const struct err *err)
{
    (void)printf("failed reason=%s code=%d %s\n", str_or(err->reason, "-"), err->code, err->msg);
    status = 1;
}

static void print_image(const struct rt_image *i)
{
    (void)printf("image %s size=%" PRIu64 " type=%s", i->id, i->size_bytes,
                 str_or(i->artifact_type, "image"));
    for (size_t k = 0; k < i->repo_tags.len; k++)
        (void)printf(" tag=%s", i->repo_tags.items[k]);
    for (size_t k = 0; k < i->repo_digests.len; k++)
        (void)printf(" digest=%s", i->repo_digests.items[k]);
    (void)printf("\n");
}

static void ended(void)
{
    if (--pending == 0)
        loop_stop(loop);
}

static void on_image(void *user, const struct err *err, const void *result)
{
    (void)user;
    if (err)
        report(err);
    else if (result)
        print_image(result);
    else
        (void)printf("nothing\n");
    ended();
}

static void on_list(void *user, const struct err *err, const void *result)
{
    const struct rt_image_list *list = result;
    (void)user;
    if (err)
        report(err);
    for (size_t i = 0; !err && i < list->len; i++)
        print_image(&list->items[i]);
    ended();
}

static void on_removed(void *user, const struct err *err, const void *result)
{
    (void)user;
    (void)result;
    if (err)
        report(err);
    else
        (void)printf("removed\n");
    ended();
}

static void on_progress(void *user, const struct rt_pull_progress *p)
{
    (void)user;
    if (!quiet)
        (void)printf("progress %" PRIu64 "/%" PRIu64 " layers %u/%u\n", p->bytes_done,
                     p->bytes_total, p->layers_done, p->layers_total);
}

static void print_strings(const char *name, const struct rt_strings *list)
{
    for (size_t i = 0; i < list->len; i++)
        (void)printf("%s %s\n", name, list->items[i]);
}

static void show(const char *image)
{
    const struct rt_image_detail *d = rt_images_get(images, image);
    if (!d) {
        (void)printf("nothing\n");
        status = 1;
        return;
    }
    print_image(&d->image);
    (void)printf("manifest %s\nconfigtype %s\nartifacttype %s\n", str_or(d->manifest_digest, "-"),
                 str_or(d->config_media_type, "-"), str_or(d->artifact_type, "-"));
    for (size_t i = 0; i < d->annotations.len; i++)
        (void)printf("annotation %s=%s\n", d->annotations.items[i].key,
                     d->annotations.items[i].value);
    print_strings("lower", &d->lower_dirs);
    for (size_t i = 0; i < d->layers_len; i++)
        (void)printf("layer %s %s blob=%s\n", str_or(d->layers[i].media_type, "-"),
                     str_or(d->layers[i].digest, "-"), str_or(d->layers[i].blob_path, "-"));
    print_strings("entrypoint", &d->config.entrypoint);
    print_strings("cmd", &d->config.cmd);
    print_strings("env", &d->config.env);
    print_strings("port", &d->config.exposed_ports);
    (void)printf("user %s\nworkdir %s\nsignal %s\n", str_or(d->config.user, "-"),
                 str_or(d->config.working_dir, "-"), str_or(d->config.stop_signal, "-"));
    for (size_t i = 0; i < d->config.labels.len; i++)
        (void)printf("label %s=%s\n", d->config.labels.items[i].key,
                     d->config.labels.items[i].value);
}

struct cancel {
    struct loop_timer timer;
    struct rt_op *op; /* NULL: stop, so that everything is closed */
};

static void on_cancel(struct loop_timer *t)
{
    struct cancel *c = container_of(t, struct cancel, timer);
    if (c->op)
        rt_op_cancel(c->op);
    else
        loop_stop(loop);
}

static void pull(char **argv)
{
    static struct rt_auth auths[8];
    static struct cancel cancel;
    unsigned times = 1;
    int64_t cancel_ms = -1;
    bool close_all = false, both = false;
    const char *other = NULL;
    struct rt_pull_request req = { .image = argv[0],
                                   .progress = on_progress,
                                   .auths = { auths, 0 } };
    for (char **arg = argv + 1; arg[0] && arg[1]; arg += 2) {
        uint64_t n = 0;
        (void)str_to_u64(arg[1], UINT32_MAX, &n);
        if (str_eq(arg[0], "-u") && strchr(arg[1], ':')) {
            char *colon = strchr(arg[1], ':');
            *colon = '\0';
            auths[req.auths.len++] = (struct rt_auth){ .username = arg[1], .password = colon + 1 };
        } else if (str_eq(arg[0], "-t")) {
            auths[req.auths.len++] = (struct rt_auth){ .identity_token = arg[1] };
        } else if (str_eq(arg[0], "-n")) {
            times = (unsigned)n;
        } else if (str_eq(arg[0], "-c") || str_eq(arg[0], "-x")) {
            cancel_ms = (int64_t)n;
            close_all = arg[0][1] == 'x';
        } else if (str_eq(arg[0], "-a")) {
            other = arg[1];
        } else if (str_eq(arg[0], "-f")) {
            req.wasm_first = true;
        } else if (str_eq(arg[0], "-b")) {
            both = true;
        } else if (str_eq(arg[0], "-v")) {
            quiet = false;
        }
    }
    struct rt_call call = { .done = on_image };
    for (pending = 0; pending < times; pending++) {
        struct rt_op *op = images->ops->pull(images, &req, &call);
        cancel.op = cancel.op ? cancel.op : op;
    }
    req.wasm_first = req.wasm_first != both;
    if (both)
        other = req.image;
    req.image = other;
    for (unsigned i = 0; other && i < times; i++, pending++)
        (void)images->ops->pull(images, &req, &call);
    if (close_all)
        cancel.op = NULL;
    if (cancel_ms >= 0) {
        loop_timer_init(&cancel.timer, loop, "cancel", on_cancel);
        loop_timer_start(&cancel.timer, cancel_ms);
    }
    loop_run(loop);
    if (cancel_ms >= 0)
        loop_timer_stop(&cancel.timer);
}

static bool always(void *user, const char *image_id)
{
    (void)user;
    (void)image_id;
    return true;
}

static int run(char **argv)
{
    const char *command = argv[0], *argument = argv[0] ? argv[1] : NULL;
    struct rt_call call = { .done = on_list };
    pending = 1;
    if (str_eq(command, "ls")) {
        (void)images->ops->list(images, &call);
    } else if (str_eq(command, "status") && argument) {
        call.done = on_image;
        (void)images->ops->status(images, argument, &call);
    } else if (str_eq(command, "rm") && argument) {
        call.done = on_removed;
        (void)images->ops->remove(images, argument, &call);
    } else if (str_eq(command, "load") && argument) {
        struct rt_load_request req = { .path = argument, .name = argv[2], .progress = on_progress };
        (void)rt_images_load(images, &req, &call);
    } else if (str_eq(command, "pull") && argument) {
        pull(argv + 1);
        return status;
    } else if (str_eq(command, "show") && argument) {
        show(argument);
        return status;
    } else if (str_eq(command, "wait")) {
        struct cancel stop = { .op = NULL };
        loop_timer_init(&stop.timer, loop, "stop", on_cancel);
        loop_timer_start(&stop.timer, 60000);
        loop_run(loop);
        return 0;
    } else {
        return 2;
    }
    loop_run(loop);
    return status;
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    if (argc < 4) {
        (void)fprintf(stderr, "usage: image_tool UNPACK-PROGRAM ROOT COMMAND...\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    struct rt_images_opts opts = { .root = argv[2], .unpack_path = argv[1] };
    if (str_eq(argv[3], "rm") && argc > 5)
        opts.in_use = always;
    struct rt_platform platforms[1 + RT_PLATFORMS_WASM_NR] = { rt_platform_native() };
    memcpy(platforms + 1, rt_platforms_wasm, sizeof(rt_platforms_wasm));
    if (str_eq(argv[3], "-l") && argc > 4) {
        opts.local_modules = true;
        argv++;
        argc--;
    }
    if (str_eq(argv[3], "-m") && argc > 4) {
        opts.platforms = platforms;
        opts.platforms_len = ARRAY_LEN(platforms);
        argv++;
        argc--;
    }
    struct rt_strings plain = { (const char *const *)&argv[4], 1 };
    if (str_eq(argv[3], "-r")) {
        opts.read_only = true;
        argv++;
    } else if (str_eq(argv[3], "-w") && argc > 5) {
        opts.plain_http = &plain;
        argv += 2;
    } else if (str_eq(argv[3], "-d") && argc > 5) {
        opts.certs_dir = argv[4];
        argv += 2;
    }
    if (loop_new(&loop, &err) < 0 || rt_images_open(loop, &opts, &images, &err) < 0) {
        report(&err);
        return 1;
    }
    int rc = run(argv + 3);
    images = rt_images_close(images);
    loop = loop_free(loop);
    return rc ? rc : status;
}
