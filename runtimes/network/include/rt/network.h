/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.h - gives a pod's network namespace its interface, address, routes and host ports.
 *
 * Two modes behind one table: the bridge is built in and needs no set-up; cni runs the plugins that
 * the node's administrator has configured. The namespace itself is made by the sandbox, which hands
 * over its path.
 *
 * Calls follow the rules of rt/runtime.h: on the loop, never blocking, done() exactly once and
 * later. What was made for a sandbox is written to run_dir before it is made, so that detach and
 * sweep find the remains of a killed agent. At most one operation per sandbox runs at a time:
 * further ones wait in order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "rt/runtime.h"

struct loop;
struct rt_network;

enum rt_network_mode { RT_NETWORK_BRIDGE, RT_NETWORK_CNI };

struct rt_network_config {
    enum rt_network_mode mode;
    const char *run_dir; /* NULL: /run/oarsman/network; on a tmpfs, made when absent */
    /* bridge */
    const char *bridge; /* NULL: "oarsman0" */
    const char *cidr;   /* "10.85.0.0/16"; NULL: not known yet, comes with rt_network_set_cidr() */
    const char *nft;    /* NULL: "nft" in PATH */
    const char *nft_table; /* family inet; NULL: named as the bridge, so that two on one machine do
                              not meet */
    unsigned mtu;          /* 0: 1500 */
    /* cni */
    const char *cni_conf_dir;       /* NULL: /etc/cni/net.d */
    struct rt_strings cni_bin_dirs; /* empty: /opt/cni/bin, /usr/lib/cni */
    int64_t cni_timeout_ms;         /* one plugin's run; 0: 30 s */
};

/* Does not fail for what can be mended later (a missing configuration or program): health says so.
 * -EINVAL: a value of config is wrong; -errno: run_dir cannot be used. Unknown newer records:
 * -ENOTSUP. */
int rt_network_new(struct loop *loop, const struct rt_network_config *config,
                   struct rt_network **ret, struct err *err);
/* Attached pods stay attached. No operation may be under way. NULL */
struct rt_network *rt_network_free(struct rt_network *n);
DEFINE_CLEANUP(struct rt_network *, rt_network_free)

/* bridge: the node's range of addresses, from spec.podCIDR or configuration; the first address is
 * the bridge's own. The same again is fine; another one holds for pods attached from then on.
 * -EINVAL. */
int rt_network_set_cidr(struct rt_network *n, const char *cidr, struct err *err);

struct rt_network_health {
    bool ready;
    const char *message; /* for people, when not ready; lives until the next call */
};
struct rt_network_health rt_network_health(struct rt_network *n);
typedef void (*rt_network_changed_fn)(void *user); /* health may have changed */
void rt_network_on_change(struct rt_network *n, rt_network_changed_fn fn, void *user);

struct rt_network_pod {
    const char *sandbox_id; /* a file name; the identity of the attachment */
    const char *netns_path; /* a bind mount of the namespace, as cni has it */
    const char *uid, *name, *namespace_;
    const struct rt_port_mapping *ports; /* those with host_port 0 are ignored */
    size_t ports_len;
};
/* Result: struct rt_strings, the pod's addresses, the primary one first ("10.85.0.7").
 * A sandbox that is attached already: its addresses. After a failure nothing stays behind. */
struct rt_op *rt_network_attach(struct rt_network *n, const struct rt_network_pod *pod,
                                const struct rt_call *call);
/* Takes everything back; an unknown sandbox is fine. netns_path may be NULL or gone already.
 * Result: none. */
struct rt_op *rt_network_detach(struct rt_network *n, const char *sandbox_id,
                                const char *netns_path, const struct rt_call *call);
/* Once, at start, when the sandboxes that live are known: detaches every other one that is
 * recorded, and puts the bridge and the host ports of the living right. Result: none. */
struct rt_op *rt_network_sweep(struct rt_network *n, const struct rt_strings *live_sandbox_ids,
                               const struct rt_call *call);
/* The addresses an attached sandbox was given, as recorded: for adoption after a restart. Blocking,
 * short (one file on tmpfs). 0; -ENOENT. Caller owns, strv_free(). */
int rt_network_addresses(struct rt_network *n, const char *sandbox_id, char ***ret,
                         struct err *err);

/* Takes the bridge and the table of host ports away, for a process that leaves nothing behind
 * (blocking; nobody may be attached any more, -EBUSY). Nothing there is fine. CNI's own things are
 * CNI's. */
int rt_network_uninstall(struct rt_network *n, struct err *err);
