/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_ref.h - references to images, read and completed as Docker and containerd do.
 *
 *   busybox                          docker.io / library/busybox : latest
 *   ghcr.io/a/b:v1                   ghcr.io / a/b : v1
 *   127.0.0.1:5000/x@sha256:…        127.0.0.1:5000 / x @ sha256:…
 *
 * And those that name no image but a file of the node.
 *
 * Spec: github.com/distribution/reference, the grammar in its reference.go
 */
#pragma once

#include <stddef.h>

struct err;

struct rt_image_ref {
    char domain[256]; /* host[:port]; "docker.io" when none was given */
    char path[256];   /* "library/busybox" */
    char tag[129];    /* "latest" when neither tag nor digest was given; "": none */
    char digest[136]; /* "": none. With both, the digest decides and the tag is a remark */
};

#define RT_IMAGE_REF_TEXT_MAX (256 + 256 + 129 + 136)

/* 0; -EINVAL with reason InvalidImageName. Pure. */
int rt_image_ref_parse(const char *text, struct rt_image_ref *ret_ref, struct err *err);
/* The whole: "docker.io/library/busybox:latest". With a digest "name@digest", without the tag.
 * Pure. */
void rt_image_ref_text(const struct rt_image_ref *ref, char ret[RT_IMAGE_REF_TEXT_MAX]);
/* "docker.io/library/busybox". Pure. */
void rt_image_ref_name(const struct rt_image_ref *ref, char ret[RT_IMAGE_REF_TEXT_MAX]);

/*
 * rt_image_ref_local() - is this a module that is a file of the node, and which file?
 *
 *   file:/srv/a.wasm, file:///srv/a.wasm    /srv/a.wasm; any name, as it is written: %20 is three
 *                                           characters
 *   fs/srv/a.wasm                           the same, as Krustlet had it. It ends in .wasm or .wat
 *                                           and has neither ':' nor '@'; any other fs/… is, as
 *                                           everywhere, the repository of a user fs of docker.io
 *
 * To be asked before rt_image_ref_parse(), which knows no files. Returns the absolute path,
 * borrowed from text; NULL: no such reference, or longer than LIMIT_IMAGE_REF_BYTES, or with
 * control characters in it. Pure.
 */
const char *rt_image_ref_local(const char *text);
