/* SPDX-License-Identifier: Apache-2.0 */
#include "host/host_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/mem.h"

/* Connecting a datagram socket sends nothing: it asks the routing table which address would be used. */
static bool by_default_route(struct in_addr *ret)
{
    AUTO(close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(0xc0000201) } };
    socklen_t len = sizeof(at);

    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) < 0)
        return false;
    *ret = at.sin_addr;
    return true;
}

static bool by_interface(struct in_addr *ret)
{
    struct ifaddrs *all = NULL;
    bool found = false;

    if (getifaddrs(&all) < 0)
        return false;
    for (struct ifaddrs *i = all; i && !found; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET && !(i->ifa_flags & IFF_LOOPBACK)) {
            *ret = ((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr;
            found = true;
        }
    freeifaddrs(all);
    return found;
}

void host_address(char *ret[2])
{
    struct in_addr address = { htonl(INADDR_LOOPBACK) };
    char text[INET_ADDRSTRLEN];

    if (!by_default_route(&address))
        (void)by_interface(&address);
    ret[0] = xstrdup(inet_ntop(AF_INET, &address, text, sizeof(text)));
    ret[1] = NULL;
}
