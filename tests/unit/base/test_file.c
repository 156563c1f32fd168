/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/worker.h"
#include "test.h"

static char folder[32];
static int folder_fd = -1;

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/test-file-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder_fd < 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)close(folder_fd);
    return path_remove_tree(folder, NULL);
}

static void put(const char *name, const char *text)
{
    assert_int_equal(file_write_atomic(folder_fd, name, text, strlen(text), 0644, 0, NULL), 0);
}

static int count(int dirfd, const char *name, void *user)
{
    (void)dirfd;
    (void)name;
    ++*(int *)user;
    return 0;
}

static int entries(void)
{
    int n = 0;

    assert_int_equal(path_each(folder, count, &n, NULL), 0);
    return n;
}

static void what_was_written_is_read(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(100);

    (void)state;
    put("a", "hello");
    assert_int_equal(file_read(folder_fd, "a", &text, NULL), 0);
    assert_string_equal(buf_str(&text), "hello");
    put("a", "");
    buf_clear(&text);
    assert_int_equal(file_read(folder_fd, "a", &text, NULL), 0);
    assert_string_equal(buf_str(&text), "");
    assert_int_equal(entries(), 1);
}

static void reading_stops_at_the_buffer_s_maximum(void **state)
{
    static const struct {
        size_t max;
        int want;
    } cases[] = { { 4, -E2BIG }, { 5, 0 }, { 6, 0 }, { 0, -E2BIG } };

    (void)state;
    put("a", "hello");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf_done) struct buf text = BUF_INIT(cases[i].max);
        struct err err = ERR_INIT;

        assert_int_equal(file_read(folder_fd, "a", &text, &err), cases[i].want);
        assert_string_equal(buf_str(&text), cases[i].want == 0 ? "hello" : "");
        assert_string_equal(err.msg, cases[i].want == 0 ? ""
                                     : cases[i].max     ? "read a: larger than 4 bytes"
                                                        : "read a: larger than 0 bytes");
    }
}

static void large_and_virtual_files_are_read_whole(void **state)
{
    AUTO(buf_done)
    struct buf large = BUF_INIT(1 << 20), text = BUF_INIT(1 << 20), status = BUF_INIT(1 << 20);

    (void)state;
    for (int i = 0; i < 40000; i++)
        buf_printf(&large, "%d,", i);
    assert_int_equal(file_write_atomic(folder_fd, "large", large.data, large.len, 0600, 0, NULL),
                     0);
    assert_int_equal(file_read(folder_fd, "large", &text, NULL), 0);
    assert_string_equal(buf_str(&text), buf_str(&large));
    assert_int_equal(file_read(AT_FDCWD, "/proc/self/status", &status, NULL), 0);
    assert_non_null(strstr(buf_str(&status), "Threads:"));
}

static void reading_what_is_not_there_names_it(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(10);
    struct err err = ERR_INIT;

    (void)state;
    buf_puts(&text, "kept");
    assert_int_equal(file_read(folder_fd, "absent", &text, &err), -ENOENT);
    assert_string_equal(err.msg, "read absent: No such file or directory");
    assert_int_equal(file_read(AT_FDCWD, folder, &text, &err), -EISDIR);
    assert_string_equal(buf_str(&text), "kept");
}

