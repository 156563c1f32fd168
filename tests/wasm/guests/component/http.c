/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c - a handler of HTTP requests that does what the path says; an argument stands behind "?".
 *
 *   /              hello                      /status?503      an empty answer with that status
 *   /echo          method, path, headers, body, and the body itself
 *   /env?NAME      the environment variable   /log?WORDS       on standard output
 *   /sleep?MS      waits in the host          /spin            loops for ever
 *   /hog?MIB       takes memory               /big?MIB         a long answer
 *   /drip?N        N lines, one each 100 ms   /trap, /silent   no answer at all
 *   /fetch?HOST:PORT/PATH   asks another server (http), and tells its status or the error's number
 *
 * World: handler
 * Flags: -mexec-model=reactor
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "fetch.h"

enum { MIB = 1 << 20, DRIP_NS = 100000000 };

struct request {
    int32_t handle, outparam;
    struct text path, argument; /* argument: behind "?" */
};

/* ---- text ---- */
static int is(struct text text, const char *word)
{
    return text.len == strlen(word) && !memcmp(text.at, word, text.len);
}

static uint32_t number(struct text text)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++)
        n = n * 10 + (uint32_t)(text.at[i] - '0');
    return n;
}

struct line {
    char at[512];
    uint32_t len;
};

static void add(struct line *line, const char *at, size_t len)
{
    if (len > sizeof line->at - line->len)
        len = sizeof line->at - line->len;
    memcpy(line->at + line->len, at, len);
    line->len += (uint32_t)len;
}

static void add_word(struct line *line, const char *word)
{
    add(line, word, strlen(word));
}

static void add_text(struct line *line, struct text text)
{
    add(line, text.at, text.len);
}

static void add_number(struct line *line, uint32_t n)
{
    char digits[10];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    add(line, digits + i, sizeof digits - i);
}

static void answer_line(const struct request *r, int status, const struct line *line)
{
    struct answer a = answer_begin(r->outparam, status);
    answer_write(&a, line->at, line->len);
    answer_end(&a);
}

/* ---- what there is to do ---- */
static void do_hello(const struct request *r)
{
    struct line line = { .len = 0 };
    add_word(&line, "hello\n");
    answer_line(r, 200, &line);
}

static void do_status(const struct request *r)
{
    struct line line = { .len = 0 };
    answer_line(r, (int)number(r->argument), &line);
}

