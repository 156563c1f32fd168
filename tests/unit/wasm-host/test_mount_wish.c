/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "base/str.h"
#include "mount_wish.h"

struct row {
    const char *destination, *type, *source;
    const char *options[6];
    struct mount_wish want;
};

static struct oci_mount mount_of(const struct row *row)
{
    struct oci_mount m = { .destination = row->destination, .type = row->type, .source = row->source };

    m.options.items = row->options;
    while (m.options.len < ARRAY_LEN(row->options) && row->options[m.options.len])
        m.options.len++;
    return m;
}

static void wishes_are_read(void **state)
{
    static const struct row rows[] = {
        { "/a", "bind", "/s", { NULL }, { MOUNT_BIND, false, false, false, MS_PRIVATE, NULL, NULL } },
        { "/a", "bind", "/s", { "rbind", "rprivate", "rw" }, { MOUNT_BIND, true, false, false, MS_PRIVATE, NULL, NULL } },
        { "/a", "none", "/s", { "bind", "ro" }, { MOUNT_BIND, false, true, false, MS_PRIVATE, NULL, NULL } },
        { "/a", NULL, "/s", { "rbind", "rro" }, { MOUNT_BIND, true, true, true, MS_PRIVATE, NULL, NULL } },
        { "/a", "", "/s", { "rbind", "rslave" }, { MOUNT_BIND, true, false, false, MS_SLAVE, NULL, NULL } },
        { "/a", "bind", "/s", { "rbind", "rshared" }, { MOUNT_BIND, true, false, false, MS_SHARED, NULL, NULL } },
        { "/a", "bind", "/s", { "slave", "nosuid", "noexec", "nodev", "relatime" },
          { MOUNT_BIND, false, false, false, MS_SLAVE, NULL, NULL } },
        { "/a", "tmpfs", "tmpfs", { "size=1m", "mode=1777", "ro" }, { MOUNT_TMPFS, false, true, false, MS_PRIVATE, "1m", "1777" } },
        { "/dev/shm", "bind", "/s", { "rbind" }, { MOUNT_BIND, true, false, false, MS_PRIVATE, NULL, NULL } },
        /* what a guest has no calls for, whatever is asked of it */
        { "/proc", "proc", "proc", { "hidepid=2" }, { MOUNT_OF_KERNEL, false, false, false, MS_PRIVATE, NULL, NULL } },
        { "/sys", "sysfs", "sysfs", { "ro" }, { MOUNT_OF_KERNEL, false, false, false, MS_PRIVATE, NULL, NULL } },
        { "/dev", "tmpfs", "tmpfs", { "strictatime", "mode=755" }, { MOUNT_OF_KERNEL, false, false, false, MS_PRIVATE, NULL, NULL } },
        { "/dev/shm", "tmpfs", "shm", { "nr_inodes=5" }, { MOUNT_OF_KERNEL, false, false, false, MS_PRIVATE, NULL, NULL } },
        { "/dev/pts", "devpts", "devpts", { "newinstance" }, { MOUNT_OF_KERNEL, false, false, false, MS_PRIVATE, NULL, NULL } },
        { "/dev/mqueue", "mqueue", "mqueue", { NULL }, { MOUNT_OF_KERNEL, false, false, false, MS_PRIVATE, NULL, NULL } },
        { "/sys/fs/cgroup", "cgroup", "cgroup", { NULL }, { MOUNT_OF_KERNEL, false, false, false, MS_PRIVATE, NULL, NULL } },
        { "/sys/fs/cgroup", "cgroup2", "cgroup", { NULL }, { MOUNT_OF_KERNEL, false, false, false, MS_PRIVATE, NULL, NULL } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct mount_wish *want = &rows[i].want;
        struct oci_mount m = mount_of(&rows[i]);
        struct mount_wish w;
        struct err err = ERR_INIT;

        if (mount_wish_of(&m, &w, &err) < 0)
            fail_msg("row %zu: %s", i, err.msg);
        if (w.kind != want->kind || w.recursive != want->recursive || w.readonly != want->readonly ||
            w.recursive_readonly != want->recursive_readonly || w.propagation != want->propagation ||
            !str_eq(str_or(w.size, ""), str_or(want->size, "")) || !str_eq(str_or(w.mode, ""), str_or(want->mode, "")))
            fail_msg("row %zu", i);
    }
}

static void what_cannot_be_had_is_refused_by_its_name(void **state)
{
    static const struct row rows[] = {
        { "/a", "ext4", "/dev/vda", { NULL }, { .size = "\"ext4\"" } },
        { "/a", NULL, "/s", { NULL }, { .size = "\"\"" } },
        { "/a", "bind", NULL, { "rbind" }, { .size = "no source" } },
        { "/a", "bind", "", { "rbind" }, { .size = "no source" } },
        { "/a", "bind", "/s", { "rbind", "idmap" }, { .size = "\"idmap\"" } },
        { "/a", "bind", "/s", { "rbind", "ridmap" }, { .size = "\"ridmap\"" } },
        { "/a", "tmpfs", "t", { "tmpcopyup" }, { .size = "\"tmpcopyup\"" } },
        { "/a", "tmpfs", "t", { "uid=5" }, { .size = "\"uid=5\"" } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct oci_mount m = mount_of(&rows[i]);
        struct mount_wish w = { .size = "untouched" };
        struct err err = ERR_INIT;

        if (mount_wish_of(&m, &w, &err) >= 0 || !strstr(err.msg, rows[i].want.size) || !strstr(err.msg, "mount /a: "))
            fail_msg("row %zu: %s", i, err.msg);
        assert_string_equal(w.size, "untouched");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wishes_are_read),
        cmocka_unit_test(what_cannot_be_had_is_refused_by_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
