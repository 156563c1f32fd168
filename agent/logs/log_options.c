/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/log_options.h"

#include <errno.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/time.h"

void log_options_init(struct log_options *o)
{
    *o = (struct log_options){ .streams = LOG_STDOUT | LOG_STDERR };
}

/* As Go's strconv.ParseBool, which the kubelet reads query parameters with; a bare "?follow" is true. */
static int parse_bool(const char *value, bool *ret)
{
    static const char *const yes[] = { "", "1", "t", "T", "true", "TRUE", "True" };
    static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };

    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (str_eq(value, yes[i])) {
            *ret = true;
            return 0;
        }
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_eq(value, no[i])) {
            *ret = false;
            return 0;
        }
    return -EINVAL;
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

static int set_bool(struct log_options *o, size_t offset, const char *name, const char *value, struct err *err)
{
    if (parse_bool(value, (bool *)((char *)o + offset)) < 0)
        return err_set(err, -EINVAL, "%s: expected true or false, got \"%s\"", name, value);
    return 0;
}

static int set_number(int64_t *target, int64_t min, const char *name, const char *value, struct err *err)
{
    if (str_to_i64(value, min, INT64_MAX / NS_PER_S, target) < 0)
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
        if (str_eq(name, bools[i].name))
            return set_bool(o, bools[i].offset, name, value, err);
    if (str_eq(name, "tailLines")) {
        o->has_tail = true;
        return set_number(&o->tail_lines, 0, name, value, err);
    }
    if (str_eq(name, "limitBytes"))
        return set_number(&o->limit_bytes, 1, name, value, err);
    if (str_eq(name, "sinceSeconds")) {
        if (set_number(&seconds, 1, name, value, err) < 0)
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
