/* SPDX-License-Identifier: Apache-2.0 */
/* test_server_tls.c - peers that misbehave at the edge: they cost nothing and hold up nobody. */
#include "fixture.h"

#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct fixture f;

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
    fixture_start(&f, NULL, 0, NULL);
    return 0;
}
static int stop(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

static void start_plain(struct peer *p, const char *text)
{
    *p = (struct peer){ .port = server_port(f.server), .plain = true, .fd = -1, .request = xstrdup(text) };
    peer_start_thread(p);
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void plain_http_is_turned_away(void **state)
{
    struct peer p;

    (void)state;
    start_plain(&p, "GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n");
    DRIVE(f.loop, p.done);
    assert_int_equal(peer_status(&p), 0);
    peer_done(&p);
}

static void a_handshake_that_stalls_costs_nothing_and_ends(void **state)
{
    static struct peer stalled[20];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(stalled); i++)
        start_plain(&stalled[i], "\x16\x03\x01\x02"); /* four bytes of a ClientHello */
    for (int i = 0; i < 50; i++)
        (void)loop_once(f.loop, 5);
    double before = cpu_s();
    unsigned rounds = 0;
    for (int64_t end_ms = clock_boot_ms() + 500; clock_boot_ms() < end_ms; rounds++)
        (void)loop_once(f.loop, 100);
    assert_true(rounds < 50);
    assert_true(cpu_s() - before < 0.2);
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
    for (int64_t end_ms = clock_boot_ms() + 11000; clock_boot_ms() < end_ms && !stalled[0].done;)
        (void)loop_once(f.loop, 100);
    for (size_t i = 0; i < ARRAY_LEN(stalled); i++) { /* after ten seconds */
        DRIVE(f.loop, stalled[i].done);
        peer_done(&stalled[i]);
    }
}

static void old_script(struct peer *p)
{
    (void)p;
}

static void leaving_right_after_the_handshake_harms_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        struct peer p = { .port = server_port(f.server), .who = &f.admin, .fd = -1, .script = old_script };
        p.request = xstrdup("");
        peer_start_thread(&p);
        DRIVE(f.loop, p.done);
        peer_done(&p);
    }
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 200, NULL);
}

static void half_request(struct peer *p)
{
    gnutls_bye(p->session, GNUTLS_SHUT_WR);
    peer_read_all(p);
}

static void a_client_that_ends_its_side_still_gets_its_answer(void **state)
{
    struct peer p = { .port = server_port(f.server), .who = &f.admin, .fd = -1, .script = half_request };

    (void)state;
    f.reviewer.delay_ms = 100; /* the end is there long before the answer */
    p.request = xstrdup("GET /pods HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n");
    peer_start_thread(&p);
    DRIVE(f.loop, p.done);
    assert_int_equal(peer_status(&p), 200);
    peer_done(&p);
}

static void many_connections_at_once(void **state)
{
    static struct peer peers[100];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(peers); i++)
        peer_start(&peers[i], server_port(f.server), &f.admin, "GET /pods HTTP/1.1");
    for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
        DRIVE(f.loop, peers[i].done);
        assert_int_equal(peer_status(&peers[i]), 200);
        peer_done(&peers[i]);
    }
}

/* The serving certificate that a client was shown, as PEM; caller owns. */
static char shown[4096];

static void look_at_server(struct peer *p)
{
    unsigned len = 0;
    const gnutls_datum_t *raw = gnutls_certificate_get_peers(p->session, &len);
    gnutls_datum_t pem = { 0 };

    if (raw && gnutls_pem_base64_encode_alloc("CERTIFICATE", raw, &pem) >= 0)
        (void)snprintf(shown, sizeof(shown), "%.*s", (int)pem.size, (const char *)pem.data);
    gnutls_free(pem.data);
    peer_read_all(p);
}

static void assert_shown(const struct pki_pair *pair)
{
    struct peer p = { .port = server_port(f.server), .who = &f.admin, .fd = -1, .script = look_at_server };

    p.request = xstrdup("GET /pods HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n");
    peer_start_thread(&p);
    DRIVE(f.loop, p.done);
    assert_int_equal(peer_status(&p), 200);
    peer_done(&p);
    if (strncmp(shown, pair->cert, strlen(pair->cert) - 1))
        fail_msg("another certificate is shown:\n%s\n%s", shown, pair->cert);
}

static atomic_bool replaced;

