/* SPDX-License-Identifier: Apache-2.0 */
/* refs_static.c - objects that stand in the same files as the pods. */
#include <errno.h>
#include <stdlib.h>

#include "auths.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "fetched.h"
#include "k8s/config_map.h"
#include "k8s/runtime_class.h"
#include "k8s/secret.h"
#include "refs/refs.h"

struct refs_static {
    struct pod_refs port;
    struct loop *loop;
    struct k8s_object **objects;
    size_t len;
    struct list fetches;
    char *docker_config;
};

struct fetch { /* answered in the next round of the loop */
    struct list node;
    struct loop_defer soon;
    struct refs_static *refs;
    struct k8s_object *pod;
    const struct references *want;
    pod_fetched_fn done;
    void *user;
};

static const struct json_type *const types[REFERENCE_KIND_NR] = {
    [REFERENCE_CONFIG_MAP] = &k8s_config_map_type,
    [REFERENCE_SECRET] = &k8s_secret_type,
    [REFERENCE_RUNTIME_CLASS] = &k8s_runtime_class_type,
};

static struct k8s_object *find(const struct refs_static *r, const char *namespace_, enum reference_kind kind,
                               const char *name)
{
    bool anywhere = kind == REFERENCE_RUNTIME_CLASS;

    for (size_t i = 0; i < r->len; i++) {
        const struct k8s_object_meta *meta = k8s_object_metadata(r->objects[i]);
        if (types[kind] && k8s_object_type(r->objects[i]) == types[kind] && str_eq(meta->name, name) &&
            (anywhere || str_eq(str_or(meta->namespace, "default"), namespace_)))
            return r->objects[i];
    }
    return NULL;
}

const char *refs_static_handler(const struct refs_static *r, const char *class_name)
{
    const struct k8s_runtime_class *class =
        K8S_OBJECT_AS(find(r, NULL, REFERENCE_RUNTIME_CLASS, class_name), k8s_runtime_class);

    return class ? class->handler : class_name;
}

static struct k8s_object *class_like_its_handler(const char *name)
{
    const struct k8s_runtime_class class = { .kind = "RuntimeClass", .api_version = "node.k8s.io/v1",
                                             .metadata = { .name = name }, .handler = name };
    struct k8s_object *ret = NULL;

    (void)k8s_object_new(&k8s_runtime_class_type, &class, NULL, &ret, NULL); /* too large: there is none */
    return ret;
}

static void on_soon(struct loop_defer *d)
{
    struct fetch *f = container_of(d, struct fetch, soon);
    AUTO(fetched_list_done) struct fetched_list list = { 0 };
    AUTO(k8s_object_unref) struct k8s_object *class = NULL; /* a pod has one at most */
    const char *namespace_ = str_or(k8s_object_metadata(f->pod)->namespace, "default");

    for (size_t i = 0; i < f->want->len; i++) {
        const struct reference *want = &f->want->items[i];
        struct k8s_object *object = find(f->refs, namespace_, want->kind, want->name);
        if (!object && want->kind == REFERENCE_RUNTIME_CLASS)
            object = class = class_like_its_handler(want->name);
        fetched_list_add(&list, want, object);
    }
    const struct fetched_set set = fetched_list_set(&list);
    pod_fetched_fn done = f->done;
    void *user = f->user;
    list_remove(&f->node);
    loop_defer_stop(&f->soon);
    free(f);
    done(user, NULL, &set);
}

static void fetch(struct pod_refs *port, struct k8s_object *pod, const struct references *want, pod_fetched_fn done,
                  void *user)
{
    struct refs_static *r = container_of(port, struct refs_static, port);
    struct fetch *f = NEW(struct fetch);

    *f = (struct fetch){ .refs = r, .pod = pod, .want = want, .done = done, .user = user };
    list_push_back(&r->fetches, &f->node);
    loop_defer_init(&f->soon, r->loop, "refs", on_soon);
    loop_defer_start(&f->soon);
}

static void acquire(struct pod_refs *port, struct k8s_object *pod)
{
    (void)port;
    (void)pod;
}

static void release(struct pod_refs *port, const char *uid)
{
    (void)port;
    (void)uid;
}

static void get_auths(struct pod_refs *port, const char *image, const struct fetched_set *set, struct arena *arena,
                      struct rt_auths *ret)
{
    auths_for(image, set, container_of(port, struct refs_static, port)->docker_config, arena, ret);
}

static const struct pod_refs_ops ops = { .acquire = acquire, .release = release, .fetch = fetch, .auths = get_auths };

struct refs_static *refs_static_new(struct loop *loop, struct k8s_object *const *objects, size_t len,
                                    const char *docker_config)
{
    struct refs_static *r = NEW(struct refs_static);

    *r = (struct refs_static){ .port = { .ops = &ops }, .loop = loop, .len = len,
                               .objects = xcalloc(len + 1, sizeof(struct k8s_object *)),
                               .docker_config = xstrdup(docker_config) };
    for (size_t i = 0; i < len; i++)
        r->objects[i] = k8s_object_ref(objects[i]);
    list_init(&r->fetches);
    return r;
}

struct refs_static *refs_static_free(struct refs_static *r)
{
    struct fetch *f;

    if (!r)
        return NULL;
    list_each(f, &r->fetches, struct fetch, node) {
        loop_defer_stop(&f->soon);
        free(f);
    }
    for (size_t i = 0; i < r->len; i++)
        k8s_object_unref(r->objects[i]);
    free(r->objects);
    free(r->docker_config);
    free(r);
    return NULL;
}

struct pod_refs *refs_static_port(struct refs_static *r)
{
    return &r->port;
}
