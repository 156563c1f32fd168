/* SPDX-License-Identifier: Apache-2.0 */
/* Images of the fake: those that have a script can be pulled; those pulled or scripted as present
 * are here. */
#include <errno.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "fake_internal.h"

#define DEFAULT_SIZE_BYTES MIB

void fake_image_free(struct fake_image *i)
{
    free(i->name);
    free(i->username);
    free(i->artifact_type);
    free(i);
}

void fake_image_put(struct rt_fake *f, const char *image, const struct rt_fake_script *script)
{
    struct fake_image *i = NEW(struct fake_image);
    uint64_t h[4];
    for (size_t k = 0; k < ARRAY_LEN(h); k++)
        h[k] = str_hash(image, strlen(image)) + k;
    memcpy(i->id, "sha256:", 7);
    str_hex(h, sizeof(h), i->id + 7);
    i->name = xstrdup(image);
    i->names[0] = i->name;
    i->username = xstrdup(script->username);
    i->artifact_type = xstrdup(str_or(script->artifact_type, ""));
    i->view = (struct rt_image){
        .id = i->id,
        .repo_tags = { i->names, 1 },
        .size_bytes = script->size_bytes ? script->size_bytes : DEFAULT_SIZE_BYTES,
        .has_uid = script->has_uid,
        .uid = script->uid,
        .username = i->username,
        .artifact_type = i->artifact_type,
    };
    struct fake_image *old = map_put(&f->image_map, image, i);
    if (old)
        fake_image_free(old);
}

struct fake_image *fake_image_find(struct rt_fake *f, const char *image)
{
    struct fake_image *i = map_get(&f->image_map, image);
    if (i || !str_has_prefix(image, "sha256:"))
        return i;
    const char *key;
    void *value;
    for (size_t n = 0; map_next(&f->image_map, &n, &key, &value);) {
        i = value;
        if (str_eq(i->id, image))
            return i;
    }
    return NULL;
}

/* What a registry client refuses before it asks anybody. */
static bool is_reference(const char *image)
{
    if (str_empty(image) || strlen(image) > LIMIT_IMAGE_REF_BYTES)
        return false;
    for (const char *p = image; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
            return false;
    return true;
}

struct pull {
    const char *image;
    void (*progress)(void *user, const struct rt_pull_progress *p);
};

static int apply_pull(struct fake_op *op, const void **ret_result, struct err *err)
{
    const struct pull *pull = op->request;
    struct fake_script_entry *e = fake_script_image(op->fake, pull->image);
    if (!is_reference(pull->image))
        return err_set_reason(err, -EINVAL, "InvalidImageName", "\"%s\" is not an image reference",
                              pull->image);
    if (!e)
        return err_set_reason(err, -ENOENT, "ErrImagePull", "%s: not found", pull->image);
    if (fake_script_fails(e->script.pull_failures, &e->pulls))
        return err_set_reason(err, -EIO,
                              e->script.pull_reason ? e->script.pull_reason : "ErrImagePull",
                              "%s: %s", pull->image, str_or(e->script.pull_message, "not found"));
    fake_image_put(op->fake, pull->image, &e->script);
    fake_event_push(op->fake, RT_EVENT_IMAGES_CHANGED, NULL, NULL);
    const struct rt_image *image = &fake_image_find(op->fake, pull->image)->view;
    if (pull->progress)
        pull->progress(op->call.user,
                       &(struct rt_pull_progress){ image->size_bytes, image->size_bytes, 1, 1 });
    (void)ret_result;
    return 0;
}

static int look_pulled(struct fake_op *op, const void **ret_result, struct err *err)
{
    const struct pull *pull = op->request;
    const struct fake_image *i = fake_image_find(op->fake, pull->image);
    if (!i)
        return err_set_reason(err, -ENOENT, "ErrImagePull", "%s: removed meanwhile", pull->image);
    *ret_result = &i->view;
    return 0;
}

static struct rt_op *pull(struct rt_images *s, const struct rt_pull_request *req,
                          const struct rt_call *call)
{
    struct rt_fake *f = fake_of_images(s);
    const struct fake_script_entry *e = fake_script_image(f, req->image);
    struct fake_op *op = fake_op_new(f, call, e ? e->script.pull_ms : 0, apply_pull);
    struct pull *p = ARENA_NEW(op->arena, struct pull);
    p->image = arena_strdup(op->arena, req->image);
    p->progress = req->progress;
    op->request = p;
    op->look = look_pulled;
    fake_journal_add(f, "pull %s%s", req->image, req->wasm_first ? " wasm-first" : "");
    return &op->op;
}

static int look_status(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)err;
    struct fake_image *i = fake_image_find(op->fake, op->id);
    *ret_result = i ? arena_copy(op->arena, &i->view, sizeof(i->view)) : NULL;
    return 0;
}

static struct rt_op *status(struct rt_images *s, const char *image, const struct rt_call *call)
{
    struct fake_op *op = fake_op_new_look(fake_of_images(s), call, look_status);
    op->id = arena_strdup(op->arena, image);
    return &op->op;
}

static int look_list(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)err;
    const struct map *m = &op->fake->image_map;
    struct rt_image_list *list = ARENA_NEW(op->arena, struct rt_image_list);
    struct rt_image *items = arena_alloc(op->arena, (map_len(m) + 1) * sizeof(*items));
    const char *key;
    void *value;
    for (size_t n = 0; map_next(m, &n, &key, &value);)
        items[list->len++] = ((struct fake_image *)value)->view;
    list->items = items;
    *ret_result = list;
    return 0;
}

static struct rt_op *list(struct rt_images *s, const struct rt_call *call)
{
    return &fake_op_new_look(fake_of_images(s), call, look_list)->op;
}

static int apply_remove(struct fake_op *op, const void **ret_result, struct err *err)
{
    (void)ret_result, (void)err;
    struct fake_image *i = fake_image_find(op->fake, op->id);
    if (!i)
        return 0;
    (void)map_remove(&op->fake->image_map, i->name);
    fake_image_free(i);
    fake_event_push(op->fake, RT_EVENT_IMAGES_CHANGED, NULL, NULL);
    return 0;
}

static struct rt_op *remove_image(struct rt_images *s, const char *image,
                                  const struct rt_call *call)
{
    struct rt_fake *f = fake_of_images(s);
    struct fake_op *op = fake_op_new(f, call, 0, apply_remove);
    op->id = arena_strdup(op->arena, image);
    fake_journal_add(f, "image.remove %s", image);
    return &op->op;
}

const struct rt_images_ops fake_images_ops = {
    .name = "fake", .pull = pull, .status = status, .list = list, .remove = remove_image
};
