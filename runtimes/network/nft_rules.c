/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a packet finds its way (priorities as in linux/netfilter_ipv4.h):
 *
 *   to a host port from outside or from a pod    prerouting: destination is local → hostports →
 * dnat to a host port from the node itself          output: the same; from 127.0.0.1 the source is
 * then exchanged for the bridge's address (needs route_localnet on the bridge) pod → host port →
 * pod (itself or another)    the answer would go past us on the bridge: marked on the way in (the
 * packet alone, bit 13, as CNI's portmap does), source exchanged pod → anywhere else source
 * exchanged for the node's address
 *
 * route_localnet would let pods reach what listens on the node's loopback: "guard" drops what comes
 * from the bridge and claims 127.0.0.0/8, before conntrack can turn answers back.
 */
#include "nft_rules.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"

#define MARK "0x2000"

static const char *const protocols[] = { [RT_TCP] = "tcp", [RT_UDP] = "udp", [RT_SCTP] = "sctp" };

static bool for_all_addresses(const struct network_port *p)
{
    return str_empty(p->host_ip) || str_eq(p->host_ip, "0.0.0.0") || str_eq(p->host_ip, "::");
}

int nft_rules_check(const struct network_port *p, struct err *err)
{
    uint32_t address;
    if (p->protocol < 0 || (size_t)p->protocol >= ARRAY_LEN(protocols))
        return err_set(err, -EINVAL, "host port %d: unknown protocol %d", p->host_port,
                       p->protocol);
    if (p->host_port < 1 || p->host_port > UINT16_MAX || p->container_port < 1 ||
        p->container_port > UINT16_MAX)
        return err_set(err, -EINVAL,
                       "host port %d to container port %d: ports are between 1 and 65535",
                       p->host_port, p->container_port);
    if (!for_all_addresses(p) && address_parse(p->host_ip, &address) < 0)
        return err_set(
            err, -ENOTSUP,
            "host port %d: hostIP \"%.64s\" is not an IPv4 address; others are not supported",
            p->host_port, p->host_ip);
    return 0;
}

bool nft_rules_clash(const struct network_port *a, const struct network_port *b)
{
    if (a->protocol != b->protocol || a->host_port != b->host_port)
        return false;
    return for_all_addresses(a) || for_all_addresses(b) || str_eq(a->host_ip, b->host_ip);
}

static void add_key(const struct network_port *p, struct buf *ret)
{
    (void)buf_printf(ret, "%s . ", protocols[p->protocol]);
    if (!for_all_addresses(p))
        (void)buf_printf(ret, "%s . ", p->host_ip);
    (void)buf_printf(ret, "%d", p->host_port);
}

static void add_value(const struct nft_host_port *hp, struct buf *ret)
{
    char address[ADDRESS_TEXT_BYTES];
    address_text(hp->address, address);
    (void)buf_printf(ret, " : %s . %d", address, hp->port->container_port);
}

static void add_map(const struct nft_table *t, const char *name, const char *key_type, bool all,
                    struct buf *ret)
{
    const char *sep = "\t\telements = {\n\t\t\t";
    (void)buf_printf(ret, "\tmap %s {\n\t\ttype %s : ipv4_addr . inet_service\n", name, key_type);
    for (size_t i = 0; i < t->ports_len; i++) {
        if (for_all_addresses(t->ports[i].port) != all)
            continue;
        (void)buf_puts(ret, sep);
        add_key(t->ports[i].port, ret);
        add_value(&t->ports[i], ret);
        sep = ",\n\t\t\t";
    }
    (void)buf_puts(ret, sep[0] == ',' ? "\n\t\t}\n\t}\n" : "\t}\n");
}

int nft_rules_replace(const struct nft_table *t, struct buf *ret)
{
    char network[ADDRESS_TEXT_BYTES];
    AUTO(free) char *pods = NULL;
    address_text(t->range->network, network);
    pods = xasprintf("%s/%u", network, t->range->prefix_len);
    /* deleting fails for a table that is not there: so it is made first */
    (void)buf_printf(ret, "table inet %s\ndelete table inet %s\n", t->table, t->table);
    (void)buf_printf(ret, "table inet %s {\n", t->table);
    add_map(t, "hostports", "inet_proto . inet_service", true, ret);
    add_map(t, "hostports_at", "inet_proto . ipv4_addr . inet_service", false, ret);
    (void)buf_printf(ret,
                     "\tchain hostports {\n"
                     "\t\tip saddr %s meta mark set meta mark | " MARK "\n"
                     "\t\tdnat ip to meta l4proto . ip daddr . th dport map @hostports_at\n"
                     "\t\tdnat ip to meta l4proto . th dport map @hostports\n"
                     "\t}\n"
                     "\tchain prerouting {\n"
                     "\t\ttype nat hook prerouting priority -100; policy accept;\n"
                     "\t\tfib daddr type local jump hostports\n"
                     "\t}\n"
                     "\tchain output {\n"
                     "\t\ttype nat hook output priority -100; policy accept;\n"
                     "\t\tfib daddr type local jump hostports\n"
                     "\t}\n",
                     pods);
    (void)buf_printf(
        ret,
        "\tchain guard {\n"
        "\t\ttype filter hook prerouting priority -300; policy accept;\n"
        "\t\tiifname \"%s\" ip daddr 127.0.0.0/8 drop\n"
        "\t}\n"
        "\tchain postrouting {\n"
        "\t\ttype nat hook postrouting priority 100; policy accept;\n"
        "\t\tip saddr 127.0.0.0/8 oifname \"%s\" masquerade\n"
        "\t\tip saddr %s meta mark & " MARK " == " MARK " ct status dnat masquerade\n"
        "\t\tip saddr %s ip daddr != { %s, 224.0.0.0/4 } oifname != \"%s\" masquerade\n"
        "\t}\n}\n",
        t->bridge, t->bridge, pods, pods, pods, t->bridge);
    return buf_failed(ret) ? -E2BIG : 0;
}

static int elements(const struct nft_table *t, const char *verb, bool with_value, struct buf *ret)
{
    for (size_t i = 0; i < t->ports_len; i++) {
        (void)buf_printf(ret, "%s element inet %s %s { ", verb, t->table,
                         for_all_addresses(t->ports[i].port) ? "hostports" : "hostports_at");
        add_key(t->ports[i].port, ret);
        if (with_value)
            add_value(&t->ports[i], ret);
        (void)buf_puts(ret, " }\n");
    }
    return buf_failed(ret) ? -E2BIG : 0;
}

int nft_rules_add(const struct nft_table *t, struct buf *ret)
{
    return elements(t, "add", true, ret);
}

int nft_rules_delete(const struct nft_table *t, struct buf *ret)
{
    return elements(t, "delete", false, ret);
}
