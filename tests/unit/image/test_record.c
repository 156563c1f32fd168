/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "record.h"

#define X16(c) c c c c c c c c c c c c c c c c
#define HEX(c) X16(c c c c)
#define ID(c)  "sha256:" HEX(c)

static struct snapshot *image(const char *id, const char *tag, const char *digest, const char *user)
{
    static const struct image_layer_record layers[] = {
        { .media_type = "tar", .digest = ID("1"), .size = 1, .diff_id = ID("2"), .chain = ID("2") },
        { .media_type = "application/wasm", .digest = ID("3"), .size = 2 },
        { .media_type = "tar", .digest = ID("4"), .size = 3, .diff_id = ID("5"), .chain = ID("6") },
    };
    struct image_spec spec = { .config = { .user = user } };
    struct image_record r = {
        .id = id,
        .config_digest = id,
        .tags = { &tag, tag ? 1 : 0 },
        .digests = { &digest, digest ? 1 : 0 },
        .layers = { layers, ARRAY_LEN(layers) },
        .unsynced_boot = "boot",
    };
    return snapshot_new("/root", &r, NULL, &spec);
}

static const char *names(const struct snapshot *s)
{
    static char text[512];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < s->detail.image.repo_tags.len; i++)
        n +=
            (size_t)snprintf(text + n, sizeof(text) - n, "%s ", s->detail.image.repo_tags.items[i]);
    for (size_t i = 0; i < s->detail.image.repo_digests.len; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s ",
                              s->detail.image.repo_digests.items[i]);
    return text;
}

static void lower_directories_are_topmost_first(void **state)
{
    AUTO(snapshot_unref) struct snapshot *s = image(ID("a"), "t", NULL, NULL);
    (void)state;
    assert_int_equal(s->detail.lower_dirs.len, 2);
    assert_string_equal(s->detail.lower_dirs.items[0], "/root/layers/666666666666666666666666/fs");
    assert_string_equal(s->detail.lower_dirs.items[1], "/root/layers/222222222222222222222222/fs");
    assert_string_equal(s->detail.layers[1].blob_path, "/root/blobs/sha256/" HEX("3"));
    assert_null(s->detail.layers[0].blob_path);
    assert_null(s->detail.layers[1].lower_dir);
}

static void a_user_is_a_number_or_a_name(void **state)
{
    static const struct {
        const char *user;
        bool has_uid;
        int64_t uid;
        const char *name;
    } cases[] = {
        { NULL, false, 0, NULL },   { "", false, 0, NULL },
        { "0", true, 0, NULL },     { "1000:2000", true, 1000, NULL },
        { "web", false, 0, "web" }, { "web:group", false, 0, "web" },
        { ":5", false, 0, NULL },   { "4294967296", false, 0, "4294967296" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(snapshot_unref) struct snapshot *s = image(ID("a"), NULL, NULL, cases[i].user);
        assert_int_equal(s->detail.image.has_uid, cases[i].has_uid);
        if (cases[i].has_uid)
            assert_int_equal(s->detail.image.uid, cases[i].uid);
        assert_true(str_eq(s->detail.image.username, cases[i].name));
    }
}

static void a_tag_moves_and_digests_stay(void **state)
{
    struct image_set none = { NULL, 0 };
    struct image_set one = image_set_with(
        &none, image(ID("a"), "docker.io/library/x:latest", "docker.io/library/x@" ID("d"), NULL));
    struct image_set two = image_set_with(
        &one, image(ID("b"), "docker.io/library/x:latest", "docker.io/library/x@" ID("e"), NULL));
    (void)state;
    assert_int_equal(two.len, 2);
    assert_string_equal(names(two.items[0]), "docker.io/library/x@" ID("d") " ");
    assert_string_equal(names(two.items[1]),
                        "docker.io/library/x:latest docker.io/library/x@" ID("e") " ");
    assert_string_equal(names(one.items[0]),
                        "docker.io/library/x:latest docker.io/library/x@" ID("d") " ");
    assert_string_equal(two.items[0]->record.unsynced_boot, "boot");
    image_set_done(&one);
    assert_string_equal(image_set_find(&two, "x")->record.id, ID("b"));
    assert_string_equal(image_set_find(&two, "x@" ID("d"))->record.id, ID("a"));
    image_set_done(&two);
}

static void of_one_index_the_entry_pulled_last_has_its_names(void **state)
{
#define TAG    "docker.io/h/x:1"
#define DIGEST "docker.io/h/x@" ID("d")
    struct image_set none = { NULL, 0 };
    struct image_set one = image_set_with(&none, image(ID("a"), TAG, DIGEST, NULL));
    struct image_set two = image_set_with(&one, image(ID("b"), TAG, DIGEST, NULL));
    struct image_set back = image_set_with(&two, image(ID("a"), NULL, DIGEST, NULL));
    (void)state;
    assert_string_equal(image_set_find(&two, TAG)->record.id, ID("b"));
    assert_string_equal(image_set_find(&two, DIGEST)->record.id, ID("b"));
    assert_string_equal(names(two.items[0]), "");
    assert_string_equal(image_set_find(&back, TAG)->record.id, ID("b"));
    assert_string_equal(image_set_find(&back, DIGEST)->record.id, ID("a"));
    image_set_done(&one);
    image_set_done(&two);
    image_set_done(&back);
}

static void what_the_manifest_says_is_handed_on(void **state)
{
    static const struct image_descriptor config = { .media_type = "t/config", .digest = ID("c") };
    static const struct json_pair annotations[] = { { "k", "v" }, { "null", NULL } };
    struct image_document manifest = { .artifact_type = "t/artifact",
                                       .config = &config,
                                       .annotations = { annotations, 2 } };
    struct image_record r = { .id = ID("a"), .config_digest = ID("c"), .manifest_digest = ID("d") };
    AUTO(snapshot_unref) struct snapshot *s = snapshot_new("/root", &r, &manifest, NULL);
    AUTO(strv_free) char **no_names = strv_new();
    AUTO(snapshot_unref) struct snapshot *renamed = snapshot_renamed(s, no_names, no_names, NULL);
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct rt_image_detail *d = i ? &renamed->detail : &s->detail;
        assert_string_equal(d->config_media_type, "t/config");
        assert_string_equal(d->artifact_type, "t/artifact");
        assert_string_equal(rt_label_get(&d->annotations, "k"), "v");
        assert_string_equal(rt_label_get(&d->annotations, "null"), "");
    }
    AUTO(snapshot_unref) struct snapshot *without = image(ID("a"), NULL, NULL, NULL);
    assert_null(without->detail.config_media_type);
    assert_int_equal(without->detail.annotations.len, 0);
}

