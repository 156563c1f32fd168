/* SPDX-License-Identifier: Apache-2.0 */
#include "address_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define OWNER_BYTES 512

struct address_pool {
    char *dir;
    int dir_fd;
    uint32_t *used; /* ascending */
    size_t len, cap;
    uint32_t last;
};

static size_t position(const struct address_pool *p, uint32_t address)
{
    size_t i = 0;
    while (i < p->len && p->used[i] < address)
        i++;
    return i;
}

static void mark(struct address_pool *p, uint32_t address)
{
    size_t i = position(p, address);
    if (i < p->len && p->used[i] == address)
        return;
    p->used = xgrow(p->used, &p->cap, p->len + 1, sizeof(*p->used));
    memmove(p->used + i + 1, p->used + i, (p->len - i) * sizeof(*p->used));
    p->used[i] = address;
    p->len++;
}

static void unmark(struct address_pool *p, uint32_t address)
{
    size_t i = position(p, address);
    if (i == p->len || p->used[i] != address)
        return;
    memmove(p->used + i, p->used + i + 1, (p->len - i - 1) * sizeof(*p->used));
    p->len--;
}

static int on_file(int dirfd, const char *name, void *user)
{
    uint32_t address;
    (void)dirfd;
    if (address_parse(name, &address) == 0)
        mark(user, address);
    return 0;
}

static void read_last(struct address_pool *p)
{
    AUTO(buf_done) struct buf text = BUF_INIT(ADDRESS_TEXT_BYTES);
    if (file_read(p->dir_fd, "last", &text, NULL) < 0 ||
        address_parse(buf_str(&text), &p->last) < 0)
        p->last = 0;
}

int address_pool_new(const char *dir, struct address_pool **ret, struct err *err)
{
    AUTO(address_pool_free) struct address_pool *p = NEW(struct address_pool);
    p->dir_fd = -1;
    p->dir = xstrdup(dir);
    int r = path_mkdirs(dir, 0700, err);
    if (r < 0)
        return r;
    p->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->dir_fd < 0)
        return err_errno(err, errno, "open %s", dir);
    r = path_each(dir, on_file, p, err);
    if (r < 0)
        return r;
    read_last(p);
    *ret = TAKE_PTR(p);
    return 0;
}

struct address_pool *address_pool_free(struct address_pool *p)
{
    if (!p)
        return NULL;
    if (p->dir_fd >= 0)
        (void)close(p->dir_fd);
    free(p->used);
    free(p->dir);
    free(p);
    return NULL;
}

static int reserve(struct address_pool *p, uint32_t address, const char *owner, struct err *err)
{
    char name[ADDRESS_TEXT_BYTES];
    address_text(address, name);
    effect("address reservation");
    AUTO(close) int fd = openat(p->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? -EEXIST
                               : err_errno(err, errno, "reserve address %s in %s", name, p->dir);
    return file_write_all(fd, owner, strlen(owner), err);
}

int address_pool_take(struct address_pool *p, const struct address_range *range, const char *owner,
                      uint32_t *ret, struct err *err)
{
    for (;;) {
        uint32_t address;
        char text[ADDRESS_TEXT_BYTES];
        if (address_next(range, p->used, p->len, p->last, &address) < 0)
            return err_set(err, -ENOSPC, "no address is left in the node's range (%zu in use)",
                           p->len);
        int r = reserve(p, address, owner, err);
        if (r == -EEXIST) { /* somebody else's file in our folder: believe it */
            mark(p, address);
            continue;
        }
        address_text(address, text);
        mark(p, address);
        if (r == 0)
            r = file_write_atomic(p->dir_fd, "last", text, strlen(text), 0600, 0, err);
        if (r < 0) {
            (void)address_pool_release(p, address, NULL);
            return r;
        }
        p->last = address;
        *ret = address;
        return 0;
    }
}

int address_pool_release(struct address_pool *p, uint32_t address, struct err *err)
{
    char name[ADDRESS_TEXT_BYTES];
    address_text(address, name);
    effect("address release");
    if (unlinkat(p->dir_fd, name, 0) < 0 && errno != ENOENT)
        return err_errno(err, errno, "release address %s in %s", name, p->dir);
    unmark(p, address);
    return 0;
}

int address_pool_sweep(struct address_pool *p, bool (*keep)(void *user, const char *owner),
                       void *user, struct err *err)
{
    for (size_t i = p->len; i-- > 0;) {
        uint32_t address = p->used[i];
        char name[ADDRESS_TEXT_BYTES];
        AUTO(buf_done) struct buf owner = BUF_INIT(OWNER_BYTES);
        address_text(address, name);
        (void)file_read(p->dir_fd, name, &owner, NULL); /* unreadable: nobody's */
        int r = keep(user, buf_str(&owner)) ? 0 : address_pool_release(p, address, err);
        if (r < 0)
            return r;
    }
    return 0;
}

size_t address_pool_len(const struct address_pool *p)
{
    return p->len;
}
