/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "attributes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "stream.h"
#include "tree.h"

#define WHITEOUT        ".wh."
#define WHITEOUT_META   ".wh..wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"

const struct unpack_limits unpack_limits_default = {
    .bytes = LIMIT_IMAGE_LAYER_BYTES,
    .entries = LIMIT_IMAGE_LAYER_ENTRIES,
    .ratio = LIMIT_IMAGE_LAYER_RATIO,
    .ratio_from_bytes = LIMIT_IMAGE_LAYER_RATIO_FROM_BYTES,
};

struct unpacking {
    struct stream stream;
    struct tree tree;
    struct unpack_limits limits;
    struct unpack_result result;
};

/* One entry of the archive on its way to its place. */
struct item {
    struct archive_entry *entry;
    struct place place;
};

static int make_room(struct unpacking *u, const struct item *it, struct err *err)
{
    return tree_kind_at(it->place.dir_fd, it->place.name) == TREE_NONE
               ? 0
               : tree_remove(&u->tree, &it->place, err);
}

static int write_at(int fd, const char *data, size_t len, off_t offset, struct err *err)
{
    while (len) {
        ssize_t n = pwrite(fd, data, len, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, errno, "write");
        data += n;
        len -= (size_t)n;
        offset += n;
    }
    return 0;
}

static int copy_content(struct unpacking *u, int fd, struct err *err)
{
    const void *block;
    size_t len;
    la_int64_t offset;
    int rc;
    while ((rc = archive_read_data_block(u->stream.tar, &block, &len, &offset)) == ARCHIVE_OK) {
        int failed = write_at(fd, block, len, offset, err);
        if (failed < 0)
            return failed;
    }
    if (rc != ARCHIVE_EOF)
        return err_set(err, archive_errno(u->stream.tar) == E2BIG ? -E2BIG : -EINVAL, "%s",
                       stream_error(&u->stream));
    return 0;
}

static int put_file(struct unpacking *u, struct item *it, struct err *err)
{
    la_int64_t size = archive_entry_size(it->entry);
    if (size < 0 || (uint64_t)size > u->limits.bytes - u->result.bytes)
        return err_set(err, -E2BIG, "the layer's files are larger than %llu bytes",
                       (unsigned long long)u->limits.bytes);
    int rc = make_room(u, it, err);
    if (rc < 0)
        return rc;
    AUTO(close)
    int fd = openat(it->place.dir_fd, it->place.name,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, errno, "create");
    rc = copy_content(u, fd, err);
    if (rc == 0 && ftruncate(fd, size) < 0) /* a hole at the end */
        rc = err_errno(err, errno, "setting its size");
    u->result.bytes += (uint64_t)size;
    return rc < 0 ? rc : attributes_set(fd, it->entry, &u->result.xattrs_skipped, err);
}

static int put_dir(struct unpacking *u, struct item *it, struct err *err)
{
    const struct place *p = &it->place;
    enum tree_kind there = p->name[0] ? tree_kind_at(p->dir_fd, p->name) : TREE_DIR;
    int rc = there == TREE_DIR ? 0 : make_room(u, it, err);
    if (rc == 0 && there != TREE_DIR && mkdirat(p->dir_fd, p->name, 0700) < 0)
        rc = err_errno(err, errno, "mkdir");
    if (rc == 0 && there == TREE_WHITEOUT)
        rc = tree_mark_opaque(&u->tree, p, err);
    if (rc < 0)
        return rc;
    AUTO(close)
    int fd =
        openat(p->dir_fd, str_or(p->name, "."), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "open");
    rc = attributes_set(fd, it->entry, &u->result.xattrs_skipped, err);
    struct timespec mtime = { .tv_sec = archive_entry_mtime(it->entry),
                              .tv_nsec = archive_entry_mtime_nsec(it->entry) };
    return rc < 0 ? rc : tree_note_time(&u->tree, p, &mtime, err);
}

static int put_symlink(struct unpacking *u, struct item *it, struct err *err)
{
    const char *target = archive_entry_symlink(it->entry);
    if (str_empty(target))
        return err_set(err, -EINVAL, "a symbolic link to nothing");
    int rc = make_room(u, it, err);
    if (rc == 0 && symlinkat(target, it->place.dir_fd, it->place.name) < 0)
        rc = err_errno(err, errno, "symlink");
    return rc < 0 ? rc : attributes_set_at(it->place.dir_fd, it->place.name, it->entry, err);
}

static int put_fifo(struct unpacking *u, struct item *it, struct err *err)
{
    int rc = make_room(u, it, err);
    if (rc == 0 && mkfifoat(it->place.dir_fd, it->place.name, 0600) < 0)
        rc = err_errno(err, errno, "mkfifo");
    return rc < 0 ? rc : attributes_set_at(it->place.dir_fd, it->place.name, it->entry, err);
}

