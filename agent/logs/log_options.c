/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/log_options.h"

#include <errno.h>
#include <stddef.h>
#include <strings.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/time.h"

void log_options_init(struct log_options *o)
{
    *o = (struct log_options){ .streams = LOG_STDOUT | LOG_STDERR };
}

/* As the API reads a boolean query parameter: only "false" and "0" are false, so "?follow" is true. */
static bool parse_bool(const char *value)
{
    return strcasecmp(value, "false") != 0 && !str_eq(value, "0");
}

static int parse_stream(const char *value, int *ret)
{
    static const struct {
        const char *name;
        int streams;
    } names[] = { { "All", LOG_STDOUT | LOG_STDERR }, { "Stdout", LOG_STDOUT }, { "Stderr", LOG_STDERR } };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(value, names[i].name)) {
            *ret = names[i].streams;
            return 0;
        }
    return -EINVAL;
}

static int set_number(int64_t *target, int64_t min, int64_t max, const char *name, const char *value, struct err *err)
{
    if (str_to_i64(value, min, max, target) < 0)
        return err_set(err, -EINVAL, "%s: expected an integer of at least %lld, got \"%s\"", name, (long long)min, value);
    return 0;
}

int log_options_set(struct log_options *o, const char *name, const char *value, int64_t now_wall_ns, struct err *err)
{
    static const struct {
        const char *name;
        size_t offset;
    } bools[] = {
        { "follow", offsetof(struct log_options, follow) },
        { "previous", offsetof(struct log_options, previous) },
        { "timestamps", offsetof(struct log_options, timestamps) },
    };
    int64_t seconds;

    value = str_or(value, "");
    for (size_t i = 0; i < ARRAY_LEN(bools); i++)
        if (str_eq(name, bools[i].name)) {
            *(bool *)((char *)o + bools[i].offset) = parse_bool(value);
            return 0;
        }
    if (str_eq(name, "tailLines")) {
        int r = set_number(&o->tail_lines, 0, INT64_MAX, name, value, err);
        o->has_tail = r == 0;
        return r;
    }
    if (str_eq(name, "limitBytes"))
        return set_number(&o->limit_bytes, 1, INT64_MAX, name, value, err);
    if (str_eq(name, "sinceSeconds")) {
        if (set_number(&seconds, 1, INT64_MAX / NS_PER_S, name, value, err) < 0)
            return -EINVAL;
        o->since_wall_ns = now_wall_ns - seconds * NS_PER_S > 0 ? now_wall_ns - seconds * NS_PER_S : 1;
        return 0;
    }
    if (str_eq(name, "sinceTime")) {
        if (k8s_time_parse(value, strlen(value), &o->since_wall_ns) < 0)
            return err_set(err, -EINVAL, "sinceTime: expected a time such as 2026-01-02T03:04:05Z, got \"%s\"", value);
        return 0;
    }
    if (str_eq(name, "stream") && parse_stream(value, &o->streams) < 0)
        return err_set(err, -EINVAL, "stream: expected All, Stdout or Stderr, got \"%s\"", value);
    return 0;
}

int log_options_check(const struct log_options *o, bool since_seconds, bool since_time, struct err *err)
{
    if (since_seconds && since_time)
        return err_set(err, -EINVAL, "at most one of sinceTime or sinceSeconds may be specified");
    if (o->has_tail && o->streams != (LOG_STDOUT | LOG_STDERR))
        return err_set(err, -EINVAL, "tailLines and specific stream are mutually exclusive for now");
    return 0;
}
