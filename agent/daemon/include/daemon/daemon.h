/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon.h - `oarsman agent`: everything put together, and the loop run.
 */
#pragma once

struct config;
struct err;

/*
 * Runs until SIGTERM or SIGINT, and leaves the pods running. config: borrowed. An error is one of the start: once it
 * runs, nothing ends it but a signal.
 */
int daemon_run(const struct config *config, struct err *err);
