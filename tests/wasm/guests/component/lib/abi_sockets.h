/* SPDX-License-Identifier: Apache-2.0 */
/* abi_sockets.h - wasi:sockets (TCP, names) as a core module sees it; see abi.h. */
#pragma once

#include "abi.h"

#define TCP "wasi:sockets/tcp@" WASI
struct accept_result { /* result<tuple<tcp-socket, input-stream, output-stream>, error-code> */
    uint8_t failed;
    union {
        int32_t handles[3];
        uint8_t code;
    };
};
struct connect_result { /* result<tuple<input-stream, output-stream>, error-code> */
    uint8_t failed;
    union {
        int32_t handles[2];
        uint8_t code;
    };
};
struct void_result { /* result<_, error-code> */
    uint8_t failed, code;
};
struct address_result { /* result<option<ip-address>, error-code> */
    uint8_t failed;
    _Alignas(2) uint8_t some;   /* or the error's code */
    _Alignas(2) uint8_t family; /* 0 IPv4, 1 IPv6 */
    _Alignas(2) uint8_t bytes[16];
};
#define ADDRESS                                                                                    \
    int32_t family, int32_t port, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e,           \
        int32_t f, int32_t g, int32_t h, int32_t i, int32_t j
IMPORT("wasi:sockets/instance-network@" WASI, "instance-network") int32_t network_get(void);
IMPORT("wasi:sockets/tcp-create-socket@" WASI, "create-tcp-socket")
void tcp_new(int32_t family, struct handle_result *ret);
IMPORT(TCP, "[method]tcp-socket.start-bind")
void tcp_start_bind(int32_t self, int32_t network, ADDRESS, struct void_result *ret);
IMPORT(TCP, "[method]tcp-socket.finish-bind")
void tcp_finish_bind(int32_t self, struct void_result *ret);
IMPORT(TCP, "[method]tcp-socket.start-listen")
void tcp_start_listen(int32_t self, struct void_result *ret);
IMPORT(TCP, "[method]tcp-socket.finish-listen")
void tcp_finish_listen(int32_t self, struct void_result *ret);
IMPORT(TCP, "[method]tcp-socket.accept") void tcp_accept(int32_t self, struct accept_result *ret);
IMPORT(TCP, "[method]tcp-socket.start-connect")
void tcp_start_connect(int32_t self, int32_t network, ADDRESS, struct void_result *ret);
IMPORT(TCP, "[method]tcp-socket.finish-connect")
void tcp_finish_connect(int32_t self, struct connect_result *ret);
IMPORT(TCP, "[method]tcp-socket.subscribe") int32_t tcp_subscribe(int32_t self);
IMPORT(TCP, "[resource-drop]tcp-socket") void tcp_drop(int32_t self);
IMPORT("wasi:sockets/ip-name-lookup@" WASI, "resolve-addresses")
void lookup_start(int32_t network, const char *name, uint32_t len, struct handle_result *ret);
IMPORT("wasi:sockets/ip-name-lookup@" WASI, "[method]resolve-address-stream.resolve-next-address")
void lookup_next(int32_t self, struct address_result *ret);
IMPORT("wasi:sockets/ip-name-lookup@" WASI, "[method]resolve-address-stream.subscribe")
int32_t lookup_subscribe(int32_t self);
IMPORT("wasi:sockets/ip-name-lookup@" WASI, "[resource-drop]resolve-address-stream")
void lookup_drop(int32_t self);
