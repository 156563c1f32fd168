/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

/* Builds the environment of the container with these fields; fails the test on an error unless message is given. */
static void build(struct env *e, const char *container, const char **ret_skipped, const char *message)
{
    const struct k8s_pod *pod = pod_with_container(container);
    struct err err = ERR_INIT;

    env_init(e, arena);
    int r = env_build(e, pod, &pod->spec.containers.items[0], &facts, &fetched, ret_skipped, &err);
    if (!message && r < 0)
        fail_msg("%s", err.msg);
    if (message) {
        assert_true(r < 0);
        assert_string_equal(err.msg, message);
        assert_string_equal(err.reason, "CreateContainerConfigError");
    }
}

static void later_sources_win(void **state)
{
    const char *skipped = NULL;
    struct env e;

    (void)state;
    build(&e,
          "\"envFrom\":[{\"configMapRef\":{\"name\":\"cm\"}},{\"secretRef\":{\"name\":\"se\"}},"
          "{\"prefix\":\"P_\",\"configMapRef\":{\"name\":\"cm\"}}],"
          "\"env\":[{\"name\":\"PLAIN\",\"value\":\"env\"},{\"name\":\"X\",\"value\":\"1\"},{\"name\":\"X\",\"value\":\"$(X)2\"}],",
          &skipped, NULL);
    assert_string_equal(env_get(&e, "A"), "from se");
    assert_string_equal(env_get(&e, "P_A"), "from cm");
    assert_string_equal(env_get(&e, "odd.key-1"), "odd");
    assert_string_equal(env_get(&e, "E"), "");
    assert_string_equal(env_get(&e, "RAW"), "\x80\xff");
    assert_string_equal(env_get(&e, "PLAIN"), "env");
    assert_string_equal(env_get(&e, "X"), "12");
    assert_null(env_get(&e, "bad=key"));
    assert_string_equal(skipped,
                        "Keys [bad=key] from the EnvFrom configMap ns/cm were skipped since they are considered invalid "
                        "environment variable names. Keys [P_bad=key] from the EnvFrom configMap ns/cm were skipped since they "
                        "are considered invalid environment variable names.");
    env_done(&e);
}

static void references_see_what_stands_before_them(void **state)
{
    const char *skipped = NULL;
    struct env e;

    (void)state;
    build(&e,
          "\"envFrom\":[{\"configMapRef\":{\"name\":\"cm\"}}],"
          "\"env\":[{\"name\":\"EARLY\",\"value\":\"$(LATE)\"},{\"name\":\"LATE\",\"value\":\"late\"},"
          "{\"name\":\"AGAIN\",\"value\":\"$(LATE) $(A) $(MY_DB_SERVICE_HOST)\"},"
          "{\"name\":\"NAME\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"metadata.name\"}}},"
          "{\"name\":\"HELLO\",\"value\":\"hello $(NAME)\"}],",
          &skipped, NULL);
    assert_string_equal(env_get(&e, "EARLY"), "$(LATE)");
    assert_string_equal(env_get(&e, "AGAIN"), "late from cm 10.96.0.9");
    assert_string_equal(env_get(&e, "HELLO"), "hello p");
    assert_string_equal(skipped, "Keys [bad=key] from the EnvFrom configMap ns/cm were skipped since they are considered invalid "
                                 "environment variable names.");
    env_done(&e);
}

static void every_kind_of_source(void **state)
{
    const char *skipped = NULL;
    struct env e;

    (void)state;
    build(&e,
          "\"resources\":{\"limits\":{\"cpu\":\"2\"}},"
          "\"env\":[{\"name\":\"F\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"spec.nodeName\"}}},"
          "{\"name\":\"R\",\"valueFrom\":{\"resourceFieldRef\":{\"resource\":\"limits.cpu\"}}},"
          "{\"name\":\"C\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"cm\",\"key\":\"A\"}}},"
          "{\"name\":\"S\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"se\",\"key\":\"A\"}}},"
          "{\"name\":\"T\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"se\",\"key\":\"PLAIN\"}}},"
          "{\"name\":\"OPT\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"no\",\"key\":\"k\",\"optional\":true}}},"
          "{\"name\":\"OPT2\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"se\",\"key\":\"no\",\"optional\":true}}},"
          "{\"name\":\"NONE\"}],",
          &skipped, NULL);
    assert_string_equal(env_get(&e, "F"), "n1");
    assert_string_equal(env_get(&e, "R"), "2");
    assert_string_equal(env_get(&e, "C"), "from cm");
    assert_string_equal(env_get(&e, "S"), "from se");
    assert_string_equal(env_get(&e, "T"), "text");
    assert_null(env_get(&e, "OPT"));
    assert_null(env_get(&e, "OPT2"));
    assert_string_equal(env_get(&e, "NONE"), "");
    assert_string_equal(skipped, "");
    env_done(&e);
}

