/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - the socket of an HTTP handler: all addresses of its network namespace, of both families. */
#pragma once

#include <stdint.h>

#include "base/err.h"

#define WASM_HTTP_PORT_DEFAULT 8080

int listen_on(uint16_t port, int *ret_fd, struct err *err);
