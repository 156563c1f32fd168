/* SPDX-License-Identifier: Apache-2.0 */
/* test_volume.c - what needs no mount: paths, folders on disk, host paths, refusals. */
#include "volume/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/object.h"

static char dir[32];
static const struct pod_facts facts = { .node_name = "n1" };
static const struct fetched_set nothing;

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/volume-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}
static int teardown(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL);
}

/* A pod of this uid with these volumes. Caller unrefs. */
static struct k8s_object *pod_with(const char *uid, const char *volumes)
{
    AUTO(free) char *json = xasprintf("{\"metadata\":{\"name\":\"p\",\"namespace\":\"ns\",\"uid\":\"%s\"},\"spec\":{\"volumes\":[%s]}}",
                                      uid, volumes);
    struct k8s_object *o = NULL;
    struct err err = ERR_INIT;

    if (k8s_decode(&k8s_pod_type, json, strlen(json), &o, &err) < 0)
        fail_msg("%s", err.msg);
    return o;
}

static struct volume_request request(struct k8s_object *o)
{
    return (struct volume_request){ .root_dir = dir, .pod = K8S_OBJECT_AS(o, k8s_pod), .facts = &facts, .fetched = &nothing };
}

/* "" or the message. */
static char *prepare(const char *uid, const char *volumes)
{
    AUTO(k8s_object_unref) struct k8s_object *o = pod_with(uid, volumes);
    const struct volume_request req = request(o);
    struct err err = ERR_INIT;

    if (volumes_prepare(&req, &err) == 0)
        return xstrdup("");
    assert_string_equal(err.reason, "FailedMount");
    return xstrdup(err.msg);
}

static void paths_are_where_other_programs_look(void **state)
{
    AUTO(k8s_object_unref) struct k8s_object *o =
        pod_with("u1", "{\"name\":\"e\",\"emptyDir\":{}},{\"name\":\"s\",\"secret\":{\"secretName\":\"x\"}},"
                       "{\"name\":\"h\",\"hostPath\":{\"path\":\"/etc\"}},{\"name\":\"n\",\"nfs\":{\"server\":\"x\",\"path\":\"/\"}}");
    const struct volume_request req = request(o);
    AUTO(volume_paths_done) struct volume_paths paths;

    (void)state;
    volumes_paths(&req, &paths);
    AUTO(free) char *e = xasprintf("%s/pods/u1/volumes/kubernetes.io~empty-dir/e", dir);
    AUTO(free) char *s = xasprintf("%s/pods/u1/volumes/kubernetes.io~secret/s", dir);
    assert_string_equal(volume_paths_get(&paths, "e"), e);
    assert_string_equal(volume_paths_get(&paths, "s"), s);
    assert_string_equal(volume_paths_get(&paths, "h"), "/etc");
    assert_null(volume_paths_get(&paths, "n"));
    assert_null(volume_paths_get(&paths, "other"));
}

