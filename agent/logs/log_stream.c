/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_stream.c - a place in a log file that moves on.
 *
 * The file is read in pieces of LOG_PIECE_BYTES and cut into lines; a line that no newline ends yet waits. At
 * the end of the file three things can be: the file was rotated (the path names another one by now, which the writer
 * makes after its last word in the old: what is left of the old is read, then the new from its beginning), the log
 * goes on (inotify tells), or it is over. "Rotated" and "over" are believed only at the second end of the file:
 * something may have been written between our last read and the moment we looked.
 */
#include "logs/log_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/time.h"
#include "log_watch.h"
#include "logs/log_line.h"

enum { LOG_PIECE_BYTES = 32 * 1024 };

struct log_stream {
    char *path;
    struct log_options options;
    struct log_stream_events events;
    int fd;
    int64_t left_bytes; /* of limitBytes; -1: no limit */
    struct buf pending; /* read, not yet cut into lines */
    bool past_since;    /* a line new enough was seen: the later ones are newer */
    bool rotated, ended; /* was known before the rest was read */
    struct log_watch watch;
};

struct log_stream *log_stream_free(struct log_stream *s)
{
    if (!s)
        return NULL;
    log_watch_stop(&s->watch);
    if (s->fd >= 0)
        (void)close(s->fd);
    buf_done(&s->pending);
    free(s->path);
    free(s);
    return NULL;
}

static void on_watch(struct log_watch *w)
{
    struct log_stream *s = container_of(w, struct log_stream, watch);
    s->events.on_change(s->events.user);
}

/* The folder is watched, not the file: rotation renames one and creates another. */
static int watch_folder(struct log_stream *s, struct loop *loop, struct err *err)
{
    AUTO(free) char *folder = xstrdup(s->path);
    char *slash = strrchr(folder, '/');

    if (!slash)
        return err_set(err, -EINVAL, "log path %s is not absolute", s->path);
    *slash = '\0';
    return log_watch_start(&s->watch, loop, folder, on_watch, err);
}

/* Where the last n lines begin: the file is read backwards, newline by newline. */
static off_t tail_offset(int fd, int64_t lines)
{
    char piece[LOG_PIECE_BYTES];
    struct stat st;

    if (fstat(fd, &st) < 0)
        return 0;
    if (lines == 0)
        return st.st_size;
    for (off_t end = st.st_size; end > 0;) {
        off_t start = end > LOG_PIECE_BYTES ? end - LOG_PIECE_BYTES : 0;
        ssize_t n = pread(fd, piece, (size_t)(end - start), start);
        if (n <= 0)
            return 0;
        for (ssize_t i = n - 1; i >= 0; i--) /* the newline at the very end closes the last line */
            if (piece[i] == '\n' && start + i + 1 < st.st_size && --lines == 0)
                return start + i + 1;
        end = start;
    }
    return 0;
}

static bool open_file(struct log_stream *s)
{
    s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return s->fd >= 0;
}

int log_stream_open(struct loop *loop, const char *path, const struct log_options *options,
                    const struct log_stream_events *events, struct log_stream **ret, struct err *err)
{
    AUTO(log_stream_free) struct log_stream *s = NEW(struct log_stream);

    *s = (struct log_stream){ .path = xstrdup(path), .options = *options, .events = *events, .fd = -1,
                              .left_bytes = options->limit_bytes ? options->limit_bytes : -1 };
    buf_init(&s->pending, LIMIT_CONTAINER_LOG_LINE_BYTES);
    int r = options->follow ? watch_folder(s, loop, err) : 0;
    if (r < 0)
        return r;
    if (!open_file(s) && (errno != ENOENT || !options->follow))
        return err_errno(err, errno, "unable to open log file \"%s\"", path);
    if (s->fd >= 0 && options->has_tail)
        (void)lseek(s->fd, tail_offset(s->fd, options->tail_lines), SEEK_SET);
    *ret = TAKE_PTR(s);
    return 0;
}

static bool is_new_enough(struct log_stream *s, const struct log_line *l)
{
    int64_t unix_ns;

    if (!s->options.since_wall_ns || s->past_since)
        return true;
    s->past_since = k8s_time_parse(l->time, l->time_len, &unix_ns) == 0 && unix_ns >= s->options.since_wall_ns;
    return s->past_since;
}

