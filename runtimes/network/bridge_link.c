/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pair is made in one request, its inner end directly in the pod's namespace under its final
 * name, the outer one up and a port of the bridge: there is no moment at which a half-made
 * interface could be found under a name that is not recorded.
 *
 * Hardware addresses are made from IP addresses (locally administered, 02:4f:…), so that a pod that
 * gets an address again looks the same to its neighbours' caches, and the bridge keeps its own
 * whatever its ports are.
 */
#include "bridge_link.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "netlink.h"

#define FORWARD       "/proc/sys/net/ipv4/ip_forward"
#define POD_INTERFACE "eth0"

void bridge_link_name(const char *sandbox_id, char out[BRIDGE_LINK_NAME_BYTES])
{
    uint64_t h = str_hash(sandbox_id, strlen(sandbox_id));
    (void)snprintf(out, BRIDGE_LINK_NAME_BYTES, "oar%012" PRIx64,
                   (h ^ h >> 48) & UINT64_C(0xffffffffffff));
}

static void mac_of(uint32_t address, uint8_t mac[6])
{
    mac[0] = 0x02;
    mac[1] = 0x4f;
    for (int i = 0; i < 4; i++)
        mac[2 + i] = (uint8_t)(address >> (24 - 8 * i));
}

/* Forwarding belongs to the node, not to us: the old value is written down, and nobody but a person
 * turns it off. */
static int turn_forwarding_on(const struct bridge_link *l, struct err *err)
{
    AUTO(buf_done) struct buf was = BUF_INIT(16);
    AUTO(free) char *note = xasprintf("%s/ip_forward_was", l->run_dir);
    int r = file_read(AT_FDCWD, FORWARD, &was, err);
    if (r < 0 || buf_str(&was)[0] == '1')
        return r;
    r = file_write_atomic(AT_FDCWD, note, buf_str(&was), was.len, 0600, 0, err);
    if (r < 0)
        return r;
    effect("ip_forward");
    return file_write_value(AT_FDCWD, FORWARD, "1", err);
}

static int make_bridge(const struct bridge_link *l, struct netlink *nl, int *ret_index,
                       struct err *err)
{
    uint8_t mac[6];
    AUTO(free) char *localnet = xasprintf("/proc/sys/net/ipv4/conf/%s/route_localnet", l->bridge);
    mac_of(l->range.gateway, mac);
    effect("bridge");
    int r = netlink_add_bridge(nl, l->bridge, mac, l->mtu, err);
    if (r < 0 && r != -EEXIST)
        return r;
    r = netlink_index(nl, l->bridge, ret_index, err);
    if (r == 0)
        r = netlink_set_up(nl, *ret_index, err);
    if (r == 0)
        r = netlink_add_address(nl, *ret_index, l->range.gateway, l->range.prefix_len, err);
    if (r == 0)
        r = file_write_value(AT_FDCWD, localnet, "1", err);
    return r < 0 ? r : turn_forwarding_on(l, err);
}

static int find_bridge(const struct bridge_link *l, struct netlink *nl, int *ret_index,
                       struct err *err)
{
    if (!l->prepare && netlink_index(nl, l->bridge, ret_index, NULL) == 0)
        return 0;
    return make_bridge(l, nl, ret_index, err);
}

static int set_up_inside(const struct bridge_link *l, int netns, struct err *err)
{
    AUTO(netlink_close) struct netlink *pod = NULL;
    int lo, eth, r = netlink_open_in(netns, &pod, err);
    if (r == 0)
        r = netlink_index(pod, "lo", &lo, err);
    if (r == 0)
        r = netlink_set_up(pod, lo, err);
    if (r == 0)
        r = netlink_index(pod, POD_INTERFACE, &eth, err);
    if (r == 0)
        r = netlink_add_address(pod, eth, l->address, l->range.prefix_len, err);
    if (r == 0)
        r = netlink_set_up(pod, eth, err);
    if (r == 0)
        r = netlink_add_default_route(pod, eth, l->range.gateway, err);
    if (r == 0)
        r = netlink_wait_up(pod, POD_INTERFACE, err);
    return r;
}

static int attach(const struct bridge_link *l, struct netlink *nl, int bridge, struct err *err)
{
    uint8_t mac[6];
    int port;
    AUTO(close) int netns = open(l->netns_path, O_RDONLY | O_CLOEXEC);
    if (netns < 0)
        return err_errno(err, errno, "open network namespace %s", l->netns_path);
    mac_of(l->address, mac);
    struct netlink_veth veth = { .name = l->name,
                                 .bridge_index = bridge,
                                 .peer_name = POD_INTERFACE,
                                 .peer_mac = mac,
                                 .peer_netns_fd = netns,
                                 .mtu = l->mtu };
    effect("veth");
    int r = netlink_add_veth(nl, &veth, err);
    if (r == 0)
        r = netlink_index(nl, l->name, &port, err);
    if (r == 0)
        r = netlink_set_hairpin(nl, port, err);
    if (r == 0)
        r = set_up_inside(l, netns, err);
    if (r == 0)
        r = netlink_wait_up(nl, l->name, err);
    return r < 0 ? r : netlink_wait_up(nl, l->bridge, err); /* it came up with its first port */
}

static int work(const struct bridge_link *l, struct err *err)
{
    AUTO(netlink_close) struct netlink *nl = NULL;
    int bridge = 0, r = netlink_open(&nl, err);
    if (r < 0)
        return r;
    r = find_bridge(l, nl, &bridge, err);
    return r < 0 || !l->name ? r : attach(l, nl, bridge, err);
}

static void on_worker(struct worker_job *job)
{
    struct bridge_link *l = container_of(job, struct bridge_link, job);
    struct err err = ERR_INIT;
    if (work(l, &err) < 0)
        err_copy(&l->err, &err);
}

void bridge_link_submit(struct bridge_link *l, struct loop *loop, worker_fn done)
{
    err_clear(&l->err);
    worker_submit(loop, WORKER_RUNTIME, &l->job, on_worker, done);
}

static void on_unlink_worker(struct worker_job *job)
{
    struct bridge_unlink *u = container_of(job, struct bridge_unlink, job);
    AUTO(netlink_close) struct netlink *nl = NULL;
    if (netlink_open(&nl, &u->err) < 0)
        return;
    effect("veth removal");
    (void)netlink_delete_links(nl, u->names, u->len, &u->err);
}

void bridge_unlink_submit(struct bridge_unlink *u, struct loop *loop, worker_fn done)
{
    err_clear(&u->err);
    worker_submit(loop, WORKER_RUNTIME, &u->job, on_unlink_worker, done);
}
