/* SPDX-License-Identifier: Apache-2.0 */
#include "discover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

#define VERSION_DEADLINE_MS 5000

/* Beside PATH, which a service may have short. */
static const char *const folders[] = { "/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/usr/libexec/podman",
                                       "/usr/lib/cri-o-runc/sbin" };

static char *in_folder(const char *folder, size_t folder_len, const char *name)
{
    char *path = xasprintf("%.*s/%s", (int)folder_len, folder, name);

    if (folder_len > 0 && folder[0] == '/' && access(path, X_OK) == 0)
        return path;
    free(path);
    return NULL;
}

static char *find(const char *name)
{
    const char *path = str_or(getenv("PATH"), "");
    char *found = NULL;

    if (strchr(name, '/'))
        return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
    while (*path && !found) {
        size_t len = strcspn(path, ":");

        found = in_folder(path, len, name);
        path += len + (path[len] == ':');
    }
    for (size_t i = 0; !found && i < ARRAY_LEN(folders); i++)
        found = in_folder(folders[i], strlen(folders[i]), name);
    return found;
}

char *discover_version(const char *text)
{
    const char *at = strstr(text, "version ");
    size_t len;

    if (!at)
        return xstrdup("");
    at += strlen("version ");
    len = strcspn(at, " \t\n,");
    return xstrndup(at, len);
}

static bool at_least(const char *version, int64_t major, int64_t minor)
{
    AUTO(strv_free) char **parts = strv_split(version, '.');
    int64_t a, b;

    if (strv_len(parts) < 2 || str_to_i64(parts[0], 0, INT32_MAX, &a) < 0 ||
        str_to_i64(parts[1], 0, INT32_MAX, &b) < 0)
        return false; /* no release: who knows */
    return a > major || (a == major && b >= minor);
}

bool discover_takes_program(const char *name, const char *version)
{
    return str_eq(name, "crun") && at_least(version, 0, 17);
}

/* What PROGRAM --version prints, in out. */
static int ask(const char *program, struct buf *out, struct err *err)
{
    const char *argv[] = { program, "--version", NULL };
    struct proc_spec spec = { .path = program, .argv = argv };
    struct proc_exit exit;
    int r = proc_run(&spec, VERSION_DEADLINE_MS, out, NULL, &exit, err);

    if (r < 0)
        return err_wrap(err, "%s --version", program);
    if (exit.code != 0)
        return err_set(err, -EIO, "%s --version failed with exit code %d", program, exit.code);
    return 0;
}

static int ask_versions(struct discovered *d, struct err *err)
{
    AUTO(buf_done) struct buf out = BUF_INIT(LIMIT_PROC_CAPTURE_BYTES);
    int r = ask(d->conmon, &out, err);

    if (r < 0)
        return r;
    d->conmon_version = discover_version(buf_str(&out));
    buf_clear(&out);
    r = ask(d->runtime, &out, err);
    if (r < 0)
        return r;
    d->version = discover_version(buf_str(&out));
    /* A wrapper of another name may stand for crun: its own words count. */
    d->name = xstrndup(buf_str(&out), strcspn(buf_str(&out), " \n"));
    return 0;
}

static int find_all(const char *conmon, const char *runtime, struct discovered *d, struct err *err)
{
    d->conmon = find(str_or(conmon, "conmon"));
    if (!d->conmon)
        return err_set(err, -ENOENT, "%s is not installed: install the package conmon", str_or(conmon, "conmon"));
    d->runtime = runtime ? find(runtime) : find("crun");
    if (!d->runtime && !runtime)
        d->runtime = find("runc");
    if (!d->runtime && runtime)
        return err_set(err, -ENOENT, "the OCI runtime %s is not installed", runtime);
    if (!d->runtime)
        return err_set(err, -ENOENT, "no OCI runtime is installed: install the package crun (or runc)");
    return ask_versions(d, err);
}

int discover(const char *conmon, const char *runtime, struct discovered *ret, struct err *err)
{
    struct discovered d = { 0 };
    int r = find_all(conmon, runtime, &d, err);

    if (r < 0) {
        discovered_done(&d);
        return r;
    }
    d.seccomp_program = discover_takes_program(d.name, d.version);
    *ret = d;
    return 0;
}

void discovered_done(struct discovered *d)
{
    free(d->conmon);
    free(d->runtime);
    free(d->name);
    free(d->version);
    free(d->conmon_version);
    *d = (struct discovered){ 0 };
}
