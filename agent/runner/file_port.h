/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_port.h - the port struct pod_files on workers. Private to runner/.
 */
#pragma once

#include "pod/ports.h"

struct file_port;

struct file_port *file_port_new(struct loop *loop); /* loop: borrowed until file_port_free() */
struct file_port *file_port_free(struct file_port *f); /* waits for workers; nobody is answered any more. NULL */
struct pod_files *file_port_get(struct file_port *f);
