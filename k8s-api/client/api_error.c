/* SPDX-License-Identifier: Apache-2.0 */
/* api_error.c - HTTP status and Status object as one named outcome. */
#include "api_error.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define RETRY_AFTER_MAX_S 3600
#define EXCERPT_BYTES 200

static const struct {
    const char *name;
    int code;
} outcomes[K8S_OUTCOME_NR] = {
    [K8S_OK] = { "OK", 0 },
    [K8S_NOT_FOUND] = { "NotFound", -ENOENT },
    [K8S_ALREADY_EXISTS] = { "AlreadyExists", -EEXIST },
    [K8S_CONFLICT] = { "Conflict", -EAGAIN },
    [K8S_GONE] = { "Gone", -ESTALE },
    [K8S_UNAUTHORIZED] = { "Unauthorized", -EACCES },
    [K8S_FORBIDDEN] = { "Forbidden", -EPERM },
    [K8S_INVALID] = { "Invalid", -EINVAL },
    [K8S_TOO_MANY_REQUESTS] = { "TooManyRequests", -EBUSY },
    [K8S_SERVER_ERROR] = { "ServerError", -EREMOTEIO },
    [K8S_REFUSED] = { "Refused", -EREMOTEIO },
    [K8S_UNREACHABLE] = { "Unreachable", -ECONNABORTED },
    [K8S_BAD_ANSWER] = { "BadAnswer", -EBADMSG },
};

const char *k8s_outcome_str(enum k8s_outcome o)
{
    return o < K8S_OUTCOME_NR ? outcomes[o].name : "?";
}

enum k8s_outcome api_outcome(int http_status, const struct k8s_status *status)
{
    static const struct {
        int http_status;
        enum k8s_outcome outcome;
    } table[] = {
        { 400, K8S_INVALID },   { 401, K8S_UNAUTHORIZED }, { 403, K8S_FORBIDDEN },
        { 404, K8S_NOT_FOUND }, { 409, K8S_CONFLICT },     { 410, K8S_GONE },
        { 422, K8S_INVALID },   { 429, K8S_TOO_MANY_REQUESTS },
    };
    if (http_status == 409 && status && str_eq(status->reason, "AlreadyExists"))
        return K8S_ALREADY_EXISTS;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].http_status == http_status)
            return table[i].outcome;
    }
    if (http_status >= 200 && http_status < 300)
        return K8S_OK;
    return http_status >= 500 ? K8S_SERVER_ERROR : K8S_REFUSED;
}

/* One line, printable: it ends in logs and events. */
static void excerpt(const char *body, char out[EXCERPT_BYTES])
{
    size_t n = 0;
    for (const char *s = body; *s && n + 1 < EXCERPT_BYTES; s++)
        out[n++] = isprint((unsigned char)*s) ? *s : ' ';
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = 0;
}

void api_error(enum k8s_outcome outcome, int http_status, const struct k8s_status *status, const char *what,
               const char *body, struct err *err)
{
    if (outcome == K8S_OK) {
        err_clear(err);
        return;
    }
    int code = outcomes[outcome].code;
    if (status && !str_empty(status->message)) {
        err_set(err, code, "%s", status->message);
        return;
    }
    char text[EXCERPT_BYTES];
    excerpt(str_or(body, ""), text);
    err_set(err, code, "%s: HTTP %d%s%s", what, http_status, text[0] ? ": " : "", text);
}

struct k8s_object *api_status_decode(const char *body, size_t len)
{
    struct k8s_object *o = NULL;
    if (len == 0 || k8s_decode(&k8s_status_type, body, len, &o, NULL) < 0)
        return NULL;
    const struct k8s_status *s = K8S_OBJECT_AS(o, k8s_status);
    return str_eq(s->kind, "Status") ? o : k8s_object_unref(o);
}

int64_t api_retry_after_ms(const char *header, const struct k8s_status *status)
{
    int64_t seconds = -1;
    if (header && str_to_i64(header, 0, RETRY_AFTER_MAX_S, &seconds) == 0)
        return seconds * 1000;
    if (status && status->details && status->details->retry_after_seconds > 0) {
        seconds = status->details->retry_after_seconds;
        return (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000;
    }
    return -1;
}
