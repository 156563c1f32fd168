/* SPDX-License-Identifier: Apache-2.0 */
/* test_client.c - the client against a real API server, with the identity that a node has. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/config_map.h"
#include "k8s/interest.h"
#include "k8s/lease.h"
#include "k8s/node.h"
#include "k8s/patch.h"
#include "k8s/pod.h"
#include "k8s/token_request.h"
#include "k8s/watch.h"
#include "scene.h"

static struct scene S;

static void expect_at(int line, const struct answer *a, enum k8s_outcome wanted)
{
    if (a->outcome != wanted)
        fail_msg("line %d: %s: %s", line, k8s_outcome_str(a->outcome), a->err.msg);
}
#define EXPECT(...) expect_at(__LINE__, __VA_ARGS__)

static void delete_now(struct k8s_client *c, enum k8s_kind_id kind, const char *namespace, const char *name)
{
    (void)scene_call(&S, c,
                     &(struct k8s_request){ .verb = K8S_DELETE, .kind = kind, .namespace = namespace, .name = name,
                                            .delete_opts.grace_seconds = { true, 0 } });
}

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    scene_open(&S);
    static const char *const pods[] = { "a", "b", "o", "r" }; /* of an earlier run in the same cluster */
    for (size_t i = 0; i < ARRAY_LEN(pods); i++)
        delete_now(S.admin, K8S_KIND_POD, "default", pods[i]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scene_cluster("blackhole", "off"); /* a test that failed may have left it */
    scene_close(&S);
    return 0;
}

static struct answer *get_node(struct k8s_client *c, const char *name)
{
    return scene_call(&S, c, &(struct k8s_request){ .verb = K8S_GET, .kind = K8S_KIND_NODE, .name = name });
}

static void a_node_makes_itself_and_no_other(void **state)
{
    (void)state;
    delete_now(S.admin, K8S_KIND_NODE, NULL, "n1");
    EXPECT(get_node(S.node, "n1"), K8S_NOT_FOUND);
    struct answer *a = get_node(S.node, "n1");
    assert_string_equal(a->err.msg, "nodes \"n1\" not found");
    struct k8s_node node = { .kind = "Node", .api_version = "v1", .metadata.name = "n1" };
    struct k8s_request q = { .verb = K8S_CREATE, .kind = K8S_KIND_NODE, .object = &node };
    a = scene_call(&S, S.node, &q);
    EXPECT(a, K8S_OK);
    assert_int_equal(a->http_status, 201);
    assert_non_null(k8s_object_metadata(a->object)->uid);
    EXPECT(scene_call(&S, S.node, &q), K8S_ALREADY_EXISTS);
    node.metadata.name = "n2";
    a = scene_call(&S, S.node, &q);
    EXPECT(a, K8S_FORBIDDEN);
    assert_non_null(strstr(a->err.msg, "n2"));
    node.metadata.name = "Not A Name";
    EXPECT(scene_call(&S, S.admin, &q), K8S_INVALID);
}

static void patch_node_status(const struct k8s_node_status *before, const struct k8s_node_status *after,
                              const char *uid, enum k8s_outcome wanted)
{
    AUTO(buf_done) struct buf patch = BUF_INIT(1 << 20);
    struct err err = ERR_INIT;
    int r = k8s_patch_status(&k8s_node_status_type, before, after, uid, &patch, &err);
    assert_int_equal(r, 0);
    struct answer *a = scene_call(&S, S.node,
                                  &(struct k8s_request){ .verb = K8S_PATCH,
                                                         .purpose = K8S_FOR_HEARTBEAT,
                                                         .kind = K8S_KIND_NODE,
                                                         .name = "n1",
                                                         .subresource = "status",
                                                         .body = buf_str(&patch),
                                                         .body_len = patch.len });
    if (a->outcome != wanted)
        fail_msg("%s: %s", buf_str(&patch), a->err.msg);
}

static const char *condition(const struct k8s_node_status *s, const char *type)
{
    for (size_t i = 0; i < s->conditions.len; i++) {
        if (str_eq(s->conditions.items[i].type, type))
            return s->conditions.items[i].status;
    }
    return "";
}

