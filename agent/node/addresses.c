/* SPDX-License-Identifier: Apache-2.0 */
/*
 * addresses.c - the node's addresses: those that were given, if they are ours and others can reach them, or the first
 * global one of the interface that the default route goes through (as the kubelet chooses).
 */
#include "addresses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "facts_parse.h"

#define ROUTES_BYTES (8 * MIB)

static bool to_text(const struct sockaddr *a, char out[INET6_ADDRSTRLEN])
{
    const void *raw = NULL;
    if (!a)
        return false;
    if (a->sa_family == AF_INET)
        raw = &((const struct sockaddr_in *)(const void *)a)->sin_addr;
    else if (a->sa_family == AF_INET6)
        raw = &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
    return raw && inet_ntop(a->sa_family, raw, out, INET6_ADDRSTRLEN);
}

/* Not loopback, link-local, multicast or unspecified. */
static bool is_global(int family, const char *text)
{
    unsigned char raw[16];
    if (inet_pton(family, text, raw) != 1)
        return false;
    if (family == AF_INET)
        return raw[0] != 0 && raw[0] != 127 && raw[0] < 224 && !(raw[0] == 169 && raw[1] == 254);
    const struct in6_addr *six = (const void *)raw;
    return !IN6_IS_ADDR_LOOPBACK(six) && !IN6_IS_ADDR_UNSPECIFIED(six) && !IN6_IS_ADDR_LINKLOCAL(six) &&
           !IN6_IS_ADDR_MULTICAST(six);
}

/* The first global address of a family on an interface (NULL: on any of them); "" if there is none. */
static void find_on(const struct ifaddrs *all, const char *interface, int family, char out[INET6_ADDRSTRLEN])
{
    out[0] = 0;
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        char text[INET6_ADDRSTRLEN];
        if (!i->ifa_addr || i->ifa_addr->sa_family != family || !str_eq(i->ifa_name, interface))
            continue;
        if (!to_text(i->ifa_addr, text) || !is_global(family, text))
            continue;
        memcpy(out, text, sizeof text);
        return;
    }
}

static bool is_ours(const struct ifaddrs *all, int family, const char *address)
{
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        char text[INET6_ADDRSTRLEN];
        if (i->ifa_addr && i->ifa_addr->sa_family == family && to_text(i->ifa_addr, text) && str_eq(text, address))
            return true;
    }
    return false;
}

static int check_wanted(const struct ifaddrs *all, char *const *wanted, char ***ret, struct err *err)
{
    int families[2] = { 0, 0 };
    for (size_t i = 0; wanted[i]; i++) {
        unsigned char raw[16];
        char text[INET6_ADDRSTRLEN];
        int family = strchr(wanted[i], ':') ? AF_INET6 : AF_INET;
        if (inet_pton(family, wanted[i], raw) != 1)
            return err_set(err, -EINVAL, "--node-ip: \"%s\" is not an IP address", wanted[i]);
        (void)inet_ntop(family, raw, text, sizeof text);
        if (!is_global(family, text))
            return err_set(err, -EINVAL, "--node-ip: %s cannot be reached from other machines", wanted[i]);
        if (i > 1 || families[0] == family)
            return err_set(err, -EINVAL, "--node-ip: at most one address of each family");
        if (!is_ours(all, family, text))
            return err_set(err, -EADDRNOTAVAIL, "--node-ip: no network interface of this machine has %s", wanted[i]);
        families[i] = family;
        strv_push(ret, text);
    }
    return 0;
}

static int choose(const struct ifaddrs *all, char ***ret, struct err *err)
{
    static const struct {
        int family;
        const char *file;
        char *(*interface)(const char *routes);
    } ways[] = {
        { AF_INET, "/proc/net/route", default_route_v4 },
        { AF_INET6, "/proc/net/ipv6_route", default_route_v6 },
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char text[INET6_ADDRSTRLEN] = "";
        AUTO(buf_done) struct buf routes = BUF_INIT(ROUTES_BYTES);
        if (file_read(AT_FDCWD, ways[i].file, &routes, NULL) < 0)
            continue;
        AUTO(free) char *interface = ways[i].interface(buf_str(&routes));
        if (interface)
            find_on(all, interface, ways[i].family, text);
        if (text[0]) {
            strv_push(ret, text);
            return 0;
        }
    }
    return err_set(err, -EADDRNOTAVAIL, "this machine has no default route with an address: say which is the node's "
                                        "with --node-ip");
}

int node_addresses(char *const *wanted, char ***ret, struct err *err)
{
    struct ifaddrs *all = NULL;
    AUTO(strv_free) char **found = strv_new();
    if (getifaddrs(&all) < 0)
        return err_errno(err, errno, "network interfaces");
    int r = wanted && wanted[0] ? check_wanted(all, wanted, &found, err) : choose(all, &found, err);
    freeifaddrs(all);
    if (r == 0)
        *ret = TAKE_PTR(found);
    return r;
}
