/* SPDX-License-Identifier: Apache-2.0 */
/* signal_name.h - "SIGTERM", "term", "15", "SIGRTMIN+3" as a number. Pure. */
#pragma once

int signal_name_parse(const char *name, int *ret_signal); /* 0; -EINVAL */