/* before → after by our patch must be what the server then has, whatever the merge keys do. */
static void a_status_patch_makes_the_server_agree(void **state)
{
    (void)state;
    struct k8s_node_condition one[] = {
        { .type = "Ready", .status = "False", .reason = "KubeletNotReady", .message = "starting" },
        { .type = "MemoryPressure", .status = "False", .reason = "A" },
        { .type = "Gone", .status = "True", .reason = "B" },
    };
    struct k8s_node_condition two[] = {
        { .type = "Ready", .status = "True", .reason = "KubeletReady" },
        { .type = "MemoryPressure", .status = "False", .reason = "A" },
    };
    struct k8s_node_address one_ip[] = { { "InternalIP", "10.77.0.1" }, { "Hostname", "n1" } };
    struct k8s_node_address two_ips[] = { { "InternalIP", "10.77.0.1" }, { "InternalIP", "fd00::1" },
                                          { "Hostname", "n1" } };
    struct k8s_resource one_cap[] = { { "cpu", { .whole = 2, .has = true } }, { "pods", { .whole = 110, .has = true } } };
    struct k8s_resource two_cap[] = { { "cpu", { .whole = 4, .has = true } } };
    struct k8s_node_status a = { .conditions = { one, 3 }, .addresses = { one_ip, 2 }, .capacity = { one_cap, 2 } };
    struct k8s_node_status b = { .conditions = { two, 2 }, .addresses = { two_ips, 3 }, .capacity = { two_cap, 1 },
                                 .node_info = { .kernel_version = "6.1", .kubelet_version = "v1.37.0+oarsman.0.1.0" } };
    struct k8s_node_status none = { .phase = NULL };
    struct answer *was = get_node(S.node, "n1");
    EXPECT(was, K8S_OK);
    AUTO(free) char *uid = xstrdup(k8s_object_metadata(was->object)->uid);
    patch_node_status(&none, &a, uid, K8S_OK);
    /* somebody else's condition and resource */
    EXPECT(scene_call(&S, S.admin,
                      &(struct k8s_request){ .verb = K8S_PATCH, .kind = K8S_KIND_NODE, .name = "n1",
                                             .subresource = "status",
                                             BODY("{\"status\":{\"conditions\":[{\"type\":\"Foreign\",\"status\":\"True\"}],"
                                                  "\"capacity\":{\"example.com/thing\":\"3\"}}}") }),
           K8S_OK);
    patch_node_status(&a, &b, uid, K8S_OK);
    struct answer *now = get_node(S.node, "n1");
    const struct k8s_node_status *s = &K8S_OBJECT_AS(now->object, k8s_node)->status;
    assert_string_equal(condition(s, "Ready"), "True");
    assert_string_equal(condition(s, "Foreign"), "True");
    assert_string_equal(condition(s, "Gone"), "");
    assert_int_equal(s->addresses.len, 3);
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(&s->capacity, "cpu")), 4);
    assert_null(k8s_resource_list_get(&s->capacity, "pods"));
    assert_int_equal(k8s_quantity_value(k8s_resource_list_get(&s->capacity, "example.com/thing")), 3);
    assert_string_equal(s->node_info.kubelet_version, "v1.37.0+oarsman.0.1.0");
    patch_node_status(&a, &b, "11111111-2222-3333-4444-555555555555", K8S_INVALID);
}

static void an_old_version_is_a_conflict(void **state)
{
    (void)state;
    delete_now(S.admin, K8S_KIND_LEASE, "kube-node-lease", "n1");
    struct k8s_lease lease = { .metadata = { .name = "n1", .namespace = "kube-node-lease" },
                               .spec = { .holder_identity = "n1", .lease_duration_seconds = { true, 40 },
                                         .renew_time = { true, clock_wall_ns() } } };
    struct k8s_request q = { .verb = K8S_CREATE, .purpose = K8S_FOR_HEARTBEAT, .kind = K8S_KIND_LEASE,
                             .namespace = "kube-node-lease", .object = &lease };
    struct answer *made = scene_call(&S, S.node, &q);
    EXPECT(made, K8S_OK);
    struct k8s_lease first = *K8S_OBJECT_AS(made->object, k8s_lease);
    first.spec.renew_time.unix_ns = clock_wall_ns();
    q.verb = K8S_UPDATE;
    q.name = "n1";
    q.object = &first;
    EXPECT(scene_call(&S, S.node, &q), K8S_OK);
    EXPECT(scene_call(&S, S.node, &q), K8S_CONFLICT);
}