static void ask_again(struct peer *p)
{
    static const char request[] = "GET /pods HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n";
    char piece[1024];

    while (!peer_has(p, "PodList")) { /* the first answer; its connection stays */
        ssize_t n = peer_recv(p, piece, sizeof(piece));
        if (n <= 0)
            return;
        pthread_mutex_lock(&p->lock);
        (void)buf_add(&p->in, piece, (size_t)n);
        pthread_mutex_unlock(&p->lock);
    }
    while (!replaced)
        (void)usleep(1000);
    (void)peer_send(p, request, sizeof(request) - 1);
    pthread_mutex_lock(&p->lock);
    buf_clear(&p->in);
    pthread_mutex_unlock(&p->lock);
    peer_read_all(p);
}

static void a_new_serving_certificate_is_for_new_connections(void **state)
{
    struct pki_pair fresh = pki_make(&(struct pki_opts){ .name = "node", .purpose = GNUTLS_KP_TLS_WWW_SERVER });
    struct peer old = { .port = server_port(f.server), .who = &f.admin, .fd = -1, .script = ask_again };
    struct err err = ERR_INIT;

    (void)state;
    assert_shown(&f.serving);
    old.request = xstrdup("GET /pods HTTP/1.1\r\nHost: n\r\n\r\n");
    peer_start_thread(&old);
    DRIVE(f.loop, peer_has(&old, "PodList"));
    assert_int_equal(server_set_certificate(f.server, fresh.cert, f.serving.key, &err), -EINVAL);
    assert_shown(&f.serving);
    assert_int_equal(server_set_certificate(f.server, fresh.cert, fresh.key, &err), 0);
    assert_shown(&fresh);
    replaced = true;
    DRIVE(f.loop, old.done);
    assert_int_equal(peer_status(&old), 200);
    peer_done(&old);
    pki_done(&fresh);
}

static unsigned looks;

static void look(void *user)
{
    (void)user;
    looks++;
    if (f.server) /* not while it is being made */
        assert_int_equal(server_set_client_ca(f.server, f.other_ca.cert, NULL), 0);
}

static void ask_for_looks(struct server_opts *o)
{
    f.deps.look = look;
    o->deps = &f.deps;
}

static void who_arrives_is_judged_by_what_the_owner_finds_then(void **state)
{
    (void)state;
    fixture_start(&f, NULL, 0, ask_for_looks);
    looks = 0;
    ASSERT_ANSWER(&f, &f.admin, NULL, "GET", "/pods", 401, NULL);
    assert_true(looks >= 2); /* the connection, the request */
    ASSERT_ANSWER(&f, &f.stranger, NULL, "GET", "/pods", 200, NULL);
    fixture_stop(&f);
}

static void a_port_in_use_is_named(void **state)
{
    struct err err = ERR_INIT;
    struct server *second = NULL;
    struct server_opts o = { .address = "127.0.0.1", .port = server_port(f.server), .cert_pem = f.serving.cert,
                             .key_pem = f.serving.key, .deps = &f.deps };
    AUTO(free) char *want = xasprintf("cannot serve on 127.0.0.1 port %u: Address already in use", o.port);

    (void)state;
    assert_true(server_new(f.loop, &o, &second, &err) < 0);
    assert_string_equal(err.msg, want);
}

static void a_key_that_does_not_fit_is_named(void **state)
{
    struct err err = ERR_INIT;
    struct server *second = NULL;
    struct server_opts o = { .address = "127.0.0.1", .cert_pem = f.serving.cert, .key_pem = f.admin.key, .deps = &f.deps };

    (void)state;
    assert_true(server_new(f.loop, &o, &second, &err) < 0);
    assert_true(str_has_prefix(err.msg, "serving certificate: "));
}

int main(void)
{
#define WITH_SERVER(t) cmocka_unit_test_setup_teardown(t, start, stop)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(plain_http_is_turned_away),
        WITH_SERVER(a_handshake_that_stalls_costs_nothing_and_ends),
        WITH_SERVER(leaving_right_after_the_handshake_harms_nothing),
        WITH_SERVER(a_client_that_ends_its_side_still_gets_its_answer),
        WITH_SERVER(many_connections_at_once),
        WITH_SERVER(a_new_serving_certificate_is_for_new_connections),
        cmocka_unit_test(who_arrives_is_judged_by_what_the_owner_finds_then),
        WITH_SERVER(a_port_in_use_is_named),
        WITH_SERVER(a_key_that_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