static void what_is_missing_is_said(void **state)
{
    static const struct {
        const char *container, *message;
    } cases[] = {
        { "\"envFrom\":[{\"configMapRef\":{\"name\":\"no\"}}],", "configmap \"no\" not found" },
        { "\"envFrom\":[{\"secretRef\":{\"name\":\"no\"}}],", "secret \"no\" not found" },
        { "\"env\":[{\"name\":\"X\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"no\",\"key\":\"k\"}}}],",
          "configmap \"no\" not found" },
        { "\"env\":[{\"name\":\"X\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"no\",\"key\":\"k\"}}}],", "secret \"no\" not found" },
        { "\"env\":[{\"name\":\"X\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"cm\",\"key\":\"k\"}}}],",
          "couldn't find key k in ConfigMap ns/cm" },
        { "\"env\":[{\"name\":\"X\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"se\",\"key\":\"k\"}}}],",
          "couldn't find key k in Secret ns/se" },
        { "\"env\":[{\"name\":\"X\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"x.y\"}}}],", "unsupported fieldPath: x.y" },
        { "\"env\":[{\"name\":\"X\",\"valueFrom\":{\"resourceFieldRef\":{\"resource\":\"limits.cpu\",\"containerName\":\"no\"}}}],",
          "container no not found" },
        { "\"env\":[{\"name\":\"X\",\"valueFrom\":{\"fileKeyRef\":{\"volumeName\":\"v\",\"path\":\"p\",\"key\":\"k\"}}}],",
          "fileKeyRef is not supported by this node" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *skipped = NULL;
        struct env e;
        build(&e, cases[i].container, &skipped, cases[i].message);
        env_done(&e);
    }
}

static void optional_sources_may_be_missing(void **state)
{
    const char *skipped = NULL;
    struct env e;

    (void)state;
    build(&e, "\"envFrom\":[{\"configMapRef\":{\"name\":\"no\",\"optional\":true}},{\"secretRef\":{\"name\":\"no\",\"optional\":true}}],",
          &skipped, NULL);
    assert_string_equal(skipped, "");
    env_done(&e);
}

static void names_are_unique_and_in_order(void **state)
{
    const char *skipped = NULL;
    struct env e;

    (void)state;
    build(&e, "\"env\":[{\"name\":\"B\",\"value\":\"1\"},{\"name\":\"A\",\"value\":\"2\"},{\"name\":\"B\",\"value\":\"3\"}],", &skipped, NULL);
    assert_string_equal(e.items[0].name, "B");
    assert_string_equal(e.items[0].value, "3");
    assert_string_equal(e.items[1].name, "A");
    for (size_t i = 0; i < e.len; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(e.items[i].name, e.items[k].name);
    env_done(&e);
}

static void an_environment_has_a_limit(void **state)
{
    AUTO(arena_unref) struct arena *small = arena_new(4096);
    AUTO(free) char *big = xmalloc(8193);
    struct env e;
    struct err err = ERR_INIT;

    (void)state;
    memset(big, 'x', 8192);
    big[8192] = '\0';
    env_init(&e, small);
    assert_int_equal(env_set(&e, "A", "1", &err), 0);
    assert_int_equal(env_set(&e, "B", big, &err), -E2BIG);
    assert_string_equal(err.reason, "CreateContainerConfigError");
    assert_null(env_get(&e, "B"));
    env_done(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(references_see_what_stands_before_them),
        cmocka_unit_test(every_kind_of_source),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(optional_sources_may_be_missing),
        cmocka_unit_test(names_are_unique_and_in_order),
        cmocka_unit_test(an_environment_has_a_limit),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
