/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mhd_loop.h - a libmicrohttpd daemon without threads, on our loop. Private to server/.
 *
 * Its epoll descriptor is one source of the loop, its timeout another. Only MHD_run() makes it move, and that is
 * never called from within itself.
 */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/loop.h"

struct err;

struct mhd_loop {
    struct MHD_Daemon *daemon; /* set by the owner between init and start */
    struct loop_fd epoll;
    struct loop_timer timer;
    struct loop_defer soon;
    bool running;
};
void mhd_loop_init(struct mhd_loop *m, struct loop *loop);
int mhd_loop_start(struct mhd_loop *m, struct err *err);
void mhd_loop_run_soon(struct mhd_loop *m); /* after MHD_resume_connection() */
void mhd_loop_stop(struct mhd_loop *m);     /* the daemon moves no more */
void mhd_loop_done(struct mhd_loop *m);     /* and ends */
int mhd_address(const char *text, uint16_t port, struct sockaddr_storage *ret, struct err *err);