/* ---- watches --------------------------------------------------------------------------------------------- */

struct follower {
    struct k8s_watch watch;
    int added, changed, removed, lists, troubles;
    bool listed, any, changed_once;
    enum k8s_outcome outcome;
    char message[ERR_MSG_MAX];
};

static void on_change(struct k8s_watch *w, struct k8s_object *before, struct k8s_object *after,
                      struct k8s_object *last)
{
    struct follower *f = container_of(w, struct follower, watch);
    assert_non_null(last);
    f->any = true;
    if (!before)
        f->added++;
    else if (!after)
        f->removed++;
    else
        f->changed++;
}

static void on_listed(struct k8s_watch *w, bool first)
{
    struct follower *f = container_of(w, struct follower, watch);
    assert_int_equal(first, f->lists == 0);
    f->lists++;
    f->listed = true;
}

static void on_trouble(struct k8s_watch *w, enum k8s_outcome outcome, const struct err *err, int64_t retry_ms)
{
    struct follower *f = container_of(w, struct follower, watch);
    assert_true(retry_ms >= 0);
    f->troubles++;
    f->outcome = outcome;
    (void)snprintf(f->message, sizeof f->message, "%s", err->msg);
}

static void follow(struct follower *f, struct k8s_client *c, const struct k8s_watch_opts *opts)
{
    *f = (struct follower){ .added = 0 };
    k8s_watch_init(&f->watch, on_change, on_listed, on_trouble);
    k8s_watch_start(&f->watch, c, opts);
}

static struct answer *make_pod(const char *name)
{
    AUTO(free) char *body =
        xasprintf("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"default\"},\"spec\":{\"nodeName\":\"n1\","
                  "\"tolerations\":[{\"operator\":\"Exists\"}],\"containers\":[{\"name\":\"c\",\"image\":\"x\","
                  "\"envFrom\":[{\"configMapRef\":{\"name\":\"settings\"}}]}]}}",
                  name);
    return scene_call(&S, S.admin,
                      &(struct k8s_request){ .verb = K8S_CREATE, .kind = K8S_KIND_POD, .namespace = "default",
                                             .body = body, .body_len = strlen(body) });
}

static struct answer *set_label(const char *name, const char *value)
{
    AUTO(free) char *body = xasprintf("{\"metadata\":{\"labels\":{\"v\":\"%s\"}}}", value);
    return scene_call(&S, S.admin,
                      &(struct k8s_request){ .verb = K8S_PATCH, .kind = K8S_KIND_POD, .namespace = "default",
                                             .name = name, .patch_type = K8S_MERGE_PATCH, .body = body,
                                             .body_len = strlen(body) });
}

static void wait_for(struct follower *f, const int *count, int wanted, int64_t timeout_ms)
{
    int64_t end_ms = clock_boot_ms() + timeout_ms;
    while (*count < wanted && clock_boot_ms() < end_ms)
        (void)loop_once(S.loop, 20);
    if (*count != wanted)
        fail_msg("%d instead of %d; last trouble: %s", *count, wanted, f->message);
}

