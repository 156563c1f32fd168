/* SPDX-License-Identifier: Apache-2.0 */
/* facts_parse.c - texts of the kernel and of /etc, read. */
#include "facts_parse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* The decimal number that starts at s; -1: none. */
static int64_t number(const char *s)
{
    char digits[24];
    size_t n = 0;
    int64_t value = -1;
    while (isspace((unsigned char)*s))
        s++;
    while (n + 1 < sizeof digits && isdigit((unsigned char)s[n])) {
        digits[n] = s[n];
        n++;
    }
    digits[n] = 0;
    return n > 0 && str_to_i64(digits, 0, INT64_MAX, &value) == 0 ? value : -1;
}

static const char *next_line(const char *s)
{
    const char *end = strchr(s, '\n');
    return end ? end + 1 : s + strlen(s);
}

int64_t meminfo_bytes(const char *meminfo, const char *key)
{
    size_t len = strlen(key);
    for (const char *line = meminfo; *line; line = next_line(line)) {
        if (strncmp(line, key, len) != 0 || line[len] != ':')
            continue;
        int64_t value = number(line + len + 1);
        const char *unit = strstr(line, " kB"), *end = next_line(line);
        return value < 0 ? -1 : unit && unit < end ? value * 1024 : value;
    }
    return -1;
}

char *os_release_name(const char *os_release)
{
    static const char key[] = "PRETTY_NAME=";
    for (const char *line = os_release; *line; line = next_line(line)) {
        if (!str_has_prefix(line, key))
            continue;
        const char *s = line + sizeof key - 1;
        size_t len = strcspn(s, "\n");
        if (len >= 2 && (s[0] == '"' || s[0] == '\'') && s[len - 1] == s[0]) {
            s++;
            len -= 2;
        }
        return len > 0 ? xstrndup(s, len) : NULL;
    }
    return NULL;
}

#define ROUTE_UP 1u
#define ROUTE_REJECT 0x200u

char *default_route_v4(const char *route)
{
    char best[64] = "";
    unsigned best_metric = ~0u;
    for (const char *line = next_line(route); *line; line = next_line(line)) {
        char name[64];
        unsigned destination, gateway, flags, refs, use, metric, mask;
        if (sscanf(line, "%63s %x %x %x %u %u %u %x", name, &destination, &gateway, &flags, &refs, &use, &metric,
                   &mask) != 8)
            continue;
        if (destination == 0 && mask == 0 && (flags & ROUTE_UP) && !(flags & ROUTE_REJECT) && metric < best_metric) {
            best_metric = metric;
            (void)snprintf(best, sizeof best, "%s", name);
        }
    }
    return best[0] ? xstrdup(best) : NULL;
}

char *default_route_v6(const char *route)
{
    char best[64] = "";
    unsigned best_metric = ~0u;
    for (const char *line = route; *line; line = next_line(line)) {
        char destination[33], source[33], next[33], name[64];
        unsigned prefix, source_prefix, metric, refs, use, flags;
        if (sscanf(line, "%32s %x %32s %x %32s %x %x %x %x %63s", destination, &prefix, source, &source_prefix, next,
                   &metric, &refs, &use, &flags, name) != 10)
            continue;
        if (prefix == 0 && (flags & ROUTE_UP) && !(flags & ROUTE_REJECT) && metric < best_metric && !str_eq(name, "lo")) {
            best_metric = metric;
            (void)snprintf(best, sizeof best, "%s", name);
        }
    }
    return best[0] ? xstrdup(best) : NULL;
}

int64_t loadavg_tasks(const char *loadavg)
{
    const char *slash = strchr(loadavg, '/');
    return slash ? number(slash + 1) : -1;
}

const char *architecture_of(const char *machine)
{
    static const struct {
        const char *machine, *name;
    } table[] = {
        { "x86_64", "amd64" },     { "aarch64", "arm64" }, { "armv7l", "arm" },      { "armv6l", "arm" },
        { "i686", "386" },         { "i386", "386" },      { "ppc64le", "ppc64le" }, { "s390x", "s390x" },
        { "riscv64", "riscv64" },  { "loongarch64", "loong64" },
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (str_eq(table[i].machine, machine))
            return table[i].name;
    }
    return machine;
}
