/* SPDX-License-Identifier: Apache-2.0 */
/* test_server_webhook.c - the two questions, asked of an API server in a thread that says what the test wants. */
#include "server/webhook.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/client.h"

/* ---- the API server ---- */

static struct {
    int fd;
    uint16_t port;
    pthread_t thread;
    char request[16384]; /* the last one; read when answered is set */
    const char *answer;
    int status;
    atomic_uint asked;
    atomic_bool hold; /* takes questions and says nothing */
} api;

/* Until head and body are there. */
static void read_request(int fd)
{
    size_t len = 0;

    memset(api.request, 0, sizeof(api.request));
    for (;;) {
        ssize_t n = recv(fd, api.request + len, sizeof(api.request) - 1 - len, 0);
        if (n <= 0)
            return;
        len += (size_t)n;
        const char *end = strstr(api.request, "\r\n\r\n"), *length = strcasestr(api.request, "content-length: ");
        unsigned long body = length ? strtoul(length + 16, NULL, 10) : 0;
        if (end && len >= (size_t)(end + 4 - api.request) + body)
            return;
    }
}

static void *serve(void *arg)
{
    (void)arg;
    for (;;) {
        int fd = accept(api.fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        read_request(fd);
        api.asked++;
        while (api.hold)
            usleep(1000);
        AUTO(free) char *answer =
            xasprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                      api.status, strlen(api.answer), api.answer);
        (void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
        close(fd);
    }
}

static struct loop *loop;
static struct k8s_client *client;
static struct webhook *webhook;

static void open_webhook(bool tokens)
{
    AUTO(free) char *config = xasprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                                        "contexts: [{name: c, context: {cluster: k, user: u}}]\nusers: [{name: u, user: {token: t}}]\n"
                                        "clusters: [{name: k, cluster: {server: \"http://127.0.0.1:%u\"}}]\n",
                                        api.port);
    struct k8s_access *access = NULL;
    struct err err = ERR_INIT;

    assert_int_equal(loop_new(&loop, &err), 0);
    if (k8s_kubeconfig_parse("c", "/", config, strlen(config), NULL, &access, &err) < 0)
        fail_msg("%s", err.msg);
    client = k8s_client_new(loop, access, NULL);
    webhook = webhook_new(client, "n1", tokens);
}

static int start(void **state)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);

    (void)state;
    api.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(api.fd, (struct sockaddr *)&at, len) < 0 || listen(api.fd, 8) < 0 ||
        getsockname(api.fd, (struct sockaddr *)&at, &len) < 0)
        return -1;
    api.port = ntohs(at.sin_port);
    api.status = 201;
    api.answer = "{}";
    api.asked = 0;
    api.hold = false;
    open_webhook(true);
    return pthread_create(&api.thread, NULL, serve, NULL);
}

static int stop(void **state)
{
    (void)state;
    webhook = webhook_free(webhook);
    client = k8s_client_free(client);
    while (loop_once(loop, 0))
        ;
    loop = loop_free(loop);
    api.hold = false;
    (void)shutdown(api.fd, SHUT_RDWR);
    pthread_join(api.thread, NULL);
    close(api.fd);
    return 0;
}

/* ---- what comes back ---- */

static struct {
    unsigned answers;
    bool known, allowed, failed;
    char user[64], groups[128], extra[128]; /* extra: "key=first value/number of them;" */
    struct err err;
} got;

static void on_token(void *arg, const struct server_identity *identity, const struct err *err)
{
    (void)arg;
    got.answers++;
    got.known = identity != NULL;
    got.failed = err != NULL;
    if (err)
        err_copy(&got.err, err);
    if (!identity)
        return;
    (void)snprintf(got.user, sizeof(got.user), "%s/%s", identity->user, identity->uid);
    for (size_t i = 0; i < identity->groups_len; i++)
        (void)snprintf(got.groups + strlen(got.groups), sizeof(got.groups) - strlen(got.groups), "%s,", identity->groups[i]);
    for (size_t i = 0; i < identity->extra.len; i++) {
        const struct json_strings_pair *pair = &identity->extra.items[i];
        (void)snprintf(got.extra + strlen(got.extra), sizeof(got.extra) - strlen(got.extra), "%s=%s/%zu;", pair->key,
                       pair->value.len ? pair->value.items[0] : "", pair->value.len);
    }
}

static void on_access(void *arg, bool allowed, const struct err *err)
{
    (void)arg;
    got.answers++;
    got.allowed = allowed;
    got.failed = err != NULL;
}

static void wait_answer(void)
{
    assert_int_equal(got.answers, 0); /* never from within the question */
    for (int64_t end_ms = clock_boot_ms() + 10000; !got.answers && clock_boot_ms() < end_ms;)
        (void)loop_once(loop, 20);
    assert_int_equal(got.answers, 1);
}

static void ask_token(const char *token)
{
    memset(&got, 0, sizeof(got));
    webhook_auth_ops.review_token(webhook, token, on_token, NULL);
    wait_answer();
}