static void the_mode_is_exact_whatever_the_umask(void **state)
{
    mode_t old = umask(0077);
    struct stat st;
    int r = file_write_atomic(folder_fd, "a", "x", 1, 0664, FILE_SYNC, NULL);

    (void)state;
    (void)umask(old);
    assert_int_equal(r, 0);
    assert_int_equal(fstatat(folder_fd, "a", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0664);
}

static void a_failed_write_leaves_the_old_file_and_nothing_beside_it(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(10);
    struct err err = ERR_INIT;
    char name[300];

    (void)state;
    put("a", "old");
    assert_int_equal(mkdirat(folder_fd, "dir", 0755), 0);
    assert_true(file_write_atomic(folder_fd, "dir", "new", 3, 0644, 0, &err) < 0);
    assert_int_equal(file_write_atomic(folder_fd, "absent/a", "new", 3, 0644, 0, &err), -ENOENT);
    assert_string_equal(err.msg, "write absent/a: No such file or directory");
    assert_int_equal(file_write_atomic(folder_fd, "dir/..", "new", 3, 0644, 0, &err), -EINVAL);
    assert_int_equal(file_write_atomic(folder_fd, "", "new", 3, 0644, 0, &err), -EINVAL);
    memset(name, 'n', sizeof(name) - 1);
    name[255] = '\0';
    assert_int_equal(file_write_atomic(folder_fd, name, "new", 3, 0644, 0, &err), -ENAMETOOLONG);
    assert_int_equal(file_read(folder_fd, "a", &text, NULL), 0);
    assert_string_equal(buf_str(&text), "old");
    assert_int_equal(entries(), 2);
}

static void remains_of_a_kill_are_taken_over(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(100);
    int fd = openat(folder_fd, ".a.tmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    (void)state;
    assert_int_equal(write(fd, "half of something long", 22), 22);
    (void)close(fd);
    put("a", "new");
    assert_int_equal(file_read(folder_fd, "a", &text, NULL), 0);
    assert_string_equal(buf_str(&text), "new");
    assert_int_equal(entries(), 1);
}

/* Whoever may write into the folder must not lead us to write anywhere else, or make us wait. */
static void what_stands_in_the_temporary_s_place_is_removed_not_used(void **state)
{
    enum { LINK, HARD_LINK, PIPE, READ_ONLY, TRAPS };

    (void)state;
    for (int trap = 0; trap < TRAPS; trap++) {
        AUTO(buf_done) struct buf victim = BUF_INIT(100), text = BUF_INIT(100);

        put("victim", "untouched");
        if (trap == LINK)
            assert_int_equal(symlinkat("victim", folder_fd, ".a.tmp"), 0);
        else if (trap == HARD_LINK)
            assert_int_equal(linkat(folder_fd, "victim", folder_fd, ".a.tmp", 0), 0);
        else if (trap == PIPE)
            assert_int_equal(mkfifoat(folder_fd, ".a.tmp", 0600), 0);
        else
            (void)close(openat(folder_fd, ".a.tmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0400));
        assert_int_equal(file_write_atomic(folder_fd, "a", "new", 3, 0644, 0, NULL), 0);
        assert_int_equal(file_read(folder_fd, "a", &text, NULL), 0);
        assert_string_equal(buf_str(&text), "new");
        assert_int_equal(file_read(folder_fd, "victim", &victim, NULL), 0);
        assert_string_equal(buf_str(&victim), "untouched");
        assert_int_equal(entries(), 2);
    }
    assert_int_equal(mkdirat(folder_fd, ".a.tmp", 0755), 0);
    assert_int_equal(file_write_atomic(folder_fd, "a", "new", 3, 0644, 0, NULL), -EISDIR);
}

struct writer {
    struct worker_job job;
    char letter;
    int result;
};

static void write_many(struct worker_job *job)
{
    struct writer *w = container_of(job, struct writer, job);
    char data[20000];

    memset(data, w->letter, sizeof(data));
    for (int i = 0; i < 50 && w->result == 0; i++)
        w->result = file_write_atomic(folder_fd, "shared", data, sizeof(data), 0644, 0, NULL);
}

static void read_whole(struct worker_job *job)
{
    struct writer *w = container_of(job, struct writer, job);

    for (int i = 0; i < 300 && w->result == 0; i++) {
        AUTO(buf_done) struct buf text = BUF_INIT(1 << 20);

        w->result = file_read(folder_fd, "shared", &text, NULL);
        if (w->result == 0 &&
            (text.len != 20000 || strspn(text.data, (char[]){ text.data[0], 0 }) != text.len))
            w->result = -EIO;
    }
}

static void nothing(struct worker_job *job)
{
    (void)job;
}

static void readers_see_one_whole_file_while_several_write(void **state)
{
    struct writer writers[3] = { { .letter = 'a' }, { .letter = 'b' }, { .letter = 'c' } },
                  reader = { .result = 0 };
    AUTO(loop_free) struct loop *loop = NULL;

    (void)state;
    assert_int_equal(loop_new(&loop, NULL), 0);
    write_many(&writers[0].job);
    for (size_t i = 0; i < ARRAY_LEN(writers); i++)
        worker_submit(loop, WORKER_DISK, &writers[i].job, write_many, nothing);
    worker_submit(loop, WORKER_RUNTIME, &reader.job, read_whole, nothing);
    worker_drain(loop);
    for (size_t i = 0; i < ARRAY_LEN(writers); i++)
        assert_int_equal(writers[i].result, 0);
    assert_int_equal(reader.result, 0);
    assert_int_equal(entries(), 1);
}

static void a_file_that_is_written_or_replaced_has_another_stamp(void **state)
{
    AUTO(free) char *path = xasprintf("%s/a", folder), *link = xasprintf("%s/link", folder);
    struct file_stamp none = file_stamp(path), first, now;

    (void)state;
    assert_true(file_stamp_eq(&none, &(struct file_stamp){ 0 }));
    put("a", "one");
    assert_int_equal(symlinkat("a", folder_fd, "link"), 0);
    first = file_stamp(link);
    now = file_stamp(path);
    assert_true(file_stamp_eq(&first, &now));
    assert_false(file_stamp_eq(&first, &none));
    put("a", "two"); /* of the same size, by a rename */
    now = file_stamp(link);
    assert_false(file_stamp_eq(&first, &now));
    first = now;
    AUTO(close) int fd = openat(folder_fd, "a", O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "more", 4), 4);
    now = file_stamp(link);
    assert_false(file_stamp_eq(&first, &now));
    first = now;
    put("b", "three");
    assert_int_equal(unlinkat(folder_fd, "link", 0) | symlinkat("b", folder_fd, "link"), 0);
    now = file_stamp(link);
    assert_false(file_stamp_eq(&first, &now));
}

static void a_disk_that_is_full_half_way_leaves_the_old_file_alone(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(100);
    static const char data[3000];
    struct rlimit limit, low;
    int r;

    (void)state;
    put("a", "old");
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    low = (struct rlimit){ .rlim_cur = 1000, .rlim_max = limit.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    r = file_write_atomic(folder_fd, "a", data, sizeof(data), 0644, FILE_SYNC, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(r, -EFBIG);
    assert_int_equal(file_read(folder_fd, "a", &text, NULL), 0);
    assert_string_equal(buf_str(&text), "old");
    assert_int_equal(entries(), 1);
}

static void a_value_goes_to_an_existing_file_only(void **state)
{
    AUTO(buf_done) struct buf text = BUF_INIT(100);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(file_write_value(folder_fd, "cpu.max", "max", &err), -ENOENT);
    assert_string_equal(err.msg, "write cpu.max: No such file or directory");
    put("cpu.max", "...");
    assert_int_equal(file_write_value(folder_fd, "cpu.max", "max", NULL), 0);
    assert_int_equal(file_read(folder_fd, "cpu.max", &text, NULL), 0);
    assert_string_equal(buf_str(&text), "max");
    assert_int_equal(file_write_value(AT_FDCWD, "/dev/full", "max", &err), -ENOSPC);
    assert_string_equal(err.msg, "write \"max\" to /dev/full: No space left on device");
}

#define FILE_TEST(fn) cmocka_unit_test_setup_teardown(fn, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(what_was_written_is_read),
        FILE_TEST(reading_stops_at_the_buffer_s_maximum),
        FILE_TEST(large_and_virtual_files_are_read_whole),
        FILE_TEST(reading_what_is_not_there_names_it),
        FILE_TEST(the_mode_is_exact_whatever_the_umask),
        FILE_TEST(a_failed_write_leaves_the_old_file_and_nothing_beside_it),
        FILE_TEST(remains_of_a_kill_are_taken_over),
        FILE_TEST(what_stands_in_the_temporary_s_place_is_removed_not_used),
        FILE_TEST(readers_see_one_whole_file_while_several_write),
        FILE_TEST(a_file_that_is_written_or_replaced_has_another_stamp),
        FILE_TEST(a_disk_that_is_full_half_way_leaves_the_old_file_alone),
        FILE_TEST(a_value_goes_to_an_existing_file_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
