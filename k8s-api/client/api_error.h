/* SPDX-License-Identifier: Apache-2.0 */
/* api_error.h - what an answer means. Private to the client; pure. */
#pragma once

#include <stddef.h>

#include "k8s/rest.h"

/* status: NULL when the server sent none. */
enum k8s_outcome api_outcome(int http_status, const struct k8s_status *status);
/* Fills err: the server's message if there is one, else "what: HTTP 500: body". */
void api_error(enum k8s_outcome outcome, int http_status, const struct k8s_status *status, const char *what,
               const char *body, struct err *err);
/* The Status in an answer, or NULL: not JSON, or something else. Caller owns. */
struct k8s_object *api_status_decode(const char *body, size_t len);
/* Milliseconds; -1: not said. header: Retry-After, seconds only (the API server sends nothing else). */
int64_t api_retry_after_ms(const char *header, const struct k8s_status *status);
