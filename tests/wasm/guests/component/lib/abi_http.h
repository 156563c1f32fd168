/* SPDX-License-Identifier: Apache-2.0 */
/* abi_http.h - wasi:http as a core module sees it; see abi.h. */
#pragma once

#include "abi.h"

#define HTTP "wasi:http/types@" WASI
struct option_text {
    uint8_t some;
    struct text text;
};
struct method { /* tag: get, head, post, put, delete, connect, options, trace, patch, other(name) */
    uint8_t tag;
    struct text name;
};
struct outgoing_result { /* result<own<future-incoming-response>, error-code> */
    uint8_t failed;
    _Alignas(8) union {
        int32_t handle;
        uint8_t code;
    };
    uint64_t more[3];
};
struct response_result { /* option<result<result<own<incoming-response>, error-code>>> */
    uint8_t some;
    _Alignas(8) uint8_t taken;
    _Alignas(8) uint8_t failed;
    _Alignas(8) union {
        int32_t handle;
        uint8_t code;
    };
    uint64_t more[3];
};
IMPORT(HTTP, "[constructor]fields") int32_t fields_new(void);
IMPORT(HTTP, "[method]fields.entries") void fields_entries(int32_t self, struct list *ret);
IMPORT(HTTP, "[resource-drop]fields") void fields_drop(int32_t self);
IMPORT(HTTP, "[method]incoming-request.method")
void request_method(int32_t self, struct method *ret);
IMPORT(HTTP, "[method]incoming-request.path-with-query")
void request_path(int32_t self, struct option_text *ret);
IMPORT(HTTP, "[method]incoming-request.headers") int32_t request_headers(int32_t self);
IMPORT(HTTP, "[method]incoming-request.consume")
void request_consume(int32_t self, struct handle_result *ret);
IMPORT(HTTP, "[resource-drop]incoming-request") void request_drop(int32_t self);
IMPORT(HTTP, "[method]incoming-body.stream")
void incoming_body_stream(int32_t self, struct handle_result *ret);
IMPORT(HTTP, "[resource-drop]incoming-body") void incoming_body_drop(int32_t self);
IMPORT(HTTP, "[constructor]outgoing-response") int32_t response_new(int32_t headers);
IMPORT(HTTP, "[method]outgoing-response.set-status-code")
int32_t response_set_status(int32_t self, int32_t code);
IMPORT(HTTP, "[method]outgoing-response.body")
void response_body(int32_t self, struct handle_result *ret);
IMPORT(HTTP, "[static]response-outparam.set")
void outparam_set(int32_t outparam, int32_t failed, int32_t response, int32_t a, int64_t b,
                  int32_t c, int32_t d, int32_t e, int32_t f);
IMPORT(HTTP, "[method]outgoing-body.write")
void outgoing_body_write(int32_t self, struct handle_result *ret);
IMPORT(HTTP, "[static]outgoing-body.finish")
void outgoing_body_finish(int32_t self, int32_t some, int32_t trailers, void *ret); /* 40 bytes */
IMPORT(HTTP, "[constructor]outgoing-request") int32_t ask_new(int32_t headers);
IMPORT(HTTP, "[method]outgoing-request.set-path-with-query")
int32_t ask_set_path(int32_t self, int32_t some, const char *at, uint32_t len);
IMPORT(HTTP, "[method]outgoing-request.set-authority")
int32_t ask_set_authority(int32_t self, int32_t some, const char *at, uint32_t len);
IMPORT(HTTP, "[method]outgoing-request.set-scheme")
int32_t ask_set_scheme(int32_t self, int32_t some, int32_t tag, const char *at, uint32_t len);
IMPORT("wasi:http/outgoing-handler@" WASI, "handle")
void ask_send(int32_t request, int32_t some, int32_t options, struct outgoing_result *ret);
IMPORT(HTTP, "[method]future-incoming-response.subscribe") int32_t answer_subscribe(int32_t self);
IMPORT(HTTP, "[method]future-incoming-response.get")
void answer_get(int32_t self, struct response_result *ret);
IMPORT(HTTP, "[resource-drop]future-incoming-response") void answer_drop(int32_t self);
IMPORT(HTTP, "[method]incoming-response.status") int32_t answered_status(int32_t self);
IMPORT(HTTP, "[resource-drop]incoming-response") void answered_drop(int32_t self);
