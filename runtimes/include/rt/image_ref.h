/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_ref.h - references to images, read and completed as Docker and containerd do.
 *
 *   busybox                          docker.io / library/busybox : latest
 *   ghcr.io/a/b:v1                   ghcr.io / a/b : v1
 *   127.0.0.1:5000/x@sha256:…        127.0.0.1:5000 / x @ sha256:…
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
