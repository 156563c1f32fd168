/* SPDX-License-Identifier: Apache-2.0 */
/* help.c - the table of settings as text for people. */
#include "setting.h"

#include "base/buf.h"
#include "base/str.h"

static const char *document_name(const struct setting *s)
{
    return s->document == DOC_KUBELET ? "KubeletConfiguration" : s->document == DOC_OARSMAN ? "OarsmanConfiguration" : "";
}

void config_print_help(struct buf *out)
{
    for (size_t i = 0; i < settings_len; i++) {
        const struct setting *s = &settings[i];
        if (!s->flag)
            continue;
        AUTO(free) char *flag = NULL;
        if (asprintf(&flag, "--%s", s->flag) < 0)
            return;
        (void)buf_printf(out, "  %-26s %s", flag, s->help);
        if (s->fallback)
            (void)buf_printf(out, " (default %s)", s->fallback);
        (void)buf_puts(out, "\n");
    }
    (void)buf_puts(out, "\nEverything else is set in the file of --config; the project's README lists it.\n");
}

/* '|' ends a cell, so choices are listed with "or". */
static void put_cell(struct buf *out, const char *text)
{
    for (; *text; text++)
        (void)(*text == '|' ? buf_puts(out, " or ") : buf_putc(out, *text));
}

void config_print_markdown(struct buf *out)
{
    (void)buf_puts(out, "| flag | field | default | value | meaning |\n| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < settings_len; i++) {
        const struct setting *s = &settings[i];
        (void)buf_puts(out, "| ");
        if (s->flag)
            (void)buf_printf(out, "`--%s`", s->flag);
        (void)buf_puts(out, " | ");
        if (s->path)
            (void)buf_printf(out, "`%s` (%s)", s->path, document_name(s));
        (void)buf_puts(out, " | ");
        if (s->fallback)
            (void)buf_printf(out, "`%s`", s->fallback);
        (void)buf_puts(out, " | ");
        put_cell(out, s->choices ? s->choices : setting_kind_name(s->kind));
        (void)buf_printf(out, " | %s |\n", s->help);
    }
}
