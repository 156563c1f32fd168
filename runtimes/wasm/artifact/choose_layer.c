/* SPDX-License-Identifier: Apache-2.0 */
/* Of an artifact: a layer is the module, and its media type says so. */
#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "choose_private.h"
#include "content.h"
#include "media.h"

struct layers { /* what the media types say */
    size_t modules;
    const struct wasm_layer *module; /* the first */
    enum media said;                 /* by the configuration, else by the artifactType */
    bool spin;
};

static struct layers look_at_layers(const struct wasm_image *image)
{
    struct layers l = { .said = media_of(image->config_media_type) };
    if (l.said == MEDIA_OTHER)
        l.said = media_of(image->artifact_type);
    l.spin = l.said == MEDIA_SPIN;
    for (size_t i = 0; i < image->layers_len; i++) {
        enum media media = media_of(image->layers[i].media_type);
        l.spin = l.spin || media == MEDIA_SPIN;
        if (media == MEDIA_MODULE && l.modules++ == 0)
            l.module = &image->layers[i];
    }
    return l;
}

static int check_layers(const struct wasm_image *image, const struct layers *l, struct err *err)
{
    if (l->spin)
        return err_set(err, -EOPNOTSUPP,
                       "the image is a Spin application, several components and a description of how they go together: "
                       "that takes Spin, which is not on this node. A component on its own, which exports "
                       "wasi:http/incoming-handler or wasi:cli/run, can be run");
    if (l->said == MEDIA_CNCF && image->layers_len != 1)
        return err_set(err, -EOPNOTSUPP, "a Wasm artifact has one layer, this one has %zu", image->layers_len);
    if (l->modules > 1)
        return err_set(err, -EOPNOTSUPP, "the image has %zu WebAssembly modules as layers, and none of them is said to be "
                                         "the one to run", l->modules);
    if (l->modules == 0 || !l->module->blob_path)
        return err_set(err, -EOPNOTSUPP, "the image is an artifact of WebAssembly, but has no layer with a module: the "
                                         "first one is of type %s",
                       image->layers_len ? str_or(image->layers[0].media_type, "(none)") : "(there is none)");
    return 0;
}

static int check_blob(const struct choosing *c, const struct wasm_layer *layer, struct err *err)
{
    AUTO(close) int fd = open(layer->blob_path, O_RDONLY | O_CLOEXEC);
    enum content content;
    if (fd < 0)
        return err_errno(err, errno, "open %s", layer->blob_path);
    int rc = content_read(fd, &content, err);
    if (rc < 0)
        return err_wrap(err, "%s", layer->blob_path);
    if (content == CONTENT_ELF)
        return refuse_compiled("the image's layer", err);
    if (content == CONTENT_TEXT && !c->ask->text_format)
        return refuse_text("the image's layer", err);
    return 0; /* whatever else it is: who reads it all says what is wrong with it */
}

/* An argument with a '#' in it is not meant for us, unless it names a module or nothing else. */
static const char *function_of_artifact(const struct entry *e)
{
    return e->name != ENTRY_PLAIN || !e->path[0] ? e->function : NULL;
}

int choose_layer(const struct choosing *c, struct wasm_choice *ret, struct err *err)
{
    const struct wasm_image *image = c->image;
    const struct layers l = look_at_layers(image);
    if (l.modules == 0 && l.said == MEDIA_OTHER && !l.spin)
        return CHOOSE_NO_ARTIFACT;
    int rc = check_layers(image, &l, err);
    if (rc == 0)
        rc = check_blob(c, l.module, err);
    if (rc < 0)
        return rc;
    const char *identity = l.module->digest ? l.module->digest : arena_printf(c->arena, "%s:layer", image->id);
    if (!identity)
        return no_room(err);
    *ret = (struct wasm_choice){
        .wasm = true,
        .rootfs = image->lower_dirs.len > 0,
        .path = l.module->blob_path,
        .identity = identity,
        .function = function_of_artifact(&c->entry),
    };
    return 0;
}
