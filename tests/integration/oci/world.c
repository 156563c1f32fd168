/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "rt/run_dir.h"

#define SKIP 77
#define WAIT_MS 20000

static _Noreturn void give_up(const char *what, const struct err *err)
{
    if (err)
        (void)fprintf(stderr, "world: %s: %s\n", what, err->msg);
    else
        perror(what);
    abort();
}

static void must(int r, const char *what, const struct err *err)
{
    if (r < 0)
        give_up(what, err);
}

void world_need(void)
{
    static const char *const programs[] = { "/bin/busybox", "/usr/bin/conmon" };

    if (geteuid() != 0) {
        (void)printf("SKIP: needs root\n");
        exit(SKIP);
    }
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        if (access(programs[i], X_OK) < 0) {
            (void)printf("SKIP: needs %s\n", programs[i]);
            exit(SKIP);
        }
    }
}

char *world_read(const char *path)
{
    struct buf text = BUF_INIT(16 * MIB);

    if (file_read(AT_FDCWD, path, &text, NULL) < 0)
        buf_clear(&text);
    if (text.len > 0)
        return buf_take(&text);
    buf_done(&text);
    return xstrdup("");
}

/* ---- the image: one layer with busybox in it ---- */

static void link_applets(const char *bin)
{
    static const char *const applets[] = { "sh",    "true", "false", "echo", "cat",   "sleep", "id",   "env",  "ls",
                                           "touch", "grep", "head",  "stat", "mount", "ps",    "kill", "stty", "tty",
                                           "hostname", "ip", "sort", "nc", "dd", "pwd", "mkdir", "wc", "ping", "trap", "awk", "test" };

    for (size_t i = 0; i < ARRAY_LEN(applets); i++) {
        AUTO(free) char *path = xasprintf("%s/%s", bin, applets[i]);

        (void)symlink("busybox", path);
    }
}

static void copy_file(const char *from, const char *to)
{
    char *data;
    struct buf text = BUF_INIT(16 * MIB);
    struct err err = ERR_INIT;

    must(file_read(AT_FDCWD, from, &text, &err), from, &err);
    must(file_write_atomic(AT_FDCWD, to, text.data, text.len, 0755, 0, &err), to, &err);
    data = buf_take(&text);
    free(data);
}

static void make_layer(struct world *w)
{
    AUTO(free) char *bin = xasprintf("%s/bin", w->layer_dir);
    AUTO(free) char *etc = xasprintf("%s/etc", w->layer_dir);
    AUTO(free) char *tmp = xasprintf("%s/tmp", w->layer_dir);
    AUTO(free) char *busybox = xasprintf("%s/bin/busybox", w->layer_dir);
    AUTO(free) char *passwd = xasprintf("%s/etc/passwd", w->layer_dir);
    AUTO(free) char *group = xasprintf("%s/etc/group", w->layer_dir);
    static const char users[] = "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001::/home/alice:/bin/sh\n";
    static const char groups[] = "root:x:0:\nalice:x:1001:\nwheel:x:10:bob,alice\n";
    struct err err = ERR_INIT;

    must(path_mkdirs(bin, 0755, &err), bin, &err);
    must(path_mkdirs(etc, 0755, &err), etc, &err);
    must(path_mkdirs(tmp, 01777, &err), tmp, &err);
    (void)chmod(tmp, 01777);
    copy_file("/bin/busybox", busybox);
    link_applets(bin);
    must(file_write_atomic(AT_FDCWD, passwd, users, sizeof(users) - 1, 0644, 0, &err), passwd, &err);
    must(file_write_atomic(AT_FDCWD, group, groups, sizeof(groups) - 1, 0644, 0, &err), group, &err);
}

static int find_image(void *user, const char *image_id, struct arena *arena, struct rt_oci_image *ret, struct err *err)
{
    struct world *w = user;

    (void)arena;
    if (!str_eq(image_id, WORLD_IMAGE))
        return err_set(err, -ENOENT, "no such image");
    *ret = w->image;
    return 0;
}

