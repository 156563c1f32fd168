/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"

static char root[64];
static bool has_opaque = true;

int tree_setup(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof(root), "/tmp/oarsman-tree-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

int tree_teardown(void **state)
{
    (void)state;
    return path_remove_tree(root, NULL);
}

const char *tree_root(void)
{
    return root;
}

bool tree_has_opaque(void)
{
    return has_opaque;
}

static void need(bool done, const char *entry)
{
    if (done)
        return;
    perror(entry);
    abort();
}

static void write_file(const char *path, const char *content, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    need(fd >= 0 && write(fd, content, len) == (ssize_t)len, path);
    (void)close(fd);
}

void tree_add(const char *entry, const char *content, size_t len)
{
    char path[1024], folder[1024];
    const char *arrow = strstr(entry, " -> "), *space = strrchr(entry, ' ');
    size_t end = arrow ? (size_t)(arrow - entry) : space ? (size_t)(space - entry) : strlen(entry);
    (void)snprintf(path, sizeof(path), "%s/%.*s", root, (int)end, entry);
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
    need(path_mkdirs(folder, 0755, NULL) == 0, folder);
    if (arrow)
        need(symlink(arrow + 4, path) == 0, entry);
    else if (space && space[1] == '!')
        need(mknod(path, S_IFCHR, makedev(0, 0)) == 0, entry);
    else if (space && space[1] == 'y')
        has_opaque = has_opaque && setxattr(folder, "trusted.overlay.opaque", "y", 1, 0) == 0;
    else if (path[strlen(path) - 1] != '/')
        write_file(path, content, len);
}

struct rt_strings tree_layers(size_t n)
{
    static char paths[8][80];
    static const char *items[8];
    for (size_t i = 0; i < n && i < 8; i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "%s/l%zu", root, i);
        items[i] = paths[i];
        (void)path_mkdirs(paths[i], 0755, NULL);
    }
    return (struct rt_strings){ items, n };
}
