/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bundle/mounts.h"
#include "spec.h"

/* What every container has, in this order. A mount of the container's own at the same place takes its place. */
struct default_mount {
    const char *destination, *type, *source; /* type NULL: a bind mount */
    const char *options;                     /* separated by commas */
    const char *privileged_options;          /* NULL: the same */
    const char *(*place)(const struct rt_sandbox_place *p); /* source of a bind mount */
};

static const char *shm_dir(const struct rt_sandbox_place *p)
{
    return p->shm_dir;
}

static const char *resolv_conf(const struct rt_sandbox_place *p)
{
    return p->resolv_conf;
}

static const char *hostname_file(const struct rt_sandbox_place *p)
{
    return p->hostname_file;
}

static const struct default_mount defaults[] = {
    { "/proc", "proc", "proc", "nosuid,noexec,nodev", NULL, NULL },
    { "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k", NULL, NULL },
    { "/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5", NULL, NULL },
    { "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev", NULL, NULL },
    { "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro", "nosuid,noexec,nodev,rw", NULL },
    { "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro", "nosuid,noexec,nodev,relatime,rw",
      NULL },
    { "/dev/shm", NULL, NULL, "rbind,nosuid,nodev,noexec,rw", NULL, shm_dir },
    { "/etc/resolv.conf", NULL, NULL, "rbind,rprivate,rw", NULL, resolv_conf },
    { "/etc/hostname", NULL, NULL, "rbind,rprivate,rw", NULL, hostname_file },
};

static void write_options(const char *options, struct json_writer *w)
{
    json_write_key_array(w, "options");
    while (*options) {
        size_t len = strcspn(options, ",");

        json_write_string_n(w, options, len);
        options += len + (options[len] == ',');
    }
    json_write_end(w);
}

static void write_mount(const char *destination, const char *type, const char *source, const char *options,
                        struct json_writer *w)
{
    json_write_object(w);
    json_write_key_string(w, "destination", destination);
    json_write_key_string(w, "type", type);
    json_write_key_string(w, "source", source);
    write_options(options, w);
    json_write_end(w);
}

static bool replaced(const struct rt_container_config *config, const char *destination)
{
    for (size_t i = 0; i < config->mounts_len; i++) {
        const char *own = config->mounts[i].container_path;

        if (str_eq(own, destination))
            return true;
        if (str_eq(own, "/dev") && str_has_prefix(destination, "/dev/"))
            return true;
    }
    return false;
}

static void write_default(const struct default_mount *d, const struct spec_input *in, struct json_writer *w)
{
    const char *options = in->config->security.privileged ? str_or(d->privileged_options, d->options) : d->options;
    const char *source = d->place ? d->place(in->place) : d->source;

    if (source && !replaced(in->config, d->destination))
        write_mount(d->destination, str_or(d->type, "bind"), source, options, w);
}

static void write_own(const struct rt_mount *m, struct json_writer *w)
{
    AUTO(free) char *options =
        xasprintf("rbind,%s,%s", mount_propagation_option(m->propagation), mount_access_option(m));

    write_mount(m->container_path, "bind", m->host_path, options, w);
}

void spec_write_mounts(const struct spec_input *in, struct json_writer *w)
{
    const struct rt_mount **mounts = mounts_outer_first(in->config);

    json_write_key_array(w, "mounts");
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        write_default(&defaults[i], in, w);
    for (size_t i = 0; i < in->config->mounts_len; i++)
        write_own(mounts[i], w);
    json_write_end(w);
    free(mounts);
}

const char *spec_root_propagation(const struct rt_container_config *config)
{
    enum rt_mount_propagation widest = RT_PROPAGATION_PRIVATE;

    for (size_t i = 0; i < config->mounts_len; i++)
        if (config->mounts[i].propagation > widest)
            widest = config->mounts[i].propagation;
    return widest == RT_PROPAGATION_PRIVATE ? NULL : mount_propagation_option(widest);
}
