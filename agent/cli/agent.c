/* SPDX-License-Identifier: Apache-2.0 */
/* agent.c - "oarsman agent": join a cluster as a node. */
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "command.h"
#include "config/config.h"
#include "daemon/daemon.h"

static void on_warn(void *user, const char *text)
{
    (void)user;
    log_warn("config", "not honoured", "warning=" LOG_Q, LOG_QUOTE(text));
}

static int run_agent(int argc, char **argv)
{
    AUTO(config_done) struct config config;
    const struct config_warn warn = { .fn = on_warn };
    struct err err = ERR_INIT;

    config_init(&config);
    if (argc > 1 && str_eq(argv[1], "--help"))
        return command_help.run(1, argv);
    if (config_parse(&config, argc, argv, &warn, &err) < 0 || daemon_run(&config, &err) < 0)
        return command_fail("agent", "%s", err.msg);
    return 0;
}

const struct command command_agent = {
    .name = "agent", .arguments = "--kubeconfig FILE …", .summary = "join a cluster as a node", .run = run_agent,
};
