/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_server_request.c - routes, answers of every form, and the base of streaming: 101 over TLS with a client
 * certificate on our loop.
 */
#include "fixture.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static struct fixture f;

/* ---- an echo behind a 101 ---- */

struct echo {
    struct loop_fd source;
    struct buf out;
    int fd;
};
static unsigned echoes;

static void echo_end(struct echo *e)
{
    loop_fd_stop(&e->source);
    (void)close(e->fd);
    buf_done(&e->out);
    free(e);
    echoes--;
}

static void on_echo(struct loop_fd *source, int events)
{
    struct echo *e = container_of(source, struct echo, source);
    char piece[8192];
    ssize_t n = events & (LOOP_READ | LOOP_HANGUP) ? read(e->fd, piece, sizeof(piece)) : -1;
    bool ended = n == 0 || (n < 0 && errno != EAGAIN && events & (LOOP_READ | LOOP_HANGUP));

    if (n > 0)
        (void)buf_add(&e->out, piece, (size_t)n);
    ssize_t sent = e->out.len ? write(e->fd, e->out.data, e->out.len) : 0;
    if (sent > 0)
        buf_consume(&e->out, (size_t)sent);
    if (ended) {
        echo_end(e);
        return;
    }
    (void)loop_fd_start(&e->source, e->fd, LOOP_READ | (e->out.len ? LOOP_WRITE : 0));
}

static void on_upgrade(void *user, int fd, const void *more, size_t more_len)
{
    struct fixture *fixture = user;
    struct echo *e = NEW(struct echo);

    *e = (struct echo){ .fd = fd };
    buf_init(&e->out, 8u << 20);
    (void)buf_add(&e->out, more, more_len);
    loop_fd_init(&e->source, fixture->loop, "echo", on_echo);
    (void)loop_fd_start(&e->source, fd, LOOP_READ | (e->out.len ? LOOP_WRITE : 0));
    echoes++;
}

static void serve_echo(struct server_request *r)
{
    server_answer_upgrade(r, "echo/1", on_upgrade, &f);
}

static void serve_big(struct server_request *r)
{
    static char big[3 << 20];

    memset(big, 'x', sizeof(big));
    server_answer(r, 200, "text/plain", big, sizeof(big));
}

static void serve_query(struct server_request *r)
{
    const char *a = server_request_query(r, "a"), *b = server_request_query(r, "b");
    server_answer_text(r, 200, "%s|%s|%s", server_request_path(r), a ? a : "(none)", b ? b : "(none)");
}

static const struct server_route routes[] = {
    { "GET", "/echo", "proxy", NULL, serve_echo },
    { "POST", "/echo", "proxy", "create", serve_echo },
    { "GET", "/big", "proxy", NULL, serve_big },
    { "GET", "/query/", NULL, NULL, serve_query },
    { "PUT", "/query/", "x", NULL, serve_query },
};

static int setup(void **state)
{
    (void)state;
    fixture_setup(&f);
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    fixture_teardown(&f);
    return 0;
}
static int start(void **state)
{
    (void)state;
    fixture_start(&f, routes, ARRAY_LEN(routes), NULL);
    return 0;
}
static int stop(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

static void unknown_paths_and_methods(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/nothing", 404, "404 page not found\n");
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/podsx", 404, NULL);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods/x", 404, NULL);
    ASSERT_ANSWER(&f, &f.admin, NULL, "DELETE", "/pods", 405, "405: Method Not Allowed\n");
    ASSERT_ANSWER(&f, &f.admin, NULL, "POST", "/containerLogs/a/b/c", 405, NULL);
}

static void the_small_endpoints(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/healthz", 200, "ok");
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/healthz/ping", 200, "ok");
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/metrics", 200, "up 1\n");
    assert_string_equal(f.reviewer.asked, "get healthz;get metrics;");
}

static void queries_are_decoded_and_paths_too(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/query/a%20b?a=1%2B1&b", 200, "/query/a b|1+1|");
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/query/", 200, "/query/|(none)|(none)");
    assert_int_equal(f.reviewer.access_questions, 0); /* a route without subresources needs a known client only */
}

