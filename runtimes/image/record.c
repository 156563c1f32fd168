/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <stdio.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/image_ref.h"

JSON_TYPE(image_layer_record, IMAGE_LAYER_RECORD_FIELDS);
JSON_TYPE(image_record, IMAGE_RECORD_FIELDS);
JSON_TYPE(image_index, IMAGE_INDEX_FIELDS);

#define SHORT_ID_DIGITS 12

char *layer_dir_path(const char *root, const char *chain)
{
    return xasprintf("%s/layers/%.*s", root, LAYER_NAME_DIGITS, digest_hex(chain));
}

char *blob_file_path(const char *root, const char *digest)
{
    return xasprintf("%s/blobs/%.6s/%s", root, digest, digest_hex(digest));
}

/* ---- a snapshot's parts, each copied into its arena ----
 * Sizes are bounded by the documents that they come from, so the arena's maximum is never met. */

static void *take(struct arena *a, size_t bytes)
{
    void *p = arena_alloc(a, bytes ? bytes : 1);
    if (!p)
        abort();
    return p;
}

static const char *text(struct arena *a, const char *s)
{
    return str_empty(s) ? NULL : arena_strdup(a, s);
}

static struct rt_strings strings(struct arena *a, const char *const *items, size_t len)
{
    const char **copy = take(a, len * sizeof(*copy));
    for (size_t i = 0; i < len; i++)
        copy[i] = arena_strdup(a, str_or(items[i], ""));
    return (struct rt_strings){ copy, len };
}

#define STRINGS(a, list) strings((a), (list).items, (list).len)

static struct rt_strings keys(struct arena *a, const struct image_nothing_entry *items, size_t len)
{
    const char **copy = take(a, len * sizeof(*copy));
    for (size_t i = 0; i < len; i++)
        copy[i] = arena_strdup(a, items[i].key);
    return (struct rt_strings){ copy, len };
}

static struct rt_labels labels(struct arena *a, const struct json_map *map)
{
    struct rt_label *copy = take(a, map->len * sizeof(*copy));
    for (size_t i = 0; i < map->len; i++)
        copy[i] = (struct rt_label){ arena_strdup(a, map->items[i].key),
                                     arena_strdup(a, str_or(map->items[i].value, "")) };
    return (struct rt_labels){ copy, map->len };
}

static void fill_config(struct arena *a, const struct image_spec *spec, struct rt_image_config *ret)
{
    const struct image_run *run = &spec->config;
    *ret = (struct rt_image_config){
        .os = text(a, spec->os),
        .architecture = text(a, spec->architecture),
        .variant = text(a, spec->variant),
        .entrypoint = STRINGS(a, run->entrypoint),
        .cmd = STRINGS(a, run->cmd),
        .env = STRINGS(a, run->env),
        .working_dir = text(a, run->working_dir),
        .user = text(a, run->user),
        .stop_signal = text(a, run->stop_signal),
        .volumes = keys(a, run->volumes.items, run->volumes.len),
        .exposed_ports = keys(a, run->exposed_ports.items, run->exposed_ports.len),
        .labels = labels(a, &run->labels),
    };
}

/* "user", "user:group", "1000", "1000:1000": the user part, a number or a name. */
static void fill_user(struct arena *a, const char *user, struct rt_image *ret)
{
    AUTO(free) char *part = xstrndup(str_or(user, ""), strcspn(str_or(user, ""), ":"));
    ret->has_uid = part[0] && str_to_i64(part, 0, UINT32_MAX, &ret->uid) == 0;
    ret->username = part[0] && !ret->has_uid ? arena_strdup(a, part) : NULL;
}

static void copy_record(struct arena *a, const struct image_record *r, struct image_record *ret)
{
    struct image_layer_record *layers = take(a, r->layers.len * sizeof(*layers));
    for (size_t i = 0; i < r->layers.len; i++) {
        const struct image_layer_record *l = &r->layers.items[i];
        layers[i] = (struct image_layer_record){
            .media_type = text(a, l->media_type),
            .digest = text(a, l->digest),
            .size = l->size,
            .diff_id = text(a, l->diff_id),
            .chain = text(a, l->chain),
        };
    }
    struct rt_strings tags = STRINGS(a, r->tags), digests = STRINGS(a, r->digests);
    *ret = (struct image_record){
        .id = text(a, r->id),
        .config_digest = text(a, r->config_digest),
        .manifest_digest = text(a, r->manifest_digest),
        .artifact_type = text(a, r->artifact_type),
        .tags = { tags.items, tags.len },
        .digests = { digests.items, digests.len },
        .size = r->size,
        .layers = { layers, r->layers.len },
        .unsynced_boot = text(a, r->unsynced_boot),
    };
}

static const char *keep(struct arena *a, char *path) /* takes path */
{
    const char *copy = arena_strdup(a, path);
    free(path);
    return copy;
}

