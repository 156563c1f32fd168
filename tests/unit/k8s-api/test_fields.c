/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fields.c - the list of supported fields (k8s-api/FIELDS.md) and the dictionary of the pod
 * fuzzer are what the tables say. With UPDATE_FIELDS=1 in the environment both are written anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/map.h"
#include "k8s/kinds.h"
#include "k8s/pod.h"

#define FIELDS_FILE     "../k8s-api/FIELDS.md"
#define DICTIONARY_FILE "fuzz/k8s-api/fuzz_pod.dict"

static void describe_record(const struct json_type *type, struct map *seen, struct buf *out);

/* "k8s_container" is said as "container". */
static const char *type_name(const struct json_type *type)
{
    return strncmp(type->name, "k8s_", 4) == 0 ? type->name + 4 : type->name;
}

static void describe_field(const struct json_field *f, const char **separator, struct buf *out)
{
    size_t n;
    const struct json_field *inner;

    if (f->storage == JSON_INLINE || f->storage == JSON_RARE) {
        inner = f->type->fields(&n);
        for (size_t i = 0; i < n; i++)
            describe_field(&inner[i], separator, out);
        return;
    }
    (void)buf_printf(out, "%s%s%s", *separator, f->key, f->storage == JSON_LIST ? "[]" : "");
    if (f->storage == JSON_IGNORED)
        (void)buf_puts(out, " (ignored)");
    else if (f->type->shape == JSON_RECORD)
        (void)buf_printf(out, ": *%s*", type_name(f->type));
    *separator = ", ";
}

static void describe_below(const struct json_field *f, struct map *seen, struct buf *out)
{
    size_t n;
    const struct json_field *inner;

    if (!f->type || f->type->shape != JSON_RECORD)
        return;
    if (f->storage != JSON_INLINE && f->storage != JSON_RARE) {
        describe_record(f->type, seen, out);
        return;
    }
    inner = f->type->fields(&n);
    for (size_t i = 0; i < n; i++)
        describe_below(&inner[i], seen, out);
}

static void describe_record(const struct json_type *type, struct map *seen, struct buf *out)
{
    const char *separator = "";
    size_t n;
    const struct json_field *fields = type->fields(&n);

    if (map_put(seen, type->name, seen))
        return;
    (void)buf_printf(out, "- *%s*: ", type_name(type));
    for (size_t i = 0; i < n; i++)
        describe_field(&fields[i], &separator, out);
    (void)buf_puts(out, "\n");
    for (size_t i = 0; i < n; i++)
        describe_below(&fields[i], seen, out);
}

static void describe_all(struct buf *out)
{
    AUTO(map_done) struct map seen = MAP_INIT;

    (void)buf_puts(out, "# Supported kinds and fields\n\n"
                        "Written by `UPDATE_FIELDS=1 test_fields` from the tables; do not edit. "
                        "A type is described where it is met first.\n");
    for (size_t i = 0; i < K8S_KIND_NR; i++) {
        (void)buf_printf(out, "\n## %s (%s)\n\n", k8s_kinds[i].kind, k8s_kinds[i].api_version);
        describe_record(k8s_kinds[i].type, &seen, out);
    }
}

struct dictionary {
    struct map seen;
    struct buf *out;
};

static void add_key(void *user, const char *path, const struct json_field *f)
{
    struct dictionary *d = (struct dictionary *)user;

    (void)path;
    if (!map_put(&d->seen, f->key, d))
        (void)buf_printf(d->out, "\"\\\"%s\\\":\"\n", f->key);
}

/* Writes text to path, or compares it with what is there. */
static void settle(const char *path, const struct buf *text)
{
    AUTO(free) char *old = (char *)calloc(1, MIB);
    AUTO(fclose) FILE *f = NULL;

    if (getenv("UPDATE_FIELDS")) {
        f = fopen(path, "we");
        assert_non_null(f);
        assert_int_equal(fwrite(text->data, 1, text->len, f), text->len);
        return;
    }
    f = fopen(path, "re");
    if (!f)
        fail_msg("%s: cannot open (the working directory must be tests/)", path);
    (void)fread(old, 1, MIB - 1, f);
    if (strcmp(old, text->data) != 0)
        fail_msg("%s is not what the tables say: UPDATE_FIELDS=1 writes it anew", path);
}

static void the_list_of_fields_is_what_the_tables_say(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(MIB);

    (void)state;
    describe_all(&text);
    settle(FIELDS_FILE, &text);
}

static void the_dictionary_of_the_fuzzer_is_what_the_tables_say(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(MIB);
    struct dictionary d = { .seen = MAP_INIT, .out = &text };

    (void)state;
    json_type_walk(&k8s_pod_type, add_key, &d);
    map_done(&d.seen);
    settle(DICTIONARY_FILE, &text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_of_fields_is_what_the_tables_say),
        cmocka_unit_test(the_dictionary_of_the_fuzzer_is_what_the_tables_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
