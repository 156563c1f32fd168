/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/image.h"
#include "rt/wasm_artifact.h"
#include "tree.h"

#define IMAGE   "application/vnd.oci.image.config.v1+json"
#define DOCKER  "application/vnd.docker.container.image.v1+json"
#define CNCF    "application/vnd.wasm.config.v0+json"
#define OLD     "application/vnd.wasm.config.v1+json"
#define SOLO    "application/vnd.module.wasm.config.v1+json"
#define EMPTY   "application/vnd.oci.empty.v1+json"
#define SPIN    "application/vnd.fermyon.spin.application.v1+config"
#define WASM    "application/wasm"
#define CONTENT "application/vnd.wasm.content.layer.v1+wasm"
#define RUNWASI "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm"
#define MODULE_LAYER "application/vnd.module.wasm.content.layer.v1+wasm"
#define TAR     "application/vnd.oci.image.layer.v1.tar+gzip"
#define HANDLER "run.oci.handler"
#define VARIANT "module.wasm.image/variant"

/* l0 and l1 are an image with programs of all kinds; l2 brings a plugin. */
static int make_files(void **state)
{
    if (tree_setup(state) < 0)
        return -1;
    tree_file("module", MODULE);
    tree_file("component", COMPONENT);
    tree_file("elf", ELF);
    tree_file("text", "(module)");
    tree_file("junk", "neither");
    tree_file("l1/app.wasm", MODULE);
    tree_file("l1/app.wat", "(module)");
    tree_file("l1/commented.wat", "\n                                                                     (module)");
    tree_file("l1/text.wasm", "(component)");
    tree_file("l1/notes", "(module is not always wasm)");
    tree_file("l1/junk.wasm", "neither");
    tree_file("l1/junk", "neither");
    tree_file("l1/elf.wasm", ELF);
    tree_file("l1/bin/sh", ELF);
    tree_file("l1/bin/hello", COMPONENT);
    tree_file("l1/start.sh", "#!/bin/sh\n");
    tree_file("l1/start.wasm", "#!/bin/wasmtime\n");
    tree_file("l1/gone.wasm", MODULE);
    tree_file("l1/plugin.wasm", MODULE); /* in the last layer but one: no plugin */
    tree_file("l0/linked", "");
    tree_add("l0/gone.wasm !", "", 0);
    tree_add("l0/current -> app.wasm", "", 0);
    tree_file("l2/plugin.wasm", MODULE);
    tree_file("l3/plugin.wasm", ELF);
    return 0;
}

struct one {
    const char *name, *config, *layers[3], *blob; /* blob: of all layers that are none of TAR */
    const char *arg;                              /* NULL: none */
    const char *wasm; /* what the path ends with; NULL: native, or refused with: */
    const char *why;
    const char *artifact_type, *platform, *annotation, *of_image; /* "wasi/wasm"; a key; its value in the manifest */
    const char *of_pod;                                           /* its value in the pod */
    const char *function;
    size_t dirs, first; /* how many of l0 …, and from which on */
    bool wanted, text, rootfs;
};