static void fill_layers(struct snapshot *s, const char *root)
{
    const struct image_record *r = &s->record;
    struct rt_image_layer *layers = take(s->arena, r->layers.len * sizeof(*layers));
    const char **dirs = take(s->arena, r->layers.len * sizeof(*dirs));
    size_t dirs_len = 0;
    for (size_t i = 0; i < r->layers.len; i++) {
        const struct image_layer_record *l = &r->layers.items[i];
        layers[i] = (struct rt_image_layer){
            .media_type = l->media_type,
            .digest = l->digest,
            .size_bytes = (uint64_t)l->size,
            .diff_id = l->diff_id,
        };
        if (l->chain) {
            AUTO(free) char *dir = layer_dir_path(root, l->chain);
            layers[i].lower_dir = arena_printf(s->arena, "%s/fs", dir);
        } else if (l->digest) {
            layers[i].blob_path = keep(s->arena, blob_file_path(root, l->digest));
        }
    }
    for (size_t i = r->layers.len; i-- > 0;)
        if (layers[i].lower_dir)
            dirs[dirs_len++] = layers[i].lower_dir;
    s->detail.layers = layers;
    s->detail.layers_len = r->layers.len;
    s->detail.lower_dirs = (struct rt_strings){ dirs, dirs_len };
}

static void fill_image(struct snapshot *s)
{
    const struct image_record *r = &s->record;
    struct rt_image *image = &s->detail.image;
    image->id = r->id;
    image->repo_tags = (struct rt_strings){ r->tags.items, r->tags.len };
    image->repo_digests = (struct rt_strings){ r->digests.items, r->digests.len };
    image->size_bytes = (uint64_t)r->size;
    image->artifact_type = str_or(r->artifact_type, "");
    fill_user(s->arena, s->detail.config.user, image);
    s->detail.manifest_digest = r->manifest_digest;
}

static void fill_manifest(struct snapshot *s, const struct image_document *manifest)
{
    s->detail.config_media_type = text(s->arena, manifest->config->media_type);
    s->detail.artifact_type = text(s->arena, manifest->artifact_type);
    s->detail.annotations = labels(s->arena, &manifest->annotations);
}

struct snapshot *snapshot_new(const char *root, const struct image_record *record,
                              const struct image_document *manifest, const struct image_spec *spec)
{
    struct snapshot *s = NEW(struct snapshot);
    s->refs = 1;
    s->arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    copy_record(s->arena, record, &s->record);
    if (manifest)
        fill_manifest(s, manifest);
    if (spec)
        fill_config(s->arena, spec, &s->detail.config);
    fill_layers(s, root);
    fill_image(s);
    return s;
}

struct snapshot *snapshot_renamed(const struct snapshot *s, char *const *tags, char *const *digests,
                                  const char *unsynced_boot)
{
    struct snapshot *n = NEW(struct snapshot);
    n->refs = 1;
    n->arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    n->base = snapshot_ref(s->base ? s->base : (struct snapshot *)(uintptr_t)s);
    n->record = s->record;
    n->detail = s->detail;
    struct rt_strings t = strings(n->arena, (const char *const *)tags, strv_len(tags));
    struct rt_strings d = strings(n->arena, (const char *const *)digests, strv_len(digests));
    n->record.tags.items = t.items;
    n->record.tags.len = t.len;
    n->record.digests.items = d.items;
    n->record.digests.len = d.len;
    n->record.unsynced_boot = text(n->arena, unsynced_boot);
    n->detail.image.repo_tags = t;
    n->detail.image.repo_digests = d;
    return n;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
    s->refs++;
    return s;
}

struct snapshot *snapshot_unref(struct snapshot *s)
{
    if (!s || --s->refs)
        return NULL;
    (void)snapshot_unref(s->base);
    (void)arena_unref(s->arena);
    free(s);
    return NULL;
}

static bool listed(const struct rt_strings *list, const char *name)
{
    for (size_t i = 0; i < list->len; i++)
        if (str_eq(list->items[i], name))
            return true;
    return false;
}

bool snapshot_has_name(const struct snapshot *s, const char *name)
{
    return listed(&s->detail.image.repo_tags, name) || listed(&s->detail.image.repo_digests, name);
}

/* ---- sets ---- */

void image_set_done(struct image_set *set)
{
    for (size_t i = 0; i < set->len; i++)
        (void)snapshot_unref(set->items[i]);
    free(set->items);
    *set = (struct image_set){ .items = NULL };
}

static void add(struct image_set *set, struct snapshot *s) /* takes the reference */
{
    set->items[set->len++] = s;
}

static struct image_set empty_set(size_t room)
{
    return (struct image_set){ .items = xcalloc(room ? room : 1, sizeof(struct snapshot *)) };
}

/* Those of a that are not in b. */
static char **difference(const struct rt_strings *a, const struct rt_strings *b)
{
    char **v = strv_new();
    for (size_t i = 0; i < a->len; i++)
        if (!listed(b, a->items[i]))
            strv_push(&v, a->items[i]);
    return v;
}

static void push_all(char ***v, const struct rt_strings *list)
{
    for (size_t i = 0; i < list->len; i++)
        strv_push(v, list->items[i]);
}

