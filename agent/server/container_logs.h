/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_logs.h - GET /containerLogs/NAMESPACE/POD/CONTAINER. Private to server/.
 */
#pragma once

#include "server/server.h"

void serve_container_logs(struct server_request *r);