static const struct one artifacts[] = {
    /* row 1 */
    { "a CNCF artifact", CNCF, { WASM }, "component", NULL, .wasm = "/component" },
    { "a CNCF artifact of a core module", CNCF, { WASM }, "module", NULL, .wasm = "/module" },
    { "its arguments are its own", CNCF, { WASM }, "component", "--verbose", .wasm = "/component" },
    { "its entry point names a function", CNCF, { WASM }, "component", "#f", .wasm = "/component", .function = "f" },
    { "or names a module, too", CNCF, { WASM }, "component", "x.wasm#f", .wasm = "/component", .function = "f" },
    { "any other '#' is its own", CNCF, { WASM }, "component", "http://a/#f", .wasm = "/component" },
    { "two layers in a CNCF artifact", CNCF, { WASM, WASM }, "component", .why = "has one layer, this one has 2" },
    { "a second layer of another type", CNCF, { WASM, "text/plain" }, "component", .why = "this one has 2" },
    { "no layer", CNCF, { NULL }, NULL, .why = "this one has 0" },
    { "a layer of another type", CNCF, { "text/plain" }, "component", .why = "has no layer with a module: the first one is "
                                                                              "of type text/plain" },
    { "code that was compiled elsewhere", CNCF, { WASM }, "elf", .why = "the image's layer is native code (ELF)" },
    { "text that is not allowed", CNCF, { WASM }, "text", .why = "in its text format, which this node does not take" },
    { "text that is allowed", CNCF, { WASM }, "text", .text = true, .wasm = "/text" },
    { "rubbish is the compiler's to refuse", CNCF, { WASM }, "junk", .wasm = "/junk" },
    { "a type of configuration with an artifactType", EMPTY, { WASM }, "module", .artifact_type = CNCF, .wasm = "/module" },
    { "an empty configuration", EMPTY, { WASM }, "module", .wasm = "/module" },
    { "a configuration without a type", NULL, { WASM }, "module", .wasm = "/module" },
    /* row 2 */
    { "Krustlet's artifact", OLD, { CONTENT }, "module", .wasm = "/module" },
    { "with a layer of the newer type", OLD, { WASM }, "module", .wasm = "/module" },
    { "with something beside it", OLD, { CONTENT, "text/plain" }, "module", .wasm = "/module" },
    { "with several modules", OLD, { CONTENT, CONTENT }, "module", .why = "has 2 WebAssembly modules as layers" },
    { "without a layer", OLD, { NULL }, NULL, .why = "the first one is of type (there is none)" },
    /* row 3 */
    { "runwasi's image", IMAGE, { RUNWASI }, "module", "#f", .platform = "wasi/wasm", .wasm = "/module", .function = "f" },
    { "beside other layers", IMAGE, { TAR, RUNWASI }, "module", "/bin/sh", .dirs = 2, .rootfs = true, .wasm = "/module" },
    /* row 4 */
    { "a Spin application", IMAGE, { CONTENT, SPIN, CONTENT }, "module", .platform = "wasip1/wasm", .why = "a Spin application" },
    { "an older Spin application", SPIN, { CONTENT }, "module", .why = "a Spin application" },
    { "one by its artifactType", EMPTY, { CONTENT }, "module", .artifact_type = SPIN, .why = "a Spin application" },
    /* row 7 */
    { "an artifact of wasmCloud", SOLO, { MODULE_LAYER }, "component", .wasm = "/component" },
    { "a layer's type as artifactType", EMPTY, { MODULE_LAYER }, "module", .artifact_type = MODULE_LAYER, .wasm = "/module" },
    { "with an image's configuration", IMAGE, { MODULE_LAYER }, "module", .wasm = "/module" },
    /* others */
    { "another artifact is not ours", "application/vnd.cncf.helm.config.v1+json", { "text/plain" }, "junk", .wasm = NULL },
    { "unless the pod says so", EMPTY, { "text/plain" }, "module", .wanted = true, .why = "type text/plain is not known" },
};