static void put(struct log_stream *s, struct buf *out, const char *data, size_t len)
{
    if (s->left_bytes >= 0 && (int64_t)len > s->left_bytes)
        len = (size_t)s->left_bytes;
    (void)buf_add(out, data, len);
    if (s->left_bytes >= 0)
        s->left_bytes -= (int64_t)len;
}

/* conmon says "+00:00" where everybody expects "Z". */
static void put_time(struct log_stream *s, struct buf *out, const struct log_line *l)
{
    static const char zero[] = "+00:00";
    size_t zone = sizeof(zero) - 1;

    if (l->time_len > zone && !memcmp(l->time + l->time_len - zone, zero, zone)) {
        put(s, out, l->time, l->time_len - zone);
        put(s, out, "Z ", 2);
    } else {
        put(s, out, l->time, l->time_len);
        put(s, out, " ", 1);
    }
}

/* complete: false for a line that no newline ends, because its writer was cut off. */
static void put_line(struct log_stream *s, struct buf *out, const char *line, size_t len, bool complete)
{
    struct log_line l;

    if (log_line_parse(line, len, &l) < 0 || !(l.stream & s->options.streams) || !is_new_enough(s, &l))
        return;
    if (s->options.timestamps)
        put_time(s, out, &l);
    put(s, out, l.text, l.text_len);
    if (!l.partial && complete)
        put(s, out, "\n", 1);
}

static void cut_lines(struct log_stream *s, struct buf *out)
{
    const char *data = buf_str(&s->pending);
    size_t used = 0;

    for (;;) {
        const char *newline = memchr(data + used, '\n', s->pending.len - used);
        if (!newline || s->left_bytes == 0)
            break;
        put_line(s, out, data + used, (size_t)(newline - data) - used, true);
        used = (size_t)(newline - data) + 1;
    }
    buf_consume(&s->pending, used);
    if (s->pending.len >= LIMIT_CONTAINER_LOG_LINE_BYTES - LOG_PIECE_BYTES) /* no writer of ours makes such a line */
        buf_clear(&s->pending);
}

static bool was_rotated(const struct log_stream *s)
{
    struct stat open_file_stat, path_stat;

    return s->fd >= 0 && fstat(s->fd, &open_file_stat) == 0 && stat(s->path, &path_stat) == 0 &&
           (open_file_stat.st_ino != path_stat.st_ino || open_file_stat.st_dev != path_stat.st_dev);
}

/* The file is over: what no newline has ended is given as it is. */
static void put_rest(struct log_stream *s, struct buf *out)
{
    if (s->pending.len && s->left_bytes != 0)
        put_line(s, out, buf_str(&s->pending), s->pending.len, false);
    buf_clear(&s->pending);
}

static int next_file(struct log_stream *s, struct buf *out)
{
    if (!s->rotated) {
        s->rotated = true;
        return 0;
    }
    s->rotated = false;
    put_rest(s, out);
    (void)close(TAKE_FD(s->fd));
    (void)open_file(s); /* gone again: the next look finds the one after it */
    return 0;
}

static int at_last_end(struct log_stream *s, struct buf *out)
{
    size_t before = out->len;

    put_rest(s, out);
    return out->len > before ? 0 : LOG_STREAM_END;
}

/* What to do at the end of a file: 0 to go on reading. */
static int at_end(struct log_stream *s, struct buf *out)
{
    if (!s->options.follow)
        return at_last_end(s, out);
    if (s->fd < 0 && open_file(s))
        return 0;
    if (was_rotated(s))
        return next_file(s, out);
    if (s->events.is_running(s->events.user))
        return LOG_STREAM_WAIT;
    if (s->ended)
        return at_last_end(s, out);
    s->ended = true;
    return 0;
}

int log_stream_read(struct log_stream *s, struct buf *out, size_t max_bytes)
{
    size_t before = out->len;

    while (out->len - before < max_bytes && s->left_bytes != 0) {
        char *room = buf_reserve(&s->pending, LOG_PIECE_BYTES);
        ssize_t n = s->fd >= 0 && room ? read(s->fd, room, LOG_PIECE_BYTES) : 0;
        if (n > 0) {
            buf_commit(&s->pending, (size_t)n);
            cut_lines(s, out);
            continue;
        }
        if (out->len > before)
            return 0;
        int r = at_end(s, out);
        if (r != 0)
            return r;
    }
    return out->len > before ? 0 : LOG_STREAM_END;
}

void log_stream_wake(struct log_stream *s)
{
    s->events.on_change(s->events.user);
}
