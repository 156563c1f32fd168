/* SPDX-License-Identifier: Apache-2.0 */
/* media.h - the media types that say WebAssembly: of layers, of configurations, of artifacts. Pure. */
#pragma once

enum media {
    MEDIA_OTHER,
    MEDIA_MODULE, /* a layer: the bytes of a module or component */
    MEDIA_CNCF,   /* a configuration: of an artifact with one layer and no more */
    MEDIA_CONFIG, /* a configuration of the older artifacts */
    MEDIA_SPIN,   /* a configuration or a layer: the description of a Spin application */
};

enum media media_of(const char *type); /* of a descriptor, or an artifactType; NULL: OTHER */
