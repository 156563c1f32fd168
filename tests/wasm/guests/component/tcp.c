/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp.c - TCP from within a component, over wasi:sockets (IPv4).
 *
 *   tcp serve PORT [N]        listens on all addresses, says again what N clients say
 *   tcp ask HOST PORT WORDS   connects, says WORDS, prints what comes back
 *   tcp lookup NAME           prints the addresses of a name
 *   tcp hoard                 makes sockets until it is refused
 *
 * World: sockets
 * Adapter: command
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi_sockets.h"

enum { IPV4 = 0, WOULD_BLOCK = 8, CHUNK = 4096 };

__attribute__((noreturn)) static void fail(const char *what, int code)
{
    fflush(stdout);
    fprintf(stderr, "%s: error %d\n", what, code);
    exit(1);
}

static void must(const char *what, const struct void_result *r)
{
    if (r->failed)
        fail(what, r->code);
}

static void wait_for(int32_t pollable)
{
    poll_block(pollable);
    poll_drop(pollable);
}

static int32_t new_socket(void)
{
    struct handle_result r;
    tcp_new(IPV4, &r);
    if (r.failed)
        fail("create", *(uint8_t *)&r.handle);
    return r.handle;
}

/* Says again what is said, until there is no more. */
static void echo(int32_t in, int32_t out)
{
    struct read_result part, written = { 0 };
    while (!written.failed) {
        stream_read(in, CHUNK, &part);
        if (part.failed)
            return;
        if (part.len > 0)
            stream_write(out, part.at, part.len, &written);
        free((char *)part.at);
    }
}

static int serve(int port, int clients)
{
    struct void_result r;
    int32_t network = network_get(), s = new_socket();
    tcp_start_bind(s, network, IPV4, port, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, &r);
    must("bind", &r);
    tcp_finish_bind(s, &r);
    must("bind", &r);
    tcp_start_listen(s, &r);
    must("listen", &r);
    tcp_finish_listen(s, &r);
    must("listen", &r);
    printf("listening on %d\n", port);
    fflush(stdout);
    while (clients != 0) {
        struct accept_result a;
        tcp_accept(s, &a);
        if (a.failed && a.code == WOULD_BLOCK) {
            wait_for(tcp_subscribe(s));
            continue;
        }
        if (a.failed)
            fail("accept", a.code);
        echo(a.handles[1], a.handles[2]);
        input_drop(a.handles[1]);
        output_drop(a.handles[2]);
        tcp_drop(a.handles[0]);
        clients -= clients > 0;
    }
    return 0;
}

/* The first IPv4 address of a name or of four numbers. */
static void resolve(const char *name, uint8_t ret[4], int all)
{
    struct handle_result started;
    struct address_result a;
    int found = 0;
    lookup_start(network_get(), name, (uint32_t)strlen(name), &started);
    if (started.failed)
        fail("lookup", *(uint8_t *)&started.handle);
    for (;;) {
        lookup_next(started.handle, &a);
        if (a.failed && a.some == WOULD_BLOCK) {
            wait_for(lookup_subscribe(started.handle));
            continue;
        }
        if (a.failed)
            fail("lookup", a.some);
        if (!a.some)
            break;
        if (a.family != IPV4)
            continue;
        if (!found++)
            memcpy(ret, a.bytes, 4);
        if (all)
            printf("%d.%d.%d.%d\n", a.bytes[0], a.bytes[1], a.bytes[2], a.bytes[3]);
    }
    lookup_drop(started.handle);
    if (!found)
        fail("lookup", -1);
}

static void connect_to(const char *host, int port, struct connect_result *ret)
{
    struct void_result r;
    uint8_t to[4];
    int32_t s = new_socket();
    resolve(host, to, 0);
    tcp_start_connect(s, network_get(), IPV4, port, to[0], to[1], to[2], to[3], 0, 0, 0, 0, 0, 0,
                      &r);
    must("connect", &r);
    for (;;) {
        tcp_finish_connect(s, ret);
        if (!ret->failed)
            return;
        if (ret->code != WOULD_BLOCK)
            fail("connect", ret->code);
        wait_for(tcp_subscribe(s));
    }
}

static int ask(const char *host, int port, const char *words)
{
    struct connect_result c;
    struct read_result part;
    size_t left = strlen(words);
    connect_to(host, port, &c);
    stream_write(c.handles[1], words, (uint32_t)left, &part);
    if (part.failed)
        fail("write", 0);
    while (left > 0) {
        stream_read(c.handles[0], CHUNK, &part);
        if (part.failed)
            fail("read", 0);
        printf("%.*s", (int)part.len, part.at);
        left -= part.len < left ? part.len : left;
    }
    printf("\n");
    return 0;
}

static int hoard(void)
{
    struct handle_result r;
    int n = 0;
    for (tcp_new(IPV4, &r); !r.failed && n < 1000000; tcp_new(IPV4, &r))
        n++;
    printf("refused after %d: error %d\n", n, *(uint8_t *)&r.handle);
    return !r.failed;
}

int main(int argc, char **argv)
{
    const char *order = argc > 1 ? argv[1] : "";
    uint8_t address[4];
    if (!strcmp(order, "serve") && argc > 2)
        return serve(atoi(argv[2]), argc > 3 ? atoi(argv[3]) : -1);
    if (!strcmp(order, "ask") && argc > 4)
        return ask(argv[2], atoi(argv[3]), argv[4]);
    if (!strcmp(order, "lookup") && argc > 2)
        return resolve(argv[2], address, 1), 0;
    if (!strcmp(order, "hoard"))
        return hoard();
    fprintf(stderr, "tcp: serve PORT | ask HOST PORT WORDS | lookup NAME | hoard\n");
    return 2;
}
