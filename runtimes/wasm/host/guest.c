/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "confine.h"
#include "dirs.h"
#include "engine.h"
#include "listen.h"
#include "outbound.h"
#include "rt/wasm.h"
#include "view.h"

#define MEMORY_MARGIN_BYTES MIB
#define EXIT_NOT_RUN 126 /* what the engine would not run: it has no code of its own */

struct guest {
    const struct guest_plan *plan;
    struct engine_guest engine;
    void *loaded;
    struct view view;
    int termination_fd; /* -1: nobody wants to know */
    bool started;
};

/* ---- while the node is in sight ---- */

static bool may_send(void *user, const char *host, uint16_t port)
{
    const struct guest *g = user;

    return outbound_allows(&g->plan->bundle->allowed_hosts, host, port);
}

/* A guest that uses more than its container may is killed by the kernel, as any other, so its own limit lies a little
 * above; one that asks for more without using it is refused. Of an HTTP handler one request shall not be the end of all. */
static uint64_t memory_of(const struct guest_plan *p)
{
    int64_t limit = p->bundle->config.linux_.resources.memory.limit;

    if (limit <= 0)
        return 0;
    return p->kind == WASM_HTTP ? (uint64_t)limit / 4 * 3 : (uint64_t)limit + MEMORY_MARGIN_BYTES;
}

static void describe(struct guest *g)
{
    const struct bundle *b = g->plan->bundle;
    const struct oci_process *p = &b->config.process;

    g->engine = (struct engine_guest){ .kind = g->plan->kind, .function = b->function, .listen_fd = -1 };
    g->engine.config = (struct component_config){
        .args = p->args.items,
        .args_len = p->args.len,
        .env = p->env.items,
        .env_len = p->env.len,
        .cwd = str_eq(p->cwd, "/") ? NULL : p->cwd,
        .memory_bytes = memory_of(g->plan),
        .may_connect = !b->hosts_limited,
        .outbound_max = b->max_outbound,
        .user = g,
        .may_send = b->hosts_limited ? may_send : NULL,
    };
}

static int load(struct guest *g, struct err *err)
{
    const struct guest_plan *p = g->plan;

    if (p->kind == WASM_HTTP &&
        listen_on(p->bundle->port ? p->bundle->port : WASM_HTTP_PORT_DEFAULT, &g->engine.listen_fd, err) < 0)
        return err->code;
    if (engine_for(p->kind)->load(p->artifact, &g->engine, &g->loaded, err) < 0)
        return err_wrap(err, "load %s", p->artifact);
    return 0;
}

/* ---- in the guest's own world ---- */

static int take_terminal(int fd, struct err *err)
{
    if (fd < 0)
        return 0;
    if (ioctl(fd, TIOCSCTTY, 0) < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
        return err_errno(err, errno, "the terminal");
    (void)close(fd);
    return 0;
}

static int choose_dirs(struct guest *g, struct err *err)
{
    const struct oci_config *c = &g->plan->bundle->config;
    const struct dirs_input in = { .root = "", .cwd = c->process.cwd, .readonly = c->root.readonly,
                                   .mounts = g->view.mounts, .mounts_len = g->view.mounts_len };

    return dirs_choose(&in, g->plan->bundle->arena, &g->engine.config.dirs, &g->engine.config.dirs_len, err);
}

static int enter(struct guest *g, struct err *err)
{
    const struct oci_process *p = &g->plan->bundle->config.process;
    int r = confine_score(p, err);

    if (r == 0)
        r = view_enter(&g->view, p->cwd, err);
    if (r == 0)
        r = take_terminal(g->plan->tty_fd, err);
    if (r == 0)
        r = confine_limits(p, err);
    if (r == 0)
        r = confine_user(&p->user, err);
    if (r == 0)
        r = choose_dirs(g, err);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* again: a change of user forgets it */
    return r;
}

static void calm_signals(void)
{
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    for (int signum = 1; signum < NSIG; signum++)
        (void)signal(signum, SIG_DFL);
    (void)signal(SIGPIPE, SIG_IGN); /* a client that leaves is no reason to end */
}

/* Nothing of who made us: neither its session nor its environment, which the engine's parts would look into. */
static void leave_home(void)
{
    (void)setsid();
    (void)clearenv();
    (void)setenv("TOKIO_WORKER_THREADS", "1", 1); /* one thread to wait beside the guest's own is enough */
}

static int prepare(struct guest *g, struct err *err)
{
    const struct guest_plan *p = g->plan;
    const char *termination = json_map_get(&p->bundle->config.annotations, WASM_BUNDLE_TERMINATION_LOG);

    calm_signals();
    leave_home();
    describe(g);
    if (group_join(&p->group, err) < 0 || namespaces_enter(&p->namespaces, p->bundle, err) < 0 || load(g, err) < 0 ||
        view_prepare(p->bundle, &g->view, err) < 0)
        return err->code;
    if (termination)
        g->termination_fd = view_open_mounted(&g->view, termination, &p->bundle->config.process.user);
    return enter(g, err);
}

/* ---- to be started ---- */

static void say(int fd, const char *text)
{
    (void)!write(fd, text, strlen(text)); /* nobody there: PDEATHSIG is on its way */
}

/* "create" has written us down before we live on without it. */
static void be_written_down(const struct guest_plan *p)
{
    char byte;

    say(p->talk_fd, "R");
    if (read(p->talk_fd, &byte, 1) != 1 || byte != 'K')
        _exit(EXIT_NOT_RUN);
    (void)prctl(PR_SET_PDEATHSIG, 0);
    say(p->talk_fd, "K");
    (void)close(p->talk_fd);
}

static void wait_for_start(struct guest *g)
{
    char byte;

    if (g->started)
        return;
    while (read(g->plan->start_fd, &byte, 1) < 0 && errno == EINTR)
        ;
    (void)close(g->plan->start_fd);
    g->started = true;
}

/* All that can be done before the start is done by now: what is left of it is the guest's own. */
static int before(void *user)
{
    struct guest *g = user;
    struct err err = ERR_INIT;

    (void)malloc_trim(0); /* it may wait for long, and there may be many */
    if (confine_calls(g->plan->kind, &err) < 0) {
        (void)fprintf(stderr, "oarsman-wasm: %s\n", err.msg);
        return err.code;
    }
    wait_for_start(g);
    return 0;
}

static void tell_end(const struct guest *g, const char *message)
{
    size_t len = strlen(message);

    (void)fprintf(stderr, "%s%s", message, len && message[len - 1] == '\n' ? "" : "\n");
    if (g->termination_fd >= 0)
        (void)!write(g->termination_fd, message, len);
}

static _Noreturn void run(struct guest *g)
{
    struct component_end end = { .code = 0 };
    struct err err = ERR_INIT;

    if (engine_for(g->plan->kind)->run(g->loaded, &g->engine, &end, &err) < 0) {
        wait_for_start(g); /* the end of what was never started would be hard to understand */
        tell_end(g, err.msg);
        _exit(EXIT_NOT_RUN);
    }
    if (end.message[0])
        tell_end(g, end.message);
    _exit(end.code & 0xff);
}

_Noreturn void guest_main(const struct guest_plan *plan)
{
    static struct guest g; /* as large as its view, and as long-lived as the process */
    struct err err = ERR_INIT;

    g = (struct guest){ .plan = plan, .termination_fd = -1 };
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (prepare(&g, &err) < 0) {
        say(plan->talk_fd, err.msg);
        _exit(EXIT_NOT_RUN);
    }
    be_written_down(plan);
    g.engine.config.before = before;
    run(&g);
}
