/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h - what runs containers on this machine, put together from a configuration: images, network, cgroups,
 * sandboxes and the OCI backend. The agent and `play` stand on it alike.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "config/config.h"
#include "rt/runtime.h"

struct loop;
struct err;
struct host;
struct rt_network;

/* Programs of ours (oarsman-unpack, oarsman-pause) are looked for beside this one.
 * Blocks: start only. err names what is missing and what to install. */
int host_open(struct loop *loop, const struct config *config, const struct config_warn *warn, struct host **ret,
              struct err *err);
/* What runs, runs on. Operations under way are ended first. */
struct host *host_close(struct host *h); /* NULL */
DEFINE_CLEANUP(struct host *, host_close)

/* For a process that leaves nothing behind: closes, and takes away what was made on this machine beside containers and
 * images (bridge, cgroups, run directory). No pod may be left. What cannot be taken away is told through warn. */
struct host *host_remove(struct host *h); /* NULL */

struct host_compilations { /* of Wasm modules, since the start; all 0 where none are run */
    uint64_t hits, done, failed;
};
struct host_compilations host_compilations(const struct host *h);
/* Path of a program of ours; caller owns. */
char *host_program(const char *name);

struct rt_runtime *host_runtime(struct host *h); /* borrowed, as all here */
struct rt_network *host_network(struct host *h);
/* An image has come. fn NULL: nobody wants to know (any more). */
void host_on_image(struct host *h, void (*fn)(void *user), void *user);

/* Only the images: for `oarsman image`. -EBUSY: an agent uses them, which is no matter for one who only reads;
 * -ENOENT for such a one: there are none yet. */
int host_open_images(struct loop *loop, const struct config *config, bool read_only, struct rt_images **ret,
                     struct err *err);
