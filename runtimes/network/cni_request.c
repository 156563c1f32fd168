/* SPDX-License-Identifier: Apache-2.0 */
#include "cni_request.h"

#include <errno.h>

#include "base/json_write.h"
#include "base/mem.h"
#include "base/str.h"

/* A plugin's configuration as it was written: any keys, any values. */
JSON_DICT(json_raw);
JSON_DICT_TYPE(json_raw);

struct raw_map {
    const struct json_raw_entry *items;
    size_t len;
};

#define INTERFACE "eth0"

const char *cni_command_name(enum cni_command command)
{
    static const char *const names[] = { [CNI_ADD] = "ADD", [CNI_DEL] = "DEL" };
    return names[command];
}

static bool is_ours(const char *key)
{
    static const char *const keys[] = { "name", "cniVersion", "prevResult", "runtimeConfig" };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_eq(keys[i], key))
            return true;
    return false;
}

static void write_ports(struct json_writer *w, const struct network_record *pod)
{
    static const char *const protocols[] = {
        [RT_TCP] = "tcp", [RT_UDP] = "udp", [RT_SCTP] = "sctp"
    };
    json_write_key_object(w, "runtimeConfig");
    json_write_key_array(w, "portMappings");
    for (size_t i = 0; i < pod->ports.len; i++) {
        const struct network_port *p = &pod->ports.items[i];
        json_write_object(w);
        json_write_key_int(w, "hostPort", p->host_port);
        json_write_key_int(w, "containerPort", p->container_port);
        json_write_key_string(w, "protocol", protocols[p->protocol]);
        json_write_key_string(w, "hostIP", str_or(p->host_ip, ""));
        json_write_end(w);
    }
    json_write_end(w);
    json_write_end(w);
}

int cni_request_config(const struct cni_request *q, size_t i, struct arena *arena, struct buf *ret,
                       struct err *err)
{
    const struct cni_plugin *plugin = &q->config->plugins[i];
    struct json_writer w = JSON_WRITER(ret);
    struct raw_map map;
    int r = json_decode(&json_raw_dict_type, plugin->config.text, plugin->config.len, NULL, arena,
                        &map, err);
    if (r < 0)
        return r;
    json_write_object(&w);
    for (size_t k = 0; k < map.len; k++) {
        if (is_ours(map.items[k].key) || !map.items[k].value.text)
            continue;
        json_write_key(&w, map.items[k].key);
        json_write_raw(&w, map.items[k].value.text, map.items[k].value.len);
    }
    json_write_key_string(&w, "name", q->config->name);
    json_write_key_string(&w, "cniVersion", q->config->version);
    if (q->prev_result.text) {
        json_write_key(&w, "prevResult");
        json_write_raw(&w, q->prev_result.text, q->prev_result.len);
    }
    if (plugin->port_mappings && q->pod->ports.len > 0)
        write_ports(&w, q->pod);
    json_write_end(&w);
    return buf_failed(ret)
               ? err_set(err, -E2BIG, "configuration of plugin %s is too big", plugin->type)
               : 0;
}

/* CNI_ARGS is "K=V;K=V": a value with one of its two marks cannot be said. Names of Kubernetes have
 * neither. */
static const char *arg(const char *value)
{
    return value && !strpbrk(value, ";=") ? value : "";
}

char **cni_request_env(const struct cni_request *q)
{
    const struct network_record *pod = q->pod;
    struct buf path = BUF_INIT(64 * 1024);
    char **env = strv_new();
    for (size_t i = 0; q->bin_dirs[i]; i++)
        (void)buf_printf(&path, "%s%s", i > 0 ? ":" : "", q->bin_dirs[i]);
    strv_pushf(
        &env, "PATH=%s",
        str_or(getenv("PATH"), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    strv_pushf(&env, "CNI_COMMAND=%s", cni_command_name(q->command));
    strv_pushf(&env, "CNI_CONTAINERID=%s", pod->sandbox_id);
    strv_pushf(&env, "CNI_NETNS=%s", q->netns_path);
    strv_push(&env, "CNI_IFNAME=" INTERFACE);
    strv_pushf(&env,
               "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_"
               "CONTAINER_ID=%s;K8S_POD_UID=%s",
               arg(pod->namespace_), arg(pod->name), arg(pod->sandbox_id), arg(pod->uid));
    strv_pushf(&env, "CNI_PATH=%s", buf_str(&path));
    buf_done(&path);
    return env;
}
