/* SPDX-License-Identifier: Apache-2.0 */
/* test_k8s_client.c - busy, broken and lying servers; tests/cluster/client has the real one. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/rest.h"
#include "k8s/watch.h"

extern char **environ;

static pid_t server;
static int server_in;
static int64_t port;
static struct loop *loop;
static struct k8s_client *client;

static int setup(void **state)
{
    (void)state;
    int in[2], out[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    char *argv[] = { (char[]){ "python3" }, (char[]){ SERVER }, NULL };
    assert_int_equal(posix_spawnp(&server, "python3", &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    server_in = in[1];
    FILE *f = fdopen(out[0], "r");
    char line[16] = "";
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    line[strcspn(line, "\n")] = 0;
    assert_int_equal(str_to_i64(line, 1, 65535, &port), 0);

    AUTO(free) char *config = xasprintf("{clusters: [{name: c, cluster: {server: 'http://127.0.0.1:%d'}}], "
                                        "contexts: [{name: x, context: {cluster: c}}], current-context: x}",
                                        (int)port);
    struct k8s_access *access = NULL;
    struct err err = ERR_INIT;
    if (k8s_kubeconfig_parse("t", "/", config, strlen(config), NULL, &access, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(loop_new(&loop, &err), 0);
    client = k8s_client_new(loop, access, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    k8s_client_free(client);
    loop_free(loop);
    close(server_in);
    (void)waitpid(server, NULL, 0);
    return 0;
}

/* ---- requests -------------------------------------------------------------------------------------------- */

static struct k8s_call call;
static bool call_done;
static enum k8s_outcome outcome;
static int64_t retry_after_ms;
static char message[ERR_MSG_MAX];

static void on_call(struct k8s_call *c, const struct k8s_result *r)
{
    (void)c;
    call_done = true;
    outcome = r->outcome;
    retry_after_ms = r->retry_after_ms;
    (void)snprintf(message, sizeof message, "%s", r->err.msg);
    loop_stop(loop);
}

static int64_t get(const char *name, int64_t timeout_ms)
{
    int64_t start_ms = clock_boot_ms();
    call_done = false;
    k8s_call_init(&call, on_call);
    assert_int_equal(k8s_call_start(&call, client,
                                    &(struct k8s_request){
                                        .verb = K8S_GET, .kind = K8S_KIND_NODE, .name = name, .timeout_ms = timeout_ms },
                                    NULL),
                     0);
    while (!call_done)
        loop_run(loop);
    return clock_boot_ms() - start_ms;
}

static void a_busy_server_is_asked_again_when_it_says(void **state)
{
    (void)state;
    int64_t took_ms = get("busy", 10000);
    assert_int_equal(outcome, K8S_OK);
    assert_in_range(took_ms, 1900, 4000);
    took_ms = get("retry", 10000);
    assert_int_equal(outcome, K8S_OK);
    assert_true(took_ms < 1500);
}

static void nobody_waits_longer_than_his_timeout(void **state)
{
    (void)state;
    int64_t took_ms = get("swamped", 2000);
    assert_int_equal(outcome, K8S_TOO_MANY_REQUESTS);
    assert_int_equal(retry_after_ms, 30000);
    assert_string_equal(message, "slow down");
    assert_true(took_ms < 1500);
}

static void broken_answers_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum k8s_outcome outcome;
        const char *message;
    } cases[] = {
        { "down", K8S_SERVER_ERROR, "etcd is away" },
        { "gateway", K8S_SERVER_ERROR, "HTTP 502: <html> <h1>Bad Gateway</h1> </html>" },
        { "garbage", K8S_BAD_ANSWER, "GET http://127.0.0.1:" },
        { "cut", K8S_UNREACHABLE, "GET http://127.0.0.1:" },
        { "expired", K8S_UNAUTHORIZED, "Unauthorized" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)get(cases[i].name, 5000);
        if (outcome != cases[i].outcome || !strstr(message, cases[i].message))
            fail_msg("%s: %s: %s", cases[i].name, k8s_outcome_str(outcome), message);
    }
}

