/* SPDX-License-Identifier: Apache-2.0 */
#include "api_error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void answers_have_names(void **state)
{
    (void)state;
    static const struct {
        int http_status;
        const char *body;
        enum k8s_outcome outcome;
        int code;
        const char *message;
    } cases[] = {
        { 200, "{}", K8S_OK, 0, "" },
        { 201, "", K8S_OK, 0, "" },
        { 404, "{\"kind\":\"Status\",\"code\":404,\"reason\":\"NotFound\",\"message\":\"pods \\\"a\\\" not found\"}",
          K8S_NOT_FOUND, -ENOENT, "pods \"a\" not found" },
        { 409, "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\",\"message\":\"m\"}", K8S_ALREADY_EXISTS, -EEXIST, "m" },
        { 409, "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"message\":\"m\"}", K8S_CONFLICT, -EAGAIN, "m" },
        { 410, "{\"kind\":\"Status\",\"reason\":\"Expired\",\"message\":\"m\"}", K8S_GONE, -ESTALE, "m" },
        { 401, "Unauthorized", K8S_UNAUTHORIZED, -EACCES, "GET x: HTTP 401: Unauthorized" },
        { 403, "{\"kind\":\"Pod\",\"message\":\"m\"}", K8S_FORBIDDEN, -EPERM,
          "GET x: HTTP 403: {\"kind\":\"Pod\",\"message\":\"m\"}" },
        { 422, "", K8S_INVALID, -EINVAL, "GET x: HTTP 422" },
        { 429, "", K8S_TOO_MANY_REQUESTS, -EBUSY, "GET x: HTTP 429" },
        { 503, "a\nb\x01 \n", K8S_SERVER_ERROR, -EREMOTEIO, "GET x: HTTP 503: a b" },
        { 302, "", K8S_REFUSED, -EREMOTEIO, "GET x: HTTP 302" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        AUTO(k8s_object_unref) struct k8s_object *o = api_status_decode(cases[i].body, strlen(cases[i].body));
        const struct k8s_status *s = K8S_OBJECT_AS(o, k8s_status);
        enum k8s_outcome outcome = api_outcome(cases[i].http_status, s);
        assert_int_equal(outcome, cases[i].outcome);
        api_error(outcome, cases[i].http_status, s, "GET x", cases[i].body, &err);
        assert_int_equal(err.code, cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
    }
}

static void the_wait_a_server_asks_for_is_read(void **state)
{
    (void)state;
    struct k8s_status_details d = { .retry_after_seconds = 3 };
    struct k8s_status s = { .details = &d }, none = { .details = NULL };
    assert_int_equal(api_retry_after_ms("2", &s), 2000);
    assert_int_equal(api_retry_after_ms(NULL, &s), 3000);
    assert_int_equal(api_retry_after_ms(NULL, &none), -1);
    assert_int_equal(api_retry_after_ms(NULL, NULL), -1);
    assert_int_equal(api_retry_after_ms("Wed, 21 Oct 2026 07:28:00 GMT", NULL), -1);
    assert_int_equal(api_retry_after_ms("99999999999", NULL), -1);
    d.retry_after_seconds = 2147483647;
    assert_int_equal(api_retry_after_ms(NULL, &s), 3600000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_have_names),
        cmocka_unit_test(the_wait_a_server_asks_for_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
