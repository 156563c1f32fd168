/* SPDX-License-Identifier: Apache-2.0 */
/* fetch.h - a GET request to another server, in plain HTTP. */
#pragma once

#include <string.h>

#include "abi_http.h"

static inline void wait_for(int32_t pollable)
{
    poll_block(pollable);
    poll_drop(pollable);
}

/* where: "host:port/path". The status that came; below 0: the error's number (its place in
 * wasi:http/types.error-code, from -1 downwards); 0: something else went wrong. */
static inline int fetch(struct text where)
{
    struct outgoing_result sent;
    struct response_result got;
    struct text path = { "/", 1 };
    const char *slash = memchr(where.at, '/', where.len);
    if (slash) {
        path = (struct text){ slash, where.len - (uint32_t)(slash - where.at) };
        where.len -= path.len;
    }
    int32_t request = ask_new(fields_new());
    if (ask_set_scheme(request, 1, 0, NULL, 0) ||
        ask_set_authority(request, 1, where.at, where.len) ||
        ask_set_path(request, 1, path.at, path.len))
        return 0;
    ask_send(request, 0, 0, &sent);
    if (sent.failed)
        return -1 - sent.code;
    wait_for(answer_subscribe(sent.handle));
    answer_get(sent.handle, &got);
    answer_drop(sent.handle);
    if (!got.some || got.taken)
        return 0;
    if (got.failed)
        return -1 - got.code;
    int status = answered_status(got.handle);
    answered_drop(got.handle);
    return status;
}