static const struct one images[] = {
    /* row 5 */
    { "a module by its name", IMAGE, { TAR }, NULL, "/app.wasm", .wasm = "/l1/app.wasm" },
    { "a name without a slash", DOCKER, { TAR }, NULL, "app.wasm", .wasm = "/l1/app.wasm" },
    { "a module by its first bytes", IMAGE, { TAR }, NULL, "/bin/hello", .wasm = "/l1/bin/hello" },
    { "taken from the root", IMAGE, { TAR }, NULL, "bin/hello", .wasm = "/l1/bin/hello" },
    { "through a link", IMAGE, { TAR }, NULL, "/current", .wasm = "/l1/app.wasm" },
    { "with a function", IMAGE, { TAR }, NULL, "/app.wasm#f", .wasm = "/l1/app.wasm", .function = "f" },
    { "a module under another name", IMAGE, { TAR }, NULL, "/bin/hello#f", .wasm = "/l1/bin/hello", .function = "f" },
    { "of a Wasm platform", IMAGE, { TAR }, NULL, "/app.wasm", .platform = "wasi/wasm", .wasm = "/l1/app.wasm" },
    { "of another Wasm platform", IMAGE, { TAR }, NULL, "/app.wasm", .platform = "wasip1/wasm", .wasm = "/l1/app.wasm" },
    { "rubbish with the name", IMAGE, { TAR }, NULL, "/junk.wasm", .wasm = "/l1/junk.wasm" },
    { "a text", IMAGE, { TAR }, NULL, "/app.wat", .why = "/app.wat is WebAssembly in its text format" },
    { "a text that is allowed", IMAGE, { TAR }, NULL, "/app.wat", .text = true, .wasm = "/l1/app.wat" },
    { "a text by its name alone", IMAGE, { TAR }, NULL, "/commented.wat", .why = "in its text format" },
    { "a text with the name of a module", IMAGE, { TAR }, NULL, "/text.wasm", .why = "in its text format" },
    { "no text without a name or a word", IMAGE, { TAR }, NULL, "/notes", .wasm = NULL },
    /* native ones, also in a pod of the Wasm RuntimeClass */
    { "a native program", IMAGE, { TAR }, NULL, "/bin/sh", .wasm = NULL },
    { "in a pod of ours", IMAGE, { TAR }, NULL, "/bin/sh", .wanted = true },
    { "a script", IMAGE, { TAR }, NULL, "/start.sh", .wanted = true },
    { "a script with the name of a module", IMAGE, { TAR }, NULL, "/start.wasm", .wanted = true },
    { "a name that PATH finds", IMAGE, { TAR }, NULL, "hello", .wanted = true },
    { "what is not there", IMAGE, { TAR }, NULL, "/nope", .wanted = true },
    { "a module that is not there", IMAGE, { TAR }, NULL, "/nope.wasm", .wanted = true },
    { "a module that an upper layer removed", IMAGE, { TAR }, NULL, "/gone.wasm", .wanted = true },
    { "a file of neither kind", IMAGE, { TAR }, NULL, "/junk", .wanted = true },
    { "nothing to run", IMAGE, { TAR }, NULL, NULL, .wanted = true },
    { "a native program with the name of a module", IMAGE, { TAR }, NULL, "/elf.wasm", .wasm = NULL },
    { "which a pod of ours does not take", IMAGE, { TAR }, NULL, "/elf.wasm", .wanted = true, .why = "/elf.wasm is native code" },
    { "a function of a native program", IMAGE, { TAR }, NULL, "/bin/sh#f", .wanted = true },
    { "an image without layers", IMAGE, { NULL }, NULL, "/app.wasm", .wanted = true },
    /* what an image says of itself must be true */
    { "a Wasm platform with a native program", IMAGE, { TAR }, NULL, "/bin/sh", .platform = "wasi/wasm",
      .why = "its entry point /bin/sh is a native program" },
    { "a Wasm platform without a program", IMAGE, { TAR }, NULL, "/nope", .platform = "wasip2/wasm",
      .why = "its entry point /nope is not in it" },
    { "a Wasm platform with nothing to run", IMAGE, { TAR }, NULL, NULL, .platform = "wasi/wasm32",
      .why = "its entry point is not in it" },
    { "a Wasm platform with another file", IMAGE, { TAR }, NULL, "/junk", .platform = "wasi/wasm",
      .why = "its entry point /junk is not" },
    { "a Wasm platform and a bare name", IMAGE, { TAR }, NULL, "current", .platform = "wasi/wasm", .wasm = "/l1/app.wasm" },
    { "a Wasm platform and a text", IMAGE, { TAR }, NULL, "/notes", .platform = "wasi/wasm", .text = true, .wasm = "/l1/notes" },
    { "a Wasm platform and compiled code", IMAGE, { TAR }, NULL, "/elf.wasm", .platform = "wasi/wasm", .why = "native code (ELF)" },
    /* row 6 */
    { "compat in the manifest", IMAGE, { TAR }, NULL, "/app.wasm", .annotation = VARIANT, .of_image = "compat",
      .wasm = "/l1/app.wasm" },
    { "compat in the manifest, native program", IMAGE, { TAR }, NULL, "/bin/sh", .annotation = VARIANT, .of_image = "compat",
      .why = "is a native program" },
    { "compat of the pod, native container", IMAGE, { TAR }, NULL, "/bin/sh", .annotation = VARIANT, .of_pod = "compat" },
    { "compat-smart in the manifest", IMAGE, { TAR }, NULL, "/bin/sh", .annotation = VARIANT, .of_image = "compat-smart" },
    { "compat-smart with a module", IMAGE, { TAR }, NULL, "/bin/hello", .annotation = VARIANT, .of_pod = "compat-smart",
      .wasm = "/l1/bin/hello" },
    { "crun's word in the pod", IMAGE, { TAR }, NULL, "/elf.wasm", .annotation = HANDLER, .of_pod = "wasm", .why = "native code" },
    { "crun's smart word in the pod", IMAGE, { TAR }, NULL, "/bin/sh", .annotation = HANDLER, .of_pod = "wasm-smart" },
    { "crun's word in the manifest", IMAGE, { TAR }, NULL, "/bin/sh", .annotation = HANDLER, .of_image = "wasm",
      .why = "is a native program" },
    { "other words are for others", IMAGE, { TAR }, NULL, "/elf.wasm", .annotation = HANDLER, .of_pod = "krun" },
    { "a plugin", IMAGE, { TAR }, NULL, NULL, .annotation = VARIANT, .of_image = "compat", .dirs = 1, .first = 2,
      .wasm = "/l2/plugin.wasm" },
    { "a plugin by the pod's word", IMAGE, { TAR }, NULL, "/bin/nope", .annotation = VARIANT, .of_pod = "compat", .dirs = 1,
      .first = 2, .wasm = "/l2/plugin.wasm" },
    { "a plugin that nobody speaks of", IMAGE, { TAR }, NULL, NULL, .wanted = true, .dirs = 1, .first = 2 },
    { "a plugin that is native", IMAGE, { TAR }, NULL, NULL, .annotation = VARIANT, .of_image = "compat", .dirs = 1, .first = 3,
      .why = "/plugin.wasm is native code" },
    { "no plugin in the last layer", IMAGE, { TAR }, NULL, NULL, .annotation = VARIANT, .of_image = "compat",
      .why = "its entry point is not in it" },
};

