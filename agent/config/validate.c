/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate.c - what a single value's kind cannot say: that it is an address, a label, a quantity, and that
 * settings fit together. It is said before anything is touched, so that nothing half-registered stays.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "k8s/quantity.h"

enum { INTERFACE_NAME_MAX = 15, LABEL_NAME_MAX = 63, SUBDOMAIN_MAX = 253 };
enum { HANDLER_NAME_MAX = LABEL_NAME_MAX - 8 }; /* it becomes a label of the node, behind "runtime-" */

/* ---- addresses ---- */

static int family_of(const char *text)
{
    unsigned char address[16];

    return inet_pton(AF_INET, text, address) == 1 ? AF_INET : inet_pton(AF_INET6, text, address) == 1 ? AF_INET6 : 0;
}

static int check_address(const char *name, const char *text, struct err *err)
{
    return family_of(text) ? 0 : err_set(err, -EINVAL, "%s: expected an IP address, got \"%s\"", name, text);
}

static int check_addresses(const struct config *c, struct err *err)
{
    if (check_address("address", c->address, err) < 0 ||
        check_address("healthzBindAddress", c->healthz_bind_address, err) < 0)
        return -EINVAL;
    for (char **ip = c->cluster_dns; ip && *ip; ip++)
        if (check_address("clusterDNS", *ip, err) < 0)
            return -EINVAL;
    for (char **ip = c->node_ips; ip && *ip; ip++) {
        if (check_address("--node-ip", *ip, err) < 0)
            return -EINVAL;
        for (char **before = c->node_ips; before < ip; before++)
            if (family_of(*before) == family_of(*ip))
                return err_set(err, -EINVAL, "--node-ip: expected at most one address of each family, got %s and %s",
                               *before, *ip);
    }
    return 0;
}

static bool is_cidr(const char *text)
{
    const char *slash = strchr(text, '/');
    AUTO(free) char *address = xstrndup(text, slash ? (size_t)(slash - text) : 0);
    int family = family_of(address);
    int64_t bits;

    return family && str_to_i64(slash + 1, 0, family == AF_INET ? 32 : 128, &bits) == 0;
}

static int check_cidrs(const char *name, const char *text, struct err *err)
{
    AUTO(strv_free) char **parts = strv_split(str_or(text, ""), ',');

    for (char **p = parts; *p; p++)
        if (!is_cidr(*p))
            return err_set(err, -EINVAL, "%s: expected a range such as 10.85.0.0/16, got \"%s\"", name, *p);
    return 0;
}

static int check_network(const struct config *c, struct err *err)
{
    size_t len = c->bridge_name ? strlen(c->bridge_name) : 0;

    if (len == 0 || len > INTERFACE_NAME_MAX || strpbrk(c->bridge_name, "/ \t:"))
        return err_set(err, -EINVAL, "network.bridge.name: expected the name of an interface, got \"%s\"",
                       str_or(c->bridge_name, ""));
    if (check_cidrs("network.bridge.cidr", c->bridge_cidr, err) < 0 || check_cidrs("podCIDR", c->pod_cidr, err) < 0)
        return -EINVAL;
    for (char **r = c->insecure_registries; r && *r; r++)
        if (!**r || strpbrk(*r, "/ \t"))
            return err_set(err, -EINVAL, "insecureRegistries: expected host[:port], got \"%s\"", *r);
    return 0;
}

/* ---- folders ---- */

static int check_dirs(const struct config *c, struct err *err)
{
    const struct {
        const char *name, *path;
    } dirs[] = {
        { "--root-dir", c->root_dir },     { "stateDir", c->state_dir },      { "runDir", c->run_dir },
        { "podLogsDir", c->pod_logs_dir }, { "cgroupRoot", c->cgroup_root },
    };

    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        if (str_empty(dirs[i].path) || dirs[i].path[0] != '/')
            return err_set(err, -EINVAL, "%s: expected an absolute path, got \"%s\"", dirs[i].name,
                           str_or(dirs[i].path, ""));
    return 0;
}

