/* SPDX-License-Identifier: Apache-2.0 */
/* test_http.c - HTTP calls against a real server on loopback. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/http.h"
#include "base/mem.h"
#include "base/str.h"

extern char **environ;

/* ---- the server ------------------------------------------------------------------------------------------ */

struct server {
    pid_t pid;
    int stdin_fd;
    int port;
};

static struct server plain, secure, other;
static char certs[] = "/tmp/test-http-XXXXXX";

static void server_start(struct server *s, const char *folder, const char *option)
{
    int in[2], out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    char *argv[] = { (char[]){ "python3" }, (char[]){ SERVER }, NULL, NULL, NULL };
    AUTO(free) char *a = xstrdup(folder);
    AUTO(free) char *b = xstrdup(option);
    argv[2] = a;
    argv[3] = b;
    assert_int_equal(posix_spawnp(&s->pid, "python3", &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    s->stdin_fd = in[1];
    FILE *f = fdopen(out[0], "r");
    char line[16] = "";
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    line[strcspn(line, "\n")] = 0;
    int64_t port = 0;
    assert_int_equal(str_to_i64(line, 1, 65535, &port), 0);
    s->port = (int)port;
}

static void server_stop(struct server *s)
{
    close(s->stdin_fd);
    (void)waitpid(s->pid, NULL, 0);
}

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_non_null(mkdtemp(certs));
    server_start(&plain, NULL, NULL);
    server_start(&other, NULL, NULL);
    server_start(&secure, certs, "--client");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_stop(&plain);
    server_stop(&other);
    server_stop(&secure);
    const char *names[] = { "ca.crt", "ca.key", "server.crt", "server.key", "client.crt", "client.key" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(free) char *path = xasprintf("%s/%s", certs, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(certs);
    return 0;
}

/* ---- a call and what came of it -------------------------------------------------------------------------- */

struct probe {
    struct http_call call;
    struct loop *loop;
    struct http_pool *pool;
    int heads, dones, status, chunks;
    size_t bytes;
    int cancel_after; /* chunks; 0: never */
    int pause_every;
    bool paused;
    bool leave_running;
    int again; /* how often it starts anew in on_done */
    const struct http_request *request;
    struct err err;
    char header[64];
    char *body;
    struct loop_timer timer;
};

static void on_head(struct http_call *c)
{
    container_of(c, struct probe, call)->heads++;
}

static enum http_data on_data(struct http_call *c, const void *data, size_t len)
{
    struct probe *p = container_of(c, struct probe, call);
    (void)data;
    if (p->pause_every && !p->paused) {
        p->paused = true;
        loop_timer_start(&p->timer, 20);
        return HTTP_DATA_PAUSE;
    }
    p->paused = false;
    p->chunks++;
    p->bytes += len;
    if (p->cancel_after && p->chunks >= p->cancel_after) {
        http_call_cancel(c);
        loop_stop(p->loop);
    }
    return HTTP_DATA_OK;
}

static void on_done(struct http_call *c, const struct err *err)
{
    struct probe *p = container_of(c, struct probe, call);
    p->dones++;
    p->status = http_call_status(c);
    err_copy(&p->err, err);
    free(p->body);
    p->body = buf_take(http_call_body(c));
    const char *h = http_call_header(c, "X-Many");
    (void)snprintf(p->header, sizeof p->header, "%s", str_or(h, ""));
    assert_false(http_call_running(c));
    if (p->again-- > 0) {
        assert_int_equal(http_call_start(c, p->pool, p->request, NULL), 0);
        return;
    }
    if (!p->leave_running)
        loop_stop(p->loop);
}

static void on_timer(struct loop_timer *t)
{
    http_call_resume(&container_of(t, struct probe, timer)->call);
}

static void probe_init(struct probe *p, bool http1_only)
{
    *p = (struct probe){ .cancel_after = 0 };
    assert_int_equal(loop_new(&p->loop, NULL), 0);
    p->pool = http_pool_new(p->loop, &(struct http_pool_opts){ .name = "test", .user_agent = "test/1",
                                                               .proxy = "", .http1_only = http1_only });
    http_call_init(&p->call, on_head, NULL, on_done);
    loop_timer_init(&p->timer, p->loop, "probe", on_timer);
}

static void probe_done(struct probe *p)
{
    http_call_cancel(&p->call);
    loop_timer_stop(&p->timer);
    http_pool_free(p->pool);
    loop_free(p->loop);
    free(p->body);
}

static char *url_of(const struct server *s, const char *scheme, const char *path)
{
    return xasprintf("%s://127.0.0.1:%d%s", scheme, s->port, path);
}

static void probe_run(struct probe *p, struct http_request *r, const char *path)
{
    AUTO(free) char *url = url_of(&plain, "http", path);
    r->url = url;
    if (!r->method)
        r->method = "GET";
    p->request = r;
    assert_int_equal(http_call_start(&p->call, p->pool, r, NULL), 0);
    loop_run(p->loop);
}

static void a_body_is_collected(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    probe_run(&p, &(struct http_request){ .method = "GET" }, "/text");
    assert_int_equal(p.err.code, 0);
    assert_int_equal(p.status, 200);
    assert_int_equal(p.heads, 1);
    assert_int_equal(p.dones, 1);
    assert_string_equal(p.body, "hello");
    probe_done(&p);
}

static void method_headers_and_body_arrive(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    const struct http_header h[] = { { "Content-Type", "application/merge-patch+json" }, { "X-Empty", "" } };
    probe_run(&p,
              &(struct http_request){ .method = "PATCH", .headers = h, .headers_len = 2, .body = "{\"a\":1}",
                                      .body_len = 7, .authorization = "Bearer abc" },
              "/echo?x=1");
    assert_non_null(strstr(p.body, "PATCH /echo?x=1 HTTP/1.1\n"));
    assert_non_null(strstr(p.body, "Authorization: Bearer abc\n"));
    assert_non_null(strstr(p.body, "Content-Type: application/merge-patch+json\n"));
    assert_non_null(strstr(p.body, "X-Empty: \n"));
    assert_non_null(strstr(p.body, "User-Agent: test/1\n"));
    assert_non_null(strstr(p.body, "\n\n{\"a\":1}"));
    probe_done(&p);
}

static void any_status_is_an_answer(void **state)
{
    (void)state;
    static const int statuses[] = { 204, 404, 409, 429, 500 };
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct probe p;
        char path[32];
        (void)snprintf(path, sizeof path, "/status/%d", statuses[i]);
        probe_init(&p, false);
        probe_run(&p, &(struct http_request){ .method = "DELETE" }, path);
        assert_int_equal(p.err.code, 0);
        assert_int_equal(p.status, statuses[i]);
        assert_int_equal(p.heads, 1);
        probe_done(&p);
    }
}

static void the_last_header_of_a_name_is_found(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    probe_run(&p, &(struct http_request){ .method = "HEAD" }, "/headers");
    assert_string_equal(p.header, "two");
    probe_done(&p);
}

static void a_call_starts_anew_in_its_own_end(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    p.again = 3;
    AUTO(free) char *url = url_of(&plain, "http", "/text");
    struct http_request r = { .method = "GET", .url = url };
    p.request = &r;
    assert_int_equal(http_call_start(&p.call, p.pool, &r, NULL), 0);
    loop_run(p.loop);
    assert_int_equal(p.dones, 4);
    probe_done(&p);
}

static void an_answer_beyond_its_limit_fails(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    probe_run(&p, &(struct http_request){ .body_max_bytes = 1000 }, "/bytes/1001");
    assert_int_equal(p.err.code, -E2BIG);
    assert_int_equal(p.dones, 1);
    probe_run(&p, &(struct http_request){ .body_max_bytes = 1000 }, "/bytes/1000");
    assert_int_equal(p.err.code, 0);
    assert_int_equal(strlen(p.body), 1000);
    probe_done(&p);
}

static void a_paused_stream_loses_nothing(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, true);
    p.call.on_data = on_data;
    p.pause_every = 1;
    probe_run(&p, &(struct http_request){ .body_max_bytes = SIZE_MAX }, "/bytes/300000");
    assert_int_equal(p.err.code, 0);
    assert_int_equal(p.bytes, 300000);
    assert_true(p.chunks > 10);
    probe_done(&p);
}

static void cancelling_inside_a_callback_ends_it(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    p.call.on_data = on_data;
    p.cancel_after = 2;
    probe_run(&p, &(struct http_request){ .body_max_bytes = SIZE_MAX }, "/drip");
    assert_int_equal(p.chunks, 2);
    assert_int_equal(p.dones, 0);
    assert_false(http_call_running(&p.call));
    for (int i = 0; i < 5; i++)
        loop_once(p.loop, 60);
    assert_int_equal(p.chunks, 2);
    assert_int_equal(p.dones, 0);
    probe_done(&p);
}

static void silence_is_a_timeout(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int64_t total_ms, idle_ms;
        int heads;
    } cases[] = { { "/mute", 200, 0, 0 }, { "/mute", 0, 200, 0 }, { "/hang", 0, 200, 1 }, { "/drip", 300, 0, 1 } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct probe p;
        probe_init(&p, false);
        int64_t before = clock_boot_ms();
        probe_run(&p,
                  &(struct http_request){ .total_timeout_ms = cases[i].total_ms, .idle_timeout_ms = cases[i].idle_ms },
                  cases[i].path);
        int64_t took = clock_boot_ms() - before;
        assert_int_equal(p.err.code, -ETIMEDOUT);
        assert_int_equal(p.heads, cases[i].heads);
        assert_true(took >= 190 && took < 2000);
        probe_done(&p);
    }
}

