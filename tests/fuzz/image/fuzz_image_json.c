/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_image_json.c - what registries and secrets say. The first byte chooses the document: a
 * manifest or an index, a configuration, an index of the store, credentials (two forms), a
 * challenge, an error. What is accepted keeps its promises: digests are digests (they become file
 * names), numbers are within limits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "challenge.h"
#include "manifest.h"
#include "record.h"
#include "registry_private.h"
#include "rt/keyring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact)
{
    if (!fact)
        abort();
}

static void check_descriptor(const struct image_descriptor *d)
{
    must(digest_check(d->digest, NULL) == 0 && d->size >= 0);
}

static void document(const char *text, size_t len, struct arena *arena)
{
    static const struct rt_platform wanted[] = { { "linux", "amd64", NULL },
                                                 { "linux", "arm", "v7" } };
    const struct image_descriptor *chosen;
    struct image_document d;
    if (manifest_decode(text, len, arena, &d, NULL) < 0)
        return;
    for (size_t i = 0; i < d.manifests.len; i++)
        check_descriptor(&d.manifests.items[i]);
    if (manifest_is_index(&d)) {
        if (manifest_choose(&d, wanted, ARRAY_LEN(wanted), &chosen, NULL) == 0)
            check_descriptor(chosen);
        return;
    }
    check_descriptor(d.config);
    must(d.layers.len <= LIMIT_IMAGE_LAYERS);
    for (size_t i = 0; i < d.layers.len; i++) {
        check_descriptor(&d.layers.items[i]);
        (void)manifest_is_tar_layer(&d.layers.items[i]);
    }
}

static void configuration(const char *text, size_t len, struct arena *arena)
{
    struct image_record record = { .id = "sha256:00", .config_digest = "sha256:00" };
    struct image_spec spec;
    if (manifest_decode_spec(text, len, arena, &spec, NULL) < 0)
        return;
    struct snapshot *s = snapshot_new("/root", &record, NULL, &spec);
    must(s->detail.config.env.len == spec.config.env.len);
    (void)snapshot_unref(s);
}

static void store_index(const char *text, size_t len, struct arena *arena)
{
    struct image_index index;
    if (json_decode(&image_index_type, text, len, NULL, arena, &index, NULL) < 0)
        return;
    struct image_set set = { NULL, 0 };
    for (size_t i = 0; i < index.images.len && i < 8; i++) {
        struct image_set next =
            image_set_with(&set, snapshot_new("/root", &index.images.items[i], NULL, NULL));
        image_set_done(&set);
        set = next;
    }
    (void)image_set_find(&set, "busybox");
    image_set_done(&set);
}

static void credentials(enum rt_keyring_form form, const char *text, size_t len)
{
    AUTO(rt_keyring_free) struct rt_keyring *k = rt_keyring_new();
    struct err err = ERR_INIT;
    if (rt_keyring_add(k, form, text, len, &err) < 0)
        must(err.msg[0] && rt_keyring_find(k, "busybox").len == 0);
    (void)rt_keyring_find(k, "a.b:5000/c/d");
}

static void answer(const char *text, size_t len)
{
    struct buf body = BUF_INIT(MIB);
    struct challenge c;
    char said[64];
    AUTO(free) char *header = xstrndup(text, len);
    challenge_parse(header, &c);
    must(c.kind != CHALLENGE_BEARER || c.realm[0]);
    (void)buf_add(&body, text, len);
    registry_message(&body, said, sizeof(said));
    buf_done(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_unref) struct arena *arena = arena_new(8 * MIB);
    if (size == 0 || size > MIB)
        return 0;
    const char *text = (const char *)data + 1;
    switch (data[0] % 6) {
    case 0:
        document(text, size - 1, arena);
        break;
    case 1:
        configuration(text, size - 1, arena);
        break;
    case 2:
        store_index(text, size - 1, arena);
        break;
    case 3:
        credentials(RT_DOCKERCONFIGJSON, text, size - 1);
        break;
    case 4:
        credentials(RT_DOCKERCFG, text, size - 1);
        break;
    default:
        answer(text, size - 1);
    }
    return 0;
}
