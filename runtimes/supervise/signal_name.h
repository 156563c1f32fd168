/* SPDX-License-Identifier: Apache-2.0 */
/* signal_name.h - "SIGTERM", "term", "15", "SIGRTMIN+3" as a number. Pure. */
#pragma once

enum { SIGNAL_NAME_BYTES = 24 };
int signal_name_parse(const char *name, int *ret_signal); /* 0; -EINVAL */
/* As the API writes it: "SIGTERM", "SIGRTMIN+3". 0; -EINVAL: there is none of this number. */
int signal_name_print(int signum, char ret[SIGNAL_NAME_BYTES]);
