/* SPDX-License-Identifier: Apache-2.0 */
/* Of an image: a file in its root file system is the module. */
#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "choose_private.h"
#include "content.h"
#include "merged.h"
#include "rt/image.h"
#include "rt/wasm.h"

#define PLUGIN "/plugin.wasm" /* of Envoy's and Istio's images: in the last layer */

/* How sure it is that this is Wasm, before the file is looked at. */
enum pressure {
    PRESSURE_NONE,
    PRESSURE_POD,   /* the pod would like it: but it may have native containers, too */
    PRESSURE_IMAGE, /* the image says so: then nothing else will do */
    PRESSURE_NR,
};

/* Values of the annotations that are understood. Others are other runtimes' affair. */
static const struct {
    const char *key, *value;
    bool smart;  /* only if the entry point is a module */
    bool plugin; /* may be a plugin instead */
} variants[] = {
    { WASM_POD_VARIANT, "compat", false, true },
    { WASM_POD_VARIANT, "compat-smart", true, false },
    { WASM_POD_HANDLER, "wasm", false, false },
    { WASM_POD_HANDLER, "wasm-smart", true, false },
};

static const char *pod_says(const struct wasm_ask *ask, const char *key)
{
    return str_eq(key, WASM_POD_VARIANT) ? ask->variant : ask->handler;
}

static enum pressure pressure_of(const struct choosing *c, bool *ret_plugin)
{
    bool image = rt_platform_is_wasm(c->image->os, c->image->architecture), pod = c->ask->wanted;
    *ret_plugin = false;
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        bool of_image = str_eq(rt_label_get(&c->image->annotations, variants[i].key), variants[i].value);
        bool of_pod = str_eq(pod_says(c->ask, variants[i].key), variants[i].value);
        image = image || (of_image && !variants[i].smart);
        pod = pod || of_pod || of_image;
        *ret_plugin = *ret_plugin || ((of_image || of_pod) && variants[i].plugin);
    }
    return image ? PRESSURE_IMAGE : pod ? PRESSURE_POD : PRESSURE_NONE;
}

enum verdict { NATIVE, RUN, TEXT, COMPILED, PROGRAM, UNKNOWN, MISSING };

/* A name that ends in .wasm or .wat says that it is a module, but a native program is one whatever it is called. */
static const unsigned char verdicts[CONTENT_NR][ENTRY_NAME_NR][PRESSURE_NR] = {
    [CONTENT_ABSENT] = { [ENTRY_PLAIN] = { NATIVE, NATIVE, MISSING },
                         [ENTRY_WASM] = { NATIVE, NATIVE, MISSING },
                         [ENTRY_WAT] = { NATIVE, NATIVE, MISSING } },
    [CONTENT_OTHER] = { [ENTRY_PLAIN] = { NATIVE, NATIVE, UNKNOWN },
                        [ENTRY_WASM] = { RUN, RUN, RUN }, /* the compiler says what is wrong with it */
                        [ENTRY_WAT] = { TEXT, TEXT, TEXT } },
    [CONTENT_MODULE] = { [ENTRY_PLAIN] = { RUN, RUN, RUN },
                         [ENTRY_WASM] = { RUN, RUN, RUN },
                         [ENTRY_WAT] = { RUN, RUN, RUN } },
    [CONTENT_TEXT] = { [ENTRY_PLAIN] = { NATIVE, NATIVE, TEXT },
                       [ENTRY_WASM] = { TEXT, TEXT, TEXT },
                       [ENTRY_WAT] = { TEXT, TEXT, TEXT } },
    [CONTENT_ELF] = { [ENTRY_PLAIN] = { NATIVE, NATIVE, PROGRAM },
                      [ENTRY_WASM] = { NATIVE, COMPILED, COMPILED },
                      [ENTRY_WAT] = { NATIVE, COMPILED, COMPILED } },
    [CONTENT_SCRIPT] = { [ENTRY_PLAIN] = { NATIVE, NATIVE, PROGRAM },
                         [ENTRY_WASM] = { NATIVE, NATIVE, PROGRAM },
                         [ENTRY_WAT] = { NATIVE, NATIVE, PROGRAM } },
};

