/* SPDX-License-Identifier: Apache-2.0 */
/* ps.c - "oarsman ps": the pods that an agent or a play on this machine runs. */
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "config/config.h"
#include "k8s/pod.h"
#include "local/local.h"

#define POD_LIST_FIELDS(F) F(objects, k8s_pod, items, "items", 0)
JSON_STRUCT(pod_list, POD_LIST_FIELDS);
JSON_TYPE(pod_list, POD_LIST_FIELDS);

static const char *state_of(const struct k8s_container_status *c)
{
    return c->state.running      ? "Running"
           : c->state.terminated ? str_or(c->state.terminated->reason, "Terminated")
           : c->state.waiting    ? str_or(c->state.waiting->reason, "Waiting")
                                 : "Waiting";
}

static void put_age(int64_t since_wall_ns)
{
    int64_t s = (clock_wall_ns() - since_wall_ns) / NS_PER_S;

    if (s < 120)
        (void)printf("%llds\n", (long long)s);
    else if (s < 7200)
        (void)printf("%lldm\n", (long long)(s / 60));
    else
        (void)printf("%lldh\n", (long long)(s / 3600));
}

static void put_pod(const struct k8s_pod *pod)
{
    const struct k8s_pod_status *status = &pod->status;

    for (size_t i = 0; i < status->container_statuses.len; i++) {
        const struct k8s_container_status *c = &status->container_statuses.items[i];
        (void)printf("%-16s %-32s %-20s %-12s %-24s %-8d %-16s ", pod->metadata.namespace, pod->metadata.name, c->name,
                     str_or(status->phase, "Pending"), state_of(c), c->restart_count, str_or(status->pod_ip, "-"));
        put_age(status->start_time.has ? status->start_time.unix_ns : clock_wall_ns());
    }
}

static int show(const char *path, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_SERVER_PODS_BYTES);
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_SERVER_PODS_BYTES);
    const struct json_decode_opts opts = { .max_bytes = LIMIT_SERVER_PODS_BYTES };
    struct pod_list list;

    if (local_get(path, "/pods", &text, err) < 0 ||
        json_decode(&pod_list_type, buf_str(&text), text.len, &opts, arena, &list, err) < 0)
        return err->code;
    (void)printf("%-16s %-32s %-20s %-12s %-24s %-8s %-16s %s\n", "NAMESPACE", "POD", "CONTAINER", "PHASE", "STATE",
                 "RESTARTS", "IP", "AGE");
    for (size_t i = 0; i < list.items.len; i++)
        put_pod(&list.items.items[i]);
    return 0;
}

static int run_ps(int argc, char **argv)
{
    AUTO(config_done) struct config config;
    struct err err = ERR_INIT;

    config_init(&config);
    if (config_parse(&config, argc, argv, NULL, &err) < 0)
        return command_fail("ps", "%s", err.msg);
    AUTO(free) char *path = xasprintf("%s/oarsman.sock", config.run_dir);
    int r = show(path, &err);
    if (r == -ENOENT || r == -ECONNREFUSED)
        return command_fail("ps", "no agent serves on %s (is it running? is --run-dir the same?)", path);
    return r < 0 ? command_fail("ps", "%s", err.msg) : 0;
}

const struct command command_ps = {
    .name = "ps", .arguments = "[--run-dir DIR]", .summary = "the pods that run on this machine", .run = run_ps,
};
