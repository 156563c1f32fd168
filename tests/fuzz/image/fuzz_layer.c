/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_layer.c - any bytes as a layer, on top of a small one. Whatever comes, nothing appears
 * beside the directory.
 *
 * Bytes that begin with 'T' are not taken as they are: each following group of three makes an entry
 * (kind, path, target, from small alphabets), because chance alone seldom writes a header with a
 * valid checksum, and what is to be found lies in the order of entries.
 *
 * Works below /dev/shm, in a folder that is emptied after each run.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tree.h"
#include "unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int home_fd = -1, below_fd = -1;
static char home[64];

static void must(bool fact)
{
    if (!fact)
        abort();
}

static void remove_named(int dir_fd, const char *name)
{
    struct tree t;
    struct place p = { .dir_fd = dir_fd };
    tree_init(&t, dir_fd, NULL, 0);
    (void)snprintf(p.name, sizeof(p.name), "%s", name);
    (void)tree_remove(&t, &p, NULL);
    tree_done(&t);
}

static void go_home(void)
{
    remove_named(AT_FDCWD, home);
}

static void make_home(void)
{
    (void)snprintf(home, sizeof(home), "/dev/shm/fuzz_layer.XXXXXX");
    must(mkdtemp(home) != NULL);
    (void)atexit(go_home);
    home_fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(mkdirat(home_fd, "below", 0755) == 0);
    below_fd = openat(home_fd, "below", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(mkdirat(below_fd, "a", 01777) == 0 && mkdirat(below_fd, "d", 0755) == 0);
    must(symlinkat("../../..", below_fd, "l") == 0);
    (void)close(openat(below_fd, "a/f", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    (void)umask(0);
}

static unsigned names_in_home(void)
{
    unsigned n = 0;
    AUTO(closedir) DIR *dir = fdopendir(openat(home_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (readdir(dir))
        n++;
    return n;
}

/* ---- entries out of bytes ---- */

struct header { /* POSIX ustar */
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100],
        magic[8], owner[64], rest[183];
};

/* Two components of three bits each, and whether there are two. */
static void path_of(uint8_t code, char *ret, size_t ret_bytes)
{
    static const char *const parts[] = { "a", "d", "l", "f", "..", ".wh.a", ".wh..wh..opq", "x" };
    (void)snprintf(ret, ret_bytes, "%s%s%s%s", code & 0x80 ? "/" : "", parts[code & 7],
                   code & 0x40 ? "/" : "", code & 0x40 ? parts[code >> 3 & 7] : "");
}

static void write_entry(int fd, const uint8_t *group)
{
    static const char kinds[] =
        "01234567"; /* file, hard link, link, devices, directory, pipe, file */
    static const char content[512] = "content";
    struct header h;
    unsigned sum = 0;
    memset(&h, 0, sizeof(h));
    h.type = kinds[group[0] & 7];
    bool file = h.type == '0' || h.type == '7';
    path_of(group[1], h.name, sizeof(h.name));
    path_of(group[2], h.link, sizeof(h.link));
    (void)snprintf(h.mode, sizeof(h.mode), "%07o", group[0] * 19u & 07777);
    (void)snprintf(h.uid, sizeof(h.uid), "%07o", 0);
    (void)snprintf(h.gid, sizeof(h.gid), "%07o", 0);
    (void)snprintf(h.size, sizeof(h.size), "%011o", file ? 7 : 0);
    (void)snprintf(h.mtime, sizeof(h.mtime), "%011o", 1);
    memcpy(h.magic,
           "ustar\0"
           "00",
           8);
    memset(h.checksum, ' ', sizeof(h.checksum));
    for (size_t i = 0; i < sizeof(h); i++)
        sum += ((const unsigned char *)&h)[i];
    (void)snprintf(h.checksum, sizeof(h.checksum), "%06o", sum);
    must(write(fd, &h, sizeof(h)) == sizeof(h));
    if (file)
        must(write(fd, content, sizeof(content)) == sizeof(content));
}

static void write_layer(int fd, const uint8_t *data, size_t size)
{
    static const char end[1024];
    if (!size || data[0] != 'T') {
        must(write(fd, data, size) == (ssize_t)size);
        return;
    }
    for (size_t at = 1; at + 3 <= size; at += 3)
        write_entry(fd, data + at);
    must(write(fd, end, sizeof(end)) == sizeof(end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct unpack_result result = { .entries = 0 };
    struct err err = ERR_INIT;
    if (home_fd < 0)
        make_home();
    if (size > MIB)
        return 0;
    must(mkdirat(home_fd, "layer", 0755) == 0);
    AUTO(close) int root_fd = openat(home_fd, "layer", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO(close) int in_fd = memfd_create("layer", MFD_CLOEXEC);
    write_layer(in_fd, data, size);
    must(lseek(in_fd, 0, SEEK_SET) == 0);
    struct unpack_request request = {
        .in_fd = in_fd,
        .root_fd = root_fd,
        .parent_fds = &below_fd,
        .parents_len = 1,
        .limits = { .bytes = 4 * MIB, .entries = 2000, .ratio = 50, .ratio_from_bytes = MIB },
    };
    int rc = unpack_layer(&request, &result, &err);
    must(rc == 0 || (err.msg[0] && err.code == rc));
    if (rc == 0)
        buf_done(&result.opaque);
    must(names_in_home() == 4); /* ".", "..", "below", "layer" */
    must(faccessat(below_fd, "escaped", F_OK, 0) < 0 && access("/escaped", F_OK) < 0);
    remove_named(home_fd, "layer");
    return 0;
}
