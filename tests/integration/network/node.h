/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node.h - a node of its own for a test: a network and a mount namespace that end with the process,
 * so that a test which dies leaves nothing on the machine.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rt/network.h"

/* Moves the process (still single-threaded) into new namespaces; a tmpfs on /tmp; lo up. Not root:
 * exits with 77. */
void node_enter(void);
#define NODE_RUN_DIR "/tmp/run"
#define NODE_CIDR    "10.85.0.0/16"
#define NODE_ADDRESS "192.0.2.1" /* of the node's outer interface */
#define NODE_OUTSIDE "192.0.2.2" /* another machine, see node_add_outside() */

/* Makes a network namespace bound to /tmp/ns/NAME; returns that path, which lives until the same
 * name again. */
const char *node_add_netns(const char *name);
void node_drop_netns(const char *name);
/* A machine beyond the node, in the namespace "outside". */
void node_add_outside(void);
int node_shell(const char *command);    /* exit code of sh -c */
char *node_output(const char *command); /* its stdout; caller owns */

/* Sockets of a namespace (netns NULL: the node's own); -1 on failure. */
int node_listen(const char *netns, int type, uint16_t port);
int node_connect(const char *netns, int type, const char *address, uint16_t port);
/* Connects, sends a byte, and tells who the listener saw ("10.85.0.2"); NULL: nothing arrived
 * within a second. */
const char *node_reach(const char *netns, int type, const char *address, uint16_t port,
                       int listener);

/* Operations, to their end. */
struct loop;
struct node_result {
    struct err err;
    char ip[64];
    int calls;
};
struct node_result node_attach(struct loop *loop, struct rt_network *n,
                               const struct rt_network_pod *pod);
struct node_result node_detach(struct loop *loop, struct rt_network *n, const char *id,
                               const char *netns);
struct node_result node_sweep(struct loop *loop, struct rt_network *n, const char *const *live,
                              size_t len);