static void pods_of_the_node_are_followed(void **state)
{
    (void)state;
    static struct follower f; /* outlives a test that fails: its watch goes on */
    delete_now(S.admin, K8S_KIND_POD, "default", "a");
    delete_now(S.admin, K8S_KIND_POD, "default", "b");
    EXPECT(make_pod("a"), K8S_OK);
    follow(&f, S.node, &(struct k8s_watch_opts){ .kind = K8S_KIND_POD, .field_selector = "spec.nodeName=n1" });
    assert_true(scene_until(&S, &f.listed, 5000));
    assert_int_equal(f.added, 1);
    assert_non_null(k8s_watch_get(&f.watch, "default", "a"));
    EXPECT(make_pod("b"), K8S_OK);
    wait_for(&f, &f.added, 2, 2000);
    int changed = f.changed;
    EXPECT(set_label("b", "1"), K8S_OK);
    wait_for(&f, &f.changed, changed + 1, 2000);
    const struct k8s_pod *b = K8S_OBJECT_AS(k8s_watch_get(&f.watch, "default", "b"), k8s_pod);
    assert_string_equal(json_map_get(&b->metadata.labels, "v"), "1");
    struct k8s_request q = { .verb = K8S_DELETE, .kind = K8S_KIND_POD, .namespace = "default", .name = "b",
                             .delete_opts = { .grace_seconds = { true, 0 }, .uid = "wrong" } };
    EXPECT(scene_call(&S, S.node, &q), K8S_CONFLICT);
    AUTO(free) char *uid = xstrdup(b->metadata.uid);
    q.delete_opts.uid = uid;
    EXPECT(scene_call(&S, S.node, &q), K8S_OK);
    wait_for(&f, &f.removed, 1, 2000);
    assert_null(k8s_watch_get(&f.watch, "default", "b"));
    assert_int_equal(k8s_watch_len(&f.watch), 1);
    assert_int_equal(f.troubles, 0);
    k8s_watch_stop(&f.watch);
    EXPECT(scene_call(&S, S.node, &q), K8S_NOT_FOUND);
}

static void long_lists_come_in_pages(void **state)
{
    (void)state;
    enum { MANY = 1100 };
    static struct follower f; /* outlives a test that fails: its watch goes on */
    for (int i = 0; i < MANY; i++) {
        AUTO(free) char *body = xasprintf("{\"metadata\":{\"name\":\"page-%04d\"}}", i);
        struct answer *a = scene_call(&S, S.admin,
                                      &(struct k8s_request){ .verb = K8S_CREATE, .purpose = K8S_FOR_HEARTBEAT,
                                                             .kind = K8S_KIND_CONFIG_MAP, .namespace = "kube-public",
                                                             .body = body, .body_len = strlen(body) });
        if (a->outcome != K8S_ALREADY_EXISTS)
            EXPECT(a, K8S_OK);
    }
    follow(&f, S.admin, &(struct k8s_watch_opts){ .kind = K8S_KIND_CONFIG_MAP, .namespace = "kube-public" });
    assert_true(scene_until(&S, &f.listed, 10000));
    assert_true(f.added >= MANY);
    assert_int_equal(f.lists, 1);
    assert_int_equal(f.troubles, 0);
    k8s_watch_stop(&f.watch);
}

static void a_stopped_watch_tells_nothing_more(void **state)
{
    (void)state;
    static struct follower f; /* outlives a test that fails: its watch goes on */
    follow(&f, S.admin, &(struct k8s_watch_opts){ .kind = K8S_KIND_POD });
    k8s_watch_stop(&f.watch);
    follow(&f, S.admin, &(struct k8s_watch_opts){ .kind = K8S_KIND_POD });
    (void)loop_once(S.loop, 10);
    k8s_watch_stop(&f.watch);
    int told = f.lists + f.added;
    scene_pass(&S, 200);
    assert_int_equal(f.lists + f.added, told);
}

/* ---- interest under the Node authorizer ------------------------------------------------------------------ */

struct wish {
    struct k8s_interest interest;
    bool told;
    int times;
};

static void on_interest(struct k8s_interest *i)
{
    struct wish *w = container_of(i, struct wish, interest);
    w->told = true;
    w->times++;
}

static void wish(struct wish *w, struct k8s_interests *set, const char *name)
{
    *w = (struct wish){ .told = false };
    k8s_interest_init(&w->interest, on_interest);
    k8s_interest_start(&w->interest, set, K8S_KIND_CONFIG_MAP, "default", name);
}

