/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "argv.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

enum { WORDS = 4 };

/* What is found where: an artifact; an artifact with "#f" as its entry point, or "x.wasm#f"; a file of the image. */
#define ARTIFACT { .wasm = true, .path = "/blob" }
#define ARTIFACT_FUNCTION { .wasm = true, .path = "/blob", .function = "f" }
#define OF_IMAGE { .wasm = true, .rootfs = true, .entry = true, .path = "/fs/app.wasm" }
#define OF_IMAGE_FUNCTION { .wasm = true, .rootfs = true, .entry = true, .path = "/fs/app.wasm", .function = "f" }
#define PLUGIN { .wasm = true, .rootfs = true, .path = "/fs/plugin.wasm" }

static const struct {
    struct wasm_choice choice;
    const char *command[WORDS], *args[WORDS], *entrypoint[WORDS], *cmd[WORDS];
    const char *title, *want;
} rows[] = {
    /* an artifact has no command of its own */
    { ARTIFACT, { NULL }, { NULL }, { NULL }, { NULL }, NULL, "web" },
    { ARTIFACT, { NULL }, { NULL }, { NULL }, { NULL }, "hello", "hello" },
    { ARTIFACT, { NULL }, { "a", "b" }, { NULL }, { NULL }, NULL, "web|a|b" },
    { ARTIFACT, { NULL }, { "a", "b" }, { NULL }, { NULL }, "hello", "hello|a|b" },
    { ARTIFACT, { "own" }, { NULL }, { NULL }, { NULL }, "hello", "own" },
    { ARTIFACT, { "own" }, { "a" }, { NULL }, { NULL }, "hello", "own|a" },
    { ARTIFACT, { "own#f" }, { NULL }, { NULL }, { NULL }, NULL, "own#f" }, /* no function was found in it */
    { ARTIFACT, { NULL }, { NULL }, { NULL }, { "c" }, NULL, "web|c" },
    { ARTIFACT, { NULL }, { "a" }, { NULL }, { "c" }, NULL, "web|a" },
    { ARTIFACT, { NULL }, { "a" }, { "/entry" }, { "c" }, NULL, "/entry|a" },
    { ARTIFACT_FUNCTION, { NULL }, { "a" }, { "x.wasm#f" }, { NULL }, NULL, "x.wasm|a" },
    { ARTIFACT_FUNCTION, { NULL }, { "a" }, { "#f" }, { NULL }, NULL, "web|a" },
    { ARTIFACT_FUNCTION, { "#f" }, { NULL }, { NULL }, { NULL }, "hello", "hello" },
    /* an image has one, and its first word is the module, wherever it comes from */
    { OF_IMAGE, { NULL }, { NULL }, { "/app.wasm" }, { "c" }, "hello", "/app.wasm|c" },
    { OF_IMAGE, { NULL }, { "a" }, { "/app.wasm" }, { "c" }, NULL, "/app.wasm|a" },
    { OF_IMAGE, { "/other.wasm" }, { NULL }, { "/app.wasm" }, { "c" }, NULL, "/other.wasm" },
    { OF_IMAGE, { "/other.wasm" }, { "a" }, { "/app.wasm" }, { "c" }, NULL, "/other.wasm|a" },
    { OF_IMAGE, { NULL }, { NULL }, { NULL }, { "/app.wasm", "c" }, "hello", "/app.wasm|c" },
    { OF_IMAGE, { NULL }, { "/other.wasm" }, { NULL }, { "/app.wasm" }, NULL, "/other.wasm" },
    { OF_IMAGE_FUNCTION, { NULL }, { "a#b" }, { "/app.wasm#f" }, { NULL }, NULL, "/app.wasm|a#b" },
    /* found by its name alone */
    { PLUGIN, { NULL }, { NULL }, { NULL }, { NULL }, NULL, "web" },
    { PLUGIN, { NULL }, { "a" }, { NULL }, { NULL }, NULL, "web|a" },
};

static struct rt_strings strings(const char *const words[WORDS])
{
    struct rt_strings all = { .items = words };

    while (all.len < WORDS && words[all.len])
        all.len++;
    return all;
}

static void a_guest_is_called_with_what_is_said_for_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct rt_strings command = strings(rows[i].command), args = strings(rows[i].args);
        const struct rt_strings entrypoint = strings(rows[i].entrypoint), cmd = strings(rows[i].cmd);
        const struct wasm_argv_input in = { .command = &command, .args = &args, .entrypoint = &entrypoint, .cmd = &cmd,
                                            .title = rows[i].title, .name = "web", .choice = &rows[i].choice };
        AUTO(strv_free) char **argv = wasm_argv(&in);
        AUTO(buf_done) struct buf text = BUF_INIT(4096);

        for (size_t k = 0; argv[k]; k++)
            (void)buf_printf(&text, "%s%s", k ? "|" : "", argv[k]);
        if (!str_eq(buf_str(&text), rows[i].want))
            fail_msg("row %zu: %s, not %s", i, buf_str(&text), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_guest_is_called_with_what_is_said_for_it) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
