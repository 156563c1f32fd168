/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/config_map.h"
#include "k8s/pod.h"
#include "k8s/runtime_class.h"
#include "refs/refs.h"

static struct loop *loop;
static struct k8s_object *objects[2], *pod;
static struct refs_static *refs;
static char handler[64];
static bool answered;

static struct k8s_object *decode(const struct json_type *type, const char *json)
{
    struct k8s_object *o = NULL;
    struct err err = ERR_INIT;

    if (k8s_decode(type, json, strlen(json), &o, &err) < 0)
        fail_msg("%s: %s", json, err.msg);
    return o;
}

static int setup(void **state)
{
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(loop_new(&loop, &err), 0);
    objects[0] = decode(&k8s_config_map_type, "{\"metadata\":{\"name\":\"quick\",\"namespace\":\"ns\"}}");
    objects[1] = decode(&k8s_runtime_class_type, "{\"metadata\":{\"name\":\"quick\"},\"handler\":\"crun\"}");
    refs = refs_static_new(loop, objects, ARRAY_LEN(objects), NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    refs = refs_static_free(refs);
    for (size_t i = 0; i < ARRAY_LEN(objects); i++)
        k8s_object_unref(objects[i]);
    loop_free(loop);
    return 0;
}

static void on_fetched(void *user, const struct err *err, const struct fetched_set *set)
{
    const struct k8s_runtime_class *class =
        K8S_OBJECT_AS(fetched_get(set, REFERENCE_RUNTIME_CLASS, user), k8s_runtime_class);

    assert_null(err);
    assert_non_null(class);
    assert_true(strlen(class->handler) < sizeof(handler));
    memcpy(handler, class->handler, strlen(class->handler) + 1);
    answered = true;
    loop_stop(loop);
}

/* What a pod of another namespace gets for its class. */
static const char *handler_of(const char *class)
{
    AUTO(free) char *json = xasprintf("{\"metadata\":{\"name\":\"p\",\"namespace\":\"other\"},\"spec\":{\"runtimeClassName\":\"%s\"}}",
                                      class);
    AUTO(references_done) struct references want = { 0 };
    AUTO(free) char *name = xstrdup(class);

    answered = false;
    pod = decode(&k8s_pod_type, json);
    references_of_sandbox(&want, K8S_OBJECT_AS(pod, k8s_pod));
    refs_static_port(refs)->ops->fetch(refs_static_port(refs), pod, &want, on_fetched, name);
    assert_false(answered); /* never from within the call */
    loop_run(loop);
    assert_true(answered);
    pod = k8s_object_unref(pod);
    return handler;
}

static void a_class_of_the_files_says_its_handler(void **state)
{
    (void)state;
    assert_string_equal(handler_of("quick"), "crun");
    assert_string_equal(refs_static_handler(refs, "quick"), "crun");
}

static void a_class_of_no_file_is_called_like_its_handler(void **state)
{
    (void)state;
    assert_string_equal(handler_of("wasm"), "wasm");
    assert_string_equal(refs_static_handler(refs, "wasm"), "wasm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_class_of_the_files_says_its_handler, setup, teardown),
        cmocka_unit_test_setup_teardown(a_class_of_no_file_is_called_like_its_handler, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
