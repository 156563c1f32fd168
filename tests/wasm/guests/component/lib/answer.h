/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - one answer to one request: its status is sent with the first words of its body, or at
 * its end. */
#pragma once

#include "abi_http.h"

struct answer {
    int32_t outparam, response, body, stream;
    int sent;
};

static inline struct answer answer_begin(int32_t outparam, int status)
{
    struct answer a = { .outparam = outparam, .response = response_new(fields_new()) };
    struct handle_result r;
    response_set_status(a.response, status);
    response_body(a.response, &r);
    a.body = r.handle;
    return a;
}

static inline void answer_send(struct answer *a)
{
    struct handle_result r;
    if (a->sent)
        return;
    outparam_set(a->outparam, 0, a->response, 0, 0, 0, 0, 0, 0);
    outgoing_body_write(a->body, &r);
    a->stream = r.handle;
    a->sent = 1;
}

/* 0, or -1 when nobody listens any more. */
static inline int answer_write(struct answer *a, const char *at, uint32_t len)
{
    struct read_result r = { 0 };
    answer_send(a);
    while (len > 0 && !r.failed) {
        uint32_t n = len < STREAM_WRITE_MAX ? len : STREAM_WRITE_MAX;
        stream_write(a->stream, at, n, &r);
        at += n;
        len -= n;
    }
    return r.failed ? -1 : 0;
}

static inline void answer_end(struct answer *a)
{
    uint64_t result[5]; /* result<_, error-code> */
    answer_send(a);
    output_drop(a->stream);
    outgoing_body_finish(a->body, 0, 0, result);
}
