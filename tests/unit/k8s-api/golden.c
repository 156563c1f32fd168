/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_tree.h>

#include <cmocka.h>

char *golden_read(const char *name, size_t *ret_len)
{
    char path[256], *text;
    FILE *f;
    long len;

    (void)snprintf(path, sizeof(path), "data/%s", name);
    f = fopen(path, "re");
    if (!f)
        fail_msg("%s: cannot open (the working directory must be tests/)", path);
    (void)fseek(f, 0, SEEK_END);
    len = ftell(f);
    rewind(f);
    text = (char *)calloc(1, (size_t)len + 1);
    assert_int_equal(fread(text, 1, (size_t)len, f), len);
    (void)fclose(f);
    *ret_len = (size_t)len;
    return text;
}

struct k8s_object *golden_decode(const struct json_type *type, const char *text, size_t len)
{
    struct err err = ERR_INIT;
    struct k8s_object *o = NULL;

    if (k8s_decode(type, text, len, &o, &err) < 0)
        fail_msg("%s", err.msg);
    return o;
}

static yajl_val parse(const char *text)
{
    char message[256];
    yajl_val v = yajl_tree_parse(text, message, sizeof(message));

    if (!v)
        fail_msg("%s", message);
    return v;
}

static bool is_empty(yajl_val v)
{
    if (!v || YAJL_IS_NULL(v) || YAJL_IS_FALSE(v))
        return true;
    if (YAJL_IS_STRING(v))
        return !*v->u.string;
    if (YAJL_IS_NUMBER(v))
        return strcmp(v->u.number.r, "0") == 0;
    if (YAJL_IS_ARRAY(v))
        return v->u.array.len == 0;
    if (YAJL_IS_OBJECT(v)) {
        for (size_t i = 0; i < v->u.object.len; i++)
            if (!is_empty(v->u.object.values[i]))
                return false;
        return true;
    }
    return false;
}

static yajl_val member(yajl_val object, const char *key)
{
    for (size_t i = 0; i < object->u.object.len; i++)
        if (strcmp(object->u.object.keys[i], key) == 0)
            return object->u.object.values[i];
    return NULL;
}

static void assert_within(yajl_val a, yajl_val b, const char *path);

static void assert_object_within(yajl_val a, yajl_val b, const char *path)
{
    for (size_t i = 0; i < a->u.object.len; i++) {
        const char *key = a->u.object.keys[i];
        char below[1024];

        (void)snprintf(below, sizeof(below), "%s.%s", path, key);
        if (strcmp(key, "managedFields") != 0)
            assert_within(a->u.object.values[i], member(b, key), below);
    }
}

/* What a says, b says too. */
static void assert_within(yajl_val a, yajl_val b, const char *path)
{
    char below[1024];

    if (is_empty(a) && is_empty(b))
        return;
    if (!b || a->type != b->type)
        fail_msg("%s: missing or of another kind", path);
    if (YAJL_IS_STRING(a) && strcmp(a->u.string, b->u.string) != 0)
        fail_msg("%s: \"%s\" and \"%s\"", path, a->u.string, b->u.string);
    if (YAJL_IS_NUMBER(a) && strcmp(a->u.number.r, b->u.number.r) != 0)
        fail_msg("%s: %s and %s", path, a->u.number.r, b->u.number.r);
    if (YAJL_IS_OBJECT(a))
        assert_object_within(a, b, path);
    if (!YAJL_IS_ARRAY(a))
        return;
    if (a->u.array.len != b->u.array.len)
        fail_msg("%s: lists of different length", path);
    for (size_t i = 0; i < a->u.array.len; i++) {
        (void)snprintf(below, sizeof(below), "%s[%zu]", path, i);
        assert_within(a->u.array.values[i], b->u.array.values[i], below);
    }
}

void golden_assert_same(const char *a, const char *b)
{
    yajl_val x = parse(a), y = parse(b);

    assert_within(x, y, "");
    assert_within(y, x, "");
    yajl_tree_free(x);
    yajl_tree_free(y);
}

static yajl_val first(yajl_val v)
{
    if (v && YAJL_IS_ARRAY(v))
        return v->u.array.len ? v->u.array.values[0] : NULL;
    if (v && YAJL_IS_OBJECT(v))
        return v->u.object.len ? v->u.object.values[0] : NULL;
    return NULL;
}

void *golden_tree(const char *text)
{
    return parse(text);
}

void golden_tree_free(void *tree)
{
    yajl_tree_free((yajl_val)tree);
}

bool golden_has(void *tree, const char *path)
{
    yajl_val v = (yajl_val)tree;

    while (v && *path) {
        size_t n = strcspn(path, ".[{");
        char key[128];

        (void)snprintf(key, sizeof(key), "%.*s", (int)n, path);
        if (n > 0)
            v = YAJL_IS_OBJECT(v) ? member(v, key) : NULL;
        else
            v = first(v);
        path += n ? n : 2;
        path += *path == '.';
    }
    return !is_empty(v);
}
