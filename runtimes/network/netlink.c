/* SPDX-License-Identifier: Apache-2.0 */
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libmnl/libmnl.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/mem.h"
#include "netns_socket.h"

/* A group that nobody has a use for but the deletion of links ("OARS"). */
#define LINK_GROUP 0x4f415253u

#define WAIT_UP_NS INT64_C(2000000000)
enum { ANSWER_SECONDS = 10, REQUEST_BYTES = 4096, ANSWER_BYTES = 32 * 1024, MAC_BYTES = 6 };

struct netlink {
    struct mnl_socket *socket;
    unsigned seq;
    char request[REQUEST_BYTES];
    char answer[ANSWER_BYTES];
};

static int opened(struct mnl_socket *socket, struct netlink **ret, struct err *err)
{
    if (!socket)
        return err_errno(err, errno, "open netlink");
    struct timeval wait = { .tv_sec = ANSWER_SECONDS };
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
        setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0) {
        int r = err_errno(err, errno, "bind netlink");
        (void)mnl_socket_close(socket);
        return r;
    }
    struct netlink *nl = NEW(struct netlink);
    nl->socket = socket;
    *ret = nl;
    return 0;
}

int netlink_open(struct netlink **ret, struct err *err)
{
    return opened(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC), ret, err);
}

int netlink_open_in(int netns_fd, struct netlink **ret, struct err *err)
{
    AUTO(close) int fd = -1;
    int r = netns_socket(netns_fd, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &fd, err);
    if (r < 0)
        return r;
    struct mnl_socket *socket = mnl_socket_fdopen(fd);
    if (socket)
        fd = -1; /* its, now */
    return opened(socket, ret, err);
}

struct netlink *netlink_close(struct netlink *nl)
{
    if (nl) {
        (void)mnl_socket_close(nl->socket);
        free(nl);
    }
    return NULL;
}

static struct nlmsghdr *begin(struct netlink *nl, uint16_t type, uint16_t flags, const void *body,
                              size_t len)
{
    memset(nl->request, 0, sizeof(nl->request));
    struct nlmsghdr *h = mnl_nlmsg_put_header(nl->request);
    h->nlmsg_type = type;
    h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
    h->nlmsg_seq = ++nl->seq;
    memcpy(mnl_nlmsg_put_extra_header(h, len), body, len);
    return h;
}

/* Sends and waits for the acknowledgement; cb sees what comes before it. Returns 0 or the kernel's
 * -errno. */
