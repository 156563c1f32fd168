/* SPDX-License-Identifier: Apache-2.0 */
/* proc_plan.c - a spec turned into all that the child needs, so that it computes nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "proc_child.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *search_path(void)
{
    return str_or(getenv("PATH"), DEFAULT_PATH);
}

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static int find_program(const char *name, char **ret_path, struct err *err)
{
    AUTO(strv_free) char **folders = NULL;

    if (str_empty(name))
        return err_set(err, -EINVAL, "start a program: no name");
    if (name[0] == '/') {
        *ret_path = xstrdup(name);
        return 0;
    }
    if (strchr(name, '/'))
        return err_set(err, -EINVAL, "%s: neither absolute nor a plain name", name);
    folders = strv_split(search_path(), ':');
    for (size_t i = 0; folders[i]; i++) {
        AUTO(free) char *path = NULL;

        if (folders[i][0] != '/') /* "" and relative folders would depend on who starts us where */
            continue;
        path = xasprintf("%s/%s", folders[i], name);
        if (is_program(path)) {
            *ret_path = TAKE_PTR(path);
            return 0;
        }
    }
    return err_set(err, -ENOENT, "%s: not found in PATH (%s)", name, search_path());
}

static int compare_fds(const void *a, const void *b)
{
    const struct proc_plan_fd *x = (const struct proc_plan_fd *)a,
                              *y = (const struct proc_plan_fd *)b;

    return (x->child_fd > y->child_fd) - (x->child_fd < y->child_fd);
}

static bool fd_named(const struct proc_plan *plan, int child_fd)
{
    for (size_t i = 0; i < plan->fds_len; i++) {
        if (plan->fds[i].child_fd == child_fd)
            return true;
    }
    return false;
}

static int add_fd(struct proc_plan *plan, int from, int child_fd, struct err *err)
{
    if (from < 0 || child_fd < 0)
        return err_set(err, -EBADF, "%s: descriptor %d as %d", plan->path, from, child_fd);
    if (fd_named(plan, child_fd))
        return err_set(err, -EINVAL, "%s: descriptor %d is given twice", plan->path, child_fd);
    plan->fds[plan->fds_len++] = (struct proc_plan_fd){ .from = from, .child_fd = child_fd };
    return 0;
}

static int plan_fds(struct proc_plan *plan, const struct proc_spec *spec, const int std[3],
                    struct err *err)
{
    int r = 0;

    plan->fds = (struct proc_plan_fd *)xcalloc(spec->fds_len + 3, sizeof(*plan->fds));
    for (int fd = 0; fd < 3 && r == 0; fd++) {
        if (std[fd] >= 0)
            r = add_fd(plan, std[fd], fd, err);
    }
    for (size_t i = 0; i < spec->fds_len && r == 0; i++)
        r = add_fd(plan, spec->fds[i].fd, spec->fds[i].child_fd, err);
    for (int fd = 0; fd < 3 && r == 0; fd++) {
        if (fd_named(plan, fd))
            continue;
        if (plan->null_fd < 0)
            plan->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (plan->null_fd < 0)
            return err_errno(err, errno, "/dev/null");
        r = add_fd(plan, plan->null_fd, fd, err);
    }
    qsort(plan->fds, plan->fds_len, sizeof(*plan->fds), compare_fds);
    return r;
}

static void plan_limits(struct proc_plan *plan, const struct proc_spec *spec)
{
    const struct {
        int resource;
        uint64_t value;
    } wanted[] = {
        { RLIMIT_AS, spec->limit_as_bytes },
        { RLIMIT_CPU, spec->limit_cpu_s },
        { RLIMIT_FSIZE, spec->limit_fsize_bytes },
    };

    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        if (!wanted[i].value)
            continue;
        plan->limits[plan->limits_len++] = (struct proc_plan_limit){
            .resource = wanted[i].resource,
            .value = { .rlim_cur = wanted[i].value, .rlim_max = wanted[i].value },
        };
    }
}

static int read_last_cap(void)
{
    AUTO(buf_done) struct buf text = BUF_INIT(32);
    uint64_t last = 0;

    if (file_read(AT_FDCWD, "/proc/sys/kernel/cap_last_cap", &text, NULL) < 0)
        return 63;
    text.data[strcspn(text.data, "\n")] = '\0';
    return str_to_u64(text.data, 63, &last) < 0 ? 63 : (int)last;
}

int proc_plan_init(struct proc_plan *plan, const struct proc_spec *spec, const int std[3],
                   struct err *err)
{
    int r;

    *plan = (struct proc_plan){ .spec = spec, .null_fd = -1, .parent = getpid() };
    r = find_program(spec->path, &plan->path, err);
    if (r == 0)
        r = plan_fds(plan, spec, std, err);
    if (r < 0)
        return r;
    plan_limits(plan, spec);
    plan->own_argv[0] = spec->path;
    plan->argv = spec->argv && spec->argv[0] ? spec->argv : plan->own_argv;
    if (spec->env) {
        plan->env = spec->env;
    } else {
        plan->path_variable = xasprintf("PATH=%s", search_path());
        plan->minimal_env[0] = plan->path_variable;
        plan->env = plan->minimal_env;
    }
    if (spec->drop_all_caps)
        plan->last_cap = read_last_cap();
    return 0;
}

void proc_plan_done(struct proc_plan *plan)
{
    free(plan->path);
    free(plan->path_variable);
    free(plan->fds);
    if (plan->null_fd >= 0)
        (void)close(plan->null_fd);
    *plan = (struct proc_plan){ .null_fd = -1 };
}
