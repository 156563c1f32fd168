/* SPDX-License-Identifier: Apache-2.0 */
/*
 * services.c - variables for the services a pod can see, in the two styles that exist: NAME_SERVICE_HOST, and
 * those of the links of old (NAME_PORT_80_TCP_ADDR).
 */
#include <ctype.h>
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "environment/environment.h"
#include "k8s/object.h"
#include "k8s/service.h"

static char *upper_name(const char *s)
{
    char *name = xstrdup(s);

    for (char *p = name; *p; p++)
        *p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
    return name;
}

static int set(struct env *e, const char *prefix, const char *suffix, const char *value, struct err *err)
{
    AUTO(free) char *name = xasprintf("%s%s", prefix, suffix);
    return env_set(e, name, value, err);
}

static int add_link(struct env *e, const char *name, const char *ip, const struct k8s_service_port *port, bool first,
                    struct err *err)
{
    AUTO(free) char *protocol = upper_name(str_or(port->protocol, "TCP"));
    AUTO(free) char *lower = xstrdup(protocol);
    AUTO(free) char *prefix = xasprintf("%s_PORT_%d_%s", name, port->port, protocol);
    AUTO(free) char *number = xasprintf("%d", port->port);

    for (char *p = lower; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    AUTO(free) char *url = xasprintf(strchr(ip, ':') ? "%s://[%s]:%d" : "%s://%s:%d", lower, ip, port->port);
    if ((first && set(e, name, "_PORT", url, err) < 0) || set(e, prefix, "", url, err) < 0 ||
        set(e, prefix, "_PROTO", lower, err) < 0 || set(e, prefix, "_PORT", number, err) < 0 ||
        set(e, prefix, "_ADDR", ip, err) < 0)
        return err->code;
    return 0;
}

static int add_service(struct env *e, const struct k8s_service *s, struct err *err)
{
    AUTO(free) char *name = upper_name(s->metadata.name);
    const char *ip = s->spec.cluster_ip;

    if (set(e, name, "_SERVICE_HOST", ip, err) < 0)
        return err->code;
    for (size_t i = 0; i < s->spec.ports.len; i++) {
        const struct k8s_service_port *port = &s->spec.ports.items[i];
        AUTO(free) char *number = xasprintf("%d", port->port);
        if (i == 0 && set(e, name, "_SERVICE_PORT", number, err) < 0)
            return err->code;
        if (!str_empty(port->name)) {
            AUTO(free) char *upper = upper_name(port->name);
            AUTO(free) char *prefix = xasprintf("%s_SERVICE_PORT_%s", name, upper);
            if (set(e, prefix, "", number, err) < 0)
                return err->code;
        }
        if (add_link(e, name, ip, port, i == 0, err) < 0)
            return err->code;
    }
    return 0;
}

static bool is_visible(const struct k8s_service *s, const char *namespace_, bool links)
{
    bool is_master = str_eq(s->metadata.namespace, "default") && str_eq(s->metadata.name, "kubernetes");

    if (str_empty(s->spec.cluster_ip) || str_eq(s->spec.cluster_ip, "None"))
        return false;
    return is_master || (links && str_eq(s->metadata.namespace, namespace_));
}

int env_add_services(struct env *e, const char *namespace_, bool links, const struct fetched_set *fetched,
                     struct err *err)
{
    struct err unwanted = ERR_INIT; /* the caller may need the code alone */
    if (!err)
        err = &unwanted;
    for (int own = 0; own < 2; own++) /* a "kubernetes" of the pod's own namespace wins */
        for (size_t i = 0; i < fetched->services_len; i++) {
            const struct k8s_service *s = K8S_OBJECT_AS(fetched->services[i], k8s_service);
            bool is_own = s && links && str_eq(s->metadata.namespace, namespace_);
            if (s && is_own == own && is_visible(s, namespace_, links) && add_service(e, s, err) < 0)
                return err->code;
        }
    return 0;
}
