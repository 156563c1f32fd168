/* SPDX-License-Identifier: Apache-2.0 */
/*
 * obey.c - does what its arguments say, one after the other; ends with 1 at the first that fails.
 *
 *   assert_exists(file:/p)  assert_exists(env:X)
 *   assert_not_exists(file:/p)  assert_not_exists(env:X)
 *   assert_value(SOURCE)is(SOURCE)
 *   read(SOURCE)to(var:x)
 *   write(SOURCE)to(file:/p)  write(SOURCE)to(stm:stdout)  write(SOURCE)to(stm:stderr)
 *   append(SOURCE)to(file:/p)  a line more
 *   wait(SOURCE)               so many seconds
 *
 * A SOURCE is lit:TEXT, env:NAME, file:PATH or var:NAME. The language is the one that Krustlet's
 * tests spoke, so that they can be told again.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 64 << 10, NAME = 256, VARIABLES = 32 };

struct reference { /* "file:/p" */
    char kind[8], name[NAME];
};
struct order { /* "write(lit:x)to(stm:stdout)" */
    char verb[32], joint[8];
    struct reference first, second;
};
struct variable {
    char name[NAME];
    char *value;
};

static struct variable variables[VARIABLES];

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...)
{
    va_list args;
    fflush(stdout);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

static struct variable *find_variable(const char *name)
{
    for (int i = 0; i < VARIABLES; i++)
        if (variables[i].value && !strcmp(variables[i].name, name))
            return &variables[i];
    return NULL;
}

static void set_variable(const char *name, const char *value)
{
    struct variable *v = find_variable(name);
    for (int i = 0; !v && i < VARIABLES; i++)
        if (!variables[i].value)
            v = &variables[i];
    if (!v)
        fail("more than %d variables", VARIABLES);
    snprintf(v->name, sizeof v->name, "%s", name);
    free(v->value);
    v->value = strdup(value);
}

static char *read_file(const char *path)
{
    static char text[TEXT];
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    return strdup(text);
}

/* The caller owns it; NULL: there is no such thing. */
static char *value_of(const struct reference *r)
{
    if (!strcmp(r->kind, "lit"))
        return strdup(r->name);
    if (!strcmp(r->kind, "file"))
        return read_file(r->name);
    const char *value = NULL;
    if (!strcmp(r->kind, "env")) {
        value = getenv(r->name);
    } else if (!strcmp(r->kind, "var")) {
        const struct variable *v = find_variable(r->name);
        value = v ? v->value : NULL;
    } else {
        fail("nothing can be read from %s:", r->kind);
    }
    return value ? strdup(value) : NULL;
}

static char *must_have(const struct reference *r)
{
    char *value = value_of(r);
    if (!value)
        fail("%s:%s does not exist", r->kind, r->name);
    return value;
}

static int exists(const struct reference *r)
{
    if (!strcmp(r->kind, "file"))
        return access(r->name, F_OK) == 0;
    char *value = value_of(r);
    int found = value != NULL;
    free(value);
    return found;
}

static void assert_exists(const struct order *o)
{
    if (!exists(&o->first))
        fail("%s:%s was expected to exist, but did not", o->first.kind, o->first.name);
}

static void assert_not_exists(const struct order *o)
{
    if (exists(&o->first))
        fail("%s:%s was expected not to exist, but did", o->first.kind, o->first.name);
}

static void assert_value(const struct order *o)
{
    char *is = must_have(&o->first), *wanted = must_have(&o->second);
    if (strcmp(is, wanted) != 0)
        fail("%s:%s is \"%s\", not \"%s\"", o->first.kind, o->first.name, is, wanted);
    free(is);
    free(wanted);
}

static void read_to(const struct order *o)
{
    char *value = must_have(&o->first);
    if (strcmp(o->second.kind, "var") != 0)
        fail("read goes to a var:, not to %s:", o->second.kind);
    set_variable(o->second.name, value);
    free(value);
}

static FILE *open_target(const struct reference *r, const char *mode)
{
    if (!strcmp(r->kind, "stm") && !strcmp(r->name, "stdout"))
        return stdout;
    if (!strcmp(r->kind, "stm") && !strcmp(r->name, "stderr"))
        return stderr;
    if (strcmp(r->kind, "file") != 0)
        fail("nothing can be written to %s:%s", r->kind, r->name);
    FILE *file = fopen(r->name, mode);
    if (!file)
        fail("cannot write file:%s: %s", r->name, strerror(errno));
    return file;
}

static void put(const struct order *o, const char *mode, const char *end)
{
    char *value = must_have(&o->first);
    FILE *file = open_target(&o->second, mode);
    int failed = fputs(value, file) < 0 || fputs(end, file) < 0;
    failed |= file == stdout || file == stderr ? fflush(file) != 0 : fclose(file) != 0;
    if (failed)
        fail("cannot write %s:%s: %s", o->second.kind, o->second.name, strerror(errno));
    free(value);
}

static void write_to(const struct order *o)
{
    put(o, "w", strcmp(o->second.kind, "stm") ? "" : "\n");
}

static void append_to(const struct order *o)
{
    put(o, "a", "\n");
}

static void wait_for(const struct order *o)
{
    char *value = must_have(&o->first);
    sleep((unsigned)atoi(value));
    free(value);
}

static const struct verb {
    const char *verb, *joint; /* joint "": there is only one reference */
    void (*fn)(const struct order *o);
} verbs[] = {
    { "assert_exists", "", assert_exists },
    { "assert_not_exists", "", assert_not_exists },
    { "assert_value", "is", assert_value },
    { "read", "to", read_to },
    { "write", "to", write_to },
    { "append", "to", append_to },
    { "wait", "", wait_for },
};

/* Takes "kind:name)" from the text, which stands behind the opening bracket; the name may hold
 * brackets that close. */
static const char *parse_reference(const char *text, struct reference *ret)
{
    int depth = 1;
    size_t n = 0;
    for (; text[n]; n++) {
        depth += text[n] == '(' ? 1 : text[n] == ')' ? -1 : 0;
        if (depth == 0)
            break;
    }
    const char *colon = memchr(text, ':', n);
    if (depth != 0 || !colon || (size_t)(colon - text) >= sizeof ret->kind || n >= sizeof ret->name)
        return NULL;
    snprintf(ret->kind, sizeof ret->kind, "%.*s", (int)(colon - text), text);
    snprintf(ret->name, sizeof ret->name, "%.*s", (int)(text + n - colon - 1), colon + 1);
    return text + n + 1;
}

static int parse_word(const char **text, char *ret, size_t size)
{
    size_t n = strcspn(*text, "(");
    if (n >= size || (*text)[n] != '(')
        return -1;
    snprintf(ret, size, "%.*s", (int)n, *text);
    *text += n + 1;
    return 0;
}

static int parse(const char *text, struct order *ret)
{
    *ret = (struct order){ 0 };
    if (parse_word(&text, ret->verb, sizeof ret->verb) < 0 ||
        !(text = parse_reference(text, &ret->first)))
        return -1;
    if (!*text)
        return 0;
    if (parse_word(&text, ret->joint, sizeof ret->joint) < 0 ||
        !(text = parse_reference(text, &ret->second)))
        return -1;
    return *text ? -1 : 0;
}

static void obey(const char *text)
{
    struct order order;
    if (parse(text, &order) < 0)
        fail("cannot be understood: %s", text);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(order.verb, verbs[i].verb) && !strcmp(order.joint, verbs[i].joint)) {
            verbs[i].fn(&order);
            return;
        }
    fail("unknown order: %s", text);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        obey(argv[i]);
    return 0;
}
