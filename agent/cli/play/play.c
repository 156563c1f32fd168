/* SPDX-License-Identifier: Apache-2.0 */
/*
 * play.c - pods from files, on this machine, without a cluster.
 *
 * The same pods that an agent runs (agent/runner), told about to a person instead of an API server. It ends when
 * every pod has ended, with the worst exit code of their containers; an interrupt stops the pods gracefully, a
 * second one without grace. What a play that was killed has left behind, the next one takes away: its pods are in
 * no source.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "binding.h"
#include "command.h"
#include "config/config.h"
#include "console.h"
#include "follower.h"
#include "host/host.h"
#include "host/host_address.h"
#include "local/local.h"
#include "local/pod_list.h"
#include "refs/refs.h"
#include "runner/runner.h"
#include "sources/manifest.h"

enum { EXIT_REFUSED = 125, LOOK_MS = 20 };

struct play {
    struct pod_cluster port;
    struct config config;
    struct manifest manifest;
    struct loop *loop;
    struct host *host;
    struct refs_static *refs;
    struct runner *runner;
    struct local_server *local;
    struct loop_signal interrupt, terminate;
    struct loop_timer look;
    struct list followers;
    unsigned followers_begun;
    int worst;
    int interrupts;
    bool stopping;
    char host_name[256];
    char *host_ips[2];
};

/* ---- what pods tell ---- */

static void worsen(struct play *p, int code)
{
    if (code > p->worst)
        p->worst = code;
}

static void look_soon(struct play *p)
{
    if (!loop_timer_running(&p->look))
        loop_timer_start(&p->look, 0);
}

static void on_event(struct pod_cluster *port, const struct k8s_pod *pod, const struct pod_event *e)
{
    (void)port;
    console_note("%s%s%s: %s: %s", pod->metadata.name, e->container ? "/" : "", str_or(e->container, ""),
                 word_reason(e->word), str_or(e->message, ""));
}

static void on_refused(struct pod_cluster *port, const struct k8s_pod *pod, const char *reason, const char *message)
{
    worsen(container_of(port, struct play, port), EXIT_REFUSED);
    console_note("%s: %s: %s", pod->metadata.name, reason, message);
}

static void on_follower_end(void *user)
{
    look_soon(user);
}

static struct follower *follower_of(struct play *p, const char *id)
{
    struct follower *f;

    list_each(f, &p->followers, struct follower, node) {
        if (str_eq(f->id, id))
            return f;
    }
    return NULL;
}

static void follow(struct play *p, const struct k8s_pod *pod, const struct k8s_container_status *c)
{
    const char *separator = c->container_id ? strstr(c->container_id, "://") : NULL;
    struct follower *f = separator ? follower_of(p, separator + 3) : NULL;

    if (!separator || (f && f->ended))
        return;
    if (f) {
        follower_wake(f);
        return;
    }
    f = follower_new(p->loop, runner_pods(p->runner), pod->metadata.namespace, pod->metadata.name, c->name,
                     separator + 3, p->followers_begun, on_follower_end, p);
    if (!f)
        return;
    p->followers_begun++;
    list_push_back(&p->followers, &f->node);
    follower_wake(f);
}

/* Without a cluster nobody mends an image that cannot be had: waiting would be for ever. */
static bool is_hopeless(const char *reason)
{
    static const char *const reasons[] = { "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
                                           "CreateContainerConfigError" };

    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (str_eq(reason, reasons[i]))
            return true;
    return false;
}

static void stop_all(struct play *p);

static void on_container_status(struct play *p, const struct k8s_pod *pod, const struct k8s_container_status *c)
{
    const struct k8s_container_state_waiting *waiting = c->state.waiting;

    follow(p, pod, c);
    if (c->state.terminated)
        worsen(p, c->state.terminated->exit_code);
    if (waiting && is_hopeless(waiting->reason) && !p->stopping) {
        console_note("%s/%s: %s: %s", pod->metadata.name, c->name, waiting->reason, str_or(waiting->message, ""));
        worsen(p, EXIT_REFUSED);
        stop_all(p);
    }
}

struct told { /* the answer to a port's call, in the next round */
    struct loop_defer soon;
    pod_done_fn done;
    void *user;
};

static void on_told(struct loop_defer *d)
{
    struct told *t = container_of(d, struct told, soon);
    pod_done_fn done = t->done;
    void *user = t->user;

    loop_defer_stop(&t->soon);
    free(t);
    done(user, NULL);
}

static void tell(struct play *p, pod_done_fn done, void *user)
{
    struct told *t = NEW(struct told);

    *t = (struct told){ .done = done, .user = user };
    loop_defer_init(&t->soon, p->loop, "play", on_told);
    loop_defer_start(&t->soon);
}

