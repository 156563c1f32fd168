/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "decide/status.h"
#include "fixture.h"

static void decode(const char *text, struct arena *arena, struct k8s_pod_status *ret)
{
    assert_int_equal(json_decode(&k8s_pod_status_type, text, strlen(text), NULL, arena, ret, NULL), 0);
}

static const struct {
    const char *what;
    const char *before, *after;
    bool news;
} cases[] = {
    { "the same", "{\"phase\":\"Pending\"}", "{\"phase\":\"Pending\"}", false },
    { "an address", "{\"phase\":\"Pending\"}", "{\"phase\":\"Pending\",\"podIP\":\"10.0.0.1\",\"podIPs\":[{\"ip\":\"10.0.0.1\"}]}",
      false },
    { "a condition of the sandbox",
      "{\"conditions\":[{\"type\":\"PodReadyToStartContainers\",\"status\":\"False\"}]}",
      "{\"conditions\":[{\"type\":\"PodReadyToStartContainers\",\"status\":\"True\"}]}", false },
    { "the id of a container that waits",
      "{\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"waiting\":{\"reason\":\"ContainerCreating\"}}}]}",
      "{\"containerStatuses\":[{\"name\":\"c\",\"containerID\":\"x://1\",\"state\":{\"waiting\":{\"reason\":"
      "\"ContainerCreating\"}}}]}",
      false },
    { "the first word", "{}", "{\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"c\"}]}", true },
    { "a phase", "{\"phase\":\"Pending\"}", "{\"phase\":\"Running\"}", true },
    { "a reason", "{\"phase\":\"Failed\"}", "{\"phase\":\"Failed\",\"reason\":\"Evicted\"}", true },
    { "readiness", "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\"}]}",
      "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}", true },
    { "why a container waits",
      "{\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"waiting\":{\"reason\":\"ContainerCreating\"}}}]}",
      "{\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"waiting\":{\"reason\":\"ErrImagePull\"}}}]}", true },
    { "that a container runs",
      "{\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"waiting\":{\"reason\":\"ContainerCreating\"}}}]}",
      "{\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"running\":{}}}]}", true },
    { "that it has ended", "{\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"running\":{}}}]}",
      "{\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"terminated\":{\"exitCode\":0}}}]}", true },
    { "a restart", "{\"containerStatuses\":[{\"name\":\"c\",\"restartCount\":1}]}",
      "{\"containerStatuses\":[{\"name\":\"c\",\"restartCount\":2}]}", true },
    { "an init container's end", "{\"initContainerStatuses\":[{\"name\":\"i\",\"state\":{\"running\":{}}}]}",
      "{\"initContainerStatuses\":[{\"name\":\"i\",\"state\":{\"terminated\":{\"exitCode\":0}}}]}", true },
};

static void what_somebody_waits_for_is_news_and_the_rest_is_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(1 << 16);
        struct k8s_pod_status before, after;

        decode(cases[i].before, arena, &before);
        decode(cases[i].after, arena, &after);
        if (pod_status_is_news(&before, &after) != cases[i].news)
            fail_msg("%s", cases[i].what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_somebody_waits_for_is_news_and_the_rest_is_not) };

    return cmocka_run_group_tests_name("status_news", tests, NULL, NULL);
}