static void a_drip_is_not_idle(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    p.call.on_data = on_data;
    p.cancel_after = 10;
    probe_run(&p, &(struct http_request){ .idle_timeout_ms = 200, .body_max_bytes = SIZE_MAX }, "/drip");
    assert_int_equal(p.chunks, 10);
    assert_int_equal(p.dones, 0);
    probe_done(&p);
}

static void failures_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        int code;
    } cases[] = {
        { "http://127.0.0.1:1/x?secret=1", -ECONNREFUSED },
        { "http://no-such-host.invalid/", -EHOSTUNREACH },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct probe p;
        probe_init(&p, false);
        struct http_request r = { .method = "GET", .url = cases[i].url };
        assert_int_equal(http_call_start(&p.call, p.pool, &r, NULL), 0);
        loop_run(p.loop);
        assert_int_equal(p.err.code, cases[i].code);
        assert_int_equal(p.dones, 1);
        assert_null(strstr(p.err.msg, "secret"));
        assert_non_null(strstr(p.err.msg, "GET http://"));
        probe_done(&p);
    }
}

static void what_is_not_valid_never_starts(void **state)
{
    (void)state;
    const struct http_header split = { "X-A", "b\r\nX-C: d" }, space = { "X A", "b" };
    const struct http_request cases[] = {
        { .method = "GET", .url = "ftp://host/" },
        { .method = "GET", .url = "/path" },
        { .method = "GET", .url = "" },
        { .method = "GE T", .url = "http://host/" },
        { .method = "GET", .url = "http://host/", .headers = &split, .headers_len = 1 },
        { .method = "GET", .url = "http://host/", .headers = &space, .headers_len = 1 },
        { .method = "GET", .url = "http://host/", .authorization = "Bearer x\n" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct probe p;
        struct err err = ERR_INIT;
        probe_init(&p, false);
        assert_int_equal(http_call_start(&p.call, p.pool, &cases[i], &err), -EINVAL);
        assert_true(err.msg[0] != 0);
        assert_false(http_call_running(&p.call));
        assert_false(loop_once(p.loop, 0));
        probe_done(&p);
    }
}

static void redirects_are_followed_only_when_asked(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    probe_run(&p, &(struct http_request){ .redirects_max = 0 }, "/to?/text");
    assert_int_equal(p.status, 302);
    probe_run(&p, &(struct http_request){ .redirects_max = 2 }, "/to?/text");
    assert_int_equal(p.status, 200);
    assert_string_equal(p.body, "hello");
    assert_int_equal(p.heads, 2);
    probe_run(&p, &(struct http_request){ .redirects_max = 1 }, "/to?/to?/text");
    assert_int_equal(p.err.code, -ELOOP);
    probe_done(&p);
}

static void credentials_stay_with_their_host(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    AUTO(free) char *there = xasprintf("/to?http://localhost:%d/echo", other.port);
    struct http_request r = { .redirects_max = 3, .authorization = "Bearer secret" };
    probe_run(&p, &r, there);
    assert_int_equal(p.status, 200);
    assert_null(strstr(p.body, "secret"));
    probe_run(&p, &r, "/to?/echo");
    assert_non_null(strstr(p.body, "Bearer secret"));
    probe_done(&p);
}

/* ---- TLS ------------------------------------------------------------------------------------------------- */

static char *read_cert(const char *name, size_t *ret_len)
{
    AUTO(free) char *path = xasprintf("%s/%s", certs, name);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    char *data = xcalloc(1, 65536);
    *ret_len = fread(data, 1, 65535, f);
    fclose(f);
    return data;
}

static struct http_tls *make_tls(bool ca, bool client, const char *server_name, bool insecure)
{
    size_t ca_len, cert_len, key_len;
    AUTO(free) char *ca_pem = read_cert("ca.crt", &ca_len);
    AUTO(free) char *cert = read_cert("client.crt", &cert_len);
    AUTO(free) char *key = read_cert("client.key", &key_len);
    struct http_tls_opts o = { .server_name = server_name, .insecure = insecure };
    if (ca) {
        o.ca = ca_pem;
        o.ca_len = ca_len;
    }
    if (client) {
        o.cert = cert;
        o.cert_len = cert_len;
        o.key = key;
        o.key_len = key_len;
    }
    struct http_tls *tls = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(http_tls_new(&o, &tls, &err), 0);
    return tls;
}

static void certificates_decide_who_speaks(void **state)
{
    (void)state;
    static const struct {
        bool ca, client, insecure;
        const char *server_name;
        bool ok;
    } cases[] = {
        { true, true, false, NULL, true },         { true, true, false, "server.test", true },
        { true, true, false, "wrong.test", false }, { false, true, false, NULL, false },
        { false, true, true, NULL, true },          { true, false, false, NULL, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct probe p;
        probe_init(&p, false);
        struct http_tls *tls = make_tls(cases[i].ca, cases[i].client, cases[i].server_name, cases[i].insecure);
        AUTO(free) char *url = url_of(&secure, "https", "/echo");
        struct http_request r = { .method = "GET", .url = url, .tls = tls };
        assert_int_equal(http_call_start(&p.call, p.pool, &r, NULL), 0);
        http_tls_unref(tls);
        loop_run(p.loop);
        if (cases[i].ok) {
            assert_int_equal(p.err.code, 0);
            assert_int_equal(p.status, 200);
            assert_non_null(strstr(p.body, "system:node:n1"));
            assert_non_null(strstr(p.body, "Host: 127.0.0.1:"));
        } else {
            assert_int_not_equal(p.err.code, 0);
        }
        probe_done(&p);
    }
}

static void another_identity_never_uses_an_old_connection(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    AUTO(free) char *url = url_of(&secure, "https", "/echo");
    struct http_tls *tls = make_tls(true, true, NULL, false);
    assert_int_equal(
        http_call_start(&p.call, p.pool, &(struct http_request){ .method = "GET", .url = url, .tls = tls }, NULL), 0);
    loop_run(p.loop);
    assert_int_equal(p.status, 200);
    http_tls_unref(tls); /* its descriptors are free now, the connection is still open */
    tls = make_tls(true, false, NULL, false);
    assert_int_equal(
        http_call_start(&p.call, p.pool, &(struct http_request){ .method = "GET", .url = url, .tls = tls }, NULL), 0);
    loop_run(p.loop);
    assert_int_not_equal(p.err.code, 0);
    http_tls_unref(tls);
    probe_done(&p);
}

static void bad_certificates_are_named(void **state)
{
    (void)state;
    struct http_tls *tls = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(http_tls_new(&(struct http_tls_opts){ .ca = "junk", .ca_len = 4 }, &tls, &err), -EINVAL);
    assert_non_null(strstr(err.msg, "certificate authority"));
    err_clear(&err);
    assert_int_equal(http_tls_new(&(struct http_tls_opts){ .cert = "junk", .cert_len = 4, .key = "junk", .key_len = 4 },
                                  &tls, &err),
                     -EINVAL);
    assert_non_null(strstr(err.msg, "client certificate"));
    err_clear(&err);
    assert_int_equal(http_tls_new(&(struct http_tls_opts){ .cert = "junk", .cert_len = 4 }, &tls, &err), -EINVAL);
    size_t cert_len, key_len;
    AUTO(free) char *cert = read_cert("client.crt", &cert_len);
    AUTO(free) char *key = read_cert("server.key", &key_len);
    err_clear(&err);
    assert_int_equal(http_tls_new(&(struct http_tls_opts){ .cert = cert, .cert_len = cert_len, .key = key,
                                                           .key_len = key_len },
                                  &tls, &err),
                     -EINVAL);
    assert_null(tls);
}

static int count_socket(int dirfd, const char *name, void *user)
{
    int domain = 0;
    socklen_t len = sizeof domain;
    (void)dirfd;
    (void)getsockopt((int)strtol(name, NULL, 10), SOL_SOCKET, SO_DOMAIN, &domain, &len);
    *(int *)user += domain == AF_INET;
    return 0;
}

static int open_sockets(void)
{
    int n = 0;
    assert_int_equal(path_each("/proc/self/fd", count_socket, &n, NULL), 0);
    return n;
}

static int echo_port(struct probe *p)
{
    probe_run(p, &(struct http_request){ .method = "GET" }, "/echo");
    assert_int_equal(p->status, 200);
    const char *from = strstr(p->body, "from: ");
    assert_non_null(from);
    return (int)strtol(from + 6, NULL, 10);
}

static void a_retired_pool_opens_new_connections_and_lets_the_old_ones_end(void **state)
{
    (void)state;
    struct probe p, slow = { .cancel_after = 0 };
    probe_init(&p, false);
    int before = open_sockets();
    int first = echo_port(&p);
    assert_int_equal(echo_port(&p), first);
    http_pool_retire(p.pool);
    for (int i = 0; i < 5 && open_sockets() > before; i++)
        loop_once(p.loop, 20);
    assert_int_equal(open_sockets(), before); /* nothing ran on it */

    AUTO(free) char *url = url_of(&plain, "http", "/drip");
    http_call_init(&slow.call, on_head, on_data, on_done);
    assert_int_equal(http_call_start(&slow.call, p.pool, &(struct http_request){ .method = "GET", .url = url }, NULL), 0);
    while (!slow.chunks)
        loop_once(p.loop, 100);
    http_pool_retire(p.pool);
    int seen = slow.chunks;
    assert_int_not_equal(echo_port(&p), first);
    while (slow.chunks < seen + 3)
        loop_once(p.loop, 100);
    assert_int_equal(open_sockets(), before + 2);
    http_call_cancel(&slow.call);
    for (int i = 0; i < 5 && open_sockets() > before + 1; i++)
        loop_once(p.loop, 20);
    assert_int_equal(open_sockets(), before + 1);
    probe_done(&p);
}

static void freeing_a_pool_cancels_its_calls(void **state)
{
    (void)state;
    struct probe p;
    probe_init(&p, false);
    AUTO(free) char *url = url_of(&plain, "http", "/hang");
    assert_int_equal(http_call_start(&p.call, p.pool, &(struct http_request){ .method = "GET", .url = url }, NULL), 0);
    for (int i = 0; i < 5 && !p.heads; i++)
        loop_once(p.loop, 200);
    assert_int_equal(p.heads, 1);
    p.pool = http_pool_free(p.pool);
    assert_false(http_call_running(&p.call));
    assert_int_equal(p.dones, 0);
    probe_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_collected),
        cmocka_unit_test(method_headers_and_body_arrive),
        cmocka_unit_test(any_status_is_an_answer),
        cmocka_unit_test(the_last_header_of_a_name_is_found),
        cmocka_unit_test(a_call_starts_anew_in_its_own_end),
        cmocka_unit_test(an_answer_beyond_its_limit_fails),
        cmocka_unit_test(a_paused_stream_loses_nothing),
        cmocka_unit_test(cancelling_inside_a_callback_ends_it),
        cmocka_unit_test(silence_is_a_timeout),
        cmocka_unit_test(a_drip_is_not_idle),
        cmocka_unit_test(failures_have_names),
        cmocka_unit_test(what_is_not_valid_never_starts),
        cmocka_unit_test(redirects_are_followed_only_when_asked),
        cmocka_unit_test(credentials_stay_with_their_host),
        cmocka_unit_test(certificates_decide_who_speaks),
        cmocka_unit_test(another_identity_never_uses_an_old_connection),
        cmocka_unit_test(bad_certificates_are_named),
        cmocka_unit_test(a_retired_pool_opens_new_connections_and_lets_the_old_ones_end),
        cmocka_unit_test(freeing_a_pool_cancels_its_calls),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
