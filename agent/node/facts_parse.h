/* SPDX-License-Identifier: Apache-2.0 */
/* facts_parse.h - texts of the kernel and of /etc, read. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "MemTotal:  1234 kB" of /proc/meminfo, in bytes; -1: not there. */
int64_t meminfo_bytes(const char *meminfo, const char *key);
/* PRETTY_NAME of os-release without its quotes; NULL: not there. Caller owns. */
char *os_release_name(const char *os_release);
/* The interface of the IPv4 default route with the smallest metric in /proc/net/route. Caller owns; NULL: none. */
char *default_route_v4(const char *route);
/* The same from /proc/net/ipv6_route. */
char *default_route_v6(const char *ipv6_route);
/* Number of processes and threads in /proc/loadavg ("… 2/345 …"); -1: not there. */
int64_t loadavg_tasks(const char *loadavg);
/* "x86_64" → "amd64": Go's names, as the API has them. The machine's own name if it is not in the table. */
const char *architecture_of(const char *machine);
