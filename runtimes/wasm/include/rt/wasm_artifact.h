/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_artifact.h - is this container a Wasm one, and where is its module?
 *
 * Decided per container, not per pod: media types say that it is an artifact, of which a layer is the module; else
 * what RuntimeClass, annotations and the platform of the image let expect meets the name and the first bytes of the
 * entry point, in one table (README of wasm/artifact). A native program in a pod of Wasm stays one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "rt/runtime.h"

struct wasm_layer {
    const char *media_type, *digest; /* digest NULL: came from an archive that had none */
    const char *lower_dir;           /* absolute; NULL: not a tar layer */
    const char *blob_path;           /* absolute; NULL: unpacked */
};
struct wasm_image { /* what has to be known of an image; all borrowed */
    const char *id;                /* "sha256:…": what is found in its root file system goes by it */
    const char *config_media_type; /* of the manifest's configuration; NULL: not known */
    const char *artifact_type;     /* as the manifest says; NULL or "": none */
    const char *os, *architecture; /* NULL: the configuration says nothing */
    struct rt_labels annotations;  /* of the manifest */
    const struct wasm_layer *layers; /* the lowest first */
    size_t layers_len;
    struct rt_strings lower_dirs; /* absolute, the topmost first */
};
struct wasm_ask {
    bool wanted;          /* the RuntimeClass handler is one of Wasm */
    const char *variant;  /* annotation module.wasm.image/variant of the pod; NULL: none */
    const char *handler;  /* annotation run.oci.handler of the pod; NULL: none */
    struct rt_strings args; /* what would be run: command and arguments with the image's own; may be empty */
    bool text_format;     /* .wat is welcome */
};
struct wasm_choice {
    bool wasm;            /* false: an ordinary container, and nothing below is set */
    bool rootfs;          /* the image's root file system is the guest's "/" */
    bool entry;           /* it is the file that the first argument names, which is thus its name */
    const char *path;     /* absolute path of the module on this node, in the arena */
    const char *identity; /* names its bytes for good: a digest, or the image's id with the path in it; in the arena */
    const char *function; /* export to call, of an entry point "module.wasm#function", of an artifact also
                             "#function"; in the arena; NULL: the usual one */
};

/*
 * wasm_choose() - the decision above.
 *
 * Blocking: it reads at most a few bytes of one file, of a layer's blob or below lower_dirs (laid over each other as
 * overlayfs does it, symbolic links as in a chroot). ret's strings lie in the arena or in the image.
 * -EOPNOTSUPP: it is Wasm and cannot be run here, in words for the user (a Spin application, several modules, text
 * format that is not allowed, a precompiled artifact, …). -ELOOP: LIMIT_WASM_LOOKUPS. Else what reading gave.
 */
int wasm_choose(const struct wasm_image *image, const struct wasm_ask *ask, struct arena *arena,
                struct wasm_choice *ret, struct err *err);

/* What the image store knows, said in these words: borrows from detail, takes the list of layers from the arena.
 * -E2BIG: no room in it. */
struct rt_image_detail;
int wasm_image_of(const struct rt_image_detail *detail, struct arena *arena, struct wasm_image *ret, struct err *err);
