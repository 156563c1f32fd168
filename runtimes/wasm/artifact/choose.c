/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision, in two halves: of an artifact a layer is the module, of an image a file in its root file system. What
 * is not Wasm is left to the other backends without a word, so native sidecars run in a pod of the Wasm RuntimeClass;
 * what says itself that it is Wasm, and cannot be run, is refused with the reason.
 */
#include <errno.h>

#include "choose_private.h"
#include "rt/image.h"

int refuse_compiled(const char *what, struct err *err)
{
    return err_set(err, -EOPNOTSUPP, "%s is native code (ELF), not WebAssembly: code that was compiled elsewhere is never "
                                     "loaded, give the module itself", what);
}

int refuse_text(const char *what, struct err *err)
{
    return err_set(err, -EOPNOTSUPP, "%s is WebAssembly in its text format, which this node does not take", what);
}

int no_room(struct err *err)
{
    return err_set(err, -E2BIG, "the paths of the image and of its entry point are too long");
}

int wasm_choose(const struct wasm_image *image, const struct wasm_ask *ask, struct arena *arena, struct wasm_choice *ret,
                struct err *err)
{
    struct choosing c = { image, ask, arena, { .path = "" } };
    if (!entry_of(&ask->args, arena, &c.entry))
        return no_room(err);
    int rc = choose_layer(&c, ret, err);
    return rc == CHOOSE_NO_ARTIFACT ? choose_file(&c, ret, err) : rc;
}

int wasm_image_of(const struct rt_image_detail *detail, struct arena *arena, struct wasm_image *ret, struct err *err)
{
    struct wasm_layer *layers = arena_alloc(arena, (detail->layers_len + 1) * sizeof(*layers));
    if (!layers)
        return no_room(err);
    for (size_t i = 0; i < detail->layers_len; i++) {
        const struct rt_image_layer *l = &detail->layers[i];
        layers[i] = (struct wasm_layer){ l->media_type, l->digest, l->lower_dir, l->blob_path };
    }
    *ret = (struct wasm_image){
        .id = detail->image.id,
        .config_media_type = detail->config_media_type,
        .artifact_type = detail->artifact_type,
        .os = detail->config.os,
        .architecture = detail->config.architecture,
        .annotations = detail->annotations,
        .layers = layers,
        .layers_len = detail->layers_len,
        .lower_dirs = detail->lower_dirs,
    };
    return 0;
}
