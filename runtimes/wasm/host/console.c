/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"

static int connect_to(const char *path, int *ret_fd, struct err *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    AUTO(close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof(address.sun_path))
        return err_set(err, -ENAMETOOLONG, "console socket %s: the path is too long", path);
    (void)memcpy(address.sun_path, path, strlen(path) + 1);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return err_errno(err, errno, "console socket %s", path);
    *ret_fd = TAKE_FD(fd);
    return 0;
}

static int send_fd(int socket_fd, int fd, struct err *err)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { .room = { 0 } };
    char name[] = "/dev/ptmx";
    struct iovec text = { .iov_base = name, .iov_len = sizeof(name) };
    struct msghdr m = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room) };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    (void)memcpy(CMSG_DATA(c), &fd, sizeof(int));
    return sendmsg(socket_fd, &m, 0) < 0 ? err_errno(err, errno, "console socket") : 0;
}

int console_open(const struct bundle *b, const char *socket_path, int *ret_fd, struct err *err)
{
    AUTO(close) int ours = -1;
    AUTO(close) int theirs = -1;
    AUTO(close) int socket_fd = -1;
    const int unlock = 0;

    *ret_fd = -1;
    if (!b->config.process.terminal)
        return socket_path ? err_set(err, -EINVAL, "--console-socket: the container has no terminal") : 0;
    if (!socket_path)
        return err_set(err, -EINVAL, "the container wants a terminal: --console-socket is needed");
    if (connect_to(socket_path, &socket_fd, err) < 0)
        return err->code;
    ours = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ours < 0 || ioctl(ours, TIOCSPTLCK, &unlock) < 0)
        return err_errno(err, errno, "a terminal");
    theirs = ioctl(ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (theirs < 0)
        return err_errno(err, errno, "a terminal");
    if (send_fd(socket_fd, ours, err) < 0)
        return err->code;
    *ret_fd = TAKE_FD(theirs);
    return 0;
}
