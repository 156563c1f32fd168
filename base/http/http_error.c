/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_error.c - how a transfer failed, in our words: one table from libcurl's codes to errno.
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "http_private.h"

static const struct {
    CURLcode result;
    int code;
} codes[] = {
    { CURLE_URL_MALFORMAT, -EINVAL },
    { CURLE_UNSUPPORTED_PROTOCOL, -EINVAL },
    { CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH },
    { CURLE_COULDNT_RESOLVE_PROXY, -EHOSTUNREACH },
    { CURLE_COULDNT_CONNECT, -ECONNREFUSED },
    { CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT },
    { CURLE_TOO_MANY_REDIRECTS, -ELOOP },
    { CURLE_FILESIZE_EXCEEDED, -E2BIG },
    { CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED },
    { CURLE_SSL_CERTPROBLEM, -EKEYREJECTED },
    { CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED },
    { CURLE_SSL_ISSUER_ERROR, -EKEYREJECTED },
    { CURLE_GOT_NOTHING, -ECONNRESET },
    { CURLE_PARTIAL_FILE, -ECONNRESET },
    { CURLE_RECV_ERROR, -ECONNRESET },
    { CURLE_SEND_ERROR, -ECONNRESET },
    { CURLE_HTTP2, -ECONNRESET },
    { CURLE_HTTP2_STREAM, -ECONNRESET },
    { CURLE_OUT_OF_MEMORY, -ENOMEM },
};

static int code_of(const struct transfer *t, CURLcode result)
{
    long system = 0;
    if (result == CURLE_COULDNT_CONNECT || result == CURLE_RECV_ERROR || result == CURLE_SEND_ERROR)
        (void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &system);
    switch (system) {
    case ETIMEDOUT:
        return -ETIMEDOUT;
    case EHOSTUNREACH:
    case ENETUNREACH:
        return -EHOSTUNREACH;
    default:
        break;
    }
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (codes[i].result == result)
            return codes[i].code;
    }
    return -EIO;
}

void transfer_error(const struct transfer *t, CURLcode result, struct err *err)
{
    if (t->failure) {
        err_copy(err, t->failure);
    } else if (result == CURLE_OK) {
        err_clear(err);
        return;
    } else {
        err_set(err, code_of(t, result), "%s", t->message[0] ? t->message : curl_easy_strerror(result));
    }
    /* A query may carry a signature that lets its reader in: it is not shown. */
    err_wrap(err, "%s %.*s", t->method, (int)strcspn(t->url, "?"), t->url);
}
