/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/log_line.h"

#include <errno.h>
#include <string.h>

#include "logs/log_options.h"

/* The word up to the next space, which is passed over. NULL: there is no space. */
static const char *take_word(const char **at, const char *end, size_t *ret_len)
{
    const char *word = *at;
    const char *space = memchr(word, ' ', (size_t)(end - word));

    if (!space)
        return NULL;
    *ret_len = (size_t)(space - word);
    *at = space + 1;
    return word;
}

int log_line_parse(const char *line, size_t len, struct log_line *ret)
{
    const char *at = line, *end = line + len;
    size_t stream_len = 0, tag_len = 0;
    struct log_line l = { .time = take_word(&at, end, &l.time_len) };
    const char *stream = l.time ? take_word(&at, end, &stream_len) : NULL;
    const char *tag = stream ? take_word(&at, end, &tag_len) : NULL;

    if (!tag || stream_len != 6 || tag_len < 1)
        return -EINVAL;
    l.stream = !memcmp(stream, "stdout", 6) ? LOG_STDOUT : !memcmp(stream, "stderr", 6) ? LOG_STDERR : 0;
    l.partial = tag[0] == 'P';
    if (!l.stream || (tag[0] != 'P' && tag[0] != 'F') || (tag_len > 1 && tag[1] != ':'))
        return -EINVAL;
    l.text = at;
    l.text_len = (size_t)(end - at);
    *ret = l;
    return 0;
}
