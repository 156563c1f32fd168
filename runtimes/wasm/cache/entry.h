/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry.h - one compiled module on disk: read and verified, written, removed. Everything here blocks: workers only.
 *
 * The record is written last and struck out first, so a kill leaves the state before or the state after. What is being
 * written has a name of its own (KEY.PID.KIND.tmp) and a lock that dies with its writer: another process that looks at
 * the folder, the agent at its start or the command line, takes away what is no longer being written and nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "digest.h"
#include "record.h"
#include "settings.h"

/* An entry that was verified. */
struct entry {
    struct arena *arena;
    const char *identity;
    struct wasm_module module;
    int fd;            /* of the code: shows without a look at the disk whether it is still what was verified */
    struct stat stamp; /* of the moment when it was */
};
void entry_done(struct entry *e);
#define ENTRY_NONE                                                                                                     \
    {                                                                                                                  \
        .fd = -1                                                                                                       \
    }

enum entry_outcome { ENTRY_FOUND, ENTRY_ABSENT, ENTRY_BROKEN };
/* 0, ENTRY_ABSENT, ENTRY_BROKEN (err says why: it is of no use, and may be written anew), -errno. */
int entry_load(const struct cache_settings *s, const char *key, struct entry *ret, struct err *err);
/* Neither replaced, removed nor written to since? One system call that asks no disk. */
bool entry_unchanged(const struct entry *e);
/* The digest of a whole file. */
int entry_hash(int fd, char ret[DIGEST_TEXT_MAX], struct err *err);
bool entry_same(const struct stat *verified, const struct stat *now); /* pure */

/* A file being written: locked while fd is open. */
struct entry_temp {
    int fd;     /* -1: none */
    char *path; /* NULL: it has got its name, or there is none */
};
int entry_temp_make(const struct cache_settings *s, const char *key, const char *kind, struct entry_temp *ret,
                    struct err *err);
void entry_temp_done(struct entry_temp *t); /* removes what has no name yet */

/* Publishes code under its key, with a description that was checked. */
int entry_store(const struct cache_settings *s, const char *key, const char *identity,
                const struct wasm_description *description, struct entry_temp *code, struct entry *ret, struct err *err);
void entry_remove(const struct cache_settings *s, const char *key); /* what cannot be removed now, a sweep removes */

/* Removes leftovers and what is of no use any more; calls fn for every entry that stays (not verified yet). */
typedef void (*entry_each_fn)(void *user, const char *key, const char *identity);
int entry_sweep(const struct cache_settings *s, entry_each_fn fn, void *user, struct err *err);
