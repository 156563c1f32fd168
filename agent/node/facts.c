/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c - what this machine is, and how full it is: the reading of it. facts_parse.c understands what is read. */
#include "node/facts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "addresses.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "facts_parse.h"

#define TEXT_BYTES (64 * KIB)

/* The first line of a small file without white space at its ends; NULL: not there, or empty. */
static char *read_word(const char *path)
{
    AUTO(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
    if (file_read(AT_FDCWD, path, &text, NULL) < 0)
        return NULL;
    const char *s = buf_str(&text) + strspn(buf_str(&text), " \t\n");
    size_t len = strcspn(s, "\n");
    while (len > 0 && isspace((unsigned char)s[len - 1]))
        len--;
    return len > 0 ? xstrndup(s, len) : NULL;
}

static int64_t read_number(const char *path)
{
    AUTO(free) char *word = read_word(path);
    int64_t value;
    return word && str_to_i64(word, 0, INT64_MAX, &value) == 0 ? value : -1;
}

/* ---- facts ----------------------------------------------------------------------------------------------- */

/* RFC 1123, as object names must be: the API server would refuse others, later and less clearly. */
static bool is_node_name(const char *s)
{
    size_t len = strlen(s);
    if (len == 0 || len > 253 || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++) {
        bool edge = s[i] == '.' && (s[i - 1] == '.' || s[i - 1] == '-' || s[i + 1] == '-');
        if (edge || (!islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) && s[i] != '-' && s[i] != '.'))
            return false;
    }
    return true;
}

static int measure_name(const struct config *config, const struct utsname *u, struct node_facts *f, struct err *err)
{
    bool given = !str_empty(config->hostname_override);
    f->name = xstrdup(given ? config->hostname_override : u->nodename);
    for (char *s = f->name; *s; s++)
        *s = (char)tolower((unsigned char)*s);
    if (is_node_name(f->name))
        return 0;
    return err_set(err, -EINVAL,
                   "%s: \"%s\" is not a node name: it must consist of lower-case letters, digits, '-' and '.'",
                   given ? "--hostname-override" : "the host's name (see --hostname-override)", f->name);
}

static void measure_memory(struct node_facts *f)
{
    AUTO(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
    (void)file_read(AT_FDCWD, "/proc/meminfo", &text, NULL);
    const char *s = buf_str(&text);
    f->memory_bytes = meminfo_bytes(s, "MemTotal");
    f->swap_bytes = meminfo_bytes(s, "SwapTotal");
    f->hugepages_bytes = meminfo_bytes(s, "Hugetlb");
}

static void measure_identity(const struct utsname *u, struct node_facts *f)
{
    AUTO(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
    f->machine_id = read_word("/etc/machine-id");
    f->system_uuid = read_word("/sys/class/dmi/id/product_uuid");
    if (!f->machine_id)
        f->machine_id = read_word("/var/lib/dbus/machine-id");
    if (!f->system_uuid)
        f->system_uuid = xstrdup(f->machine_id);
    f->boot_id = clock_boot_id();
    f->kernel_version = xstrdup(u->release);
    f->architecture = architecture_of(u->machine);
    if (f->architecture == u->machine) /* it must outlive u */
        f->architecture = "unknown";
    if (file_read(AT_FDCWD, "/etc/os-release", &text, NULL) < 0)
        (void)file_read(AT_FDCWD, "/usr/lib/os-release", &text, NULL);
    f->os_image = os_release_name(buf_str(&text));
}

int node_facts_measure(const struct config *config, struct node_facts *ret, struct err *err)
{
    AUTO(node_facts_done) struct node_facts f = { .cpus = 0 };
    struct utsname u;
    if (uname(&u) < 0)
        return err_errno(err, errno, "uname");
    int r = measure_name(config, &u, &f, err);
    if (r == 0)
        r = node_addresses(config->node_ips, &f.ips, err);
    if (r < 0)
        return r;
    f.cpus = sysconf(_SC_NPROCESSORS_ONLN);
    measure_memory(&f);
    measure_identity(&u, &f);
    struct statvfs fs;
    if (statvfs(config->root_dir, &fs) < 0)
        return err_errno(err, errno, "--root-dir %s", config->root_dir);
    f.nodefs_bytes = (int64_t)(fs.f_blocks * fs.f_frsize);
    if (f.cpus < 1 || f.memory_bytes < 0)
        return err_set(err, -ENODATA, "cannot measure this machine: /proc/meminfo or the number of processors");
    *ret = f;
    f = (struct node_facts){ .cpus = 0 };
    return 0;
}

void node_facts_done(struct node_facts *f)
{
    free(f->name);
    strv_free(f->ips);
    free(f->machine_id);
    free(f->system_uuid);
    free(f->kernel_version);
    free(f->os_image);
    *f = (struct node_facts){ .cpus = 0 };
}

/* ---- usage ----------------------------------------------------------------------------------------------- */

static void measure_fs(const char *path, int64_t *available, int64_t *bytes, int64_t *inodes_free, int64_t *inodes)
{
    struct statvfs fs;
    *available = *bytes = *inodes_free = *inodes = -1;
    if (statvfs(path, &fs) < 0)
        return;
    *available = (int64_t)(fs.f_bavail * fs.f_frsize);
    *bytes = (int64_t)(fs.f_blocks * fs.f_frsize);
    if (fs.f_files > 0) { /* some file systems do not count */
        *inodes_free = (int64_t)fs.f_favail;
        *inodes = (int64_t)fs.f_files;
    }
}

void node_usage_measure(const char *root_dir, const char *state_dir, struct node_usage *ret)
{
    AUTO(buf_done) struct buf meminfo = BUF_INIT(TEXT_BYTES);
    AUTO(buf_done) struct buf loadavg = BUF_INIT(TEXT_BYTES);
    (void)file_read(AT_FDCWD, "/proc/meminfo", &meminfo, NULL);
    (void)file_read(AT_FDCWD, "/proc/loadavg", &loadavg, NULL);
    ret->memory_available_bytes = meminfo_bytes(buf_str(&meminfo), "MemAvailable");
    ret->memory_bytes = meminfo_bytes(buf_str(&meminfo), "MemTotal");
    measure_fs(root_dir, &ret->nodefs_available_bytes, &ret->nodefs_bytes, &ret->nodefs_inodes_free,
               &ret->nodefs_inodes);
    measure_fs(state_dir, &ret->imagefs_available_bytes, &ret->imagefs_bytes, &ret->imagefs_inodes_free,
               &ret->imagefs_inodes);
    int64_t pid_max = read_number("/proc/sys/kernel/pid_max"), threads_max = read_number("/proc/sys/kernel/threads-max");
    int64_t used = loadavg_tasks(buf_str(&loadavg));
    ret->pids = pid_max < 0 || (threads_max >= 0 && threads_max < pid_max) ? threads_max : pid_max;
    ret->pids_available = ret->pids < 0 || used < 0 ? -1 : ret->pids - used;
}