/* ---- asking ---- */

struct made { /* what a case is made of */
    struct wasm_image image;
    struct wasm_ask ask;
    struct wasm_layer layers[3];
    struct rt_label annotation;
    char os[16], blob[128];
};

static void make_image(const struct one *c, bool tars, struct made *m)
{
    size_t n = 0, dirs = c->dirs ? c->dirs : 2;
    const char *slash = c->platform ? strchr(c->platform, '/') : NULL;
    const struct rt_strings all = tree_layers(4);
    *m = (struct made){ .annotation = { c->annotation, c->of_image } };
    (void)snprintf(m->blob, sizeof(m->blob), "%s/%s", tree_root(), str_or(c->blob, ""));
    for (; n < ARRAY_LEN(c->layers) && c->layers[n]; n++) {
        m->layers[n] = (struct wasm_layer){ .media_type = c->layers[n], .digest = "sha256:layer" };
        if (str_eq(c->layers[n], TAR))
            m->layers[n].lower_dir = all.items[0];
        else
            m->layers[n].blob_path = m->blob;
    }
    if (slash)
        (void)snprintf(m->os, sizeof(m->os), "%.*s", (int)(slash - c->platform), c->platform);
    m->image = (struct wasm_image){
        .id = "sha256:image",
        .config_media_type = c->config,
        .artifact_type = c->artifact_type,
        .os = slash ? m->os : "linux",
        .architecture = slash ? slash + 1 : "amd64",
        .annotations = { &m->annotation, c->of_image ? 1 : 0 },
        .layers = m->layers,
        .layers_len = n,
        .lower_dirs = { all.items + c->first, (tars && n) || c->dirs ? dirs : 0 },
    };
    m->ask = (struct wasm_ask){
        .wanted = c->wanted,
        .variant = str_eq(c->annotation, VARIANT) ? c->of_pod : NULL,
        .handler = str_eq(c->annotation, HANDLER) ? c->of_pod : NULL,
        .args = { &c->arg, c->arg ? 1 : 0 },
        .text_format = c->text,
    };
}

static void expect(const struct one *c, const struct wasm_choice *got, bool rootfs)
{
    if (got->wasm != (c->wasm != NULL))
        fail_msg("%s: %s", c->name, got->wasm ? got->path : "native");
    if (!c->wasm)
        return;
    if (got->path[0] != '/' || !str_has_suffix(got->path, c->wasm))
        fail_msg("%s: %s", c->name, got->path);
    if (!str_eq(got->function, c->function))
        fail_msg("%s: function %s", c->name, str_or(got->function, "(none)"));
    if (got->rootfs != rootfs)
        fail_msg("%s: the root file system is its \"/\": %d", c->name, got->rootfs);
}

static void choose(const struct one *c, bool tars)
{
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    struct wasm_choice got = { .wasm = false };
    struct err err = ERR_INIT;
    struct made m;
    make_image(c, tars, &m);
    int rc = wasm_choose(&m.image, &m.ask, arena, &got, &err);
    if (rc != (c->why ? -EOPNOTSUPP : 0))
        fail_msg("%s: %d, %s", c->name, rc, rc < 0 ? err.msg : "");
    if (rc == 0)
        expect(c, &got, tars || c->rootfs);
    else if (!strstr(err.msg, c->why))
        fail_msg("%s: '%s' does not say '%s'", c->name, err.msg, c->why);
}