static void on_status(struct pod_cluster *port, struct k8s_object *object, const struct k8s_pod_status *before,
                      const struct k8s_pod_status *status, pod_done_fn done, void *user)
{
    struct play *p = container_of(port, struct play, port);
    const struct k8s_pod *pod = K8S_OBJECT_AS(object, k8s_pod);

    (void)before;
    for (size_t i = 0; i < status->container_statuses.len; i++)
        on_container_status(p, pod, &status->container_statuses.items[i]);
    look_soon(p);
    tell(p, done, user);
}

static void on_remove(struct pod_cluster *port, struct k8s_object *object, pod_done_fn done, void *user)
{
    (void)object;
    tell(container_of(port, struct play, port), done, user);
}

static const struct pod_cluster_ops ops = {
    .event = on_event, .refused = on_refused, .status = on_status, .remove = on_remove,
};

/* ---- the end ---- */

static void stop_all(struct play *p)
{
    p->stopping = true;
    for (size_t i = 0; i < p->manifest.len; i++)
        if (k8s_object_type(p->manifest.objects[i]) == &k8s_pod_type)
            pods_remove(runner_pods(p->runner), k8s_object_metadata(p->manifest.objects[i])->uid);
    look_soon(p);
}

static bool all_ended(struct play *p)
{
    struct pod_view view;
    struct follower *f;

    for (size_t i = 0; pods_next(runner_pods(p->runner), &i, &view);) {
        const char *phase = view.status ? view.status->phase : NULL;
        if (!str_eq(phase, "Succeeded") && !str_eq(phase, "Failed"))
            return false;
        if (str_eq(phase, "Failed") && p->worst == 0)
            worsen(p, 1);
    }
    list_each(f, &p->followers, struct follower, node) {
        if (!f->ended)
            return false;
    }
    return true;
}

static void on_look(struct loop_timer *t)
{
    struct play *p = container_of(t, struct play, look);

    if (!p->stopping && all_ended(p))
        stop_all(p);
    if (p->stopping && pods_len(runner_pods(p->runner)) == 0)
        loop_stop(p->loop);
    else if (p->stopping)
        loop_timer_start(&p->look, LOOK_MS);
}

static void on_signal(struct play *p, int signum)
{
    struct pod_view view;

    worsen(p, 128 + signum);
    if (p->interrupts++ == 0) {
        console_note("stopping; once more to stop without grace");
        stop_all(p);
        return;
    }
    for (size_t i = 0; pods_next(runner_pods(p->runner), &i, &view);)
        (void)pods_evict(runner_pods(p->runner), view.uid, "Interrupted", "Stopped by the user.", 0);
}

static void on_interrupt(struct loop_signal *s, int signum)
{
    on_signal(container_of(s, struct play, interrupt), signum);
}

static void on_terminate(struct loop_signal *s, int signum)
{
    on_signal(container_of(s, struct play, terminate), signum);
}

/* ---- the beginning ---- */

static int load(struct play *p, char *const *files, struct err *err)
{
    for (; *files; files++)
        if (manifest_load(&p->manifest, *files, err) < 0)
            return err->code;
    return binding_of_pods(&p->manifest, p->host_name, err);
}

static void on_warn(void *user, const char *text)
{
    (void)user;
    console_note("%s", text);
}

/* Flags and files in any order. What a node needs and a play does not gets other defaults. */
static int parse(struct play *p, int argc, char **argv, char ***ret_files, struct err *err)
{
    const struct config_warn warn = { .fn = on_warn };
    AUTO(strv_free) char **flags = strv_new();

    config_init(&p->config);
    *ret_files = strv_new();
    for (const char *const *f = (const char *const[]){ "oarsman", "--run-dir=/run/oarsman-play", "--cgroup-root=/oarsman-play",
                                                       "--network-mode=bridge", "--bridge-name=oarsman-play0", "--v=0",
                                                       NULL }; *f; f++)
        strv_push(&flags, *f);
    command_split(argc, argv, 1, &flags, ret_files);
    if (config_parse(&p->config, (int)strv_len(flags), flags, &warn, err) < 0)
        return err->code;
    if (!**ret_files)
        return err_set(err, -EINVAL, "expected FILE… (\"-\" is standard input)");
    if (str_empty(p->config.bridge_cidr)) {
        free(p->config.bridge_cidr);
        p->config.bridge_cidr = xstrdup("10.86.0.0/16");
    }
    return 0;
}

static int list_pods(void *user, struct buf *out)
{
    return pod_list_encode(runner_pods(((struct play *)user)->runner), out);
}