static void a_burst_beyond_the_rate_waits_its_turn(void **state)
{
    (void)state;
    enum { CALLS = 130 }; /* 100 at once, then 50 a second */
    static struct k8s_call calls[CALLS];
    int64_t start_ms = clock_boot_ms();
    for (int i = 0; i < CALLS; i++) {
        k8s_call_init(&calls[i], on_call);
        assert_int_equal(k8s_call_start(&calls[i], client,
                                        &(struct k8s_request){ .verb = K8S_GET, .purpose = K8S_FOR_EVENTS,
                                                               .kind = K8S_KIND_NODE, .name = "fine" },
                                        NULL),
                         0);
    }
    for (int running = 1; running;) {
        (void)loop_once(loop, 20);
        running = 0;
        for (int i = 0; i < CALLS; i++)
            running += k8s_call_running(&calls[i]);
    }
    assert_true(clock_boot_ms() - start_ms >= 590);
    assert_int_equal(outcome, K8S_OK);
}

static void cancelling_is_final(void **state)
{
    (void)state;
    call_done = false;
    k8s_call_init(&call, on_call);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(k8s_call_start(&call, client,
                                        &(struct k8s_request){ .verb = K8S_GET, .kind = K8S_KIND_NODE, .name = "mute" },
                                        NULL),
                         0);
        if (i > 0)
            (void)loop_once(loop, 10);
        k8s_call_cancel(&call);
        assert_false(k8s_call_running(&call));
    }
    for (int i = 0; i < 10; i++)
        (void)loop_once(loop, 20);
    assert_false(call_done);
}

/* ---- watches --------------------------------------------------------------------------------------------- */

struct follower {
    struct k8s_watch watch;
    char told[256];
    int lists, troubles;
    bool stop_on_change;
};

static void on_change(struct k8s_watch *w, struct k8s_object *before, struct k8s_object *after,
                      struct k8s_object *last)
{
    struct follower *f = container_of(w, struct follower, watch);
    size_t len = strlen(f->told);
    (void)snprintf(f->told + len, sizeof f->told - len, "%c%s ", !after ? '-' : before ? '~' : '+',
                   k8s_object_metadata(last)->name);
    if (f->stop_on_change)
        k8s_watch_stop(w);
}

static void on_listed(struct k8s_watch *w, bool first)
{
    (void)first;
    container_of(w, struct follower, watch)->lists++;
}

static void on_trouble(struct k8s_watch *w, enum k8s_outcome o, const struct err *err, int64_t retry_ms)
{
    (void)o;
    (void)err;
    (void)retry_ms;
    container_of(w, struct follower, watch)->troubles++;
}

static void follow(struct follower *f, const char *namespace, int64_t quiet_ms)
{
    *f = (struct follower){ .lists = 0 };
    k8s_watch_init(&f->watch, on_change, on_listed, on_trouble);
    k8s_watch_start(&f->watch, client,
                    &(struct k8s_watch_opts){ .kind = K8S_KIND_CONFIG_MAP, .namespace = namespace, .quiet_ms = quiet_ms });
}

static void wait_told(struct follower *f, const char *told)
{
    int64_t start_ms = clock_boot_ms();
    while (!str_eq(f->told, told) && clock_boot_ms() - start_ms < 6000)
        (void)loop_once(loop, 20);
    assert_string_equal(f->told, told);
}

static void what_was_missed_is_told_as_a_difference(void **state)
{
    (void)state;
    static struct follower f;
    static const char *const namespaces[] = { "gone", "garbled" };
    for (size_t i = 0; i < ARRAY_LEN(namespaces); i++) {
        follow(&f, namespaces[i], 0);
        wait_told(&f, "+a -a +b ");
        (void)loop_once(loop, 20);
        assert_int_equal(f.lists, 2);
        assert_non_null(k8s_watch_get(&f.watch, namespaces[i], "b"));
        k8s_watch_stop(&f.watch);
    }
}

