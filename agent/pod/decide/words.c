/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/words.h"

#include <stdio.h>

#include "base/arena.h"

#define NORMAL(word, reason_, format_) [word] = { .reason = reason_, .format = format_ }
#define WARNING(word, reason_, format_) [word] = { .warning = true, .reason = reason_, .format = format_ }

static const struct word_text texts[WORD_NR] = {
    NORMAL(WORD_PULLING, "Pulling", "Pulling image \"%s\""),
    NORMAL(WORD_PULLED, "Pulled",
           "Successfully pulled image \"%s\" in %s (%s including waiting). Image size: %llu bytes."),
    NORMAL(WORD_PRESENT, "Pulled",
           "Container image \"%s\" already present on machine and can be accessed by the pod"),
    WARNING(WORD_PULL_FAILED, "Failed", "Failed to pull image \"%s\": %s"),
    NORMAL(WORD_PULL_BACKOFF_EVENT, "BackOff", "Back-off pulling image \"%s\""),
    WARNING(WORD_NEVER_PULL_EVENT, "ErrImageNeverPull",
            "Container image \"%s\" is not present with pull policy of Never"),
    WARNING(WORD_IMAGE_INSPECT_EVENT, "InspectFailed", "Failed to inspect image \"%s\": %s"),
    WARNING(WORD_INVALID_IMAGE_EVENT, "InspectFailed",
            "Failed to apply default image tag \"%s\": %s"),

    NORMAL(WORD_CREATED, "Created", "Container created"),
    NORMAL(WORD_STARTED, "Started", "Container started"),
    WARNING(WORD_FAILED, "Failed", "Error: %s"),
    NORMAL(WORD_KILLING, "Killing", "Stopping container %s"),
    NORMAL(WORD_KILLING_CHANGED, "Killing", "Container %s definition changed, will be restarted"),
    WARNING(WORD_BACKOFF_EVENT, "BackOff", "Back-off restarting failed container %s in pod %s"),
    WARNING(WORD_FAILED_KILL, "FailedKillPod", "error killing pod: %s"),

    WARNING(WORD_SANDBOX_FAILED, "FailedCreatePodSandBox", "Failed to create pod sandbox: %s"),
    NORMAL(WORD_SANDBOX_CHANGED, "SandboxChanged",
           "Pod sandbox changed, it will be killed and re-created."),
    WARNING(WORD_MOUNT_FAILED, "FailedMount", "%s"),
    WARNING(WORD_NETWORK_NOT_READY, "NetworkNotReady",
            "network is not ready: container runtime network not ready: NetworkReady=false "
            "reason:NetworkPluginNotReady message:%s"),
    WARNING(WORD_UNSUPPORTED_EVENT, "Failed", "Error: %s"),
    WARNING(WORD_PULL_SECRETS, "FailedToRetrieveImagePullSecret",
            "Unable to retrieve some image pull secrets (%s); attempting to pull the image may not succeed."),
    WARNING(WORD_DNS_CONFIG, "DNSConfigForming", "%s"),
    WARNING(WORD_ENV_NAMES, "InvalidEnvironmentVariableNames", "%s"),
    WARNING(WORD_DATA_FOLDERS, "FailedToMakePodDataDirectories", "error making pod data directories: %s"),
    NORMAL(WORD_DEADLINE_EVENT, "DeadlineExceeded",
           "Pod was active on the node longer than the specified deadline"),

    NORMAL(WORD_CONTAINER_CREATING, "ContainerCreating", ""),
    NORMAL(WORD_POD_INITIALIZING, "PodInitializing", ""),
    NORMAL(WORD_CRASH_LOOP, "CrashLoopBackOff",
           "back-off %s restarting failed container=%s pod=%s"),
    NORMAL(WORD_PULL_BACKOFF, "ImagePullBackOff", "Back-off pulling image \"%s\": %s: %s"),
    NORMAL(WORD_ERR_IMAGE_PULL, "ErrImagePull", "%s"),
    NORMAL(WORD_ERR_NEVER_PULL, "ErrImageNeverPull",
           "Container image \"%s\" is not present with pull policy of Never"),
    NORMAL(WORD_INVALID_IMAGE, "InvalidImageName",
           "Failed to apply default image tag \"%s\": %s"),
    NORMAL(WORD_IMAGE_INSPECT, "ImageInspectError", "Failed to inspect image \"%s\": %s"),
    NORMAL(WORD_CONFIG_ERROR, "CreateContainerConfigError", "%s"),
    NORMAL(WORD_CREATE_ERROR, "CreateContainerError", "%s"),
    NORMAL(WORD_RUN_ERROR, "RunContainerError", "%s"),

    NORMAL(WORD_COMPLETED, "Completed", ""),
    NORMAL(WORD_ERROR, "Error", ""),
    NORMAL(WORD_START_ERROR, "StartError", "%s"),
    NORMAL(WORD_STATUS_UNKNOWN, "ContainerStatusUnknown",
           "The container could not be located when the pod was terminated"),
    NORMAL(WORD_STATUS_UNKNOWN_DELETED, "ContainerStatusUnknown",
           "The container could not be located when the pod was deleted.  The container used to be "
           "Running"),

    NORMAL(WORD_NO_SANDBOX, "PodSandboxNotReady", "no pod sandbox exists"),
    NORMAL(WORD_SANDBOX_NOT_READY, "PodSandboxNotReady", "pod sandbox is not ready"),
    NORMAL(WORD_SANDBOX_NO_ADDRESS, "PodSandboxNotReady", "pod sandbox has no IP address"),
    NORMAL(WORD_NOT_INITIALIZED, "ContainersNotInitialized",
           "containers with incomplete status: %s"),
    NORMAL(WORD_NOT_READY, "ContainersNotReady", "containers with unready status: %s"),
    NORMAL(WORD_UNKNOWN_STATUSES, "UnknownContainerStatuses", ""),
    NORMAL(WORD_POD_COMPLETED, "PodCompleted", ""),
    NORMAL(WORD_POD_FAILED, "PodFailed", ""),
    NORMAL(WORD_GATES_NOT_READY, "ReadinessGatesNotReady", "%s"),

    NORMAL(WORD_DEADLINE, "DeadlineExceeded",
           "Pod was active on the node longer than the specified deadline"),
    WARNING(WORD_EVICTED, "Evicted", "%s"),
    WARNING(WORD_NODE_SHUTDOWN, "NodeShutdown",
            "Pod was rejected as the node is shutting down."),

    WARNING(WORD_REJECTED, "", "Pod was rejected: %s"),
    WARNING(WORD_OUT_OF, "OutOf",
            "Node didn't have enough resource: %s, requested: %lld, used: %lld, capacity: %lld"),
    WARNING(WORD_NODE_AFFINITY, "NodeAffinity",
            "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"),
    WARNING(WORD_NODE_NAME, "NodeName",
            "Predicate NodeName failed: node(s) didn't match the requested node name"),
    WARNING(WORD_NODE_PORTS, "NodePorts",
            "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"),
    WARNING(WORD_TAINT, "TaintToleration",
            "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"),
    WARNING(WORD_OS_LABEL, "PodOSSelectorNodeLabelDoesNotMatch",
            "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"),
    WARNING(WORD_OS_FIELD, "PodOSNotSupported",
            "Failed to admit pod as the OS field doesn't match node OS"),
    WARNING(WORD_GROUPS_POLICY, "SupplementalGroupsPolicyNotSupported",
            "SupplementalGroupsPolicy=Strict is not supported in this node"),
    WARNING(WORD_FEATURE, "PodFeatureUnsupported",
            "Pod requires node features that are not available: %s"),
    WARNING(WORD_SYSCTL, "SysctlForbidden", "forbidden sysctl: %s"),
};

const struct word_text *word_text(enum word word)
{
    return &texts[word];
}

char *word_vmessage(enum word word, struct arena *arena, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, texts[word].format, again);
    va_end(again);
    char *message = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
    if (message)
        (void)vsnprintf(message, (size_t)len + 1, texts[word].format, ap);
    return message;
}

char *word_message(enum word word, struct arena *arena, ...)
{
    va_list ap;
    va_start(ap, arena);
    char *message = word_vmessage(word, arena, ap);
    va_end(ap);
    return message;
}