static void references_are_watched_once_and_shared(void **state)
{
    (void)state;
    struct k8s_interests *set = k8s_interests_new(S.node);
    static struct wish stranger, one, two;
    delete_now(S.admin, K8S_KIND_CONFIG_MAP, "default", "settings");
    delete_now(S.admin, K8S_KIND_POD, "default", "r");
    wish(&stranger, set, "not-referenced");
    assert_true(scene_until(&S, &stranger.told, 5000));
    assert_int_equal(k8s_interest_state(&stranger.interest), K8S_INTEREST_FAILED);
    assert_non_null(strstr(k8s_interest_error(&stranger.interest)->msg, "forbidden"));
    k8s_interest_stop(&stranger.interest);

    EXPECT(make_pod("r"), K8S_OK);
    wish(&one, set, "settings");
    wish(&two, set, "settings");
    assert_true(scene_until(&S, &one.told, 3000));
    assert_true(scene_until(&S, &two.told, 1000));
    assert_int_equal(k8s_interest_state(&one.interest), K8S_INTEREST_ABSENT);
    assert_string_equal(k8s_interest_error(&one.interest)->msg, "configmaps \"settings\" not found");
    one.told = two.told = false;
    EXPECT(scene_call(&S, S.admin,
                      &(struct k8s_request){ .verb = K8S_CREATE, .kind = K8S_KIND_CONFIG_MAP, .namespace = "default",
                                             BODY("{\"metadata\":{\"name\":\"settings\"},\"data\":{\"k\":\"v\"}}") }),
           K8S_OK);
    assert_true(scene_until(&S, &one.told, 2000));
    assert_true(scene_until(&S, &two.told, 2000));
    assert_int_equal(k8s_interest_state(&two.interest), K8S_INTEREST_PRESENT);
    assert_ptr_equal(k8s_interest_object(&one.interest), k8s_interest_object(&two.interest));
    k8s_interest_stop(&one.interest);
    k8s_interest_stop(&two.interest);
    wish(&one, set, "settings"); /* lingers: known at once */
    assert_false(one.told);
    assert_true(scene_until(&S, &one.told, 50));
    k8s_interest_stop(&one.interest);
    k8s_interests_free(set);
}

static int connections(void)
{
    int n = 0;
    for (int fd = 0; fd < 1024; fd++) {
        struct sockaddr_storage a;
        socklen_t len = sizeof a;
        n += getpeername(fd, (struct sockaddr *)&a, &len) == 0 && a.ss_family == AF_INET;
    }
    return n;
}

static long resident_kib(void)
{
    long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    assert_int_equal(fscanf(f, "%ld %ld", &pages, &resident), 2);
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

enum { WISHES = 300 };

static int told_of(const struct wish *w)
{
    int n = 0;
    for (int i = 0; i < WISHES; i++)
        n += w[i].told;
    return n;
}

static void hundreds_of_references_share_a_connection(void **state)
{
    (void)state;
    static struct wish wishes[WISHES];
    struct k8s_client *c = scene_client(&S, "admin");
    struct k8s_interests *set = k8s_interests_new(c);
    int before = connections();
    long before_kib = resident_kib();
    for (int i = 0; i < WISHES; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "page-%04d", i);
        wishes[i] = (struct wish){ .told = false };
        k8s_interest_init(&wishes[i].interest, on_interest);
        k8s_interest_start(&wishes[i].interest, set, K8S_KIND_CONFIG_MAP, "kube-public", name);
    }
    int64_t start_ms = clock_boot_ms();
    while (told_of(wishes) < WISHES && clock_boot_ms() - start_ms < 20000)
        scene_pass(&S, 20);
    int64_t took_ms = clock_boot_ms() - start_ms;
    scene_pass(&S, 500);
    print_message("# %d watches: %d connections, %ld KiB, %lld ms\n", WISHES, connections() - before,
                  resident_kib() - before_kib, (long long)took_ms);
    assert_int_equal(told_of(wishes), WISHES);
    assert_in_range(connections() - before, 1, 5);
    scene_cluster("kill", "apiserver");
    scene_pass(&S, 5000);
    scene_cluster("start", "apiserver");
    start_ms = clock_boot_ms();
    scene_pass(&S, 5000);
    print_message("# after the server died: %d connections, %ld KiB\n", connections() - before, resident_kib() - before_kib);
    assert_in_range(connections() - before, 1, 8);
    for (int i = 0; i < WISHES; i++)
        k8s_interest_stop(&wishes[i].interest);
    k8s_interests_free(set);
    k8s_client_free(c);
    scene_pass(&S, 100);
    assert_int_equal(connections(), before);
}

