/* SPDX-License-Identifier: Apache-2.0 */
#include "record/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"

static struct loop *loop;
static char *dir;
static struct record_store *store;

static int setup(void **state)
{
    (void)state;
    dir = xstrdup("/tmp/oarsman-store-XXXXXX");
    if (!mkdtemp(dir) || loop_new(&loop, NULL) < 0)
        return -1;
    AUTO(free) char *pods = xasprintf("%s/pods", dir);
    return record_store_new(loop, pods, &store, NULL);
}

static int teardown(void **state)
{
    (void)state;
    store = record_store_free(store);
    loop = loop_free(loop);
    int r = path_remove_tree(dir, NULL);
    free(dir);
    return r;
}

static size_t answers;

static void on_saved(void *user, const struct err *err)
{
    (void)user;
    assert_null(err);
    answers++;
}

static void save(const char *uid, const char *object, const char *record)
{
    struct pod_store *port = record_store_port(store);
    size_t before = answers;
    port->ops->save(port, uid, object, record, on_saved, NULL);
    assert_int_equal(answers, before); /* never from within the call */
}

static void settle(void)
{
    for (int i = 0; i < 200; i++)
        (void)loop_once(loop, 1);
}

struct loaded {
    size_t count;
    char *object, *record;
};

static void on_load(void *user, const char *uid, const char *object, const char *record)
{
    struct loaded *l = user;
    l->count++;
    assert_string_equal(uid, "u1");
    free(l->object);
    free(l->record);
    l->object = xstrdup(object);
    l->record = xstrdup(record);
}

static struct loaded load(void)
{
    struct loaded l = { 0 };
    struct pod_store *port = record_store_port(store);
    assert_int_equal(port->ops->load(port, on_load, &l, NULL), 0);
    return l;
}

static void loaded_done(struct loaded *l)
{
    free(l->object);
    free(l->record);
}

static void what_is_saved_is_loaded(void **state)
{
    (void)state;
    answers = 0;
    save("u1", "{\"a\":1}", "{\"version\":1}");
    settle();
    save("u1", NULL, "{\"version\":1,\"b\":2}"); /* the object stays */
    settle();
    assert_int_equal(answers, 2);
    struct loaded l = load();
    assert_int_equal(l.count, 1);
    assert_string_equal(l.object, "{\"a\":1}");
    assert_string_equal(l.record, "{\"version\":1,\"b\":2}");
    loaded_done(&l);
}

static void only_root_reads_what_may_hold_secrets(void **state)
{
    (void)state;
    struct stat st;
    save("u1", "{}", "{}");
    settle();
    AUTO(free) char *object = xasprintf("%s/pods/u1/pod.json", dir);
    AUTO(free) char *folder = xasprintf("%s/pods/u1", dir);
    assert_int_equal(stat(object, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void a_removal_comes_after_the_save_that_was_under_way(void **state)
{
    (void)state;
    struct pod_store *port = record_store_port(store);
    answers = 0;
    save("u1", "{}", "{}");
    port->ops->remove(port, "u1");
    settle();
    assert_int_equal(answers, 1);
    struct loaded l = load();
    assert_int_equal(l.count, 0);
    port->ops->remove(port, "u1"); /* nothing there: fine */
    settle();
}

static void an_empty_folder_is_a_pod_of_which_nothing_is_known(void **state)
{
    (void)state;
    AUTO(free) char *folder = xasprintf("%s/pods/u1", dir);
    assert_int_equal(path_mkdirs(folder, 0700, NULL), 0);
    struct loaded l = load();
    assert_int_equal(l.count, 1);
    assert_null(l.object);
    assert_null(l.record);
    loaded_done(&l);
}

int main(void)
{
#define FACT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        FACT(what_is_saved_is_loaded),
        FACT(only_root_reads_what_may_hold_secrets),
        FACT(a_removal_comes_after_the_save_that_was_under_way),
        FACT(an_empty_folder_is_a_pod_of_which_nothing_is_known),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