/* ---- open and close ---- */

void world_init(struct world *w, const char *name)
{
    static const char *lowerdirs[1];
    AUTO(free) char *base = NULL;
    struct err err = ERR_INIT;
    bool made;

    *w = (struct world){ .keeps_nothing = true };
    if (getenv("OARSMAN_TEST_WORLD"))
        (void)snprintf(w->name, sizeof(w->name), "%s", getenv("OARSMAN_TEST_WORLD"));
    else
        (void)snprintf(w->name, sizeof(w->name), "oarsman-test-%s-%d", name, (int)getpid());
    base = xasprintf("/var/tmp/%s", w->name); /* overlayfs needs a disk below it */
    w->run_dir = xasprintf("/run/%s", w->name);
    w->state_dir = xasprintf("%s/state", base);
    w->layer_dir = xasprintf("%s/layer", base);
    w->volumes_dir = xasprintf("%s/volumes", base);
    w->log_dir = xasprintf("%s/log", base);
    w->groups_prefix = xasprintf("/%s", w->name);
    if (!path_exists(w->layer_dir))
        make_layer(w);
    lowerdirs[0] = w->layer_dir;
    w->image.lowerdirs = (struct rt_strings){ lowerdirs, 1 };
    must(rt_run_dir_prepare(w->run_dir, &err), "run folder", &err);
    must(rt_run_dir_share(w->volumes_dir, &made, &err), "volumes", &err);
}

static void on_event(void *user, const struct rt_event *event)
{
    struct world *w = user;
    struct rt_event *e;

    if (w->events_len == WORLD_EVENTS_MAX)
        return;
    e = &w->events[w->events_len++];
    e->kind = event->kind;
    e->sandbox_id = xstrdup(event->sandbox_id);
    e->container_id = xstrdup(event->container_id);
}

static void on_warning(void *user, const char *text)
{
    struct world *w = user;
    size_t len = strlen(w->warnings);

    (void)snprintf(w->warnings + len, sizeof(w->warnings) - len, "%s\n", text);
}

