/* SPDX-License-Identifier: Apache-2.0 */
#include "layer_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

static unsigned type_of(char kind)
{
    static const struct {
        char kind;
        unsigned type;
    } kinds[] = { { 'd', AE_IFDIR }, { 'f', AE_IFREG }, { 'l', AE_IFLNK }, { 'h', AE_IFREG },
                  { 'p', AE_IFIFO }, { 'c', AE_IFCHR }, { 'b', AE_IFBLK } };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].type;
    return AE_IFREG;
}

static void write_entry(struct archive *a, const char *line)
{
    struct archive_entry *e = archive_entry_new();
    AUTO(strv_free) char **words = strv_split(line, ' ');
    const char *value = words[1] && words[2] ? words[2] : "";
    archive_entry_set_pathname(e, words[1]);
    archive_entry_set_filetype(e, type_of(line[0]));
    archive_entry_set_perm(e, line[0] == 'd' ? 0750 : 0640);
    archive_entry_set_uid(e, (la_int64_t)getuid());
    archive_entry_set_gid(e, (la_int64_t)getgid());
    archive_entry_set_mtime(e, 1700000000, 0);
    if (line[0] == 'f')
        archive_entry_set_size(e, (la_int64_t)strlen(value));
    if (line[0] == 'l')
        archive_entry_set_symlink(e, value);
    if (line[0] == 'h')
        archive_entry_set_hardlink(e, value);
    if (line[0] == 'f' && words[2] && words[3])
        archive_entry_xattr_add_entry(e, words[3], "value", 5);
    (void)archive_write_header(a, e);
    if (line[0] == 'f')
        (void)archive_write_data(a, value, strlen(value));
    archive_entry_free(e);
}

int layer_write(const char *entries, const char *filter)
{
    int fd = memfd_create("layer", MFD_CLOEXEC);
    struct archive *a = archive_write_new();
    AUTO(strv_free) char **lines = strv_split(entries, '\n');
    (void)archive_write_set_format_pax(a);
    if (!str_eq(filter, "none"))
        (void)archive_write_add_filter_by_name(a, filter);
    (void)archive_write_open_fd(a, fd);
    for (char **line = lines; *line; line++)
        if ((*line)[0])
            write_entry(a, *line);
    (void)archive_write_close(a);
    (void)archive_write_free(a);
    (void)lseek(fd, 0, SEEK_SET);
    return fd;
}