static int watch(struct play *p, struct err *err)
{
    AUTO(free) char *socket = xasprintf("%s/oarsman.sock", p->config.run_dir);
    const struct local_ops local = { .pods = list_pods, .user = p };

    if (local_server_new(p->loop, socket, &local, &p->local, err) < 0)
        return err->code;
    loop_timer_init(&p->look, p->loop, "play", on_look);
    if (loop_signal_start(&p->interrupt, p->loop, SIGINT, on_interrupt) < 0 ||
        loop_signal_start(&p->terminate, p->loop, SIGTERM, on_terminate) < 0)
        return err_set(err, -EIO, "signals cannot be watched");
    return 0;
}

/* A pod that would wait for its handler for ever: nobody here makes a class or configures a node meanwhile. */
static bool has_handler(struct play *p, const struct k8s_pod *pod)
{
    const struct rt_runtime *rt = host_runtime(p->host);
    const char *class = pod->spec.runtime_class_name;
    const char *handler = str_empty(class) ? "" : refs_static_handler(p->refs, class);

    if (rt_handlers_have(rt->handlers, rt->handlers_len, handler))
        return true;
    console_note("%s: spec.runtimeClassName \"%s\": no runtime for \"%s\" is configured", pod->metadata.name, class, handler);
    worsen(p, EXIT_REFUSED);
    return false;
}

/* All pods, or none. */
static void begin(struct play *p)
{
    bool possible = true;

    for (size_t i = 0; i < p->manifest.len; i++)
        if (k8s_object_type(p->manifest.objects[i]) == &k8s_pod_type)
            possible = has_handler(p, K8S_OBJECT_AS(p->manifest.objects[i], k8s_pod)) && possible;
    for (size_t i = 0; possible && i < p->manifest.len; i++)
        if (k8s_object_type(p->manifest.objects[i]) == &k8s_pod_type)
            pods_set(runner_pods(p->runner), p->manifest.objects[i]);
    pods_sources_ready(runner_pods(p->runner));
    if (!possible)
        stop_all(p);
}

static int start(struct play *p, struct err *err)
{
    AUTO(free) char *records = xasprintf("%s/pods", p->config.run_dir);
    const struct config_warn warn = { .fn = on_warn };

    free(p->config.root_dir);
    p->config.root_dir = xasprintf("%s/kubelet", p->config.run_dir);
    if (loop_new(&p->loop, err) < 0 || host_open(p->loop, &p->config, &warn, &p->host, err) < 0)
        return err->code;
    host_address(p->host_ips);
    p->refs = refs_static_new(p->loop, p->manifest.objects, p->manifest.len, NULL);
    const struct runner_opts opts = {
        .config = &p->config, .host = p->host, .cluster = &p->port, .refs = refs_static_port(p->refs),
        .node_name = p->host_name, .host_ips = (const char *const *)p->host_ips, .record_dir = records,
    };
    if (runner_new(p->loop, &opts, &p->runner, err) < 0 || watch(p, err) < 0)
        return err->code;
    begin(p);
    return 0;
}

static void finish(struct play *p)
{
    struct follower *f;

    loop_signal_stop(&p->interrupt);
    loop_signal_stop(&p->terminate);
    loop_timer_stop(&p->look);
    local_server_free(p->local);
    list_each(f, &p->followers, struct follower, node)
        follower_free(f);
    if (p->runner)
        pods_stop(runner_pods(p->runner));
    if (p->runner && pods_len(runner_pods(p->runner)) == 0)
        host_remove(p->host);
    else
        host_close(p->host);
    runner_free(p->runner); /* its pods let go of their references */
    refs_static_free(p->refs);
    loop_free(p->loop);
    manifest_done(&p->manifest);
    config_done(&p->config);
    free(p->host_ips[0]);
}

static int run_play(int argc, char **argv)
{
    struct play p = { .port = { .ops = &ops } };
    AUTO(strv_free) char **files = NULL;
    struct err err = ERR_INIT;

    list_init(&p.followers);
    log_set_level(LOG_LEVEL_ERROR);
    (void)gethostname(p.host_name, sizeof(p.host_name) - 1);
    int r = parse(&p, argc, argv, &files, &err);
    if (r == 0)
        r = load(&p, files, &err);
    if (r == 0 && geteuid() != 0)
        r = err_set(&err, -EPERM, "needs root: it makes namespaces, mounts and cgroups");
    if (r == 0)
        r = start(&p, &err);
    if (r == 0)
        loop_run(p.loop);
    else
        worsen(&p, command_fail("play", "%s", err.msg));
    finish(&p);
    return p.worst;
}

const struct command command_play = {
    .name = "play", .arguments = "[FLAG…] FILE…", .summary = "run manifests here, follow their logs, end with their exit code",
    .run = run_play,
};