static void ask_access(void)
{
    static const char *const groups[] = { "ops", "system:authenticated" };
    static const char *const scopes[] = { "r", "w" };
    static const struct json_strings_pair extra = { "scopes", { scopes, 2 } };
    const struct server_identity ada = { .user = "ada", .uid = "7", .groups = groups, .groups_len = 2,
                                         .extra = { &extra, 1 } };

    memset(&got, 0, sizeof(got));
    webhook_auth_ops.review_access(webhook, &ada, "get", "proxy", on_access, NULL);
    wait_answer();
}

static void assert_asked(const char *part)
{
    if (!strstr(api.request, part))
        fail_msg("no %s in:\n%s", part, api.request);
}

static void a_token_that_is_somebodys(void **state)
{
    (void)state;
    api.answer = "{\"kind\":\"TokenReview\",\"apiVersion\":\"authentication.k8s.io/v1\",\"status\":{\"authenticated\":true,"
                 "\"user\":{\"username\":\"ada\",\"uid\":\"7\",\"groups\":[\"a\",\"b\"],"
                 "\"extra\":{\"x/pod\":[\"web\"],\"scopes\":[\"r\",\"w\"]}}}}";
    ask_token("sesame");
    assert_true(got.known && !got.failed);
    assert_string_equal(got.user, "ada/7");
    assert_string_equal(got.groups, "a,b,");
    assert_string_equal(got.extra, "scopes=r/2;x/pod=web/1;");
    assert_asked("POST /apis/authentication.k8s.io/v1/tokenreviews ");
    assert_asked("\"token\":\"sesame\"");
}

static void a_token_that_is_nobodys(void **state)
{
    static const char *const answers[] = {
        "{\"kind\":\"TokenReview\",\"apiVersion\":\"authentication.k8s.io/v1\",\"status\":{\"authenticated\":false}}",
        "{\"kind\":\"TokenReview\",\"apiVersion\":\"authentication.k8s.io/v1\",\"status\":{\"authenticated\":true,\"user\":{}}}",
        "{\"kind\":\"TokenReview\",\"apiVersion\":\"authentication.k8s.io/v1\"}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        api.answer = answers[i];
        ask_token("guess");
        assert_false(got.known || got.failed);
    }
}

static void an_api_server_that_cannot_say(void **state)
{
    static const struct {
        int status;
        const char *answer;
    } cases[] = { { 500, "{}" }, { 201, "not JSON" }, { 403, "{\"kind\":\"Status\",\"message\":\"no\",\"code\":403}" } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        api.status = cases[i].status;
        api.answer = cases[i].answer;
        ask_token("sesame");
        assert_true(got.failed && !got.known);
        ask_access();
        assert_true(got.failed && !got.allowed);
    }
}

static void access_is_asked_for_with_all_that_is_known(void **state)
{
    (void)state;
    api.answer = "{\"kind\":\"SubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\",\"status\":{\"allowed\":true}}";
    ask_access();
    assert_true(got.allowed && !got.failed);
    assert_asked("POST /apis/authorization.k8s.io/v1/subjectaccessreviews ");
    assert_asked("\"resource\":\"nodes\"");
    assert_asked("\"subresource\":\"proxy\"");
    assert_asked("\"name\":\"n1\"");
    assert_asked("\"verb\":\"get\"");
    assert_asked("\"user\":\"ada\"");
    assert_asked("\"uid\":\"7\"");
    assert_asked("\"groups\":[\"ops\",\"system:authenticated\"]");
    assert_asked("\"extra\":{\"scopes\":[\"r\",\"w\"]}");
}

static void access_that_is_not_allowed(void **state)
{
    static const char *const answers[] = {
        "{\"kind\":\"SubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\",\"status\":{\"allowed\":false}}",
        "{\"kind\":\"SubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\",\"status\":{\"allowed\":true,\"denied\":true}}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        api.answer = answers[i];
        ask_access();
        assert_false(got.allowed || got.failed);
    }
}

static void without_tokens_nobody_is_asked(void **state)
{
    (void)state;
    webhook = webhook_free(webhook);
    webhook = webhook_new(client, "n1", false);
    ask_token("sesame");
    assert_false(got.known || got.failed);
    assert_int_equal(api.asked, 0);
}

static void questions_under_way_are_answered_at_the_end(void **state)
{
    (void)state;
    api.hold = true;
    memset(&got, 0, sizeof(got));
    webhook_auth_ops.review_token(webhook, "sesame", on_token, NULL);
    for (int i = 0; i < 500 && !api.asked; i++)
        (void)loop_once(loop, 10);
    assert_int_equal(api.asked, 1);
    webhook = webhook_free(webhook);
    assert_int_equal(got.answers, 1);
    assert_true(got.failed);
    assert_string_equal(got.err.msg, "the agent is stopping");
    api.hold = false;
    for (int i = 0; i < 20; i++)
        (void)loop_once(loop, 5);
    assert_int_equal(got.answers, 1);
}

int main(void)
{
#define SERVED(t) cmocka_unit_test_setup_teardown(t, start, stop)
    const struct CMUnitTest tests[] = {
        SERVED(a_token_that_is_somebodys),
        SERVED(a_token_that_is_nobodys),
        SERVED(an_api_server_that_cannot_say),
        SERVED(access_is_asked_for_with_all_that_is_known),
        SERVED(access_that_is_not_allowed),
        SERVED(without_tokens_nobody_is_asked),
        SERVED(questions_under_way_are_answered_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