/* A network of the test's own, in which "the node's network" is this one. Before any thread. */
void world_leave_network(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd;

    if (unshare(CLONE_NEWNET) < 0)
        give_up("unshare", NULL);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        give_up("lo", NULL);
    (void)close(fd);
    if (file_write_value(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", "1", NULL) < 0)
        give_up("ip_forward", NULL);
}

static void open_sandboxes(struct world *w, const char *pause)
{
    AUTO(free) char *records = xasprintf("%s/groups", w->run_dir);
    AUTO(free) char *network_dir = xasprintf("%s/network", w->run_dir);
    static const char bridge[] = "oartest0";
    struct rt_cgroups_config groups = { .prefix = w->groups_prefix, .record_dir = records };
    struct rt_sandboxes_config sandboxes = { .name = "oarsman", .run_dir = w->run_dir, .pause = pause };
    struct err err = ERR_INIT;

    if (w->bridged) {
        struct rt_network_config network = { .mode = RT_NETWORK_BRIDGE, .run_dir = network_dir, .cidr = "10.97.0.0/24",
                                             .bridge = bridge };

        must(rt_network_new(w->loop, &network, &w->network, &err), "network", &err);
    }
    must(path_mkdirs(records, 0700, &err), "group records", &err);
    must(rt_cgroups_open(&groups, &w->cgroups, &err), "cgroups", &err);
    sandboxes.cgroups = w->cgroups;
    sandboxes.network = w->network;
    must(rt_sandboxes_new(w->loop, &sandboxes, &w->sandboxes, &err), "sandboxes", &err);
}

void world_open(struct world *w)
{
    struct rt_oci_config config = {
        .run_dir = w->run_dir,
        .state_dir = w->state_dir,
        .runtime = w->runtime,
        .cgroup_prefix = w->groups_prefix,
        .conmon_cgroup = "/conmon",
        .source = { w, find_image },
        .warn = on_warning,
        .warn_user = w,
    };
    struct err err = ERR_INIT;

    must(loop_new(&w->loop, &err), "loop", &err);
    open_sandboxes(w, str_or(getenv("OARSMAN_PAUSE"), OARSMAN_PAUSE_PATH));
    config.cgroups = w->cgroups;
    config.sandboxes = w->sandboxes;
    config.network = w->network;
    must(rt_oci_new(w->loop, &config, &w->rt, &err), "oci", &err);
    w->rt->set_events(w->rt, on_event, w);
}

void world_close(struct world *w)
{
    worker_drain(w->loop);
    w->rt->free(w->rt);
    w->rt = NULL;
    w->sandboxes = rt_sandboxes_free(w->sandboxes);
    w->network = rt_network_free(w->network);
    w->cgroups = rt_cgroups_free(w->cgroups);
    w->loop = loop_free(w->loop);
}

/* ---- the end ---- */

struct ids {
    char ids[64][80];
    size_t len;
    bool done;
};

static void on_ids(void *user, const struct err *err, const void *result)
{
    struct ids *ids = user;
    const struct rt_container_list *list = result;

    (void)err;
    for (size_t i = 0; list && i < list->len && ids->len < ARRAY_LEN(ids->ids); i++)
        (void)snprintf(ids->ids[ids->len++], sizeof(ids->ids[0]), "%s", list->items[i].id);
    ids->done = true;
}

static void on_pod_ids(void *user, const struct err *err, const void *result)
{
    struct ids *ids = user;
    const struct rt_sandbox_list *list = result;

    (void)err;
    for (size_t i = 0; list && i < list->len && ids->len < ARRAY_LEN(ids->ids); i++)
        (void)snprintf(ids->ids[ids->len++], sizeof(ids->ids[0]), "%s", list->items[i].id);
    ids->done = true;
}

void world_remove_all(struct world *w)
{
    struct ids containers = { .len = 0 }, pods = { .len = 0 };
    struct rt_call call = { .done = on_ids, .user = &containers };
    struct answer a;

    (void)w->rt->containers->ops->list(w->rt->containers, &call);
    while (!containers.done)
        (void)loop_once(w->loop, 100);
    for (size_t i = 0; i < containers.len; i++) {
        a = world_remove(w, containers.ids[i]);
        if (a.code < 0)
            (void)fprintf(stderr, "remove %s: %s\n", containers.ids[i], a.message);
    }
    call = (struct rt_call){ .done = on_pod_ids, .user = &pods };
    (void)w->sandboxes->ops->list(w->sandboxes, &call);
    while (!pods.done)
        (void)loop_once(w->loop, 100);
    for (size_t i = 0; i < pods.len; i++) {
        a = world_remove_pod(w, pods.ids[i]);
        if (a.code < 0)
            (void)fprintf(stderr, "remove pod %s: %s\n", pods.ids[i], a.message);
    }
}

static int remove_empty_group(int dirfd, const char *hierarchy, void *user)
{
    const struct world *w = user;
    static const char *const parents[] = { "/pods", "" };

    (void)dirfd;
    for (size_t i = 0; i < ARRAY_LEN(parents); i++) {
        AUTO(free) char *path = xasprintf("/sys/fs/cgroup/%s%s%s", hierarchy, w->groups_prefix, parents[i]);

        (void)rmdir(path); /* what is not empty stays, and is noticed */
    }
    return 0;
}

static void remove_groups(struct world *w)
{
    struct err err = ERR_INIT;

    worker_drain(w->loop);
    if (rt_cgroup_remove(w->cgroups, "/conmon", 5000, &err) < 0)
        (void)fprintf(stderr, "groups: %s\n", err.msg);
    (void)path_each("/sys/fs/cgroup", remove_empty_group, w, NULL);
    (void)remove_empty_group(-1, ".", w);
}

static int fail_if_any(int dirfd, const char *name, void *user)
{
    (void)dirfd;
    (void)fprintf(stderr, "left behind: %s/%s\n", (const char *)user, name);
    return 1;
}

/* Processes that were started with the run folder among their arguments: conmon, the runtime, oarsman-pause. They
 * may take a moment to end. */
static int count_process(int dirfd, const char *name, void *user)
{
    const struct world *w = user;
    AUTO(free) char *path = xasprintf("/proc/%s/cmdline", name);
    AUTO(buf_done) struct buf text = BUF_INIT(64 * KIB);

    (void)dirfd;
    if (name[0] < '1' || name[0] > '9' || file_read(AT_FDCWD, path, &text, NULL) < 0)
        return 0;
    for (size_t at = 0; at < text.len; at += strlen(text.data + at) + 1)
        if (str_has_prefix(text.data + at, w->run_dir))
            return 1;
    return 0;
}

static bool processes_left(const struct world *w)
{
    for (int tries = 0; tries < 200; tries++) {
        if (path_each("/proc", count_process, (void *)(uintptr_t)w, NULL) == 0)
            return false;
        (void)poll(NULL, 0, 10);
    }
    (void)fprintf(stderr, "left behind: processes of %s\n", w->name);
    return true;
}

static bool groups_left(const struct world *w)
{
    static const char *const hierarchies[] = { "memory", "cpu", "pids", "systemd", "freezer", "devices", "unified", "." };
    bool left = false;

    for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
        AUTO(free) char *path = xasprintf("/sys/fs/cgroup/%s%s", hierarchies[i], w->groups_prefix);

        if (path_exists(path)) {
            (void)fprintf(stderr, "left behind: %s\n", path);
            left = true;
        }
    }
    return left;
}

bool world_remains(const struct world *w)
{
    const char *const patterns[] = { "%s/containers", "%s/sandboxes", "%s/network/attachments" };
    AUTO(free) char *layers = xasprintf("%s/containers", w->state_dir);
    AUTO(free) char *mounts = world_read("/proc/self/mountinfo");
    bool bad = path_each(layers, fail_if_any, layers, NULL) != 0;

    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        AUTO(free) char *folder = xasprintf(patterns[i], w->run_dir);
        AUTO(free) char *mount = xasprintf("%s/", folder);

        bad = path_each(folder, fail_if_any, folder, NULL) != 0 || bad;
        if (strstr(mounts, mount)) {
            (void)fprintf(stderr, "left behind, mounts below %s:\n%s\n", mount, mounts);
            bad = true;
        }
    }
    return processes_left(w) || bad;
}

void world_done(struct world *w)
{
    AUTO(free) char *base = xasprintf("/var/tmp/%s", w->name);
    AUTO(free) char *mounts = NULL;
    bool bad;

    world_remove_all(w);
    bad = world_remains(w);
    remove_groups(w);
    world_close(w);
    rt_run_dir_unshare(w->volumes_dir);
    (void)rt_run_dir_remove(w->run_dir, NULL);
    (void)rmdir(w->run_dir);
    (void)path_remove_tree(base, NULL);
    mounts = world_read("/proc/self/mountinfo");
    if (strstr(mounts, w->name)) { /* others may mount at the same time */
        (void)fprintf(stderr, "left behind, mounts of %s:\n%s\n", w->name, mounts);
        bad = true;
    }
    bad = groups_left(w) || bad;
    for (size_t i = 0; i < w->events_len; i++) {
        free((char *)(uintptr_t)w->events[i].sandbox_id);
        free((char *)(uintptr_t)w->events[i].container_id);
    }
    free(w->run_dir);
    free(w->state_dir);
    free(w->layer_dir);
    free(w->volumes_dir);
    free(w->log_dir);
    free(w->groups_prefix);
    if (bad && w->keeps_nothing)
        abort();
}