static int talk(struct netlink *nl, const struct nlmsghdr *h, mnl_cb_t cb, void *user)
{
    unsigned port = mnl_socket_get_portid(nl->socket);
    if (mnl_socket_sendto(nl->socket, h, h->nlmsg_len) < 0)
        return -errno;
    for (;;) {
        ssize_t n = mnl_socket_recvfrom(nl->socket, nl->answer, sizeof(nl->answer));
        if (n < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        int r = mnl_cb_run(nl->answer, (size_t)n, nl->seq, port, cb, user);
        if (r < 0 && errno == ESRCH)
            continue; /* an answer to an earlier request */
        if (r < 0)
            return -errno;
        if (r == MNL_CB_STOP)
            return 0;
    }
}

/* What we want to know of a link. */
struct link_state {
    int index;
    uint8_t operstate; /* RFC 2863; IF_OPER_UP */
};

static int take_attribute(const struct nlattr *attr, void *user)
{
    struct link_state *s = user;
    if (mnl_attr_get_type(attr) == IFLA_OPERSTATE && mnl_attr_validate(attr, MNL_TYPE_U8) == 0)
        s->operstate = mnl_attr_get_u8(attr);
    return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *h, void *user)
{
    const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
    struct link_state *s = user;
    s->index = m->ifi_index;
    return mnl_attr_parse(h, sizeof(*m), take_attribute, s);
}

static int get_link(struct netlink *nl, const char *link, struct link_state *ret, struct err *err)
{
    struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
    struct nlmsghdr *h = begin(nl, RTM_GETLINK, 0, &m, sizeof(m));
    *ret = (struct link_state){ .index = 0 };
    mnl_attr_put_strz(h, IFLA_IFNAME, link);
    int r = talk(nl, h, take_link, ret);
    if (r == 0 && ret->index == 0)
        r = -ENODEV;
    return r < 0 ? err_errno(err, -r, "find network interface %s", link) : 0;
}

int netlink_index(struct netlink *nl, const char *link, int *ret_index, struct err *err)
{
    struct link_state s;
    int r = get_link(nl, link, &s, err);
    if (r == 0)
        *ret_index = s.index;
    return r;
}

int netlink_wait_up(struct netlink *nl, const char *link, struct err *err)
{
    int64_t pause_ns = 200000, waited_ns = 0;
    for (;;) {
        struct link_state s;
        int r = get_link(nl, link, &s, err);
        if (r < 0 || s.operstate == IF_OPER_UP)
            return r;
        if (waited_ns > WAIT_UP_NS)
            return err_set(err, -ETIMEDOUT, "network interface %s stays down (state %u)", link,
                           s.operstate);
        struct timespec t = { .tv_nsec = (long)pause_ns };
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
        waited_ns += pause_ns;
        pause_ns = pause_ns < 10000000 ? pause_ns * 2 : pause_ns;
    }
}

int netlink_add_bridge(struct netlink *nl, const char *name, const uint8_t mac[6], unsigned mtu,
                       struct err *err)
{
    struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
    struct nlmsghdr *h = begin(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof(m));
    mnl_attr_put_strz(h, IFLA_IFNAME, name);
    mnl_attr_put_u32(h, IFLA_MTU, mtu);
    mnl_attr_put(h, IFLA_ADDRESS, MAC_BYTES, mac);
    struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO);
    mnl_attr_put_strz(h, IFLA_INFO_KIND, "bridge");
    mnl_attr_nest_end(h, info);
    int r = talk(nl, h, NULL, NULL);
    return r < 0 ? err_errno(err, -r, "make bridge %s", name) : 0;
}

int netlink_add_veth(struct netlink *nl, const struct netlink_veth *veth, struct err *err)
{
    struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
    const struct ifinfomsg down = { .ifi_family =
                                        AF_UNSPEC }; /* it cannot come up before it has a partner */
    struct nlmsghdr *h = begin(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof(m));
    mnl_attr_put_strz(h, IFLA_IFNAME, veth->name);
    mnl_attr_put_u32(h, IFLA_MTU, veth->mtu);
    mnl_attr_put_u32(h, IFLA_MASTER, (uint32_t)veth->bridge_index);
    struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO);
    mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
    struct nlattr *data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
    struct nlattr *peer = mnl_attr_nest_start(h, VETH_INFO_PEER);
    memcpy(mnl_nlmsg_put_extra_header(h, sizeof(down)), &down, sizeof(down));
    mnl_attr_put_strz(h, IFLA_IFNAME, veth->peer_name);
    mnl_attr_put_u32(h, IFLA_MTU, veth->mtu);
    mnl_attr_put(h, IFLA_ADDRESS, MAC_BYTES, veth->peer_mac);
    mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)veth->peer_netns_fd);
    mnl_attr_nest_end(h, peer);
    mnl_attr_nest_end(h, data);
    mnl_attr_nest_end(h, info);
    int r = talk(nl, h, NULL, NULL);
    return r < 0 ? err_errno(err, -r, "make the pod's network interface %s (%s outside)",
                             veth->peer_name, veth->name)
                 : 0;
}

int netlink_set_hairpin(struct netlink *nl, int index, struct err *err)
{
    struct ifinfomsg m = { .ifi_family = AF_BRIDGE, .ifi_index = index };
    struct nlmsghdr *h = begin(nl, RTM_SETLINK, 0, &m, sizeof(m));
    struct nlattr *port = mnl_attr_nest_start(h, IFLA_PROTINFO | NLA_F_NESTED);
    mnl_attr_put_u8(h, IFLA_BRPORT_MODE, 1);
    mnl_attr_nest_end(h, port);
    effect("hairpin");
    int r = talk(nl, h, NULL, NULL);
    return r < 0 ? err_errno(err, -r, "turn hairpin on for bridge port %d", index) : 0;
}

