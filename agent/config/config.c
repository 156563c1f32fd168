/* SPDX-License-Identifier: Apache-2.0 */
/* config.c - defaults, command line, and what several settings decide together. */
#include "setting.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

const struct setting *setting_by_flag(const char *flag, size_t len)
{
    for (size_t i = 0; i < settings_len; i++)
        if (settings[i].flag && strlen(settings[i].flag) == len && !strncmp(settings[i].flag, flag, len))
            return &settings[i];
    return NULL;
}

void config_init(struct config *c)
{
    *c = (struct config){ 0 };
    for (size_t i = 0; i < settings_len; i++)
        if (settings[i].fallback) {
            struct err err = ERR_INIT;
            int r = setting_set(&settings[i], c, settings[i].fallback, &err);
            assert(r == 0); /* the table's own defaults: a unit test goes over all of them */
            (void)r;
        }
}

void config_done(struct config *c)
{
    for (size_t i = 0; i < settings_len; i++)
        setting_reset(&settings[i], c);
}

static int read_config_file(struct config *c, const char *path, const struct config_warn *warn, struct err *err)
{
    struct buf text;
    buf_init(&text, LIMIT_CONFIG_BYTES);
    int r = file_read(AT_FDCWD, path, &text, err);

    if (r < 0)
        r = err_wrap(err, "--config");
    else
        r = config_parse_documents(c, path, buf_str(&text), text.len, warn, err);
    buf_done(&text);
    return r;
}

/* Calls set for each flag; with only set, for that one alone. */
static int each_flag(struct config *c, int argc, char *const *argv, const char *only, struct err *err)
{
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (!str_has_prefix(arg, "--"))
            return err_set(err, -EINVAL, "unexpected argument \"%s\": flags begin with --", arg);
        size_t len = strcspn(arg + 2, "=");
        const struct setting *s = setting_by_flag(arg + 2, len);
        if (!s)
            return err_set(err, -EINVAL, "unknown flag --%.*s", (int)len, arg + 2);

        const char *value = arg[2 + len] == '=' ? arg + 3 + len : NULL;
        if (!value && s->kind == SETTING_BOOL)
            value = "true";
        if (!value && i + 1 < argc)
            value = argv[++i];
        if (!value)
            return err_set(err, -EINVAL, "--%s: expected %s, got nothing", s->flag, setting_kind_name(s->kind));
        if (only && !str_eq(only, s->flag))
            continue;
        if (setting_set(s, c, value, err) < 0)
            return err_wrap(err, "--%s", s->flag);
    }
    return 0;
}

bool config_flag_takes_value(const char *arg)
{
    const struct setting *s = setting_by_flag(arg + 2, strlen(arg + 2));

    return !s || s->kind != SETTING_BOOL;
}

int config_parse(struct config *c, int argc, char *const *argv, const struct config_warn *warn, struct err *err)
{
    int r = each_flag(c, argc, argv, "config", err);

    if (r == 0 && !str_empty(c->config_file))
        r = read_config_file(c, c->config_file, warn, err);
    if (r == 0)
        r = each_flag(c, argc, argv, NULL, err);
    return r == 0 ? config_validate(c, err) : r;
}

static int check_address(const char *name, const char *text, struct err *err)
{
    unsigned char address[16];

    if (inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1)
        return 0;
    return err_set(err, -EINVAL, "%s: expected an IP address, got \"%s\"", name, text);
}

static int check_addresses(const struct config *c, struct err *err)
{
    if (check_address("address", c->address, err) < 0 ||
        check_address("healthzBindAddress", c->healthz_bind_address, err) < 0)
        return -EINVAL;
    for (char **ip = c->node_ips; ip && *ip; ip++)
        if (check_address("--node-ip", *ip, err) < 0)
            return -EINVAL;
    for (char **ip = c->cluster_dns; ip && *ip; ip++)
        if (check_address("clusterDNS", *ip, err) < 0)
            return -EINVAL;
    if (strv_len(c->node_ips) > 2)
        return err_set(err, -EINVAL, "--node-ip: expected at most one address of each family");
    return 0;
}

static int check_dirs(const struct config *c, struct err *err)
{
    const struct {
        const char *name, *path;
    } dirs[] = {
        { "--root-dir", c->root_dir },   { "stateDir", c->state_dir },      { "runDir", c->run_dir },
        { "podLogsDir", c->pod_logs_dir }, { "cgroupRoot", c->cgroup_root },
    };

    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        if (str_empty(dirs[i].path) || dirs[i].path[0] != '/')
            return err_set(err, -EINVAL, "%s: expected an absolute path, got \"%s\"", dirs[i].name,
                           str_or(dirs[i].path, ""));
    return 0;
}

/* RFC 1123 subdomain, as the name of a Node must be. */
static bool is_node_name(const char *s)
{
    size_t len = strlen(s);

    if (len == 0 || len > 253)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool alnum = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9');
        bool edge = i == 0 || i == len - 1 || s[i - 1] == '.' || s[i + 1] == '.';
        if (!alnum && (edge || (s[i] != '-' && s[i] != '.')))
            return false;
    }
    return true;
}

/* NodeRestriction lets a node set only these of the kubernetes.io and k8s.io labels. */
static bool is_restricted_label(const char *key)
{
    static const char *const allowed[] = {
        "kubernetes.io/hostname",           "kubernetes.io/arch",          "kubernetes.io/os",
        "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
        "topology.kubernetes.io/region",    "topology.kubernetes.io/zone",
    };
    size_t domain_len = strcspn(key, "/");
    AUTO(free) char *domain = xstrndup(key, domain_len);

    if (key[domain_len] != '/')
        return false;
    if (!str_eq(domain, "kubernetes.io") && !str_has_suffix(domain, ".kubernetes.io") && !str_eq(domain, "k8s.io") &&
        !str_has_suffix(domain, ".k8s.io"))
        return false;
    if (str_eq(domain, "kubelet.kubernetes.io") || str_has_suffix(domain, ".kubelet.kubernetes.io") ||
        str_eq(domain, "node.kubernetes.io") || str_has_suffix(domain, ".node.kubernetes.io"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (str_eq(allowed[i], key))
            return false;
    return true;
}

int config_validate(const struct config *c, struct err *err)
{
    if (!str_empty(c->hostname_override) && !is_node_name(c->hostname_override))
        return err_set(err, -EINVAL,
                       "--hostname-override: expected lower-case letters, digits, '-' and '.', got \"%s\"",
                       c->hostname_override);
    for (size_t i = 0; i < c->node_labels.len; i++)
        if (is_restricted_label(c->node_labels.items[i].key))
            return err_set(err, -EINVAL, "--node-labels: a node may not set the label \"%s\" on itself",
                           c->node_labels.items[i].key);
    for (size_t i = 0; i < c->register_with_taints.len; i++)
        if (str_empty(c->register_with_taints.items[i].key) || str_empty(c->register_with_taints.items[i].effect))
            return err_set(err, -EINVAL, "registerWithTaints[%zu]: key and effect are required", i);
    if (str_empty(c->tls_cert_file) != str_empty(c->tls_private_key_file))
        return err_set(err, -EINVAL, "tlsCertFile and tlsPrivateKeyFile: expected both or none");
    if (check_addresses(c, err) < 0 || check_dirs(c, err) < 0)
        return -EINVAL;
    return 0;
}
