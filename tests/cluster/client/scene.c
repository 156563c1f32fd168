/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

extern char **environ;

static struct answer answers[8];
static unsigned answers_used;

struct k8s_client *scene_client(struct scene *s, const char *kubeconfig)
{
    AUTO(free) char *path = xasprintf("%s/%s.kubeconfig", getenv("CLUSTER"), kubeconfig);
    struct k8s_access *access = NULL;
    struct err err = ERR_INIT;
    if (k8s_kubeconfig_load(path, NULL, &access, &err) < 0)
        fail_msg("%s", err.msg);
    return k8s_client_new(s->loop, access, NULL);
}

void scene_open(struct scene *s)
{
    assert_int_equal(loop_new(&s->loop, NULL), 0);
    s->admin = scene_client(s, "admin");
    s->node = scene_client(s, "node-n1");
}

void scene_close(struct scene *s)
{
    for (unsigned i = 0; i < ARRAY_LEN(answers); i++)
        answers[i].object = k8s_object_unref(answers[i].object);
    k8s_client_free(s->admin);
    k8s_client_free(s->node);
    loop_free(s->loop);
}

void scene_cluster(const char *command, const char *argument)
{
    pid_t pid;
    int status = 0;
    AUTO(free) char *script = xstrdup(getenv("CLUSTER_SCRIPT"));
    AUTO(free) char *state = xstrdup(getenv("CLUSTER"));
    AUTO(free) char *a = xstrdup(command);
    AUTO(free) char *b = xstrdup(argument);
    char *argv[] = { script, (char[]){ "-d" }, state, a, b, NULL };
    assert_int_equal(posix_spawn(&pid, script, NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void on_done(struct k8s_call *c, const struct k8s_result *r)
{
    struct answer *a = container_of(c, struct answer, call);
    a->done = true;
    a->outcome = r->outcome;
    a->http_status = r->http_status;
    a->object = r->object ? k8s_object_ref(r->object) : NULL;
    err_copy(&a->err, &r->err);
    loop_stop(a->loop);
}

struct answer *scene_call(struct scene *s, struct k8s_client *c, const struct k8s_request *request)
{
    struct answer *a = &answers[answers_used++ % ARRAY_LEN(answers)];
    k8s_object_unref(a->object);
    *a = (struct answer){ .loop = s->loop };
    int64_t before_ms = clock_boot_ms();
    k8s_call_init(&a->call, on_done);
    if (k8s_call_start(&a->call, c, request, &a->err) < 0)
        fail_msg("%s", a->err.msg);
    while (!a->done)
        loop_run(s->loop);
    a->took_ms = clock_boot_ms() - before_ms;
    return a;
}

bool scene_until(struct scene *s, const bool *flag, int64_t timeout_ms)
{
    int64_t end_ms = clock_boot_ms() + timeout_ms;
    while (!*flag && clock_boot_ms() < end_ms)
        (void)loop_once(s->loop, 20);
    return *flag;
}

void scene_pass(struct scene *s, int64_t ms)
{
    bool never = false;
    (void)scene_until(s, &never, ms);
}
