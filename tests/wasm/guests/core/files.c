/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.c - tries to get out of the folder that its argument names (/data), in all the ways that
 * paths offer.
 *
 * One line each: "NAME: refused (…)" or "NAME: ESCAPED". The exit code is the number of escapes. A
 * neighbour may have laid symbolic links into the folder ("planted", to /etc, and "planted-up", to
 * ../../../../../../etc).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *dir = "/data";
static int escapes;

static const char *in(const char *name)
{
    static char paths[4][512];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static void verdict(const char *name, int result)
{
    if (result < 0) {
        printf("%s: refused (%s)\n", name, strerror(errno));
        return;
    }
    printf("%s: ESCAPED\n", name);
    escapes++;
}

static void try_read(const char *path)
{
    int fd = open(path, O_RDONLY);
    verdict(path, fd);
    if (fd >= 0)
        close(fd);
}

static void try_write(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    verdict(path, fd);
    if (fd >= 0)
        close(fd);
}

/* A link inside is no escape; what it leads to would be one. */
static void try_link(const char *target, const char *name, const char *beyond)
{
    char path[512];
    if (symlink(target, in(name)) < 0) {
        printf("symlink to %s: refused (%s)\n", target, strerror(errno));
        return;
    }
    snprintf(path, sizeof path, "%s/%s", name, beyond);
    try_read(in(path));
    unlink(in(name));
}

static void try_moves(void)
{
    int fd = open(in("mine"), O_WRONLY | O_CREAT, 0600);
    if (fd >= 0)
        close(fd);
    verdict("rename out", rename(in("mine"), in("../../escaped")));
    verdict("link out", link(in("mine"), in("../../escaped")));
    verdict("link in", link("/etc/passwd", in("passwd")));
    verdict("mkdir out", mkdir(in("../../escaped"), 0700));
    verdict("unlink out", unlink(in("../../etc/passwd")));
    unlink(in("mine"));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        dir = argv[1];
    static const char *const elsewhere[] = { "/proc/self/environ", "/proc/1/root/etc/passwd",
                                             "/proc/self/fd/0",    "/proc/sys/kernel/hostname",
                                             "/sys/kernel",        "/dev/mem",
                                             "/dev/kmsg",          "/var/run/secrets/none" };
    static const char *const up[] = { "../../etc/passwd", "../../../../../../etc/passwd",
                                      "./../../proc/self/maps", "planted/passwd",
                                      "planted-up/passwd" };
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        try_read(elsewhere[i]);
    for (size_t i = 0; i < sizeof up / sizeof *up; i++)
        try_read(in(up[i]));
    try_write("/escaped");
    try_write("/../escaped");
    try_write(in("../escaped"));
    try_write("/tmp/escaped");
    try_write("/etc/hosts/escaped");
    try_link("/etc", "absolute", "passwd");
    try_link("../../../../../../etc", "relative", "passwd");
    try_moves();
    printf("%d escapes\n", escapes);
    return escapes;
}
