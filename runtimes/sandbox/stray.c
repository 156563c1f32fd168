/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/stray.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"

#define COMMAND_LINE_BYTES (16 * KIB) /* a longer one is none of ours */

static bool has_argument(const char *pid, const char *argument)
{
    AUTO(buf_done) struct buf text = BUF_INIT(COMMAND_LINE_BYTES);
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
    if (file_read(AT_FDCWD, path, &text, NULL) < 0)
        return false;
    for (size_t at = 0; at < text.len; at += strlen(text.data + at) + 1)
        if (str_eq(text.data + at, argument))
            return true;
    return false;
}

static int look_at(int dirfd, const char *name, void *user)
{
    int64_t pid;
    int fd;

    (void)dirfd;
    if (str_to_i64(name, 2, INT32_MAX, &pid) < 0 || pid == getpid())
        return 0;
    fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0); /* first, so that what is read is of what will be killed */
    if (fd >= 0 && has_argument(name, user)) {
        effect("kill stray");
        (void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
    }
    if (fd >= 0)
        (void)close(fd);
    return 0;
}

void rt_stray_kill(const char *argument)
{
    (void)path_each("/proc", look_at, (void *)(uintptr_t)argument, NULL);
}