static void an_empty_dir_is_made_once_and_open_to_all(void **state)
{
    AUTO(free) char *path = xasprintf("%s/pods/u1/volumes/kubernetes.io~empty-dir/e", dir);
    AUTO(free) char *pod = xasprintf("%s/pods/u1", dir);
    struct stat st;
    mode_t old = umask(077);

    (void)state;
    AUTO(free) char *e1 = prepare("u1", "{\"name\":\"e\",\"emptyDir\":{}}");
    umask(old);
    assert_string_equal(e1, "");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0777);
    assert_int_equal(stat(pod, &st), 0);
    assert_int_equal(st.st_mode & 0007, 0); /* others of the node cannot look in */
    assert_int_equal(chmod(path, 0700), 0); /* as a container might */
    AUTO(free) char *e2 = prepare("u1", "{\"name\":\"e\",\"emptyDir\":{}}");
    assert_string_equal(e2, "");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void host_paths_by_type(void **state)
{
    static const struct {
        const char *type, *name, *complaint; /* "": fine */
    } cases[] = {
        { "", "folder", "" },
        { "", "made", "" },
        { "Directory", "folder", "" },
        { "Directory", "file", "is not a directory" },
        { "Directory", "absent", "is not a directory" },
        { "DirectoryOrCreate", "deep/new", "" },
        { "DirectoryOrCreate", "file", "is not a directory" },
        { "File", "file", "" },
        { "File", "folder", "is not a file" },
        { "FileOrCreate", "new-file", "" },
        { "FileOrCreate", "folder", "is not a file" },
        { "Socket", "socket", "" },
        { "Socket", "file", "is not a socket file" },
        { "CharDevice", "file", "is not a character device" },
        { "BlockDevice", "file", "is not a block device" },
    };
    AUTO(free) char *folder = xasprintf("%s/folder", dir), *file = xasprintf("%s/file", dir);
    struct sockaddr_un at = { .sun_family = AF_UNIX };

    (void)state;
    snprintf(at.sun_path, sizeof(at.sun_path), "%s/socket", dir);
    AUTO(close) int s = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_int_equal(file_write_atomic(AT_FDCWD, file, "x", 1, 0644, 0, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *volume = xasprintf("{\"name\":\"h\",\"hostPath\":{\"path\":\"%s/%s\",\"type\":\"%s\"}}", dir, cases[i].name,
                                            cases[i].type);
        AUTO(free) char *got = prepare("u1", volume);
        AUTO(free) char *want = !*cases[i].complaint
            ? xstrdup("")
            : xasprintf("MountVolume.SetUp failed for volume \"h\" : hostPath type check failed: %s/%s %s", dir, cases[i].name,
                        cases[i].complaint);
        assert_string_equal(got, want);
    }
    AUTO(free) char *deep = xasprintf("%s/deep/new", dir), *new_file = xasprintf("%s/new-file", dir);
    struct stat st;
    assert_int_equal(stat(deep, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(stat(new_file, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0644);
    AUTO(free) char *device = prepare("u1", "{\"name\":\"h\",\"hostPath\":{\"path\":\"/dev/null\",\"type\":\"CharDevice\"}}");
    assert_string_equal(device, "");
}

static void what_cannot_be_made_is_named(void **state)
{
    static const struct {
        const char *uid, *volumes, *message;
    } cases[] = {
        { "u1", "{\"name\":\"c\",\"configMap\":{\"name\":\"no\"}}",
          "MountVolume.SetUp failed for volume \"c\" : configmap \"no\" not found" },
        { "u1", "{\"name\":\"n\",\"nfs\":{\"server\":\"x\",\"path\":\"/\"}}",
          "MountVolume.SetUp failed for volume \"n\" : volumes of this kind are not supported by this node" },
        { "u1", "{\"name\":\"e\",\"emptyDir\":{\"medium\":\"HugePages\"}}",
          "MountVolume.SetUp failed for volume \"e\" : storage medium \"HugePages\" is not supported by this node" },
        { "u1", "{\"name\":\"h\",\"hostPath\":{\"path\":\"\"}}",
          "MountVolume.SetUp failed for volume \"h\" : hostPath \"\" is not an absolute path" },
        { "u1", "{\"name\":\"h\",\"hostPath\":{\"path\":\"/x\",\"type\":\"Magic\"}}",
          "MountVolume.SetUp failed for volume \"h\" : hostPath type \"Magic\" is not known" },
        { "u1", "{\"name\":\"../../x\",\"emptyDir\":{}}",
          "MountVolume.SetUp failed for volume \"../../x\" : the name is not a file name" },
        { "../u", "{\"name\":\"e\",\"emptyDir\":{}}", "pod uid \"../u\" is not a file name" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *got = prepare(cases[i].uid, cases[i].volumes);
        assert_string_equal(got, cases[i].message);
    }
}

static void what_is_not_supported_is_found_beforehand(void **state)
{
    static const struct {
        const char *volumes, *path; /* NULL: all is well */
    } cases[] = {
        { "", NULL },
        { "{\"name\":\"a\",\"emptyDir\":{\"medium\":\"Memory\"}},{\"name\":\"b\",\"secret\":{}}", NULL },
        { "{\"name\":\"a\",\"emptyDir\":{}},{\"name\":\"b\",\"nfs\":{\"server\":\"x\",\"path\":\"/\"}}", "spec.volumes[1].nfs" },
        { "{\"name\":\"a\",\"persistentVolumeClaim\":{\"claimName\":\"x\"}}", "spec.volumes[0].persistentVolumeClaim" },
        { "{\"name\":\"a\",\"emptyDir\":{\"medium\":\"HugePages-2Mi\"}}", "spec.volumes[0].emptyDir.medium" },
        { "{\"name\":\"a\",\"projected\":{\"sources\":[{\"secret\":{\"name\":\"x\"}},{\"clusterTrustBundle\":{\"path\":\"x\"}}]}}",
          "spec.volumes[0].projected.sources[1].clusterTrustBundle" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(k8s_object_unref) struct k8s_object *o = pod_with("u1", cases[i].volumes);
        const char *got = volumes_unsupported(K8S_OBJECT_AS(o, k8s_pod));
        if (!str_eq(got, cases[i].path))
            fail_msg("%s: %s", cases[i].volumes, got ? got : "(none)");
    }
}

static void teardown_removes_the_pod_and_nothing_else(void **state)
{
    AUTO(free) char *pods = xasprintf("%s/pods", dir), *outside = xasprintf("%s/outside", dir),
                    *kept = xasprintf("%s/outside/kept", dir), *link = NULL, *one = xasprintf("%s/pods/u1", dir),
                    *two = xasprintf("%s/pods/u2", dir);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(mkdir(outside, 0755), 0);
    assert_int_equal(file_write_atomic(AT_FDCWD, kept, "x", 1, 0644, 0, NULL), 0);
    AUTO(free) char *e1 = prepare("u1", "{\"name\":\"e\",\"emptyDir\":{}}"), *e2 = prepare("u2", "{\"name\":\"e\",\"emptyDir\":{}}");
    assert_string_equal(e1, "");
    assert_string_equal(e2, "");
    link = xasprintf("%s/pods/u1/volumes/kubernetes.io~empty-dir/e/escape", dir);
    assert_int_equal(symlink(outside, link), 0); /* as a container might */
    assert_int_equal(volumes_teardown(dir, "u1", &err), 0);
    assert_false(path_exists(one));
    assert_true(path_exists(two));
    assert_true(path_exists(kept));
    assert_int_equal(volumes_teardown(dir, "u1", &err), 0); /* again */
    assert_true(volumes_teardown(dir, "..", &err) < 0);
    assert_true(volumes_teardown(dir, "", &err) < 0);
    assert_true(volumes_teardown(dir, NULL, &err) < 0);
    assert_true(volumes_teardown(dir, "a/b", &err) < 0);
    assert_true(path_exists(pods));
}

int main(void)
{
#define IN_DIR(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_DIR(paths_are_where_other_programs_look),
        IN_DIR(an_empty_dir_is_made_once_and_open_to_all),
        IN_DIR(host_paths_by_type),
        IN_DIR(what_cannot_be_made_is_named),
        IN_DIR(what_is_not_supported_is_found_beforehand),
        IN_DIR(teardown_removes_the_pod_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
