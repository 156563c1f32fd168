/* SPDX-License-Identifier: Apache-2.0 */
#include "mounted.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"

/* "… - overlay overlay ro,lowerdir=/…/layers/0123/fs:/…/layers/4567/fs,…", or relative paths, or
 * one option each. */
bool mounted_layer_in(const char *text, char *const *names)
{
    for (char *const *name = names; *name; name++)
        for (const char *s = text; (s = strstr(s, *name)); s++)
            if (s > text && strchr("/=:+", s[-1]) && strncmp(s + strlen(*name), "/fs", 3) == 0)
                return true;
    return false;
}

bool mounted_any(char *const *names)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_IMAGE_MOUNTS_BYTES);
    if (!*names)
        return false;
    return file_read(AT_FDCWD, "/proc/self/mountinfo", &text, NULL) < 0 ||
           mounted_layer_in(buf_str(&text), names);
}
