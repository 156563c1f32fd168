/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mem.h"

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
}

int node_shell(const char *command)
{
    int status = system(command); /* a test's own words */
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

char *node_output(const char *command)
{
    char *text = xcalloc(1, 65536);
    FILE *f = popen(command, "re");
    must(f != NULL, command);
    size_t n = fread(text, 1, 65535, f);
    text[n] = '\0';
    (void)pclose(f);
    return text;
}

void node_enter(void)
{
    if (geteuid() != 0) {
        (void)fprintf(stderr, "needs root: it makes network namespaces\n");
        exit(77);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    must(unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, "unshare");
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
    must(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=755") == 0, "tmpfs");
    must(mkdir("/tmp/ns", 0755) == 0 && mkdir(NODE_RUN_DIR, 0755) == 0, "mkdir");
    must(node_shell("ip link set lo up") == 0, "lo up");
}

/* ---- namespaces ---- */

struct ns_work {
    const char *path;
    int type, fd;
};

static void *make_ns(void *arg)
{
    struct ns_work *w = arg;
    must(unshare(CLONE_NEWNET) == 0, "unshare");
    w->fd = open(w->path, O_CREAT | O_CLOEXEC | O_WRONLY, 0600);
    must(w->fd >= 0 && close(w->fd) == 0, w->path);
    must(mount("/proc/thread-self/ns/net", w->path, NULL, MS_BIND, NULL) == 0, "bind");
    return NULL;
}

static void *make_socket(void *arg)
{
    struct ns_work *w = arg;
    int ns = open(w->path, O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
        return NULL;
    (void)close(ns);
    w->fd = socket(AF_INET, w->type | SOCK_CLOEXEC, 0);
    return NULL;
}

static void in_thread(void *(*fn)(void *), void *arg)
{
    pthread_t thread;
    must(pthread_create(&thread, NULL, fn, arg) == 0, "thread");
    (void)pthread_join(thread, NULL);
}

const char *node_add_netns(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "/tmp/ns/%s", name);
    struct ns_work w = { .path = path };
    node_drop_netns(name); /* of a test that failed */
    in_thread(make_ns, &w);
    return path;
}

void node_drop_netns(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "/tmp/ns/%s", name);
    (void)umount2(path, MNT_DETACH);
    (void)unlink(path);
}

void node_add_outside(void)
{
    (void)node_add_netns("outside");
    must(node_shell("set -e; ip link add up0 type veth peer name eth0 netns /tmp/ns/outside;"
                    "ip addr add " NODE_ADDRESS "/24 dev up0; ip link set up0 up;"
                    "nsenter --net=/tmp/ns/outside sh -c 'ip addr add " NODE_OUTSIDE
                    "/24 dev eth0; ip link set eth0 up;"
                    " ip link set lo up'") == 0,
         "outside");
}

/* ---- sockets ---- */

static int open_socket(const char *netns, int type)
{
    struct ns_work w = { .path = netns, .type = type, .fd = -1 };
    if (!netns)
        return socket(AF_INET, type | SOCK_CLOEXEC, 0);
    in_thread(make_socket, &w);
    return w.fd;
}

int node_listen(const char *netns, int type, uint16_t port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = open_socket(netns, type), one = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
        (type == SOCK_STREAM && listen(fd, 16) < 0))
        return -1;
    return fd;
}

int node_connect(const char *netns, int type, const char *address, uint16_t port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = open_socket(netns, type);
    struct timeval wait = { .tv_sec = 1 };
    (void)inet_pton(AF_INET, address, &a.sin_addr);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static bool readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    return poll(&p, 1, 1000) == 1;
}

/* The byte must also come back: the way there says nothing about the way home. */
const char *node_reach(const char *netns, int type, const char *address, uint16_t port,
                       int listener)
{
    static char who[INET_ADDRSTRLEN];
    struct sockaddr_in from;
    socklen_t len = sizeof(from);
    char c = 'x';
    bool good = false;
    int fd = node_connect(netns, type, address, port), peer = -1;
    if (fd < 0)
        return NULL;
    if (type == SOCK_STREAM) {
        peer = readable(listener) ? accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC)
                                  : -1;
        good = peer >= 0 && send(fd, &c, 1, 0) == 1 && readable(peer) &&
               recv(peer, &c, 1, 0) == 1 && send(peer, &c, 1, 0) == 1 && readable(fd) &&
               recv(fd, &c, 1, 0) == 1;
    } else {
        good = send(fd, &c, 1, 0) == 1 && readable(listener) &&
               recvfrom(listener, &c, 1, 0, (struct sockaddr *)&from, &len) == 1 &&
               sendto(listener, &c, 1, 0, (struct sockaddr *)&from, len) == 1 && readable(fd) &&
               recv(fd, &c, 1, 0) == 1;
    }
    if (peer >= 0)
        (void)close(peer);
    (void)close(fd);
    return good ? inet_ntop(AF_INET, &from.sin_addr, who, sizeof(who)) : NULL;
}

/* ---- operations ---- */

static void on_done(void *user, const struct err *err, const void *result)
{
    struct node_result *r = user;
    const struct rt_strings *ips = result;
    r->calls++;
    if (err)
        err_copy(&r->err, err);
    else if (ips && ips->len > 0)
        (void)snprintf(r->ip, sizeof(r->ip), "%s", ips->items[0]);
}

static void wait_for(struct loop *loop, const struct node_result *r)
{
    while (r->calls == 0)
        (void)loop_once(loop, 1000);
}

struct node_result node_attach(struct loop *loop, struct rt_network *n,
                               const struct rt_network_pod *pod)
{
    struct node_result r = { .calls = 0 };
    struct rt_call call = { .done = on_done, .user = &r };
    (void)rt_network_attach(n, pod, &call);
    wait_for(loop, &r);
    return r;
}

struct node_result node_detach(struct loop *loop, struct rt_network *n, const char *id,
                               const char *netns)
{
    struct node_result r = { .calls = 0 };
    struct rt_call call = { .done = on_done, .user = &r };
    (void)rt_network_detach(n, id, netns, &call);
    wait_for(loop, &r);
    return r;
}

struct node_result node_sweep(struct loop *loop, struct rt_network *n, const char *const *live,
                              size_t len)
{
    struct node_result r = { .calls = 0 };
    struct rt_call call = { .done = on_done, .user = &r };
    struct rt_strings ids = { live, len };
    (void)rt_network_sweep(n, &ids, &call);
    wait_for(loop, &r);
    return r;
}
