/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define MAGIC(bytes) bytes, sizeof(bytes) - 1

static const struct {
    const char *bytes;
    size_t len;
    enum content content;
} magics[] = {
    { MAGIC("\0asm"), CONTENT_MODULE },
    { MAGIC("\177ELF"), CONTENT_ELF },
    { MAGIC("#!"), CONTENT_SCRIPT },
};

/* What text begins with, after white space: an expression, or a comment of either form. */
static const struct {
    const char *bytes;
    size_t len;
} texts[] = { { MAGIC("(module") }, { MAGIC("(component") }, { MAGIC("(;") }, { MAGIC(";;") } };

enum content content_of(const void *bytes, size_t len)
{
    const unsigned char *at = bytes, *end = at + len;
    for (size_t i = 0; i < ARRAY_LEN(magics); i++)
        if (len >= magics[i].len && memcmp(at, magics[i].bytes, magics[i].len) == 0)
            return magics[i].content;
    while (at < end && isspace(*at))
        at++;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if ((size_t)(end - at) >= texts[i].len && memcmp(at, texts[i].bytes, texts[i].len) == 0)
            return CONTENT_TEXT;
    return CONTENT_OTHER;
}

int content_read(int fd, enum content *ret, struct err *err)
{
    char bytes[CONTENT_BYTES];
    size_t len = 0;
    while (len < sizeof(bytes)) {
        ssize_t n = read(fd, bytes + len, sizeof(bytes) - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, errno, "read");
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret = content_of(bytes, len);
    return 0;
}
