/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_volume_mounts.c - volumes in memory, their teardown, and a maker that is killed before each of its effects.
 * All mounts are made in a mount namespace of the test's own, so that nothing can be left on the machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/config_map.h"
#include "k8s/object.h"
#include "k8s/secret.h"
#include "k8s/token_request.h"
#include "volume/volume.h"

static const char pod_json[] =
    "{\"metadata\":{\"name\":\"p\",\"namespace\":\"ns\",\"uid\":\"u1\",\"labels\":{\"a\":\"b\"}},\"spec\":{\"volumes\":["
    "{\"name\":\"disk\",\"emptyDir\":{}},"
    "{\"name\":\"ram\",\"emptyDir\":{\"medium\":\"Memory\",\"sizeLimit\":\"2Mi\"}},"
    "{\"name\":\"bigram\",\"emptyDir\":{\"medium\":\"Memory\",\"sizeLimit\":\"1Gi\"}},"
    "{\"name\":\"cm\",\"configMap\":{\"name\":\"cm\"}},"
    "{\"name\":\"se\",\"secret\":{\"secretName\":\"se\",\"defaultMode\":256}},"
    "{\"name\":\"da\",\"downwardAPI\":{\"items\":[{\"path\":\"labels\",\"fieldRef\":{\"fieldPath\":\"metadata.labels\"}}]}},"
    "{\"name\":\"pr\",\"projected\":{\"sources\":[{\"serviceAccountToken\":{\"path\":\"token\"}},"
    "{\"configMap\":{\"name\":\"cm\",\"items\":[{\"key\":\"k\",\"path\":\"deep/k\"}]}}]}}]}}";

static char dir[32];
static struct k8s_object *pod, *cm, *cm2, *se, *token;
static struct fetched fetched[3];
static const struct fetched_set set = { .items = fetched, .len = ARRAY_LEN(fetched) };
static const struct pod_facts facts = { .node_name = "n1" };
static struct volume_request req;

static struct k8s_object *decode(const struct json_type *type, const char *json)
{
    struct k8s_object *o = NULL;
    struct err err = ERR_INIT;

    if (k8s_decode(type, json, strlen(json), &o, &err) < 0)
        fail_msg("%s", err.msg);
    return o;
}

static int setup_all(void **state)
{
    (void)state;
    pod = decode(&k8s_pod_type, pod_json);
    cm = decode(&k8s_config_map_type, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"k\":\"one\",\"old\":\"x\"}}");
    cm2 = decode(&k8s_config_map_type, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"k\":\"two\",\"new\":\"x\"}}");
    se = decode(&k8s_secret_type, "{\"metadata\":{\"name\":\"se\"},\"data\":{\"s\":\"c2VjcmV0\"}}");
    token = decode(&k8s_token_request_type, "{\"status\":{\"token\":\"tok\"}}");
    return 0;
}
static int teardown_all(void **state)
{
    (void)state;
    k8s_object_unref(pod);
    k8s_object_unref(cm);
    k8s_object_unref(cm2);
    k8s_object_unref(se);
    k8s_object_unref(token);
    return 0;
}

/* Every step runs in a child: effects are counted for a whole process. */
static int say(int r, const struct err *err)
{
    if (r < 0)
        (void)fprintf(stderr, "%s\n", err->msg);
    return r < 0;
}
static int do_prepare(void)
{
    struct err err = ERR_INIT;
    return say(volumes_prepare(&req, &err), &err);
}
static int do_teardown(void)
{
    struct err err = ERR_INIT;
    return say(volumes_teardown(dir, "u1", &err), &err);
}

