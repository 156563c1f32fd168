/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { BACKLOG = 1024 };

static int bind_to(int family, uint16_t port, int *ret_fd)
{
    AUTO(close) int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any };
    const struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_ANY) } };
    const int on = 1, off = 0;
    int r;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
        return -errno;
    if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0)
        return -errno;
    r = family == AF_INET6 ? bind(fd, (const struct sockaddr *)&six, sizeof(six))
                           : bind(fd, (const struct sockaddr *)&four, sizeof(four));
    if (r < 0 || listen(fd, BACKLOG) < 0)
        return -errno;
    *ret_fd = TAKE_FD(fd);
    return 0;
}

int listen_on(uint16_t port, int *ret_fd, struct err *err)
{
    int r = bind_to(AF_INET6, port, ret_fd);

    if (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL) /* a node without IPv6 */
        r = bind_to(AF_INET, port, ret_fd);
    return r < 0 ? err_errno(err, -r, "listen on port %u", port) : 0;
}
