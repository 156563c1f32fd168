/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - records on disk: DIR/UID/pod.json (the last known object, 0600: it may hold secrets in its environment)
 * and DIR/UID/record.json.
 *
 * A save is a rename on a worker: what it told is not lost when the agent dies. fsync comes later, for all
 * folders that were written in the meantime together, so that no start waits for a disk: a power cut may cost the last
 * seconds of a record.
 */
#pragma once

#include "base/cleanup.h"
#include "pod/ports.h"

struct loop;
struct record_store;

int record_store_new(struct loop *loop, const char *dir, struct record_store **ret, struct err *err);
struct record_store *record_store_free(struct record_store *s); /* waits for what is being written. NULL */
DEFINE_CLEANUP(struct record_store *, record_store_free)
struct pod_store *record_store_port(struct record_store *s);