/* Runs step in a child that dies before its n-th effect (0: never). Whether it was killed; else it must have succeeded. */
static bool killed_at(int (*step)(void), unsigned n)
{
    AUTO(free) char *at_text = xasprintf("%u", n);
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        (void)setenv("CRASH_AT", at_text, 1);
        _exit(step());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

static void prepare(void)
{
    assert_false(killed_at(do_prepare, 0));
}
static void take_down(void)
{
    assert_false(killed_at(do_teardown, 0));
}

static int setup(void **state)
{
    (void)state;
    fetched[0] = (struct fetched){ .kind = REFERENCE_CONFIG_MAP, .name = "cm", .object = cm };
    fetched[1] = (struct fetched){ .kind = REFERENCE_SECRET, .name = "se", .object = se };
    fetched[2] = (struct fetched){ .kind = REFERENCE_TOKEN, .expiration_s = 3600, .object = token };
    strcpy(dir, "/tmp/volumes-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    req = (struct volume_request){ .root_dir = dir, .pod = K8S_OBJECT_AS(pod, k8s_pod), .facts = &facts, .fetched = &set,
                                   .memory_limit_bytes = 64 << 20 };
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    (void)killed_at(do_teardown, 0);
    return path_remove_tree(dir, NULL);
}

static char *at(const char *folder, const char *rest)
{
    return xasprintf("%s/pods/u1/volumes/kubernetes.io~%s/%s", dir, folder, rest);
}

static unsigned mounts_below(const char *path)
{
    AUTO(buf_done) struct buf text = BUF_INIT(16u << 20);
    unsigned n = 0;

    assert_int_equal(file_read(AT_FDCWD, "/proc/self/mountinfo", &text, NULL), 0);
    for (const char *s = buf_str(&text); (s = strstr(s, path)) != NULL; s++)
        n++;
    return n;
}

static void assert_nothing_left(const char *when)
{
    AUTO(free) char *path = xasprintf("%s/pods/u1", dir);

    if (mounts_below(dir) || path_exists(path))
        fail_msg("%s: %u mounts are left, the folder is %s", when, mounts_below(dir), path_exists(path) ? "there" : "gone");
}

static void assert_content(const char *folder, const char *rest, const char *want)
{
    AUTO(free) char *path = at(folder, rest);
    AUTO(buf_done) struct buf text = BUF_INIT(1 << 16);
    struct err err = ERR_INIT;

    if (file_read(AT_FDCWD, path, &text, &err) < 0)
        fail_msg("%s", err.msg);
    assert_string_equal(buf_str(&text), want);
}

static void assert_all_there(const char *k)
{
    assert_content("configmap", "cm/k", k);
    assert_content("secret", "se/s", "secret");
    assert_content("downward-api", "da/labels", "a=\"b\"");
    assert_content("projected", "pr/token", "tok");
    assert_content("projected", "pr/deep/k", k);
}

static bool is_tmpfs(const char *folder, const char *rest, uint64_t *ret_bytes)
{
    AUTO(free) char *path = at(folder, rest);
    struct statfs s;

    assert_int_equal(statfs(path, &s), 0);
    *ret_bytes = (uint64_t)s.f_blocks * (uint64_t)s.f_bsize;
    return s.f_type == TMPFS_MAGIC;
}

static void secrets_lie_in_memory_and_memory_is_bounded(void **state)
{
    AUTO(free) char *ram = at("empty-dir", "ram"), *s = at("secret", "se/s");
    uint64_t bytes;
    struct stat st;

    (void)state;
    prepare();
    assert_true(is_tmpfs("empty-dir", "ram", &bytes));
    assert_int_equal(bytes, 2 << 20);
    assert_true(is_tmpfs("empty-dir", "bigram", &bytes));
    assert_int_equal(bytes, 64 << 20); /* no more than the pod may have */
    assert_true(is_tmpfs("secret", "se", &bytes));
    assert_true(is_tmpfs("downward-api", "da", &bytes));
    assert_true(is_tmpfs("projected", "pr", &bytes));
    assert_int_equal(stat(ram, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0777);
    assert_int_equal(stat(s, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    assert_all_there("one");
    assert_int_equal(mounts_below(dir), 5);
}

static void a_second_prepare_updates_and_mounts_nothing_twice(void **state)
{
    AUTO(free) char *old = at("configmap", "cm/old"), *kept = at("empty-dir", "ram/kept");

    (void)state;
    prepare();
    assert_int_equal(file_write_atomic(AT_FDCWD, kept, "x", 1, 0644, 0, NULL), 0);
    fetched[0].object = cm2;
    prepare();
    assert_all_there("two");
    assert_content("configmap", "cm/new", "x");
    assert_int_equal(access(old, F_OK), -1);
    assert_true(path_exists(kept));
    assert_int_equal(mounts_below(dir), 5);
}

static void teardown_takes_strange_mounts_away_but_not_what_is_in_them(void **state)
{
    AUTO(free) char *outside = xasprintf("%s/outside", dir), *file = xasprintf("%s/outside/file", dir),
                    *inside = at("empty-dir", "disk/bind"), *stacked = at("empty-dir", "ram");

    (void)state;
    prepare();
    assert_int_equal(mkdir(outside, 0755), 0);
    assert_int_equal(file_write_atomic(AT_FDCWD, file, "x", 1, 0644, 0, NULL), 0);
    assert_int_equal(mkdir(inside, 0755), 0);
    assert_int_equal(mount(outside, inside, NULL, MS_BIND, NULL), 0);
    assert_int_equal(mount("tmpfs", stacked, "tmpfs", 0, NULL), 0); /* one on top of another */
    AUTO(close) int busy = open(stacked, O_DIRECTORY | O_CLOEXEC); /* and in use */
    assert_true(busy >= 0);
    take_down();
    assert_nothing_left("after the teardown");
    assert_true(path_exists(file));
}

static void a_name_with_a_space_is_found_in_the_list_of_mounts(void **state)
{
    AUTO(free) char *odd = at("empty-dir", "disk/a b\\c");

    (void)state;
    prepare();
    assert_int_equal(mkdir(odd, 0755), 0);
    assert_int_equal(mount("tmpfs", odd, "tmpfs", 0, NULL), 0);
    take_down();
    assert_nothing_left("after the teardown");
}

/* ---- killed ---- */

static void killed_while_making_and_torn_down(void **state)
{
    unsigned n = 1;

    (void)state;
    for (; killed_at(do_prepare, n); n++) {
        AUTO(free) char *when = xasprintf("killed before effect %u", n);
        take_down();
        assert_nothing_left(when);
    }
    assert_true(n > 20);
    print_message("%u effects\n", n - 1);
}

static void killed_while_making_and_made_again(void **state)
{
    (void)state;
    for (unsigned n = 1; killed_at(do_prepare, n); n++) {
        prepare();
        assert_all_there("one");
        assert_int_equal(mounts_below(dir), 5);
        take_down();
        assert_nothing_left("afterwards");
    }
}

static void killed_while_updating_and_updated_again(void **state)
{
    bool more = true;

    (void)state;
    for (unsigned n = 1; more; n++) {
        AUTO(free) char *old = at("configmap", "cm/old");
        fetched[0].object = cm;
        prepare();
        fetched[0].object = cm2;
        more = killed_at(do_prepare, n);
        prepare();
        assert_all_there("two");
        assert_int_equal(access(old, F_OK), -1);
    }
}

static void killed_while_taking_down_and_taken_down_again(void **state)
{
    bool more = true;

    (void)state;
    for (unsigned n = 1; more; n++) {
        prepare();
        more = killed_at(do_teardown, n);
        take_down();
        assert_nothing_left("afterwards");
    }
}

int main(void)
{
#define IN_DIR(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_DIR(secrets_lie_in_memory_and_memory_is_bounded),
        IN_DIR(a_second_prepare_updates_and_mounts_nothing_twice),
        IN_DIR(teardown_takes_strange_mounts_away_but_not_what_is_in_them),
        IN_DIR(a_name_with_a_space_is_found_in_the_list_of_mounts),
        IN_DIR(killed_while_making_and_torn_down),
        IN_DIR(killed_while_making_and_made_again),
        IN_DIR(killed_while_updating_and_updated_again),
        IN_DIR(killed_while_taking_down_and_taken_down_again),
    };

    if (geteuid() != 0) {
        (void)fprintf(stderr, "skipped: needs root, to mount\n");
        return 77;
    }
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        (void)fprintf(stderr, "skipped: no mount namespace of its own: %s\n", strerror(errno));
        return 77;
    }
    return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