static void of_an_artifact_the_layer_is_the_module(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(artifacts); i++)
        choose(&artifacts[i], false);
}

static void of_an_image_the_entry_point_is_the_module(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(images); i++)
        choose(&images[i], true);
}

static void bytes_have_one_name_for_good(void **state)
{
    static const struct {
        const struct one *one;
        const char *identity;
    } cases[] = {
        { &artifacts[0], "sha256:layer" },
        { &images[0], "sha256:image:/app.wasm" },
        { &images[4], "sha256:image:/app.wasm" }, /* through a link: the same file, compiled once */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
        struct wasm_choice got;
        struct made m;
        make_image(cases[i].one, i > 0, &m);
        assert_int_equal(wasm_choose(&m.image, &m.ask, arena, &got, NULL), 0);
        assert_string_equal(got.identity, cases[i].identity);
    }
}

static void an_image_that_cannot_be_looked_into_matters_only_to_us(void **state)
{
    static const char *const nowhere = "/nowhere";
    AUTO(arena_unref) struct arena *arena = arena_new(64 * KIB);
    struct one one = { "lost", IMAGE, { TAR }, NULL, "/bin/sh", .wanted = true };
    struct wasm_choice got = { .wasm = true };
    struct err err = ERR_INIT;
    struct made m;
    (void)state;
    make_image(&one, true, &m);
    m.image.lower_dirs = (struct rt_strings){ &nowhere, 1 };
    assert_int_equal(wasm_choose(&m.image, &m.ask, arena, &got, &err), -ENOENT);
    m.ask.wanted = false;
    assert_int_equal(wasm_choose(&m.image, &m.ask, arena, &got, &err), 0);
    assert_false(got.wasm);
    make_image(&artifacts[0], false, &m);
    m.layers[0].blob_path = nowhere;
    assert_int_equal(wasm_choose(&m.image, &m.ask, arena, &got, &err), -ENOENT);
}

static void the_stores_words_are_taken_over(void **state)
{
    static const struct rt_image_layer layers[] = {
        { .media_type = TAR, .digest = "sha256:1", .lower_dir = "/l" },
        { .media_type = WASM, .digest = "sha256:2", .blob_path = "/b" },
    };
    const struct rt_label annotation = { "k", "v" };
    const char *dir = "/l";
    const struct rt_image_detail detail = {
        .image = { .id = "sha256:i", .artifact_type = "said by either" },
        .config = { .os = "wasi", .architecture = "wasm" },
        .lower_dirs = { &dir, 1 },
        .layers = layers,
        .layers_len = 2,
        .config_media_type = IMAGE,
        .artifact_type = "said by the manifest",
        .annotations = { &annotation, 1 },
    };
    AUTO(arena_unref) struct arena *arena = arena_new(4096);
    struct wasm_image image;
    (void)state;
    assert_int_equal(wasm_image_of(&detail, arena, &image, NULL), 0);
    assert_string_equal(image.id, "sha256:i");
    assert_string_equal(image.config_media_type, IMAGE);
    assert_string_equal(image.artifact_type, "said by the manifest");
    assert_string_equal(image.os, "wasi");
    assert_string_equal(image.architecture, "wasm");
    assert_string_equal(rt_label_get(&image.annotations, "k"), "v");
    assert_int_equal(image.layers_len, 2);
    assert_string_equal(image.layers[0].lower_dir, "/l");
    assert_null(image.layers[0].blob_path);
    assert_string_equal(image.layers[1].media_type, WASM);
    assert_string_equal(image.layers[1].digest, "sha256:2");
    assert_string_equal(image.layers[1].blob_path, "/b");
    assert_string_equal(image.lower_dirs.items[0], "/l");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_an_artifact_the_layer_is_the_module),
        cmocka_unit_test(of_an_image_the_entry_point_is_the_module),
        cmocka_unit_test(bytes_have_one_name_for_good),
        cmocka_unit_test(an_image_that_cannot_be_looked_into_matters_only_to_us),
        cmocka_unit_test(the_stores_words_are_taken_over),
    };
    return cmocka_run_group_tests(tests, make_files, tree_teardown);
}
