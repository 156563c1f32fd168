/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "world.h"

static struct world w;

static int set_up(void **state)
{
    (void)state;
    world_init(&w, "cache");
    world_open(&w);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static void compiled(const struct answer *a)
{
    if (a->err.code)
        fail_msg("%s", a->err.msg);
    assert_true(path_exists(a->path));
}

static uint64_t compilations(void)
{
    return wasm_cache_counters(w.cache).compilations;
}

static void a_module_is_compiled_once_and_then_there(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    struct stat st;
    (void)state;
    struct answer first = world_get(&w, path, "sha256:hello");
    compiled(&first);
    assert_int_equal(first.kind, WASM_CORE);
    assert_string_equal(first.entry, "_start");
    assert_int_equal(first.exports, 2);
    assert_int_equal(first.imports, 0);
    assert_int_equal(first.memory_min_bytes, 1 << 16);
    assert_int_equal(stat(first.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    struct answer second = world_get(&w, path, "sha256:hello");
    assert_string_equal(second.path, first.path);
    assert_int_equal(compilations(), 1);
    assert_int_equal(wasm_cache_counters(w.cache).hits, 1);
    assert_int_equal(world_files(&w, ""), 2);
}

static void the_next_start_finds_it(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    (void)state;
    struct answer first = world_get(&w, path, "sha256:hello");
    compiled(&first);
    world_close(&w);
    (void)unlink(path); /* not needed any more */
    world_open(&w);
    struct answer second = world_get(&w, path, "sha256:hello");
    compiled(&second);
    assert_int_equal(second.exports, first.exports);
    assert_int_equal(compilations(), 0);
    assert_int_equal(wasm_cache_counters(w.cache).hits, 1);
}

static void many_wait_for_one_compilation(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    struct wasm_cache_request req = { .path = path, .identity = "sha256:hello" };
    struct answer answers[200] = { { .calls = 0 } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        (void)wasm_cache_get(w.cache, &req, answer_take, &answers[i]);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        world_wait(&w, &answers[i]);
        compiled(&answers[i]);
    }
    assert_int_equal(compilations(), 1);
}

static void different_modules_are_compiled_two_at_a_time(void **state)
{
    struct answer answers[6] = { { .calls = 0 } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        AUTO(free) char *name = xasprintf("m%zu", i);
        AUTO(free) char *path = world_text_module(&w, name, HELLO);
        struct wasm_cache_request req = { .path = path, .identity = name };
        (void)wasm_cache_get(w.cache, &req, answer_take, &answers[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        world_wait(&w, &answers[i]);
        compiled(&answers[i]);
    }
    assert_int_equal(compilations(), ARRAY_LEN(answers));
    assert_int_equal(world_files(&w, ".json"), ARRAY_LEN(answers));
    assert_true(rt_cgroup_exists(w.cgroups, "/oarsman-compile/1"));
    assert_false(rt_cgroup_exists(w.cgroups, "/oarsman-compile/2"));
}

static void each_asks_for_the_function_that_it_wants(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    (void)state;
    struct answer other = world_get_function(&w, path, "sha256:hello", "again");
    compiled(&other);
    assert_string_equal(other.entry, "again");
    struct answer none = world_get_function(&w, path, "sha256:hello", "never");
    assert_string_equal(none.err.msg, "module does not export never, which is to be called: it exports _start, again");
    assert_int_equal(compilations(), 1);
}

/* ---- entries that were touched ---- */

static void change_byte(const char *path)
{
    char byte;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, 1000), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 1000), 1);
    (void)close(fd);
}

static void cut(const char *path)
{
    assert_int_equal(truncate(path, 20), 0);
}

static void replace_by_link(const char *path)
{
    (void)unlink(path);
    assert_int_equal(symlink("/bin/true", path), 0);
}

static void drop(const char *path)
{
    assert_int_equal(unlink(path), 0);
}

static void what_was_touched_is_compiled_anew(void **state)
{
    static const struct {
        const char *name, *suffix;
        void (*touch)(const char *path);
    } cases[] = {
        { "a byte of the code", ".cwasm", change_byte }, { "code that was cut", ".cwasm", cut },
        { "a link instead", ".cwasm", replace_by_link }, { "no code", ".cwasm", drop },
        { "a record that was cut", ".json", cut },       { "no record", ".json", drop },
    };
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    struct answer a = world_get(&w, path, "sha256:hello");
    uint64_t before = 0;
    (void)state;
    compiled(&a);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int restart = 0; restart < 2; restart++) {
            AUTO(free) char *file = world_file(&w, cases[i].suffix);
            bool code = str_eq(cases[i].suffix, ".cwasm");
            assert_non_null(file);
            if (restart)
                world_close(&w);
            cases[i].touch(file);
            if (restart)
                world_open(&w);
            before = compilations();
            a = world_get(&w, path, "sha256:hello");
            compiled(&a);
            /* Of a record that was read already nothing is needed again. */
            if (compilations() - before != (code || restart))
                fail_msg("%s, restart %d: %d compilations", cases[i].name, restart, (int)(compilations() - before));
            if (!code && !restart) { /* for the next round */
                world_close(&w);
                world_open(&w);
                a = world_get(&w, path, "sha256:hello");
                compiled(&a);
            }
            assert_int_equal(world_files(&w, ""), 2);
        }
}

static void what_runs_keeps_its_code(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    struct stat before, after;
    (void)state;
    struct answer a = world_get(&w, path, "sha256:hello");
    compiled(&a);
    int fd = open(a.path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(fstat(fd, &before), 0);
    AUTO(free) char *record = world_file(&w, ".json");
    drop(record);
    world_close(&w);
    world_open(&w); /* it sweeps code without a record */
    a = world_get(&w, path, "sha256:hello");
    compiled(&a);
    assert_int_equal(fstat(fd, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    assert_int_equal(after.st_nlink, 0);
    (void)close(fd);
}

static void entries_of_another_engine_or_module_are_swept(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    (void)state;
    struct answer a = world_get(&w, path, "sha256:hello");
    compiled(&a);
    world_close(&w);
    AUTO(free) char *record = world_file(&w, ".json");
    AUTO(buf_done) struct buf text = BUF_INIT(64 * KIB);
    assert_int_equal(file_read(AT_FDCWD, record, &text, NULL), 0);
    char *version = strstr(text.data, "48.0.");
    assert_non_null(version);
    version[5]++;
    assert_int_equal(file_write_atomic(AT_FDCWD, record, text.data, text.len, 0400, 0, NULL), 0);
    AUTO(free) char *foreign = xasprintf("%s/README", w.cache_dir);
    assert_int_equal(file_write_atomic(AT_FDCWD, foreign, "x", 1, 0600, 0, NULL), 0);
    world_open(&w);
    assert_int_equal(world_files(&w, ""), 1);
    assert_true(path_exists(foreign)); /* not ours */
}

static void what_another_process_writes_is_left_alone(void **state)
{
    static const char key[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    AUTO(free) char *temp = xasprintf("%s/%s.1.cwasm.tmp", w.cache_dir, key);
    AUTO(free) char *code = xasprintf("%s/%s.cwasm", w.cache_dir, key);
    const char *const paths[] = { temp, code }; /* before and after it has got its name */
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        int fd = open(paths[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(flock(fd, LOCK_EX), 0);
        world_close(&w);
        world_open(&w);
        assert_true(path_exists(paths[i]));
        (void)close(fd); /* it has ended */
        world_close(&w);
        world_open(&w);
        assert_false(path_exists(paths[i]));
    }
}

/* ---- ends before the end ---- */

static struct wasm_cache_wait *ask_slow(struct answer *a)
{
    AUTO(free) char *path = world_slow_module(&w, "slow");
    struct wasm_cache_request req = { .path = path, .identity = "sha256:slow" };
    struct wasm_cache_wait *wait = wasm_cache_get(w.cache, &req, answer_take, a);
    while (compilations() == 0)
        (void)loop_once(w.loop, 10);
    return wait;
}

static void a_compiler_that_was_killed_leaves_nothing(void **state)
{
    struct answer a = { .calls = 0 };
    (void)state;
    (void)ask_slow(&a);
    assert_int_equal(rt_cgroup_kill(w.cgroups, "/oarsman-compile/0", 5000, NULL), 0);
    world_wait(&w, &a);
    assert_string_equal(a.err.msg, "the compiler was ended by signal 9");
    assert_int_equal(world_files(&w, ""), 0);
    assert_int_equal(wasm_cache_counters(w.cache).failures, 1);
}

static void closing_ends_what_is_under_way(void **state)
{
    struct answer a = { .calls = 0 };
    (void)state;
    (void)ask_slow(&a);
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    struct wasm_cache_request req = { .path = path, .identity = "sha256:hello" };
    (void)wasm_cache_get(w.cache, &req, answer_take, &a); /* one that is being looked for */
    world_close(&w);
    assert_int_equal(a.calls, 0);
    assert_false(world_has_children(&w));
    assert_int_equal(world_files(&w, ".tmp"), 0);
    assert_false(rt_cgroup_exists(w.cgroups, "/oarsman-compile"));
    world_open(&w);
}

static void who_waits_no_more_is_not_called_and_others_are(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    struct wasm_cache_request req = { .path = path, .identity = "sha256:hello" };
    struct answer gone = { .calls = 0 }, there = { .calls = 0 };
    (void)state;
    struct wasm_cache_wait *wait = wasm_cache_get(w.cache, &req, answer_take, &gone);
    (void)wasm_cache_get(w.cache, &req, answer_take, &there);
    wasm_cache_wait_cancel(wait);
    world_wait(&w, &there);
    compiled(&there);
    wait = wasm_cache_get(w.cache, &req, answer_take, &gone); /* known: the answer is on its way */
    wasm_cache_wait_cancel(wait);
    struct answer last = world_get(&w, path, "sha256:hello");
    compiled(&last);
    assert_int_equal(gone.calls, 0);
}

static void nobody_is_compiled_for(void **state)
{
    struct answer slow[2] = { { .calls = 0 } }, gone = { .calls = 0 };
    AUTO(free) char *slow_path = world_slow_module(&w, "slow");
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    struct wasm_cache_request req = { .path = path, .identity = "sha256:hello" };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct wasm_cache_request one = { .path = slow_path, .identity = i ? "sha256:slow" : "sha256:slower" };
        (void)wasm_cache_get(w.cache, &one, answer_take, &slow[i]);
    }
    while (compilations() < 2)
        (void)loop_once(w.loop, 10);
    struct wasm_cache_wait *wait = wasm_cache_get(w.cache, &req, answer_take, &gone);
    for (int i = 0; i < 20; i++)
        (void)loop_once(w.loop, 5);
    wasm_cache_wait_cancel(wait); /* while it waits for a place */
    world_wait(&w, &slow[0]);
    world_wait(&w, &slow[1]);
    for (int i = 0; i < 20; i++)
        (void)loop_once(w.loop, 5);
    assert_int_equal(compilations(), 2);
    assert_int_equal(gone.calls, 0);
}

/* ---- collecting ---- */

static bool is_used(void *user, const char *identity)
{
    return str_eq(user, identity);
}

static void what_nobody_uses_is_collected(void **state)
{
    static char keep[] = "sha256:b";
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    struct answer a = world_get(&w, path, "sha256:a"), b = world_get(&w, path, keep);
    (void)state;
    compiled(&a);
    compiled(&b);
    world_close(&w);
    world_open(&w); /* what it finds counts too */
    wasm_cache_collect(w.cache, is_used, keep);
    a = world_get(&w, path, "sha256:a"); /* while it is being removed */
    compiled(&a);
    assert_int_equal(compilations(), 1);
    b = world_get(&w, path, keep);
    compiled(&b);
    assert_int_equal(compilations(), 1);
    wasm_cache_collect(w.cache, is_used, keep);
    while (world_files(&w, "") > 2)
        (void)loop_once(w.loop, 10);
    assert_true(path_exists(b.path));
    wasm_cache_collect(w.cache, is_used, keep); /* nothing is left to do */
    assert_int_equal(world_files(&w, ""), 2);
}

/* ---- the blocking twin ---- */

static void one_request_needs_no_loop(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    struct wasm_cache_request req = { .path = path };
    struct wasm_module m;
    struct err err = ERR_INIT;
    struct stat first, second;
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (wasm_cache_get_once(&w.config, &req, arena, &m, &err) < 0)
            fail_msg("%s", err.msg);
        assert_int_equal(stat(m.path, i ? &second : &first), 0);
    }
    assert_int_equal(first.st_ino, second.st_ino);
    assert_string_equal(m.entry, "_start");
    assert_int_equal(m.exports.len, 2);
    assert_false(rt_cgroup_exists(w.cgroups, "/oarsman-compile/once"));
    req.function = "never";
    assert_int_equal(wasm_cache_get_once(&w.config, &req, arena, &m, &err), -EINVAL);
    /* An agent beside it finds the same: the identity of a module in a file is its digest. */
    AUTO(buf_done) struct buf text = BUF_INIT(64 * KIB);
    AUTO(free) char *record = world_file(&w, ".json");
    assert_int_equal(file_read(AT_FDCWD, record, &text, NULL), 0);
    assert_non_null(strstr(buf_str(&text), "\"identity\":\"sha256:"));
    assert_int_equal(world_files(&w, ""), 2);
}

static void without_a_compiler_there_is_no_cache(void **state)
{
    struct wasm_cache_config config = w.config;
    struct wasm_cache *cache = NULL;
    struct err err = ERR_INIT;
    (void)state;
    config.compile = "/no/such/oarsman-wasm-compile";
    assert_int_equal(wasm_cache_open(w.loop, &config, &cache, &err), -ENOENT);
    assert_null(cache);
    config.compile = "/bin/false";
    assert_int_equal(wasm_cache_open(w.loop, &config, &cache, &err), -EIO);
    assert_string_equal(err.msg, "/bin/false --version: no answer (exit code 1)");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_module_is_compiled_once_and_then_there),
        CASE(the_next_start_finds_it),
        CASE(many_wait_for_one_compilation),
        CASE(different_modules_are_compiled_two_at_a_time),
        CASE(each_asks_for_the_function_that_it_wants),
        CASE(what_was_touched_is_compiled_anew),
        CASE(what_runs_keeps_its_code),
        CASE(entries_of_another_engine_or_module_are_swept),
        CASE(what_another_process_writes_is_left_alone),
        CASE(a_compiler_that_was_killed_leaves_nothing),
        CASE(closing_ends_what_is_under_way),
        CASE(who_waits_no_more_is_not_called_and_others_are),
        CASE(nobody_is_compiled_for),
        CASE(what_nobody_uses_is_collected),
        CASE(one_request_needs_no_loop),
        CASE(without_a_compiler_there_is_no_cache),
    };
    return world_can_run() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