static void a_token_for_a_pod_is_given_out(void **state)
{
    (void)state;
    (void)make_pod("r"); /* or it is there */
    struct answer *pod = scene_call(&S, S.node, &(struct k8s_request){ .verb = K8S_GET, .kind = K8S_KIND_POD,
                                                                       .namespace = "default", .name = "r" });
    EXPECT(pod, K8S_OK);
    AUTO(free) char *body = xasprintf(
        "{\"spec\":{\"expirationSeconds\":3607,\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":\"r\","
        "\"uid\":\"%s\"}}}",
        k8s_object_metadata(pod->object)->uid);
    struct k8s_request q = { .verb = K8S_CREATE, .kind = K8S_KIND_TOKEN_REQUEST, .api_version = "v1",
                             .resource = "serviceaccounts", .namespace = "default", .name = "default",
                             .subresource = "token", .body = body, .body_len = strlen(body) };
    struct answer *a = scene_call(&S, S.node, &q);
    EXPECT(a, K8S_OK);
    assert_non_null(K8S_OBJECT_AS(a->object, k8s_token_request)->status.token);
    q.name = "other";
    a = scene_call(&S, S.node, &q);
    assert_true(a->outcome == K8S_FORBIDDEN || a->outcome == K8S_NOT_FOUND);
}

/* ---- wrong credentials ----------------------------------------------------------------------------------- */

static struct k8s_client *client_with(const char *cluster, const char *user)
{
    AUTO(free) char *text =
        xasprintf("{clusters: [{name: c, cluster: %s}], users: [{name: u, user: %s}], contexts: [{name: x, context: "
                  "{cluster: c, user: u}}], current-context: x}",
                  cluster, user);
    struct k8s_access *access = NULL;
    struct err err = ERR_INIT;
    if (k8s_kubeconfig_parse("t", getenv("PKI"), text, strlen(text), NULL, &access, &err) < 0)
        fail_msg("%s", err.msg);
    return k8s_client_new(S.loop, access, NULL);
}