static const char *method_name(struct text *ret_other, int32_t request)
{
    static const char *const names[] = { "GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                         "CONNECT", "OPTIONS", "TRACE", "PATCH" };
    struct method m;
    request_method(request, &m);
    *ret_other = m.name;
    return m.tag < sizeof names / sizeof *names ? names[m.tag] : NULL;
}

/* All of it; the caller owns it. What does not fit into memory is where the host draws the line. */
static char *read_body(int32_t request, uint32_t *ret_len)
{
    struct handle_result body, stream;
    struct read_result part;
    char *all = NULL;
    *ret_len = 0;
    request_consume(request, &body);
    incoming_body_stream(body.handle, &stream);
    for (;;) {
        stream_read(stream.handle, 64 << 10, &part);
        if (part.failed)
            break;
        all = realloc(all, *ret_len + part.len + 1);
        if (!all)
            __builtin_trap();
        memcpy(all + *ret_len, part.at, part.len);
        *ret_len += part.len;
        free((char *)part.at);
    }
    input_drop(stream.handle);
    incoming_body_drop(body.handle);
    return all;
}

static void do_echo(const struct request *r)
{
    struct line line = { .len = 0 };
    struct text other;
    struct list headers;
    uint32_t len;
    int32_t fields = request_headers(r->handle);
    const char *method = method_name(&other, r->handle);
    fields_entries(fields, &headers);
    fields_drop(fields);
    char *body = read_body(r->handle, &len);
    method ? add_word(&line, method) : add_text(&line, other);
    add_word(&line, " ");
    add_text(&line, r->path);
    add_word(&line, ", ");
    add_number(&line, headers.len);
    add_word(&line, " headers, body of ");
    add_number(&line, len);
    add_word(&line, "\n");
    struct answer a = answer_begin(r->outparam, 200);
    answer_write(&a, line.at, line.len);
    answer_write(&a, body, len);
    answer_end(&a);
    free(body);
}

static void do_env(const struct request *r)
{
    struct line line = { .len = 0 };
    struct list pairs;
    get_environment(&pairs);
    for (uint32_t i = 0; i < pairs.len; i++) {
        struct text name = pairs.at[2 * i];
        if (name.len == r->argument.len && !memcmp(name.at, r->argument.at, name.len))
            add_text(&line, pairs.at[2 * i + 1]);
    }
    add_word(&line, "\n");
    answer_line(r, 200, &line);
}

static void do_log(const struct request *r)
{
    struct line line = { .len = 0 };
    struct read_result result;
    int32_t out = get_stdout();
    add_text(&line, r->argument);
    add_word(&line, "\n");
    stream_write(out, line.at, line.len, &result);
    output_drop(out);
    do_hello(r);
}

static void do_sleep(const struct request *r)
{
    wait_for(clock_subscribe((uint64_t)number(r->argument) * 1000000));
    do_hello(r);
}

static void do_spin(const struct request *r)
{
    (void)r;
    for (volatile unsigned turns = 0;;)
        turns++;
}

static void do_hog(const struct request *r)
{
    struct line line = { .len = 0 };
    uint32_t wanted = number(r->argument), got = 0;
    for (; got < wanted; got++) {
        char *mib = malloc(MIB);
        if (!mib)
            break;
        memset(mib, 1, MIB);
        __asm__ volatile("" ::"r"(mib) : "memory");
    }
    add_word(&line, got < wanted ? "refused after " : "got ");
    add_number(&line, got);
    add_word(&line, " MiB\n");
    answer_line(r, 200, &line);
}

static void do_big(const struct request *r)
{
    static char mib[MIB];
    struct answer a = answer_begin(r->outparam, 200);
    memset(mib, 'b', sizeof mib);
    for (uint32_t i = number(r->argument); i > 0; i--)
        if (answer_write(&a, mib, sizeof mib) < 0)
            break;
    answer_end(&a);
}

static void do_drip(const struct request *r)
{
    struct answer a = answer_begin(r->outparam, 200);
    for (uint32_t i = number(r->argument); i > 0; i--) {
        if (answer_write(&a, "drip\n", 5) < 0)
            break;
        wait_for(clock_subscribe(DRIP_NS));
    }
    answer_end(&a);
}

static void do_trap(const struct request *r)
{
    (void)r;
    __builtin_trap();
}

static void do_silent(const struct request *r)
{
    (void)r;
}

static void do_fetch(const struct request *r)
{
    struct line line = { .len = 0 };
    int status = fetch(r->argument);
    add_word(&line, status > 0 ? "status " : "error ");
    add_number(&line, (uint32_t)(status > 0 ? status : -status));
    add_word(&line, "\n");
    answer_line(r, status > 0 ? 200 : 502, &line);
}

/* ---- the request ---- */
static const struct {
    const char *path;
    void (*fn)(const struct request *r);
} routes[] = {
    { "/", do_hello },      { "/status", do_status }, { "/echo", do_echo },
    { "/env", do_env },     { "/log", do_log },       { "/sleep", do_sleep },
    { "/spin", do_spin },   { "/hog", do_hog },       { "/big", do_big },
    { "/drip", do_drip },   { "/trap", do_trap },     { "/silent", do_silent },
    { "/fetch", do_fetch },
};

static void not_found(const struct request *r)
{
    struct line line = { .len = 0 };
    add_word(&line, "nothing is known of ");
    add_text(&line, r->path);
    add_word(&line, "\n");
    answer_line(r, 404, &line);
}

EXPORT("wasi:http/incoming-handler@" WASI "#handle") void handle(int32_t request, int32_t outparam)
{
    struct request r = { .handle = request, .outparam = outparam };
    struct option_text path;
    void (*fn)(const struct request *r) = not_found;
    request_path(request, &path);
    r.path = path.some ? path.text : (struct text){ "/", 1 };
    const char *mark = memchr(r.path.at, '?', r.path.len);
    if (mark) {
        r.argument = (struct text){ mark + 1, r.path.len - (uint32_t)(mark + 1 - r.path.at) };
        r.path.len = (uint32_t)(mark - r.path.at);
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (is(r.path, routes[i].path))
            fn = routes[i].fn;
    fn(&r);
    request_drop(request);
}
