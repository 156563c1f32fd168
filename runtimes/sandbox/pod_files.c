/* SPDX-License-Identifier: Apache-2.0 */
#include "pod_files.h"

static void one_line(const char *keyword, const struct rt_strings *words, struct buf *out)
{
    if (words->len == 0)
        return;
    (void)buf_puts(out, keyword);
    for (size_t i = 0; i < words->len; i++)
        (void)buf_printf(out, " %s", words->items[i]);
    (void)buf_putc(out, '\n');
}

void pod_files_resolv_conf(const struct rt_strings *servers, const struct rt_strings *searches,
                           const struct rt_strings *options, struct buf *out)
{
    one_line("search", searches, out);
    for (size_t i = 0; i < servers->len; i++)
        (void)buf_printf(out, "nameserver %s\n", servers->items[i]);
    one_line("options", options, out);
}
