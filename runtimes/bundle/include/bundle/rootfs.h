/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs.h - a container's root file system: the image's layers with a writable one on top. Blocking: workers. */
#pragma once

#include "base/err.h"
#include "rt/runtime.h"

/* upper and work are made below layer_dir. lowerdirs: the topmost first. */
int rootfs_mount(const char *target, const struct rt_strings *lowerdirs, const char *layer_dir, struct err *err);
/* Unmounts target and removes layer_dir; nothing there is fine. */
int rootfs_unmount(const char *target, const char *layer_dir, struct err *err);
