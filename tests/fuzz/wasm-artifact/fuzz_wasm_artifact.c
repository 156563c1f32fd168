/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_wasm_artifact.c - a manifest or an index, and the entry point of a container of it. Whatever comes: an index
 * gives entries that are in it, a module that is chosen is a regular file below the directories of the image and
 * reached through no link, and what is refused says why.
 *
 * The first byte says what pod asks, the second what is in the layers that are no archives; then the document, a NUL,
 * the entry point. The layers' directories are the same for all inputs, below /dev/shm.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "manifest.h"
#include "record.h"
#include "rt/wasm_artifact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char home[64];
static const char *dirs[2];
static const char *const blobs[] = { "module", "elf", "text", "nowhere" };

static void must(bool fact)
{
    if (!fact)
        abort();
}

static void go_home(void)
{
    (void)path_remove_tree(home, NULL);
}

static void make_file(const char *name, const char *content, size_t len)
{
    AUTO(free) char *path = xasprintf("%s/%s", home, name);
    must(file_write_atomic(AT_FDCWD, path, content, len, 0600, 0, NULL) == 0);
}

static void make_link(const char *name, const char *target)
{
    AUTO(free) char *path = xasprintf("%s/%s", home, name);
    must(symlink(target, path) == 0);
}

static void make_home(void)
{
    static const char module[] = "\0asm\1\0\0\0", elf[] = "\177ELF";
    static const char *const folders[] = { "l0/d", "l1/d/e", "l1/x" };
    (void)snprintf(home, sizeof(home), "/dev/shm/fuzz_wasm.XXXXXX");
    must(mkdtemp(home) != NULL);
    (void)atexit(go_home);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        AUTO(free) char *path = xasprintf("%s/%s", home, folders[i]);
        must(path_mkdirs(path, 0755, NULL) == 0);
    }
    make_file("module", module, sizeof(module) - 1);
    make_file("elf", elf, sizeof(elf) - 1);
    make_file("text", "(module)", 8);
    make_file("l1/d/a.wasm", module, sizeof(module) - 1);
    make_file("l1/d/e/m", module, sizeof(module) - 1);
    make_file("l0/d/a.wat", "(module)", 8);
    make_file("l0/plugin.wasm", module, sizeof(module) - 1);
    make_file("l0/x", elf, sizeof(elf) - 1); /* where l1 has a directory */
    make_link("l0/l", "d");
    make_link("l0/u", "../../../d/e");
    make_link("l0/o", "o");
    make_link("l0/p", "/proc/self/root");
    dirs[0] = xasprintf("%s/l0", home);
    dirs[1] = xasprintf("%s/l1", home);
}

static void check_index(const struct image_document *d)
{
    static const struct rt_platform native[] = { { "linux", "amd64", NULL } };
    const struct image_descriptor *chosen;
    for (int wasm = 0; wasm < 2; wasm++) {
        struct err err = ERR_INIT;
        int rc = manifest_choose(d, wasm ? rt_platforms_wasm : native, wasm ? RT_PLATFORMS_WASM_NR : 1, &chosen, &err);
        must(rc == 0 ? chosen >= d->manifests.items && chosen < d->manifests.items + d->manifests.len
                     : err.code == rc && err.msg[0]);
    }
}

/* As the store does it, but that all archives are the same two directories and all blobs the same file. */
static struct wasm_image image_of(const struct snapshot *s, const char *blob, struct arena *arena)
{
    struct wasm_image image;
    must(wasm_image_of(&s->detail, arena, &image, NULL) == 0);
    struct wasm_layer *layers = arena_copy(arena, image.layers, (image.layers_len + 1) * sizeof(*layers));
    for (size_t i = 0; i < image.layers_len; i++)
        if (layers[i].blob_path)
            layers[i].blob_path = blob;
    image.layers = layers;
    image.lower_dirs = (struct rt_strings){ dirs, image.lower_dirs.len > 2 ? 2 : image.lower_dirs.len };
    return image;
}

static void check_choice(const struct wasm_image *image, const struct wasm_ask *ask, struct arena *arena)
{
    struct wasm_choice choice = { .wasm = false };
    struct err err = ERR_INIT;
    struct stat st;
    int rc = wasm_choose(image, ask, arena, &choice, &err);
    if (rc < 0) {
        must(err.code == rc && err.msg[0]);
        return;
    }
    if (!choice.wasm)
        return;
    AUTO(free) char *real = realpath(choice.path, NULL);
    must(str_eq(real, choice.path) && str_has_prefix(real, home) && lstat(real, &st) == 0 && S_ISREG(st.st_mode));
    must(!str_empty(choice.identity) && (!choice.function || choice.function[0]));
    must(!choice.rootfs || image->lower_dirs.len > 0);
}

static void check_manifest(const struct image_document *d, const uint8_t how[2], const char *entry, struct arena *arena)
{
    static const char chain[] = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct image_layer_record layers[LIMIT_IMAGE_LAYERS];
    struct image_spec spec = { .os = how[0] & 1 ? "wasi" : "linux", .architecture = how[0] & 1 ? "wasm" : "amd64" };
    struct image_record record = { .id = chain, .config_digest = chain, .layers = { layers, d->layers.len } };
    bool is_image = manifest_is_image_config(d->config);
    for (size_t i = 0; i < d->layers.len; i++) {
        const struct image_descriptor *l = &d->layers.items[i];
        layers[i] = (struct image_layer_record){ .media_type = l->media_type, .digest = l->digest };
        layers[i].chain = is_image && manifest_is_tar_layer(l) ? chain : NULL;
    }
    AUTO(snapshot_unref) struct snapshot *s = snapshot_new("/root", &record, d, is_image ? &spec : NULL);
    AUTO(free) char *blob = xasprintf("%s/%s", home, blobs[how[1] % ARRAY_LEN(blobs)]);
    struct wasm_image image = image_of(s, blob, arena);
    struct wasm_ask ask = {
        .wanted = how[0] & 2,
        .text_format = how[0] & 4,
        .variant = how[0] & 8 ? "compat" : how[0] & 16 ? "compat-smart" : NULL,
        .handler = how[0] & 32 ? "wasm" : how[0] & 64 ? "wasm-smart" : NULL,
        .args = { &entry, entry ? 1 : 0 },
    };
    check_choice(&image, &ask, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_unref) struct arena *arena = arena_new(8 * MIB);
    struct image_document d;
    if (!home[0])
        make_home();
    if (size < 2 || size > MIB)
        return 0;
    const char *text = (const char *)data + 2;
    const char *nul = memchr(text, '\0', size - 2);
    size_t len = nul ? (size_t)(nul - text) : size - 2;
    AUTO(free) char *entry = nul ? xstrndup(nul + 1, size - 3 - len) : NULL;
    if (manifest_decode(text, len, arena, &d, NULL) < 0)
        return 0;
    if (manifest_is_index(&d))
        check_index(&d);
    else
        check_manifest(&d, data, entry, arena);
    return 0;
}
