/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "digest.h"

#define CPUINFO_BYTES ((size_t)64 * KIB) /* the first processor's part is some 2 KiB */

static void finish(const struct digest_state *d, char ret[KEY_BYTES])
{
    char text[DIGEST_TEXT_MAX];
    digest_text(d, text);
    memcpy(ret, digest_hex(text), KEY_BYTES);
}

void key_of(const char *identity, const char *engine, const char *cpu, char ret[KEY_BYTES])
{
    AUTO(digest_free) struct digest_state *d = digest_new(NULL);
    const char *const parts[] = { identity, engine, cpu };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        digest_add(d, parts[i], strlen(parts[i]) + 1); /* with its end, so that parts do not run together */
    finish(d, ret);
}

bool key_is(const char *text, size_t len)
{
    return len == KEY_BYTES - 1 && strspn(text, "0123456789abcdef") >= len;
}

/* Intel and AMD; ARM; RISC-V */
static bool tells_features(const char *line)
{
    static const char *const names[] = { "flags", "Features", "isa" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]);
        if (strncmp(line, names[i], len) == 0 && strchr("\t :", line[len]))
            return true;
    }
    return false;
}

void key_cpu(const char *cpuinfo, char ret[KEY_BYTES])
{
    AUTO(digest_free) struct digest_state *d = digest_new(NULL);
    for (const char *line = cpuinfo; *line && *line != '\n';) { /* an empty line ends the first processor's part */
        size_t len = strcspn(line, "\n");
        if (tells_features(line))
            digest_add(d, line, len + 1);
        line += len + (line[len] == '\n');
    }
    finish(d, ret);
}

int key_cpu_read(char ret[KEY_BYTES], struct err *err)
{
    AUTO(close) int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
    AUTO(free) char *text = xcalloc(1, CPUINFO_BYTES + 1);
    size_t len = 0;
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0 && len < CPUINFO_BYTES && (n = read(fd, text + len, CPUINFO_BYTES - len)) > 0)
        len += (size_t)n;
    if (n < 0)
        return err_errno(err, errno, "reading /proc/cpuinfo");
    key_cpu(text, ret);
    return 0;
}
