/* SPDX-License-Identifier: Apache-2.0 */
/* The pod's names and its /etc/hosts. Spec: kubernetes.io, "DNS for Services and Pods", "Adding entries to Pod /etc/hosts". */
#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "translate.h"

#define HOSTNAME_MAX 63
#define FQDN_MAX 64

static const char *cut(const char *hostname, struct arena *arena)
{
    size_t len = strlen(hostname);
    if (len <= HOSTNAME_MAX)
        return hostname;
    len = HOSTNAME_MAX;
    while (len && (hostname[len - 1] == '-' || hostname[len - 1] == '.'))
        len--;
    return arena_strndup(arena, hostname, len);
}

int translate_names(const struct pod_settings *settings, const struct k8s_pod *pod,
                    struct arena *arena, struct pod_names *ret, struct err *err)
{
    const struct k8s_pod_spec *spec = &pod->spec;
    *ret = (struct pod_names){ .hostname = settings->node_name };
    if (spec->host_network)
        return 0;
    if (!str_empty(spec->hostname_override)) {
        ret->hostname = cut(spec->hostname_override, arena);
        return 0;
    }
    ret->hostname = cut(str_or(spec->hostname, pod->metadata.name), arena);
    if (str_empty(spec->subdomain))
        return 0;
    ret->domain = arena_printf(arena, "%s.%s.svc.%s", spec->subdomain, pod->metadata.namespace,
                               str_or(settings->cluster_domain, ""));
    if (!(spec->set_hostname_as_fqdn.has && spec->set_hostname_as_fqdn.value))
        return 0;
    const char *fqdn = arena_printf(arena, "%s.%s", ret->hostname, ret->domain);
    if (fqdn && strlen(fqdn) > FQDN_MAX)
        return err_set_reason(err, -EINVAL, word_reason(WORD_SANDBOX_FAILED),
                              "Failed to construct FQDN from Pod hostname and cluster domain, FQDN %s "
                              "is too long (%d characters is the max, %zu characters requested)",
                              fqdn, FQDN_MAX, strlen(fqdn));
    ret->hostname = fqdn;
    return 0;
}

static void add_aliases(struct buf *out, const struct k8s_pod *pod)
{
    if (pod->spec.host_aliases.len == 0)
        return;
    (void)buf_puts(out, "\n# Entries added by HostAliases.\n");
    for (size_t i = 0; i < pod->spec.host_aliases.len; i++) {
        const struct k8s_host_alias *alias = &pod->spec.host_aliases.items[i];
        (void)buf_puts(out, alias->ip);
        for (size_t n = 0; n < alias->hostnames.len; n++)
            (void)buf_printf(out, "\t%s", alias->hostnames.items[n]);
        (void)buf_putc(out, '\n');
    }
}

static void add_own(struct buf *out, const struct pod_names *names, const struct pod_facts *facts)
{
    (void)buf_puts(out, "# Kubernetes-managed hosts file.\n"
                        "127.0.0.1\tlocalhost\n"
                        "::1\tlocalhost ip6-localhost ip6-loopback\n"
                        "fe00::0\tip6-localnet\n"
                        "fe00::0\tip6-mcastprefix\n"
                        "fe00::1\tip6-allnodes\n"
                        "fe00::2\tip6-allrouters\n");
    for (size_t i = 0; i < facts->pod_ips_len; i++) {
        if (names->domain)
            (void)buf_printf(out, "%s\t%s.%s\t%s\n", facts->pod_ips[i], names->hostname,
                             names->domain, names->hostname);
        else
            (void)buf_printf(out, "%s\t%s\n", facts->pod_ips[i], names->hostname);
    }
}

const char *translate_hosts(const struct pod_settings *settings, const struct k8s_pod *pod,
                            const struct pod_facts *facts, struct arena *arena)
{
    AUTO(buf_done) struct buf out = BUF_INIT(LIMIT_POD_MANIFEST_BYTES);
    struct pod_names names;
    if (translate_names(settings, pod, arena, &names, NULL) < 0)
        return NULL;
    if (pod->spec.host_network)
        (void)buf_printf(&out, "# Kubernetes-managed hosts file (host network).\n%s",
                         str_or(settings->hosts, ""));
    else
        add_own(&out, &names, facts);
    add_aliases(&out, pod);
    return buf_failed(&out) ? NULL : arena_strndup(arena, buf_str(&out), out.len);
}

bool translate_wants_hosts(const struct k8s_pod *pod, const struct container_ref *c)
{
    (void)pod;
    for (size_t i = 0; i < c->spec->volume_mounts.len; i++)
        if (str_eq(c->spec->volume_mounts.items[i].mount_path, "/etc/hosts"))
            return false;
    return true;
}