/* ---- names, labels and taints ---- */

static bool is_lower_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* RFC 1123 subdomain, as the name of a Node must be. */
static bool is_subdomain(const char *s)
{
    size_t len = strlen(s);

    if (len == 0 || len > SUBDOMAIN_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool edge = i == 0 || i == len - 1 || s[i - 1] == '.' || s[i + 1] == '.';
        if (!is_lower_alnum(s[i]) && (edge || (s[i] != '-' && s[i] != '.')))
            return false;
    }
    return true;
}

/* Letters, digits, '-', '_' and '.', a letter or digit at both ends. */
static bool is_label_name(const char *s)
{
    size_t len = strlen(s);

    if (len == 0 || len > LABEL_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool alnum = is_lower_alnum(s[i]) || (s[i] >= 'A' && s[i] <= 'Z');
        if (!alnum && (i == 0 || i == len - 1 || !strchr("-_.", s[i])))
            return false;
    }
    return true;
}

/* [subdomain/]name */
static bool is_label_key(const char *key)
{
    const char *slash = strchr(key, '/');
    AUTO(free) char *domain = xstrndup(key, slash ? (size_t)(slash - key) : 0);

    return is_label_name(slash ? slash + 1 : key) && (!slash || is_subdomain(domain));
}

static bool is_label_value(const char *value)
{
    return str_empty(value) || is_label_name(value);
}

