/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.c - tries to get at a file of the node from within a folder, in all ways of paths.
 *
 *   files FOLDER FILE     of the guest; of the node, as the node calls it
 *
 * One line for each attempt: "…: refused (…)" or "…: ESCAPED"; the exit code is the number of
 * escapes. A neighbour may have laid symbolic links into the folder: "planted", to the folder of
 * FILE, and "planted-up", the same by way of "..".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 1024 };
#define UP "../../../../../../../../.."

static const char *folder = "/data", *file = "/etc/passwd", *beyond = "/etc", *name = "passwd";
static int escapes;

/* The two of them one after the other; good until the fourth call from now. */
static const char *joined(const char *a, const char *b)
{
    static char paths[4][PATH];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, PATH, "%s%s", a, b);
    return path;
}

static const char *in(const char *rest)
{
    static char paths[4][PATH];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, PATH, "%s/%s", folder, rest);
    return path;
}

static void verdict(const char *what, int result)
{
    if (result < 0) {
        printf("%s: refused (%s)\n", what, strerror(errno));
        return;
    }
    printf("%s: ESCAPED\n", what);
    escapes++;
}

static void try_open(const char *what, const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    verdict(what, fd);
    if (fd >= 0)
        close(fd);
}

static void try_ways_out(int flags, const char *last)
{
    static const char *const roots[] = { "", "/proc/1/root", "/proc/self/root",
                                         "/proc/self/cwd/../../../../../.." };
    char there[PATH];
    snprintf(there, sizeof there, "%s/%s", beyond, last);
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        try_open(joined(roots[i], there), joined(roots[i], there), flags);
    try_open("by ..", in(joined(UP, there)), flags);
    try_open("by . and ..", in(joined("./" UP, there)), flags);
    try_open("by a planted link", in(joined("planted/", last)), flags);
    try_open("by a planted link that goes up", in(joined("planted-up/", last)), flags);
}

/* A link is no escape as long as it leads nowhere. */
static void try_own_link(const char *what, const char *target)
{
    if (symlink(target, in("own")) < 0) {
        printf("%s: refused (%s)\n", what, strerror(errno));
        return;
    }
    try_open(what, in(joined("own/", name)), O_RDONLY);
    unlink(in("own"));
}

static void try_moves(void)
{
    int fd = open(in("mine"), O_WRONLY | O_CREAT, 0600);
    if (fd >= 0)
        close(fd);
    const char *out = in(joined(joined(UP, beyond), "/escaped"));
    verdict("rename out", rename(in("mine"), out));
    verdict("link out", link(in("mine"), out));
    verdict("link in", link(file, in("theirs")));
    verdict("link in by ..", link(in(joined(UP, file)), in("theirs")));
    verdict("mkdir out", mkdir(out, 0700));
    verdict("unlink out", unlink(in(joined(UP, file))));
    verdict("rename in", rename(in(joined(UP, file)), in("theirs")));
    unlink(in("mine"));
}

static void try_devices(void)
{
    static const char *const paths[] = { "/proc/self/environ",  "/proc/self/mem", "/proc/self/fd/0",
                                         "/proc/sysrq-trigger", "/sys/kernel",    "/dev/mem",
                                         "/dev/kmsg",           "/dev/fuse" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        try_open(paths[i], paths[i], O_RDONLY);
}

int main(int argc, char **argv)
{
    static char parent[PATH];
    folder = argc > 1 ? argv[1] : folder;
    file = argc > 2 ? argv[2] : file;
    name = strrchr(file, '/') + 1;
    snprintf(parent, sizeof parent, "%.*s", (int)(name - 1 - file), file);
    beyond = parent;
    try_ways_out(O_RDONLY, name);
    try_ways_out(O_WRONLY | O_CREAT, "escaped");
    try_own_link("by an absolute link", beyond);
    try_own_link("by a relative link", joined(UP, beyond));
    try_moves();
    try_devices();
    printf("%d escapes\n", escapes);
    return escapes;
}
