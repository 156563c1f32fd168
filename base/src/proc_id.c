/* SPDX-License-Identifier: Apache-2.0 */
/* proc_id.c - which process a pid means. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"

#define STAT_BYTES       4096
#define FIELD_START_TIME 22 /* man 5 proc, /proc/PID/stat; counted from 1 */
#define FIELD_AFTER_NAME 3

int proc_start_time(pid_t pid, uint64_t *ret_ticks)
{
    AUTO(buf_done) struct buf text = BUF_INIT(STAT_BYTES);
    AUTO(strv_free) char **fields = NULL;
    const char *after_name;
    char path[64];
    int r;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    r = file_read(AT_FDCWD, path, &text, NULL);
    if (r < 0)
        return r == -ENOENT ? -ESRCH : r;
    after_name = strrchr(buf_str(&text), ')'); /* the name itself may hold blanks and brackets */
    if (!after_name || after_name[1] != ' ')
        return -EINVAL;
    fields = strv_split(after_name + 2, ' ');
    if (strv_len(fields) <= FIELD_START_TIME - FIELD_AFTER_NAME)
        return -EINVAL;
    return str_to_u64(fields[FIELD_START_TIME - FIELD_AFTER_NAME], UINT64_MAX, ret_ticks);
}

int proc_open(pid_t pid, uint64_t start_ticks, int *ret_pidfd)
{
    AUTO(close) int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    uint64_t ticks;
    int r;

    if (pidfd < 0)
        return -errno;
    r = proc_start_time(pid, &ticks); /* after opening: now the pid cannot come to mean another */
    if (r < 0)
        return r;
    if (ticks != start_ticks)
        return -ESRCH;
    *ret_pidfd = TAKE_FD(pidfd);
    return 0;
}
