/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_options.h - which part of a container's log somebody wants: the seven options of the kubelet's
 * /containerLogs and of "kubectl logs". Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;

enum { LOG_STDOUT = 1, LOG_STDERR = 2 };

struct log_options {
    bool follow;
    bool previous;
    bool timestamps;
    bool has_tail;
    int64_t tail_lines;
    int64_t since_wall_ns; /* 0: from the beginning */
    int64_t limit_bytes;   /* 0: no limit */
    int streams;           /* LOG_STDOUT | LOG_STDERR */
};

void log_options_init(struct log_options *o); /* everything, both streams */

/*
 * One query parameter: follow, previous, timestamps, tailLines, sinceSeconds, sinceTime, limitBytes, stream.
 * now_wall_ns: what sinceSeconds counts back from. Others are ignored, as the kubelet does.
 * -EINVAL: "tailLines: expected an integer of at least 0, got \"x\"".
 */
int log_options_set(struct log_options *o, const char *name, const char *value, int64_t now_wall_ns, struct err *err);
/* What single options cannot say: sinceSeconds and sinceTime together, a stream together with tailLines. */
int log_options_check(const struct log_options *o, bool since_seconds, bool since_time, struct err *err);
