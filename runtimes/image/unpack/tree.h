/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.h - the directory that a layer becomes, and the layers below it.
 *
 * Every path of an archive passes through here. It is resolved as a chroot would: one component at
 * a time below the root, links read and followed by hand, ".." of a link popped from what was
 * resolved and never from the root. The result is opened with openat2(RESOLVE_BENEATH |
 * RESOLVE_NO_SYMLINKS), so that even a mistake in the walk cannot leave the directory. Absolute
 * paths lose their slash; ".." in the archive's own paths is refused: no honest tool writes it.
 *
 * Directories that an archive only implies get the attributes that the layers below give them:
 * otherwise a layer that holds nothing but "tmp/x" would turn everybody's /tmp into an ordinary
 * directory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/limits.h"

struct err;

struct tree {
    int root_fd;
    const int *parent_fds; /* nearest first */
    size_t parents_len;
    char cached_path[LIMIT_PATH_BYTES]; /* the parent resolved last, as the archive wrote it */
    char cached_dir[LIMIT_PATH_BYTES];  /* and as it was resolved */
    int cached_fd;                      /* -1: none */
    bool cached_stale;
    struct buf opaque; /* NUL-ended paths */
    struct buf dirs;   /* struct tree_dir and its NUL-ended path, for mtimes */
};

/* Where an entry goes: its directory, open, and its name therein. */
struct place {
    int dir_fd;                 /* borrowed from the tree until the next call */
    char dir[LIMIT_PATH_BYTES]; /* resolved, without a leading slash, "" for the root */
    char name[256];             /* "" means the root itself */
};

void tree_init(struct tree *t, int root_fd, const int *parent_fds, size_t parents_len);
void tree_done(struct tree *t);

/* Makes path ready to be walked: no leading, doubled or trailing slashes, no ".". -EINVAL: "..",
 * too deep, too long. */
int tree_clean_path(const char *path, char ret[LIMIT_PATH_BYTES], struct err *err);

/* A directory of the tree by its resolved path, "" for the root. -1 and errno. Caller closes. */
int tree_open_dir(const struct tree *t, const char *path, int flags);

/* Resolves all but the last component of a clean path and makes directories that are missing. */
int tree_place(struct tree *t, const char *path, struct place *ret, struct err *err);
/* As tree_place(), but makes nothing: -ENOENT. The descriptor is the caller's. For targets of hard
 * links. */
int tree_find(struct tree *t, const char *path, struct place *ret, struct err *err);

enum tree_kind { TREE_NONE, TREE_DIR, TREE_LINK, TREE_WHITEOUT, TREE_OTHER };
enum tree_kind tree_kind_at(int dir_fd, const char *name); /* in this layer */
/* What the layers below show at this place. ret_fd (may be NULL): O_PATH, when not TREE_NONE,
 * caller closes. */
enum tree_kind tree_kind_below(const struct tree *t, const char *dir, const char *name,
                               int *ret_fd);

/* Removes what is there, a directory with all that is in it. */
int tree_remove(struct tree *t, const struct place *p, struct err *err);
int tree_whiteout(struct tree *t, const struct place *p, struct err *err);
int tree_mark_opaque(struct tree *t, const struct place *p, struct err *err);

/* Directories get their time when nothing more is put into them. */
int tree_note_time(struct tree *t, const struct place *p, const struct timespec *mtime,
                   struct err *err);
int tree_finish(struct tree *t, struct err *err);
