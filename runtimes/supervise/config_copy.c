/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every pointer of the struct is copied by one line; a copy that meets a full arena leaves NULL where there was
 * something, which copied() finds.
 */
#include "config_copy.h"

#include <stdbool.h>
#include <string.h>

struct copying {
    struct arena *arena;
    bool full;
};

static void *block(struct copying *c, const void *data, size_t bytes)
{
    void *copy = bytes > 0 ? arena_copy(c->arena, data, bytes) : NULL;

    c->full = c->full || (bytes > 0 && !copy);
    return copy;
}

static const char *text(struct copying *c, const char *s)
{
    return s ? block(c, s, strlen(s) + 1) : NULL;
}

static void strings(struct copying *c, struct rt_strings *s)
{
    const char **items = block(c, s->items, s->len * sizeof(*items));

    for (size_t i = 0; items && i < s->len; i++)
        items[i] = text(c, items[i]);
    s->items = items;
}

static const struct rt_label *labels(struct copying *c, const struct rt_label *from, size_t len)
{
    struct rt_label *items = block(c, from, len * sizeof(*items));

    for (size_t i = 0; items && i < len; i++)
        items[i] = (struct rt_label){ text(c, items[i].key), text(c, items[i].value) };
    return items;
}

static void security(struct copying *c, struct rt_security *s)
{
    strings(c, &s->add_capabilities);
    strings(c, &s->drop_capabilities);
    s->username = text(c, s->username);
    s->supplemental_groups = block(c, s->supplemental_groups,
                                   s->supplemental_groups_len * sizeof(*s->supplemental_groups));
    s->seccomp_localhost_path = text(c, s->seccomp_localhost_path);
    s->target_container_id = text(c, s->target_container_id);
}

static const struct rt_mount *mounts(struct copying *c, const struct rt_mount *from, size_t len)
{
    struct rt_mount *items = block(c, from, len * sizeof(*items));

    for (size_t i = 0; items && i < len; i++) {
        items[i].container_path = text(c, items[i].container_path);
        items[i].host_path = text(c, items[i].host_path);
    }
    return items;
}

static const struct rt_device *devices(struct copying *c, const struct rt_device *from, size_t len)
{
    struct rt_device *items = block(c, from, len * sizeof(*items));

    for (size_t i = 0; items && i < len; i++) {
        items[i].container_path = text(c, items[i].container_path);
        items[i].host_path = text(c, items[i].host_path);
        items[i].permissions = text(c, items[i].permissions);
    }
    return items;
}

struct rt_container_config *config_copy(struct arena *a, const struct rt_container_config *from)
{
    struct copying c = { .arena = a };
    struct rt_container_config *to = block(&c, from, sizeof(*from));

    if (!to)
        return NULL;
    to->sandbox_id = text(&c, to->sandbox_id);
    to->name = text(&c, to->name);
    to->image = text(&c, to->image);
    to->image_id = text(&c, to->image_id);
    strings(&c, &to->command);
    strings(&c, &to->args);
    to->working_dir = text(&c, to->working_dir);
    to->envs = labels(&c, to->envs, to->envs_len);
    to->mounts = mounts(&c, to->mounts, to->mounts_len);
    to->devices = devices(&c, to->devices, to->devices_len);
    to->labels.items = labels(&c, to->labels.items, to->labels.len);
    to->annotations.items = labels(&c, to->annotations.items, to->annotations.len);
    to->log_path = text(&c, to->log_path);
    security(&c, &to->security);
    to->stop_signal = text(&c, to->stop_signal);
    return c.full ? NULL : to;
}

const struct rt_label *config_copy_labels(struct arena *a, const struct rt_label *items, size_t len)
{
    struct copying c = { .arena = a };
    const struct rt_label *copy = labels(&c, items, len);

    return c.full ? NULL : copy;
}