static void verbs_come_from_methods(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, &f.admin, NULL, "PUT", "/query/", 200, NULL);
    assert_string_equal(f.reviewer.asked, "update x;");
}

static void a_large_answer_arrives_whole(void **state)
{
    (void)state;
    struct answer a = fixture_ask(&f, &f.admin, NULL, "GET", "/big");
    assert_int_equal(a.status, 200);
    assert_int_equal(strlen(a.body), 3 << 20);
    free(a.body);
}

static void an_oversized_request_is_refused(void **state)
{
    AUTO(free) char *target = xmalloc(200001);

    (void)state;
    memset(target, 'a', 200000);
    memcpy(target, "/query/?a=", 10);
    target[200000] = '\0';
    struct answer a = fixture_ask(&f, &f.admin, NULL, "GET", target);
    assert_true(a.status == 414 || a.status == 431 || a.status == 413 || a.status == 0);
    free(a.body);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
}

static void a_body_is_passed_over(void **state)
{
    struct peer p;

    (void)state;
    p = (struct peer){ .port = server_port(f.server), .who = &f.admin, .fd = -1 };
    p.request = xstrdup("PUT /query/ HTTP/1.1\r\nHost: n\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
    peer_start_thread(&p);
    DRIVE(f.loop, p.done);
    assert_int_equal(peer_status(&p), 200);
    peer_done(&p);
}

static void one_connection_serves_many_requests(void **state)
{
    struct peer p = { .port = server_port(f.server), .who = &f.admin, .fd = -1 };

    (void)state;
    p.request = xstrdup("GET /query/1 HTTP/1.1\r\nHost: n\r\n\r\nGET /query/2 HTTP/1.1\r\nHost: n\r\n\r\n"
                        "GET /query/3 HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n");
    peer_start_thread(&p);
    DRIVE(f.loop, p.done);
    assert_non_null(strstr(buf_str(&p.in), "/query/1|"));
    assert_non_null(strstr(buf_str(&p.in), "/query/2|"));
    assert_non_null(strstr(buf_str(&p.in), "/query/3|"));
    peer_done(&p);
}

/* ---- streaming ---- */

enum { ECHO_BYTES = 1 << 20 };

static unsigned char pattern(size_t i)
{
    return (unsigned char)((i * 2654435761u) >> 13);
}

struct echo_check {
    atomic_size_t sent, received;
    atomic_bool wrong, upgraded;
    bool hold; /* after the echo: wait to be cut off */
};
static struct echo_check check;

static void *send_pattern(void *arg)
{
    struct peer *p = arg;
    unsigned char piece[4096];

    for (size_t at = 0; at < ECHO_BYTES; at += sizeof(piece)) {
        for (size_t i = 0; i < sizeof(piece); i++)
            piece[i] = pattern(at + i);
        for (size_t done = 0; done < sizeof(piece);) {
            ssize_t n = peer_send(p, piece + done, sizeof(piece) - done);
            if (n <= 0)
                return NULL;
            done += (size_t)n;
        }
        check.sent += sizeof(piece);
    }
    return NULL;
}

/* The head byte by byte, so that nothing of the stream is taken along. */
static bool read_head(struct peer *p)
{
    char head[1024];
    size_t len = 0;

    while (len + 1 < sizeof(head) && peer_recv(p, head + len, 1) == 1) {
        head[++len] = '\0';
        if (str_has_suffix(head, "\r\n\r\n"))
            return str_has_prefix(head, "HTTP/1.1 101 ") && strcasestr(head, "upgrade: echo/1") != NULL;
    }
    return false;
}

static void echo_script(struct peer *p)
{
    unsigned char piece[16384];
    pthread_t sender;
    ssize_t n;

    check.upgraded = read_head(p);
    if (!check.upgraded)
        return;
    pthread_create(&sender, NULL, send_pattern, p);
    while (check.received < ECHO_BYTES && (n = peer_recv(p, piece, sizeof(piece))) > 0) {
        for (ssize_t i = 0; i < n; i++)
            if (piece[i] != pattern(check.received + (size_t)i))
                check.wrong = true;
        check.received += (size_t)n;
    }
    pthread_join(sender, NULL);
    if (check.hold)
        (void)peer_recv(p, piece, 1);
    else
        gnutls_bye(p->session, GNUTLS_SHUT_WR);
}

static void start_echo(struct peer *p, const char *method, bool hold)
{
    check = (struct echo_check){ .hold = hold };
    *p = (struct peer){ .port = server_port(f.server), .who = &f.admin, .fd = -1, .script = echo_script };
    p->request = xasprintf("%s /echo HTTP/1.1\r\nHost: n\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n", method);
    peer_start_thread(p);
}

static void a_mebibyte_is_echoed(const char *method)
{
    struct peer p;

    start_echo(&p, method, false);
    DRIVE(f.loop, p.done);
    assert_true(check.upgraded);
    assert_false(check.wrong);
    assert_int_equal(check.received, ECHO_BYTES);
    peer_done(&p);
    DRIVE(f.loop, echoes == 0); /* the client's end is noticed */
}

static void an_upgraded_get_echoes_a_mebibyte(void **state)
{
    (void)state;
    a_mebibyte_is_echoed("GET");
    assert_string_equal(f.reviewer.asked, "get proxy;");
}

static void an_upgraded_post_echoes_a_mebibyte(void **state)
{
    (void)state;
    a_mebibyte_is_echoed("POST");
    assert_string_equal(f.reviewer.asked, "create proxy;");
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void an_idle_stream_costs_nothing(void **state)
{
    struct peer p;

    (void)state;
    start_echo(&p, "GET", true);
    DRIVE(f.loop, check.received == ECHO_BYTES);
    double before = cpu_s();
    unsigned rounds = 0;
    for (int64_t end_ms = clock_boot_ms() + 500; clock_boot_ms() < end_ms; rounds++)
        (void)loop_once(f.loop, 100);
    assert_true(rounds < 50);
    assert_true(cpu_s() - before < 0.2);
    peer_leave(&p);
    DRIVE(f.loop, p.done && echoes == 0);
    peer_done(&p);
}

static void the_server_ends_streams_that_are_open(void **state)
{
    struct peer p;

    (void)state;
    start_echo(&p, "GET", true);
    DRIVE(f.loop, check.received == ECHO_BYTES);
    assert_int_equal(echoes, 1);
    f.server = server_free(f.server);
    DRIVE(f.loop, p.done && echoes == 0); /* both ends are told */
    peer_done(&p);
}

static void an_upgrade_needs_a_known_client(void **state)
{
    (void)state;
    ASSERT_ANSWER(&f, NULL, NULL, "GET", "/echo", 401, NULL);
    f.reviewer.allowed = NULL;
    ASSERT_ANSWER(&f, &f.admin, NULL, "POST", "/echo", 403,
                  "Forbidden (user=admin, verb=create, resource=nodes, subresource(s)=[proxy])\n");
}

static void http_1_0_cannot_upgrade(void **state)
{
    struct peer p = { .port = server_port(f.server), .who = &f.admin, .fd = -1 };

    (void)state;
    p.request = xstrdup("GET /echo HTTP/1.0\r\nHost: n\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n");
    peer_start_thread(&p);
    DRIVE(f.loop, p.done);
    assert_int_equal(peer_status(&p), 400);
    peer_done(&p);
}

int main(void)
{
#define WITH_SERVER(t) cmocka_unit_test_setup_teardown(t, start, stop)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(unknown_paths_and_methods),
        WITH_SERVER(the_small_endpoints),
        WITH_SERVER(queries_are_decoded_and_paths_too),
        WITH_SERVER(verbs_come_from_methods),
        WITH_SERVER(a_large_answer_arrives_whole),
        WITH_SERVER(an_oversized_request_is_refused),
        WITH_SERVER(a_body_is_passed_over),
        WITH_SERVER(one_connection_serves_many_requests),
        WITH_SERVER(an_upgrade_needs_a_known_client),
        WITH_SERVER(an_upgraded_get_echoes_a_mebibyte),
        WITH_SERVER(an_upgraded_post_echoes_a_mebibyte),
        WITH_SERVER(an_idle_stream_costs_nothing),
        WITH_SERVER(http_1_0_cannot_upgrade),
        WITH_SERVER(the_server_ends_streams_that_are_open),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