static void a_watch_goes_on_from_the_last_bookmark(void **state)
{
    (void)state;
    static struct follower f;
    follow(&f, "bookmark", 0);
    wait_told(&f, "+a +b -a ");
    assert_int_equal(f.lists, 1);
    assert_int_equal(k8s_watch_len(&f.watch), 1);
    k8s_watch_stop(&f.watch);
}

static void pages_that_expire_are_asked_for_from_the_start(void **state)
{
    (void)state;
    static struct follower f;
    follow(&f, "pages", 0);
    wait_told(&f, "+a +b +c ");
    assert_int_equal(f.lists, 1);
    k8s_watch_stop(&f.watch);
}

static void a_refusal_right_after_the_start_stays_quiet(void **state)
{
    (void)state;
    static struct follower f;
    follow(&f, "refused", 3000);
    wait_told(&f, "+a ");
    assert_int_equal(f.troubles, 0);
    k8s_watch_stop(&f.watch);
}

static void a_watch_may_be_stopped_while_it_tells(void **state)
{
    (void)state;
    static struct follower f;
    follow(&f, "pages", 0);
    f.stop_on_change = true;
    wait_told(&f, "+a ");
    for (int i = 0; i < 5; i++)
        (void)loop_once(loop, 20);
    assert_string_equal(f.told, "+a ");
    assert_int_equal(f.lists, 0);
    assert_null(f.watch.impl);
    follow(&f, "bookmark", 0); /* in the middle of a stream of events */
    int64_t start_ms = clock_boot_ms();
    while (!strstr(f.told, "+b") && clock_boot_ms() - start_ms < 5000) {
        f.stop_on_change = f.lists > 0;
        (void)loop_once(loop, 20);
    }
    assert_null(f.watch.impl);
}

/* ---- what was asked -------------------------------------------------------------------------------------- */

static char *asked_text;

static void on_asked(struct http_call *c, const struct err *err)
{
    assert_int_equal(err->code, 0);
    asked_text = buf_take(http_call_body(c));
    loop_stop(loop);
}

static void the_questions_are_the_right_ones(void **state)
{
    (void)state;
    struct http_call c;
    struct http_pool *pool = http_pool_new(loop, &(struct http_pool_opts){ .name = "asked", .proxy = "" });
    AUTO(free) char *url = xasprintf("http://127.0.0.1:%d/asked/bookmark", (int)port);
    http_call_init(&c, NULL, NULL, on_asked);
    assert_int_equal(http_call_start(&c, pool, &(struct http_request){ .method = "GET", .url = url }, NULL), 0);
    loop_run(loop);
    http_pool_free(pool);
    assert_non_null(strstr(asked_text, "limit=500\nwatch=true allowWatchBookmarks=true resourceVersion=5\nwatch=true "
                                       "allowWatchBookmarks=true resourceVersion=77"));
    free(asked_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_busy_server_is_asked_again_when_it_says),
        cmocka_unit_test(nobody_waits_longer_than_his_timeout),
        cmocka_unit_test(broken_answers_have_names),
        cmocka_unit_test(a_burst_beyond_the_rate_waits_its_turn),
        cmocka_unit_test(cancelling_is_final),
        cmocka_unit_test(what_was_missed_is_told_as_a_difference),
        cmocka_unit_test(a_watch_goes_on_from_the_last_bookmark),
        cmocka_unit_test(pages_that_expire_are_asked_for_from_the_start),
        cmocka_unit_test(a_refusal_right_after_the_start_stays_quiet),
        cmocka_unit_test(a_watch_may_be_stopped_while_it_tells),
        cmocka_unit_test(the_questions_are_the_right_ones),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