static int same_file(const struct place *a, const struct place *b)
{
    struct stat sa, sb;
    return fstatat(a->dir_fd, a->name, &sa, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(b->dir_fd, b->name, &sb, AT_SYMLINK_NOFOLLOW) == 0 && sa.st_ino == sb.st_ino &&
           sa.st_dev == sb.st_dev;
}

static int put_hardlink(struct unpacking *u, struct item *it, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    struct place target = { .dir_fd = -1 };
    int rc = tree_clean_path(archive_entry_hardlink(it->entry), path, err);
    if (rc == 0)
        rc = tree_find(&u->tree, path, &target, err);
    AUTO(close) int fd = target.dir_fd;
    if (rc < 0) {
        (void)err_wrap(err, "hard link");
        return rc;
    }
    if (same_file(&target, &it->place))
        return 0;
    enum tree_kind kind = target.name[0] ? tree_kind_at(fd, target.name) : TREE_DIR;
    if (kind != TREE_OTHER && kind != TREE_LINK)
        return err_set(err, -EINVAL, "hard link to '%.200s', which is no file of this layer", path);
    rc = make_room(u, it, err);
    if (rc == 0 && linkat(fd, target.name, it->place.dir_fd, it->place.name, 0) < 0)
        rc = err_errno(err, errno, "hard link to '%.200s'", path);
    return rc;
}

static int skip_device(struct unpacking *u, struct item *it, struct err *err)
{
    (void)it;
    (void)err;
    u->result.devices_skipped++;
    return 0;
}

static const struct kind {
    unsigned filetype;
    int (*put)(struct unpacking *u, struct item *it, struct err *err);
} kinds[] = {
    { AE_IFREG, put_file },     { AE_IFDIR, put_dir },     { AE_IFLNK, put_symlink },
    { AE_IFIFO, put_fifo },     { AE_IFCHR, skip_device }, { AE_IFBLK, skip_device },
    { AE_IFSOCK, skip_device },
};

static int put_whiteout(struct unpacking *u, struct item *it, struct err *err)
{
    struct place *p = &it->place;
    if (str_eq(p->name, WHITEOUT_OPAQUE)) {
        p->name[0] = '\0';
        return tree_mark_opaque(&u->tree, p, err);
    }
    if (str_has_prefix(p->name, WHITEOUT_META)) /* notes of AUFS to itself */
        return 0;
    memmove(p->name, p->name + strlen(WHITEOUT), strlen(p->name + strlen(WHITEOUT)) + 1);
    if (str_empty(p->name) || str_eq(p->name, ".") || str_eq(p->name, ".."))
        return err_set(err, -EINVAL, "a whiteout of nothing");
    return tree_whiteout(&u->tree, p, err);
}

static int put(struct unpacking *u, struct item *it, struct err *err)
{
    if (str_has_prefix(it->place.name, WHITEOUT))
        return put_whiteout(u, it, err);
    unsigned filetype = archive_entry_hardlink(it->entry) ? 0 : archive_entry_filetype(it->entry);
    if (!it->place.name[0] && filetype != AE_IFDIR)
        return err_set(err, -EINVAL, "only a directory can be the root");
    if (archive_entry_hardlink(it->entry))
        return put_hardlink(u, it, err);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].filetype == filetype)
            return kinds[i].put(u, it, err);
    return err_set(err, -EINVAL, "an entry of unknown type");
}

static int one_entry(struct unpacking *u, struct archive_entry *entry, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    struct item it = { .entry = entry };
    const char *name = archive_entry_pathname(entry);
    if (!name)
        return err_set(err, -EINVAL, "an entry has no readable name");
    if (++u->result.entries > u->limits.entries)
        return err_set(err, -E2BIG, "more than %llu entries",
                       (unsigned long long)u->limits.entries);
    int rc = tree_clean_path(name, path, err);
    if (rc == 0)
        rc = tree_place(&u->tree, path, &it.place, err);
    if (rc < 0)
        return rc;
    rc = put(u, &it, err);
    if (rc < 0)
        (void)err_wrap(err, "'%.200s'", path);
    return rc;
}

static int all_entries(struct unpacking *u, struct err *err)
{
    for (;;) {
        struct archive_entry *entry = NULL;
        int rc = archive_read_next_header(u->stream.tar, &entry);
        if (rc == ARCHIVE_EOF)
            return 0;
        if (rc < ARCHIVE_WARN)
            return err_set(err, archive_errno(u->stream.tar) == E2BIG ? -E2BIG : -EINVAL,
                           "layer: %s", stream_error(&u->stream));
        rc = one_entry(u, entry, err);
        if (rc < 0)
            return rc;
    }
}

static int root_as_below(struct unpacking *u, const struct unpack_request *r, struct err *err)
{
    struct stat st;
    struct place root = { .dir_fd = -1 };
    AUTO(close) int fd = tree_open_dir(&u->tree, "", O_RDONLY);
    if (fd < 0)
        return err_errno(err, errno, "open the layer's directory");
    if (!r->parents_len)
        return fchmod(fd, 0755) < 0 ? err_errno(err, errno, "the layer's directory") : 0;
    int rc = attributes_copy(fd, r->parent_fds[0], &st, err);
    return rc < 0 ? rc : tree_note_time(&u->tree, &root, &st.st_mtim, err);
}

int unpack_layer(const struct unpack_request *request, struct unpack_result *ret_result,
                 struct err *err)
{
    struct unpacking *u = NEW(struct unpacking);
    u->limits = request->limits;
    tree_init(&u->tree, request->root_fd, request->parent_fds, request->parents_len);
    int rc = root_as_below(u, request, err);
    if (rc == 0)
        rc = stream_open(&u->stream, request, err);
    if (rc == 0)
        rc = all_entries(u, err);
    if (rc == 0)
        rc = tree_finish(&u->tree, err);
    if (rc == 0)
        rc = stream_finish(&u->stream, u->result.diff_id, err);
    if (rc == 0) {
        *ret_result = u->result;
        ret_result->opaque = u->tree.opaque;
        u->tree.opaque = (struct buf){ 0 };
    }
    stream_done(&u->stream);
    tree_done(&u->tree);
    free(u);
    return rc;
}