static void wrong_credentials_have_their_names(void **state)
{
    (void)state;
    static const struct {
        const char *cluster, *user;
        enum k8s_outcome outcome;
        const char *message;
    } cases[] = {
        { "{server: 'https://127.0.0.1:6443', certificate-authority: ca.crt}", "{token: nonsense}", K8S_UNAUTHORIZED,
          "Unauthorized" },
        { "{server: 'https://127.0.0.1:6443', certificate-authority: ca.crt}", "{}", K8S_FORBIDDEN, "system:anonymous" },
        { "{server: 'https://127.0.0.1:6443'}", "{}", K8S_UNREACHABLE, "certificate" },
        { "{server: 'https://127.0.0.1:6443', insecure-skip-tls-verify: true}", "{}", K8S_FORBIDDEN, "anonymous" },
        { "{server: 'https://127.0.0.1:6443', certificate-authority: ca.crt, tls-server-name: wrong.example}", "{}",
          K8S_UNREACHABLE, "wrong.example" },
        { "{server: 'https://127.0.0.1:6443', certificate-authority: ca.crt, tls-server-name: kubernetes}", "{}",
          K8S_FORBIDDEN, "anonymous" },
        { "{server: 'https://127.0.0.1:1', certificate-authority: ca.crt}", "{}", K8S_UNREACHABLE, "onnect" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct k8s_client *c = client_with(cases[i].cluster, cases[i].user);
        struct answer *a = get_node(c, "n1");
        if (a->outcome != cases[i].outcome || !strstr(a->err.msg, cases[i].message))
            fail_msg("case %zu: %s: %s", i, k8s_outcome_str(a->outcome), a->err.msg);
        k8s_client_free(c);
    }
}

/* ---- outages --------------------------------------------------------------------------------------------- */

static void an_api_server_that_stops_is_found_again(void **state)
{
    (void)state;
    static struct follower f; /* outlives a test that fails: its watch goes on */
    delete_now(S.admin, K8S_KIND_POD, "default", "o");
    EXPECT(make_pod("o"), K8S_OK);
    follow(&f, S.node, &(struct k8s_watch_opts){ .kind = K8S_KIND_POD, .field_selector = "spec.nodeName=n1" });
    assert_true(scene_until(&S, &f.listed, 5000));
    int added = f.added, removed = f.removed;
    scene_cluster("stop", "apiserver");
    scene_pass(&S, 6000);
    assert_true(f.troubles > 0);
    assert_int_equal(f.outcome, K8S_UNREACHABLE);
    assert_non_null(k8s_watch_get(&f.watch, "default", "o"));
    struct answer *a = get_node(S.node, "n1");
    EXPECT(a, K8S_UNREACHABLE);
    scene_cluster("start", "apiserver");
    int64_t start_ms = clock_boot_ms();
    int changed = f.changed;
    while (set_label("o", "after")->outcome != K8S_OK)
        scene_pass(&S, 100);
    wait_for(&f, &f.changed, changed + 1, 10000);
    print_message("# the change was seen %lld ms after the server was back\n",
                  (long long)(clock_boot_ms() - start_ms));
    assert_int_equal(f.added, added);
    assert_int_equal(f.removed, removed);
    k8s_watch_stop(&f.watch);
}

static void a_silent_network_is_noticed_and_survived(void **state)
{
    (void)state;
    static struct follower f; /* outlives a test that fails: its watch goes on */
    (void)make_pod("o"); /* or it is there */
    follow(&f, S.node, &(struct k8s_watch_opts){ .kind = K8S_KIND_POD, .field_selector = "spec.nodeName=n1" });
    assert_true(scene_until(&S, &f.listed, 5000));
    EXPECT(get_node(S.node, "n1"), K8S_OK);
    int64_t dark_ms = clock_boot_ms(), noticed_ms = 0;
    scene_cluster("blackhole", "on");
    while (clock_boot_ms() - dark_ms < 25000) {
        (void)loop_once(S.loop, 50);
        if (f.troubles > 0 && !noticed_ms)
            noticed_ms = clock_boot_ms() - dark_ms;
    }
    print_message("# the watch noticed after %lld ms\n", (long long)noticed_ms);
    assert_true(noticed_ms > 0 && noticed_ms < 20000);
    int changed = f.changed;
    EXPECT(set_label("o", "dark"), K8S_OK); /* over loopback */
    struct answer *a = scene_call(&S, S.node, &(struct k8s_request){ .verb = K8S_GET, .kind = K8S_KIND_NODE, .name = "n1",
                                                                     .purpose = K8S_FOR_HEARTBEAT });
    EXPECT(a, K8S_UNREACHABLE);
    assert_true(a->took_ms < 9000);
    scene_cluster("blackhole", "off");
    int64_t light_ms = clock_boot_ms();
    wait_for(&f, &f.changed, changed + 1, 10000);
    print_message("# the watch was back after %lld ms\n", (long long)(clock_boot_ms() - light_ms));
    EXPECT(scene_call(&S, S.node, &(struct k8s_request){ .verb = K8S_GET, .kind = K8S_KIND_NODE, .name = "n1",
                                                         .purpose = K8S_FOR_HEARTBEAT, .timeout_ms = 5000 }),
           K8S_OK);
    k8s_watch_stop(&f.watch);
}

static void an_idle_watch_gets_bookmarks(void **state)
{
    (void)state;
    static struct follower f; /* outlives a test that fails: its watch goes on */
    follow(&f, S.node, &(struct k8s_watch_opts){ .kind = K8S_KIND_POD, .field_selector = "spec.nodeName=n1" });
    assert_true(scene_until(&S, &f.listed, 5000));
    scene_pass(&S, getenv("LONG") ? 400000 : 1000);
    assert_int_equal(f.lists, 1);
    if (f.troubles)
        fail_msg("%s", f.message);
    k8s_watch_stop(&f.watch);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_makes_itself_and_no_other),
        cmocka_unit_test(a_status_patch_makes_the_server_agree),
        cmocka_unit_test(an_old_version_is_a_conflict),
        cmocka_unit_test(pods_of_the_node_are_followed),
        cmocka_unit_test(long_lists_come_in_pages),
        cmocka_unit_test(a_stopped_watch_tells_nothing_more),
        cmocka_unit_test(references_are_watched_once_and_shared),
        cmocka_unit_test(a_token_for_a_pod_is_given_out),
        cmocka_unit_test(hundreds_of_references_share_a_connection),
        cmocka_unit_test(wrong_credentials_have_their_names),
        cmocka_unit_test(an_api_server_that_stops_is_found_again),
        cmocka_unit_test(a_silent_network_is_noticed_and_survived),
        cmocka_unit_test(an_idle_watch_gets_bookmarks),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