/* NodeRestriction lets a node set only these of the kubernetes.io and k8s.io labels. */
static bool is_restricted_label(const char *key)
{
    static const char *const allowed[] = {
        "kubernetes.io/hostname",
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/instance-type",
        "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
    };
    static const char *const free_domains[] = { "kubelet.kubernetes.io", "node.kubernetes.io" };
    size_t domain_len = strcspn(key, "/");
    AUTO(free) char *domain = xasprintf(".%.*s", (int)domain_len, key);

    if (key[domain_len] != '/' || (!str_has_suffix(domain, ".kubernetes.io") && !str_has_suffix(domain, ".k8s.io")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(free_domains); i++)
        if (str_has_suffix(domain, free_domains[i]) && domain[strlen(domain) - strlen(free_domains[i]) - 1] == '.')
            return false;
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (str_eq(allowed[i], key))
            return false;
    return true;
}

static int check_labels(const struct config *c, struct err *err)
{
    for (size_t i = 0; i < c->node_labels.len; i++) {
        const struct config_pair *l = &c->node_labels.items[i];
        if (!is_label_key(l->key) || !is_label_value(l->value))
            return err_set(err, -EINVAL, "--node-labels: \"%s=%s\" is not a label", l->key, l->value);
        if (is_restricted_label(l->key))
            return err_set(err, -EINVAL, "--node-labels: a node may not set the label \"%s\" on itself", l->key);
    }
    for (size_t i = 0; i < c->register_with_taints.len; i++) {
        const struct config_taint *t = &c->register_with_taints.items[i];
        if (str_empty(t->key) || str_empty(t->effect))
            return err_set(err, -EINVAL, "registerWithTaints[%zu]: key and effect are required", i);
        if (!is_label_key(t->key) || !is_label_value(t->value))
            return err_set(err, -EINVAL, "registerWithTaints[%zu]: \"%s=%s\" is not a taint", i, t->key,
                           str_or(t->value, ""));
    }
    return 0;
}

/* ---- handlers of runtime classes ---- */

static bool is_handler_name(const char *s)
{
    return is_subdomain(s) && strlen(s) <= HANDLER_NAME_MAX && !strchr(s, '.');
}

static int check_handlers(const struct config *c, struct err *err)
{
    static const char *const taken[] = { "crun", "runc" };

    for (char **h = c->wasm_handlers; h && *h; h++) {
        if (!is_handler_name(*h))
            return err_set(err, -EINVAL, "wasm.handlers: expected up to %d lower-case letters, digits and '-', got \"%s\"",
                           HANDLER_NAME_MAX, *h);
        for (size_t i = 0; i < ARRAY_LEN(taken); i++)
            if (str_eq(*h, taken[i]))
                return err_set(err, -EINVAL, "wasm.handlers: \"%s\" is the handler of an OCI runtime", *h);
        for (char **before = c->wasm_handlers; before < h; before++)
            if (str_eq(*before, *h))
                return err_set(err, -EINVAL, "wasm.handlers: \"%s\" is there twice", *h);
    }
    return 0;
}

/* ---- amounts ---- */

static bool is_one_of(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (str_eq(*names, name))
            return true;
    return false;
}

static bool is_amount(const char *text)
{
    struct k8s_quantity q;
    return k8s_quantity_parse(text, strlen(text), &q) == 0 && q.whole >= 0 && q.nano >= 0;
}

static bool is_percentage(const char *text)
{
    AUTO(free) char *number = xstrndup(text, strcspn(text, "%"));
    size_t digits = strspn(number, "0123456789");
    bool one_point = number[digits] == '.' && number[digits + 1] &&
                     !number[digits + 1 + strspn(number + digits + 1, "0123456789")];
    AUTO(free) char *whole = xstrndup(number, digits);
    int64_t percent;

    return str_eq(text + strlen(number), "%") && (!number[digits] || one_point) &&
           str_to_i64(whole, 0, 100, &percent) == 0;
}

static int check_reserved(const char *name, const struct config_map *map, struct err *err)
{
    static const char *const resources[] = { "cpu", "memory", "ephemeral-storage", "pid", NULL };

    for (size_t i = 0; i < map->len; i++) {
        if (!is_one_of(resources, map->items[i].key))
            return err_set(err, -EINVAL, "%s: expected cpu, memory, ephemeral-storage or pid, got \"%s\"", name,
                           map->items[i].key);
        if (!is_amount(map->items[i].value))
            return err_set(err, -EINVAL, "%s.%s: expected a quantity such as 500m or 1Gi, got \"%s\"", name,
                           map->items[i].key, map->items[i].value);
    }
    return 0;
}

static int check_eviction(const struct config_map *map, struct err *err)
{
    static const char *const signals[] = {
        "memory.available",      "allocatableMemory.available", "nodefs.available",      "nodefs.inodesFree",
        "imagefs.available",     "imagefs.inodesFree",          "containerfs.available", "containerfs.inodesFree",
        "pid.available",         NULL,
    };

    for (size_t i = 0; i < map->len; i++) {
        if (!is_one_of(signals, map->items[i].key))
            return err_set(err, -EINVAL, "evictionHard: \"%s\" is not a signal such as memory.available",
                           map->items[i].key);
        if (!is_amount(map->items[i].value) && !is_percentage(map->items[i].value))
            return err_set(err, -EINVAL, "evictionHard.%s: expected a quantity or a percentage, got \"%s\"",
                           map->items[i].key, map->items[i].value);
    }
    return 0;
}

int config_validate(const struct config *c, struct err *err)
{
    if (!str_empty(c->hostname_override) && !is_subdomain(c->hostname_override))
        return err_set(err, -EINVAL,
                       "--hostname-override: expected lower-case letters, digits, '-' and '.', got \"%s\"",
                       c->hostname_override);
    if (str_empty(c->tls_cert_file) != str_empty(c->tls_private_key_file))
        return err_set(err, -EINVAL, "tlsCertFile and tlsPrivateKeyFile: expected both or none");
    if (check_labels(c, err) < 0 || check_addresses(c, err) < 0 || check_network(c, err) < 0 || check_dirs(c, err) < 0 ||
        check_handlers(c, err) < 0 || check_reserved("kubeReserved", &c->kube_reserved, err) < 0 ||
        check_reserved("systemReserved", &c->system_reserved, err) < 0)
        return -EINVAL;
    return check_eviction(&c->eviction_hard, err);
}
