/* SPDX-License-Identifier: Apache-2.0 */
#include "small_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/proc.h"
#include "rt/wasm.h"

/* Mounted over a folder that every node has; the child alone sees it. */
#define PLACE "/tmp"

static int in_child(void *arg)
{
    int *ret_fd = arg;
    int fd = open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", PLACE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=0700") < 0 ||
        mkdir(PLACE WASM_STAGE, 0700) < 0 || chdir(PLACE) < 0)
        return -errno;
    *ret_fd = openat(fd, "mnt", O_RDONLY | O_CLOEXEC);
    if (*ret_fd < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
        return -errno;
    return 0;
}

int small_namespace_new(int *ret_fd, struct err *err)
{
    int fd = -1, result = 0;
    int r;

    effect("small mount namespace");
    r = proc_call(in_child, &fd, &result, err);
    if (r < 0)
        return r;
    if (result < 0)
        return err_errno(err, -result, "make a small mount namespace");
    *ret_fd = fd;
    return 0;
}