/* old, without the names that s has taken over. Takes nothing, gives a reference. */
static struct snapshot *without_names_of(struct snapshot *old, const struct snapshot *s)
{
    const struct rt_image *image = &old->detail.image, *taken = &s->detail.image;
    AUTO(strv_free) char **tags = difference(&image->repo_tags, &taken->repo_tags);
    AUTO(strv_free) char **digests = difference(&image->repo_digests, &taken->repo_digests);
    if (strv_len(tags) == image->repo_tags.len && strv_len(digests) == image->repo_digests.len)
        return snapshot_ref(old);
    return snapshot_renamed(old, tags, digests, old->record.unsynced_boot);
}

static struct snapshot *with_names_of(struct snapshot *s, const struct snapshot *old) /* takes s */
{
    const struct rt_image *have = &s->detail.image, *had = &old->detail.image;
    AUTO(strv_free) char **tags = difference(&had->repo_tags, &have->repo_tags);
    AUTO(strv_free) char **digests = difference(&had->repo_digests, &have->repo_digests);
    push_all(&tags, &have->repo_tags);
    push_all(&digests, &have->repo_digests);
    struct snapshot *n = snapshot_renamed(s, tags, digests, s->record.unsynced_boot);
    (void)snapshot_unref(s);
    return n;
}

struct image_set image_set_with(const struct image_set *set, struct snapshot *s)
{
    struct image_set n = empty_set(set->len + 1);
    for (size_t i = 0; i < set->len; i++)
        if (str_eq(set->items[i]->record.id, s->record.id))
            s = with_names_of(s, set->items[i]);
        else
            add(&n, without_names_of(set->items[i], s));
    add(&n, s);
    return n;
}

struct image_set image_set_without(const struct image_set *set, const char *id)
{
    struct image_set n = empty_set(set->len);
    for (size_t i = 0; i < set->len; i++)
        if (!str_eq(set->items[i]->record.id, id))
            add(&n, snapshot_ref(set->items[i]));
    return n;
}

struct image_set image_set_synced(const struct image_set *set)
{
    struct image_set n = empty_set(set->len);
    for (size_t i = 0; i < set->len; i++) {
        struct snapshot *s = set->items[i];
        AUTO(strv_free) char **tags = strv_new();
        AUTO(strv_free) char **digests = strv_new();
        push_all(&tags, &s->detail.image.repo_tags);
        push_all(&digests, &s->detail.image.repo_digests);
        add(&n,
            s->record.unsynced_boot ? snapshot_renamed(s, tags, digests, NULL) : snapshot_ref(s));
    }
    return n;
}

static struct snapshot *find_by_id(const struct image_set *set, const char *hex)
{
    size_t len = strlen(hex);
    struct snapshot *found = NULL;
    if (len < SHORT_ID_DIGITS || strspn(hex, "0123456789abcdef") != len)
        return NULL;
    for (size_t i = 0; i < set->len; i++) {
        if (strncmp(digest_hex(set->items[i]->record.id), hex, len) != 0)
            continue;
        if (found)
            return NULL; /* not said clearly */
        found = set->items[i];
    }
    return found;
}

static struct snapshot *find_by_name(const struct image_set *set, const char *name)
{
    for (size_t i = 0; i < set->len; i++)
        if (snapshot_has_name(set->items[i], name))
            return set->items[i];
    return NULL;
}

struct snapshot *image_set_find(const struct image_set *set, const char *image)
{
    struct rt_image_ref ref;
    char name[RT_IMAGE_REF_TEXT_MAX];
    bool prefixed = str_has_prefix(image, "sha256:") || str_has_prefix(image, "sha512:");
    struct snapshot *s = find_by_id(set, prefixed ? digest_hex(image) : image);
    if (s || prefixed)
        return s;
    if (rt_image_ref_local(image)) /* what it was pulled by, letter by letter */
        return find_by_name(set, image);
    if (rt_image_ref_parse(image, &ref, NULL) < 0)
        return NULL;
    rt_image_ref_text(&ref, name);
    return find_by_name(set, name);
}

static bool has_layer(const struct snapshot *s, const char *chain)
{
    for (size_t i = 0; i < s->record.layers.len; i++)
        if (str_eq(s->record.layers.items[i].chain, chain))
            return true;
    return false;
}

static bool others_have(const struct image_set *set, const struct snapshot *s, const char *chain)
{
    for (size_t i = 0; i < set->len; i++)
        if (set->items[i] != s && has_layer(set->items[i], chain))
            return true;
    return false;
}

char **image_set_own_layers(const struct image_set *set, const struct snapshot *s)
{
    char **names = strv_new();
    for (size_t i = 0; i < s->record.layers.len; i++) {
        const char *chain = s->record.layers.items[i].chain;
        if (chain && !others_have(set, s, chain))
            strv_pushf(&names, "%.*s", LAYER_NAME_DIGITS, digest_hex(chain));
    }
    return names;
}