static void the_same_image_gathers_its_names(void **state)
{
    struct image_set none = { NULL, 0 };
    struct image_set one = image_set_with(&none, image(ID("a"), "h/x:1", "h/x@" ID("d"), NULL));
    struct image_set two = image_set_with(&one, image(ID("a"), "h/x:2", "h/x@" ID("d"), NULL));
    (void)state;
    assert_int_equal(two.len, 1);
    assert_string_equal(names(two.items[0]), "h/x:1 h/x:2 h/x@" ID("d") " ");
    struct image_set synced = image_set_synced(&two);
    assert_null(synced.items[0]->record.unsynced_boot);
    assert_string_equal(names(synced.items[0]), "h/x:1 h/x:2 h/x@" ID("d") " ");
    struct image_set gone = image_set_without(&synced, ID("a"));
    assert_int_equal(gone.len, 0);
    image_set_done(&one);
    image_set_done(&two);
    image_set_done(&synced);
    image_set_done(&gone);
}

static void images_are_found_by_all_their_names(void **state)
{
    struct image_set none = { NULL, 0 };
    struct image_set one =
        image_set_with(&none, image(ID("a"), "docker.io/library/x:1", NULL, NULL));
    struct image_set set =
        image_set_with(&one, image("sha256:aaaaaaaaaaaab" HEX("c"), NULL, NULL, NULL));
    (void)state;
    assert_non_null(image_set_find(&set, ID("a")));
    assert_non_null(image_set_find(&set, HEX("a")));
    assert_non_null(image_set_find(&set, "aaaaaaaaaaaaa"));
    assert_null(image_set_find(&set, "aaaaaaaaaaaa")); /* of two */
    assert_null(image_set_find(&set, "aaaaaaaaaaa"));  /* too short */
    assert_non_null(image_set_find(&set, "x:1"));
    assert_non_null(image_set_find(&set, "docker.io/x:1"));
    assert_null(image_set_find(&set, "x"));
    assert_null(image_set_find(&set, "sha256:x"));
    assert_null(image_set_find(&set, ""));
    assert_null(image_set_find(&set, "no such:image:at all"));
    image_set_done(&one);
    image_set_done(&set);
}

static void a_file_of_the_node_is_found_by_its_reference_alone(void **state)
{
    struct image_set none = { NULL, 0 };
    struct image_set one = image_set_with(&none, image(ID("a"), "file:/a.wasm", NULL, NULL));
    struct image_set set =
        image_set_with(&one, image(ID("b"), "docker.io/fs/a.wasm:latest", NULL, NULL));
    (void)state;
    assert_string_equal(image_set_find(&set, "file:/a.wasm")->record.id, ID("a"));
    assert_null(image_set_find(&set, "file:///a.wasm"));
    assert_null(image_set_find(&set, "fs/a.wasm"));
    assert_string_equal(image_set_find(&set, "docker.io/fs/a.wasm")->record.id, ID("b"));
    image_set_done(&one);
    image_set_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lower_directories_are_topmost_first),
        cmocka_unit_test(a_user_is_a_number_or_a_name),
        cmocka_unit_test(a_tag_moves_and_digests_stay),
        cmocka_unit_test(of_one_index_the_entry_pulled_last_has_its_names),
        cmocka_unit_test(what_the_manifest_says_is_handed_on),
        cmocka_unit_test(the_same_image_gathers_its_names),
        cmocka_unit_test(images_are_found_by_all_their_names),
        cmocka_unit_test(a_file_of_the_node_is_found_by_its_reference_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
