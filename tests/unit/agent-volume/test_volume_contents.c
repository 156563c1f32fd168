/* SPDX-License-Identifier: Apache-2.0 */
/* test_volume_contents.c - ConfigMaps, Secrets, fields and tokens as files. Pure. */
#include "kind.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/config_map.h"
#include "k8s/object.h"
#include "k8s/secret.h"
#include "k8s/token_request.h"

static struct k8s_object *decode(const struct json_type *type, const char *json)
{
    struct k8s_object *o = NULL;
    struct err err = ERR_INIT;

    if (k8s_decode(type, json, strlen(json), &o, &err) < 0)
        fail_msg("%s", err.msg);
    return o;
}

static struct k8s_object *objects[4];
static struct fetched fetched[] = {
    { .kind = REFERENCE_CONFIG_MAP, .name = "cm" },
    { .kind = REFERENCE_SECRET, .name = "se" },
    { .kind = REFERENCE_TOKEN, .expiration_s = 3600 },
    { .kind = REFERENCE_TOKEN, .audience = "vault", .expiration_s = 600 },
};
static const struct fetched_set set = { .items = fetched, .len = ARRAY_LEN(fetched) };
static const struct pod_facts facts = { .node_name = "n1" };

static int setup(void **state)
{
    (void)state;
    objects[0] = decode(&k8s_config_map_type, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"one\",\"b\":\"two\"},"
                                              "\"binaryData\":{\"bin\":\"AP8=\"}}");
    objects[1] = decode(&k8s_secret_type, "{\"metadata\":{\"name\":\"se\"},\"data\":{\"key\":\"c2VjcmV0\"},"
                                          "\"stringData\":{\"plain\":\"text\"}}");
    objects[2] = decode(&k8s_token_request_type, "{\"status\":{\"token\":\"tok\"}}");
    objects[3] = decode(&k8s_token_request_type, "{\"status\":{\"token\":\"vaulted\"}}");
    for (size_t i = 0; i < ARRAY_LEN(objects); i++)
        fetched[i].object = objects[i];
    return 0;
}
static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(objects); i++)
        k8s_object_unref(objects[i]);
    return 0;
}

/* The payload of the only projected source, or the message of what is wrong with it. */
static char *project(const char *spec, const char *source, struct payload *ret)
{
    AUTO(free) char *json = xasprintf("{\"metadata\":{\"name\":\"p\",\"namespace\":\"ns\",\"uid\":\"u\",\"labels\":{\"x\":\"y\"}},"
                                      "\"spec\":{%s\"volumes\":[{\"name\":\"v\",\"projected\":{\"sources\":[%s]}}]}}",
                                      spec, source);
    struct k8s_object *o = decode(&k8s_pod_type, json);
    const struct k8s_pod *pod = K8S_OBJECT_AS(o, k8s_pod);
    const struct k8s_volume_projection *p = &pod->spec.volumes.items[0].projected->sources.items[0];
    const struct volume_request req = { .root_dir = "/r", .pod = pod, .facts = &facts, .fetched = &set };
    const struct payload_args a = { .req = &req, .payload = ret, .mode = 0640 };
    struct err err = ERR_INIT;
    int r = 0;

    if (p->config_map)
        r = payload_add_config_map(&a, p->config_map->name, p->config_map->optional.value, p->config_map->items.items,
                                   p->config_map->items.len, &err);
    else if (p->secret)
        r = payload_add_secret(&a, p->secret->name, p->secret->optional.value, p->secret->items.items, p->secret->items.len,
                               &err);
    else if (p->downward_api)
        r = payload_add_downward_api(&a, p->downward_api->items.items, p->downward_api->items.len, &err);
    else
        r = payload_add_token(&a, p->service_account_token, &err);
    k8s_object_unref(o);
    return xstrdup(r < 0 ? err.msg : "");
}

static void assert_file(const struct payload *p, const char *path, const char *data, size_t len, mode_t mode)
{
    const struct payload_file *f = payload_find(p, path);

    if (!f)
        fail_msg("no file %s", path);
    assert_int_equal(f->len, len);
    assert_memory_equal(f->data, data, len);
    assert_int_equal(f->mode, mode);
}

static void all_keys_or_those_listed(void **state)
{
    AUTO(payload_done) struct payload all = { 0 }, some = { 0 }, secret = { 0 };

    (void)state;
    AUTO(free) char *e1 = project("", "{\"configMap\":{\"name\":\"cm\"}}", &all);
    assert_string_equal(e1, "");
    assert_int_equal(all.len, 3);
    assert_file(&all, "a", "one", 3, 0640);
    assert_file(&all, "bin", "\0\xff", 2, 0640);
    AUTO(free) char *e2 =
        project("", "{\"configMap\":{\"name\":\"cm\",\"items\":[{\"key\":\"b\",\"path\":\"x/y\",\"mode\":256}]}}", &some);
    assert_string_equal(e2, "");
    assert_int_equal(some.len, 1);
    assert_file(&some, "x/y", "two", 3, 0400);
    AUTO(free) char *e3 = project("", "{\"secret\":{\"name\":\"se\"}}", &secret);
    assert_string_equal(e3, "");
    assert_file(&secret, "key", "secret", 6, 0640);
    assert_file(&secret, "plain", "text", 4, 0640);
}