static int refuse_image(const struct choosing *c, enum verdict verdict, struct err *err)
{
    const char *path = c->entry.path;
    switch (verdict) {
    case TEXT:
        return refuse_text(path, err);
    case COMPILED:
        return refuse_compiled(path, err);
    case PROGRAM:
        return err_set(err, -EOPNOTSUPP, "the image says that it is WebAssembly, but its entry point %s is a native "
                                         "program", path);
    case UNKNOWN:
        return err_set(err, -EOPNOTSUPP, "the image says that it is WebAssembly, but its entry point %s is not", path);
    default:
        return err_set(err, -EOPNOTSUPP, "the image says that it is WebAssembly, but its entry point%s%s is not in it",
                       path[0] ? " " : "", path);
    }
}

static int read_file(const struct rt_strings *dirs, const char *path, struct arena *arena, struct merged_file *ret,
                     enum content *ret_content, struct err *err)
{
    int rc = merged_open(dirs, path, arena, ret, err);
    *ret_content = CONTENT_ABSENT;
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = content_read(ret->fd, ret_content, err);
    (void)close(ret->fd);
    return rc < 0 ? err_wrap(err, "%s", ret->path) : 0;
}

static int take_file(const struct choosing *c, const struct merged_file *file, struct wasm_choice *ret, struct err *err)
{
    const char *identity = arena_printf(c->arena, "%s:%s", c->image->id, file->inside);
    if (!identity)
        return no_room(err);
    *ret = (struct wasm_choice){
        .wasm = true, .rootfs = true, .path = file->path, .identity = identity, .function = c->entry.function,
    };
    return 0;
}

/* Positive: there is none. */
static int choose_plugin(const struct choosing *c, struct wasm_choice *ret, struct err *err)
{
    const struct rt_strings last = { c->image->lower_dirs.items, c->image->lower_dirs.len ? 1 : 0 };
    struct merged_file file;
    enum content content;
    int rc = read_file(&last, PLUGIN, c->arena, &file, &content, err);
    if (rc < 0)
        return rc;
    if (content == CONTENT_ABSENT)
        return 1;
    return content == CONTENT_ELF ? refuse_compiled(PLUGIN, err) : take_file(c, &file, ret, err);
}

int choose_file(const struct choosing *c, struct wasm_choice *ret, struct err *err)
{
    bool plugin;
    enum pressure pressure = pressure_of(c, &plugin);
    enum content content = CONTENT_ABSENT;
    struct merged_file file = { .fd = -1 };
    int rc = 0;
    if (pressure != PRESSURE_NONE && c->image->lower_dirs.len == 0 && c->image->layers_len > 0)
        return err_set(err, -EOPNOTSUPP, "the image is an artifact without a root file system, and its layer of type %s is "
                                         "not known as WebAssembly", str_or(c->image->layers[0].media_type, "(none)"));
    if (c->entry.path[0] && (!c->entry.bare || pressure == PRESSURE_IMAGE))
        rc = read_file(&c->image->lower_dirs, c->entry.path, c->arena, &file, &content, err);
    if (rc < 0 && pressure != PRESSURE_NONE)
        return rc; /* otherwise whoever runs it natively meets the same, and says so */
    err_clear(err);
    enum verdict verdict = verdicts[content][c->entry.name][pressure];
    if (verdict == RUN || (verdict == TEXT && c->ask->text_format)) {
        rc = take_file(c, &file, ret, err);
        if (rc == 0)
            ret->entry = true;
        return rc;
    }
    rc = plugin && verdict != TEXT ? choose_plugin(c, ret, err) : 1;
    if (rc <= 0)
        return rc;
    if (verdict != NATIVE)
        return refuse_image(c, verdict, err);
    *ret = (struct wasm_choice){ .wasm = false };
    return 0;
}