int netlink_set_up(struct netlink *nl, int index, struct err *err)
{
    struct ifinfomsg m = {
        .ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP
    };
    effect("link up");
    int r = talk(nl, begin(nl, RTM_NEWLINK, 0, &m, sizeof(m)), NULL, NULL);
    return r < 0 ? err_errno(err, -r, "bring network interface %d up", index) : 0;
}

int netlink_add_address(struct netlink *nl, int index, uint32_t address, unsigned prefix_len,
                        struct err *err)
{
    struct ifaddrmsg m = { .ifa_family = AF_INET,
                           .ifa_prefixlen = (uint8_t)prefix_len,
                           .ifa_index = (uint32_t)index };
    struct nlmsghdr *h = begin(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof(m));
    mnl_attr_put_u32(h, IFA_LOCAL, htonl(address));
    mnl_attr_put_u32(h, IFA_ADDRESS, htonl(address));
    mnl_attr_put_u32(h, IFA_BROADCAST, htonl(address | UINT32_MAX >> prefix_len));
    effect("link address");
    int r = talk(nl, h, NULL, NULL);
    return r < 0 && r != -EEXIST
               ? err_errno(err, -r, "give network interface %d its address", index)
               : 0;
}

int netlink_add_default_route(struct netlink *nl, int index, uint32_t gateway, struct err *err)
{
    struct rtmsg m = { .rtm_family = AF_INET,
                       .rtm_table = RT_TABLE_MAIN,
                       .rtm_protocol = RTPROT_STATIC,
                       .rtm_scope = RT_SCOPE_UNIVERSE,
                       .rtm_type = RTN_UNICAST };
    struct nlmsghdr *h = begin(nl, RTM_NEWROUTE, NLM_F_CREATE, &m, sizeof(m));
    mnl_attr_put_u32(h, RTA_GATEWAY, htonl(gateway));
    mnl_attr_put_u32(h, RTA_OIF, (uint32_t)index);
    effect("default route");
    int r = talk(nl, h, NULL, NULL);
    return r < 0 ? err_errno(err, -r, "set the default route") : 0;
}

int netlink_delete_link(struct netlink *nl, const char *name, struct err *err)
{
    struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
    struct nlmsghdr *h = begin(nl, RTM_DELLINK, 0, &m, sizeof(m));
    mnl_attr_put_strz(h, IFLA_IFNAME, name);
    int r = talk(nl, h, NULL, NULL);
    return r < 0 && r != -ENODEV ? err_errno(err, -r, "delete network interface %s", name) : 0;
}

/* -ENODEV: there is none of that name. */
static int set_group(struct netlink *nl, const char *name)
{
    struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
    struct nlmsghdr *h = begin(nl, RTM_SETLINK, 0, &m, sizeof(m));
    mnl_attr_put_strz(h, IFLA_IFNAME, name);
    mnl_attr_put_u32(h, IFLA_GROUP, LINK_GROUP);
    return talk(nl, h, NULL, NULL);
}

int netlink_delete_links(struct netlink *nl, const char *const *names, size_t len, struct err *err)
{
    struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
    if (len == 1)
        return netlink_delete_link(nl, names[0], err);
    for (size_t i = 0; i < len; i++) {
        int r = set_group(nl, names[i]);
        if (r < 0 && r != -ENODEV)
            return err_errno(err, -r, "mark network interface %s for deletion", names[i]);
    }
    struct nlmsghdr *h = begin(nl, RTM_DELLINK, 0, &m, sizeof(m));
    mnl_attr_put_u32(h, IFLA_GROUP, LINK_GROUP);
    int r = talk(nl, h, NULL, NULL);
    return r < 0 && r != -ENODEV ? err_errno(err, -r, "delete %zu network interfaces", len) : 0;
}
