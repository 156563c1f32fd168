/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_cache.h"

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "k8s/config_map.h"

static struct k8s_object *object(const char *namespace, const char *name, const char *uid, const char *version)
{
    AUTO(free) char *text =
        xasprintf("{\"metadata\":{\"namespace\":\"%s\",\"name\":\"%s\",\"uid\":\"%s\",\"resourceVersion\":\"%s\"}}",
                  namespace, name, uid, version);
    struct k8s_object *o = NULL;
    assert_int_equal(k8s_decode(&k8s_config_map_type, text, strlen(text), &o, NULL), 0);
    return o;
}

static void put(struct watch_cache *c, const char *name, const char *uid, const char *version)
{
    AUTO(k8s_object_unref) struct k8s_object *o = object("ns", name, uid, version);
    k8s_object_unref(watch_cache_put(c, o));
}

/* "-name" gone, "+name" new, "~name" changed, in order. */
static void list(struct watch_cache *c, char *out, size_t len)
{
    struct k8s_object *before, *after;
    size_t at = 0;
    out[0] = 0;
    while (watch_cache_list_step(c, &before, &after)) {
        const struct k8s_object *o = after ? after : before;
        at += (size_t)snprintf(out + at, len - at, "%c%s ", !after ? '-' : before ? '~' : '+',
                               k8s_object_metadata(o)->name);
        k8s_object_unref(before);
        k8s_object_unref(after);
    }
}

static void a_list_is_told_as_a_difference(void **state)
{
    (void)state;
    struct watch_cache c = { .listed_at = 0 };
    char told[200];
    put(&c, "same", "1", "10");
    put(&c, "newer", "2", "10");
    put(&c, "gone", "3", "10");
    put(&c, "replaced", "4", "10");
    watch_cache_list_begin(&c);
    watch_cache_list_add(&c, object("ns", "same", "1", "10"));
    watch_cache_list_add(&c, object("ns", "newer", "2", "11"));
    watch_cache_list_add(&c, object("ns", "replaced", "5", "10"));
    watch_cache_list_add(&c, object("ns", "new", "6", "12"));
    list(&c, told, sizeof told);
    assert_string_equal(told, "-gone ~newer ~replaced +new ");
    assert_null(watch_cache_get(&c, "ns", "gone"));
    assert_non_null(watch_cache_get(&c, "ns", "new"));
    watch_cache_list_begin(&c);
    list(&c, told, sizeof told);
    assert_string_equal(told, "-same -newer -replaced -new ");
    watch_cache_done(&c);
}

static void an_unfinished_list_leaves_no_trace(void **state)
{
    (void)state;
    struct watch_cache c = { .listed_at = 0 };
    char told[200];
    put(&c, "a", "1", "1");
    watch_cache_list_begin(&c);
    watch_cache_list_add(&c, object("ns", "b", "2", "2"));
    watch_cache_list_begin(&c);
    watch_cache_list_add(&c, object("ns", "a", "1", "1"));
    watch_cache_list_add(&c, object("ns", "a", "1", "1"));
    list(&c, told, sizeof told);
    assert_string_equal(told, "");
    watch_cache_done(&c);
}

static void namespaces_are_kept_apart(void **state)
{
    (void)state;
    struct watch_cache c = { .listed_at = 0 };
    struct k8s_object *a = object("one", "x", "1", "1"), *b = object("two", "x", "2", "2"), *n = object("", "x", "3", "3");
    assert_null(watch_cache_put(&c, a));
    assert_null(watch_cache_put(&c, b));
    assert_null(watch_cache_put(&c, n));
    assert_ptr_equal(watch_cache_get(&c, "two", "x"), b);
    assert_ptr_equal(watch_cache_get(&c, NULL, "x"), n);
    assert_true(watch_cache_has(&c, a));
    k8s_object_unref(watch_cache_remove(&c, a));
    assert_false(watch_cache_has(&c, a));
    k8s_object_unref(a);
    k8s_object_unref(b);
    k8s_object_unref(n);
    watch_cache_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_told_as_a_difference),
        cmocka_unit_test(an_unfinished_list_leaves_no_trace),
        cmocka_unit_test(namespaces_are_kept_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