static void what_is_missing_is_said_in_the_kubelets_words(void **state)
{
    static const struct {
        const char *source, *message;
    } cases[] = {
        { "{\"configMap\":{\"name\":\"no\"}}", "configmap \"no\" not found" },
        { "{\"configMap\":{\"name\":\"no\",\"optional\":true}}", "" },
        { "{\"configMap\":{\"name\":\"cm\",\"items\":[{\"key\":\"z\",\"path\":\"z\"}]}}", "configmap references non-existent config key: z" },
        { "{\"configMap\":{\"name\":\"cm\",\"optional\":true,\"items\":[{\"key\":\"z\",\"path\":\"z\"}]}}", "" },
        { "{\"secret\":{\"name\":\"no\"}}", "secret \"no\" not found" },
        { "{\"secret\":{\"name\":\"se\",\"items\":[{\"key\":\"z\",\"path\":\"z\"}]}}", "references non-existent secret key: z" },
        { "{\"configMap\":{\"name\":\"cm\",\"items\":[{\"key\":\"a\",\"path\":\"../x\"}]}}",
          "invalid path \"../x\": must be relative, without \"..\"" },
        { "{\"downwardAPI\":{\"items\":[{\"path\":\"f\",\"fieldRef\":{\"fieldPath\":\"spec.nonsense\"}}]}}",
          "unsupported fieldPath: spec.nonsense" },
        { "{\"serviceAccountToken\":{\"path\":\"t\",\"expirationSeconds\":77}}",
          "failed to fetch token: there is no API server to ask" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(payload_done) struct payload p = { 0 };
        AUTO(free) char *message = project("", cases[i].source, &p);
        assert_string_equal(message, cases[i].message);
    }
}

static void fields_are_files(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };

    (void)state;
    AUTO(free) char *e = project("",
                                 "{\"downwardAPI\":{\"items\":[{\"path\":\"name\",\"fieldRef\":{\"fieldPath\":\"metadata.name\"}},"
                                 "{\"path\":\"labels\",\"mode\":292,\"fieldRef\":{\"fieldPath\":\"metadata.labels\"}}]}}",
                                 &p);
    assert_string_equal(e, "");
    assert_file(&p, "name", "p", 1, 0640);
    assert_file(&p, "labels", "x=\"y\"", 5, 0444);
}

static void a_token_belongs_to_the_one_user_of_all_containers(void **state)
{
    static const struct {
        const char *spec;
        mode_t mode;
        bool has_uid;
    } cases[] = {
        { "", 0640, false },
        { "\"containers\":[{\"name\":\"a\"}],", 0640, false },
        { "\"securityContext\":{\"runAsUser\":7},\"containers\":[{\"name\":\"a\"}],", 0600, true },
        { "\"containers\":[{\"name\":\"a\",\"securityContext\":{\"runAsUser\":7}},"
          "{\"name\":\"b\",\"securityContext\":{\"runAsUser\":7}}],", 0600, true },
        { "\"containers\":[{\"name\":\"a\",\"securityContext\":{\"runAsUser\":7}},"
          "{\"name\":\"b\",\"securityContext\":{\"runAsUser\":8}}],", 0640, false },
        { "\"initContainers\":[{\"name\":\"i\"}],"
          "\"containers\":[{\"name\":\"a\",\"securityContext\":{\"runAsUser\":7}}],", 0640, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(payload_done) struct payload p = { 0 };
        AUTO(free) char *e = project(cases[i].spec, "{\"serviceAccountToken\":{\"path\":\"t\"}}", &p);
        assert_string_equal(e, "");
        assert_file(&p, "t", "tok", 3, cases[i].mode);
        assert_int_equal(p.files[0].has_uid, cases[i].has_uid);
        if (cases[i].has_uid)
            assert_int_equal(p.files[0].uid, 7);
    }
}

static void tokens_are_told_apart_by_audience_and_life(void **state)
{
    AUTO(payload_done) struct payload p = { 0 };

    (void)state;
    AUTO(free) char *e = project("", "{\"serviceAccountToken\":{\"path\":\"t\",\"audience\":\"vault\",\"expirationSeconds\":600}}", &p);
    assert_string_equal(e, "");
    assert_file(&p, "t", "vaulted", 7, 0640);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_keys_or_those_listed),
        cmocka_unit_test(what_is_missing_is_said_in_the_kubelets_words),
        cmocka_unit_test(fields_are_files),
        cmocka_unit_test(a_token_belongs_to_the_one_user_of_all_containers),
        cmocka_unit_test(tokens_are_told_apart_by_audience_and_life),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
