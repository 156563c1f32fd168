/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in a pod's resolv.conf. Spec: kubernetes.io, "DNS for Services and Pods", "Pod's DNS Policy", "Pod's DNS
 * Config"; at most 3 servers, 32 search domains, 2048 characters of them.
 */
#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "translate.h"

#define SERVERS_MAX 3
#define SEARCHES_MAX 32
#define SEARCH_CHARS_MAX 2048
#define SEARCH_NAME_MAX 253

struct lists {
    char **servers, **searches, **options;
};

static void add_once(char ***list, const char *s)
{
    for (size_t i = 0; (*list)[i]; i++)
        if (str_eq((*list)[i], s))
            return;
    strv_push(list, s);
}

static size_t option_name_len(const char *option)
{
    return strcspn(option, ":");
}

/* A later option replaces an earlier one of its name. */
static void set_option(char ***list, const char *option)
{
    size_t len = option_name_len(option);
    for (size_t i = 0; (*list)[i]; i++) {
        if (option_name_len((*list)[i]) != len || strncmp((*list)[i], option, len) != 0)
            continue;
        free((*list)[i]);
        (*list)[i] = xstrdup(option);
        return;
    }
    strv_push(list, option);
}

/* ---- the node's file: man 5 resolv.conf ---- */

static void read_line(struct lists *l, char *line)
{
    char *save = NULL;
    const char *word = strtok_r(line, " \t", &save);
    if (!word || word[0] == '#' || word[0] == ';')
        return;
    bool search = str_eq(word, "search"), options = str_eq(word, "options");
    if (str_eq(word, "nameserver")) {
        const char *server = strtok_r(NULL, " \t", &save);
        if (server)
            strv_push(&l->servers, server);
        return;
    }
    if (search) { /* the last line counts */
        strv_free(l->searches);
        l->searches = strv_new();
    }
    for (char *s; (search || options) && (s = strtok_r(NULL, " \t", &save));) {
        size_t len = strlen(s);
        if (search && len > 1 && s[len - 1] == '.')
            s[len - 1] = '\0';
        if (search)
            add_once(&l->searches, s);
        else
            set_option(&l->options, s);
    }
}

static void read_host(struct lists *l, const char *text)
{
    AUTO(strv_free) char **lines = strv_split(str_or(text, ""), '\n');
    for (size_t i = 0; lines && lines[i]; i++)
        read_line(l, lines[i]);
}

/* ---- policies ---- */

static void clear(char ***list)
{
    strv_free(*list);
    *list = strv_new();
}

static void use_cluster(struct lists *l, const struct pod_settings *settings,
                        const struct k8s_pod *pod)
{
    clear(&l->servers);
    clear(&l->options);
    for (size_t i = 0; settings->cluster_dns[i]; i++)
        strv_push(&l->servers, settings->cluster_dns[i]);
    set_option(&l->options, "ndots:5");
    if (str_empty(settings->cluster_domain))
        return;
    AUTO(strv_free) char **host = TAKE(l->searches, strv_new());
    const char *domain = settings->cluster_domain;
    strv_pushf(&l->searches, "%s.svc.%s", pod->metadata.namespace, domain);
    strv_pushf(&l->searches, "svc.%s", domain);
    add_once(&l->searches, domain);
    for (size_t i = 0; host[i]; i++)
        add_once(&l->searches, host[i]);
}

static void apply_policy(struct lists *l, const struct pod_settings *settings,
                         const struct k8s_pod *pod)
{
    const char *policy = str_or(pod->spec.dns_policy, "ClusterFirst");
    bool cluster = str_eq(policy, "ClusterFirstWithHostNet") ||
                   (str_eq(policy, "ClusterFirst") && !pod->spec.host_network);
    if (str_eq(policy, "None")) {
        clear(&l->servers);
        clear(&l->searches);
        clear(&l->options);
    } else if (cluster && settings->cluster_dns && settings->cluster_dns[0]) {
        use_cluster(l, settings, pod);
    }
}

static void apply_pod(struct lists *l, const struct k8s_pod_dns_config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->nameservers.len; i++)
        add_once(&l->servers, config->nameservers.items[i]);
    for (size_t i = 0; i < config->searches.len; i++)
        add_once(&l->searches, config->searches.items[i]);
    for (size_t i = 0; i < config->options.len; i++) {
        const struct k8s_pod_dns_config_option *o = &config->options.items[i];
        AUTO(free) char *option = str_empty(o->value) ? xstrdup(str_or(o->name, ""))
                                                      : xasprintf("%s:%s", str_or(o->name, ""), o->value);
        set_option(&l->options, option);
    }
}

/* ---- limits ---- */

static const char *join(char *const *list, struct arena *arena)
{
    const char *line = "";
    for (size_t i = 0; list[i]; i++)
        line = arena_printf(arena, "%s%s%s", str_or(line, ""), i ? " " : "", list[i]);
    return str_or(line, "");
}

static bool truncate_list(char **list, size_t max)
{
    size_t len = strv_len(list);
    for (size_t i = max; i < len; i++) {
        free(list[i]);
        list[i] = NULL;
    }
    return len > max;
}

static bool limit_searches(char ***list)
{
    AUTO(strv_free) char **all = TAKE(*list, strv_new());
    bool cut = truncate_list(all, SEARCHES_MAX);
    size_t chars = 0;
    for (size_t i = 0; all[i]; i++) {
        size_t len = strlen(all[i]);
        if (len > SEARCH_NAME_MAX) {
            cut = true;
            continue;
        }
        if (chars + len + (chars ? 1 : 0) > SEARCH_CHARS_MAX)
            return true;
        chars += len + (chars ? 1 : 0);
        strv_push(list, all[i]);
    }
    return cut;
}

static const char *apply_limits(struct lists *l, struct arena *arena)
{
    const char *warning = NULL;
    if (truncate_list(l->servers, SERVERS_MAX))
        warning = arena_printf(arena,
                               "Nameserver limits were exceeded, some nameservers have been omitted, "
                               "the applied nameserver line is: %s",
                               join(l->servers, arena));
    if (limit_searches(&l->searches))
        warning = arena_printf(arena,
                               "Search Line limits were exceeded, some search paths have been "
                               "omitted, the applied search line is: %s",
                               join(l->searches, arena));
    return warning;
}

static int to_arena(char *const *list, struct arena *arena, struct rt_strings *ret)
{
    size_t len = strv_len(list);
    const char **items = arena_alloc(arena, (len + 1) * sizeof(*items));
    if (!items)
        return -E2BIG;
    for (size_t i = 0; i < len; i++)
        if (!(items[i] = arena_strdup(arena, list[i])))
            return -E2BIG;
    *ret = (struct rt_strings){ items, len };
    return 0;
}

int translate_dns(const struct pod_settings *settings, const struct k8s_pod *pod,
                  struct arena *arena, struct dns_config *ret)
{
    struct lists l = { strv_new(), strv_new(), strv_new() };
    read_host(&l, settings->resolv_conf);
    apply_policy(&l, settings, pod);
    apply_pod(&l, pod->spec.dns_config);
    ret->warning = apply_limits(&l, arena);
    int r = to_arena(l.servers, arena, &ret->servers);
    if (r == 0)
        r = to_arena(l.searches, arena, &ret->searches);
    if (r == 0)
        r = to_arena(l.options, arena, &ret->options);
    strv_free(l.servers);
    strv_free(l.searches);
    strv_free(l.options);
    return r;
}
