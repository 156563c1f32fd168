/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unsupported.c - the fields of a KubeletConfiguration that this agent does not honour, and what it says.
 *
 * A row whose absence could hurt (security, a promise to pods) refuses; one that only tunes something we do not
 * have warns. Values that ask for nothing pass in silence.
 */
#include "setting.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define WARN(path_, harmless_, reason_) { .path = (path_), .harmless = (harmless_), .reason = (reason_) }
#define REFUSE(path_, harmless_, reason_)                                                         \
    { .path = (path_), .harmless = (harmless_), .refuse = true, .reason = (reason_) }

static const struct unsupported table[] = {
    REFUSE("authentication.anonymous.enabled", "false", "anonymous access to the kubelet API is not offered"),
    REFUSE("readOnlyPort", "0", "there is no port without authentication"),
    REFUSE("staticPodURL", "", "static pods are not run yet"),
    REFUSE("serverTLSBootstrap", "false", "serving certificates cannot be requested from the cluster yet"),
    REFUSE("cpuManagerPolicy", "none", "exclusive cpus cannot be given yet"),
    REFUSE("memoryManagerPolicy", "None", "memory cannot be pinned yet"),
    REFUSE("topologyManagerPolicy", "none", "topology cannot be aligned yet"),
    REFUSE("reservedSystemCPUs", "", "cpus cannot be set apart yet"),
    REFUSE("protectKernelDefaults", "false", "the agent never changes kernel settings of the node, nor checks them"),
    REFUSE("runOnce", "false", "use \"oarsman play\""),
    REFUSE("memorySwap.swapBehavior", "NoSwap", "pods cannot use swap yet"),
    REFUSE("imagePullCredentialsVerificationPolicy", "NeverVerify", "only NeverVerify is done yet"),
    REFUSE("cgroupsPerQOS", "true", "pods are always in cgroups by class of service"),
    REFUSE("kubeReservedCgroup", "", "cgroups of the system are left alone"),
    REFUSE("systemReservedCgroup", "", "cgroups of the system are left alone"),
    REFUSE("defaultPodSysctls", "", "sysctls come from the pod alone"),
    WARN("rotateCertificates", "false", "client certificates are not renewed yet"),
    WARN("syncFrequency", "*", NULL),
    WARN("httpCheckFrequency", "*", NULL),
    WARN("staticPodPath", "", "static pods are not run yet"),
    WARN("fileCheckFrequency", "*", NULL),
    WARN("staticPodURLHeader", "", "static pods are not run yet"),
    WARN("runtimeRequestTimeout", "0s|2m0s|2m|15m0s|15m", "operations of the runtime have bounds of their own"),
    WARN("tlsCipherSuites", "", "the TLS library's own order is used"),
    WARN("tlsCurvePreferences", "", "the TLS library's own order is used"),
    WARN("tlsMinVersion", "VersionTLS12", "TLS 1.2 and 1.3 are offered"),
    WARN("preloadedImagesVerificationAllowlist", "", "image credentials are not verified yet"),
    WARN("enableDebuggingHandlers", "true", "handlers cannot be switched off"),
    WARN("enableContentionProfiling", "false", "there is no profiling handler"),
    WARN("oomScoreAdj", "*", NULL),
    WARN("streamingConnectionIdleTimeout", "*", NULL),
    WARN("imageMinimumGCAge", "0s|2m0s|2m", "images are not collected yet"),
    WARN("imageMaximumGCAge", "0s", "images are not collected yet"),
    WARN("imageGCHighThresholdPercent", "100|85", "images are not collected yet"),
    WARN("imageGCLowThresholdPercent", "80|99", "images are not collected yet"),
    WARN("volumeStatsAggPeriod", "0s|1m0s|1m", "volume statistics are not served yet"),
    WARN("kubeletCgroups", "", "the agent stays in the cgroup it is started in"),
    WARN("systemCgroups", "", "cgroups of the system are left alone"),
    WARN("singleProcessOOMKill", "", "the kernel's default holds"),
    WARN("cpuManagerPolicyOptions", "", "exclusive cpus cannot be given yet"),
    WARN("cpuManagerReconcilePeriod", "0s|10s", "exclusive cpus cannot be given yet"),
    WARN("topologyManagerScope", "container|pod", "topology cannot be aligned yet"),
    WARN("topologyManagerPolicyOptions", "", "topology cannot be aligned yet"),
    WARN("qosReserved", "", "requests are not reserved by class of service"),
    WARN("hairpinMode", "hairpin-veth|promiscuous-bridge|none", NULL),
    WARN("maxOpenFiles", "*", NULL),
    WARN("contentType", "*", NULL),
    WARN("evictionSoft", "", "pods are not evicted yet"),
    WARN("evictionSoftGracePeriod", "", "pods are not evicted yet"),
    WARN("evictionPressureTransitionPeriod", "0s|5m0s|5m", "pods are not evicted yet"),
    WARN("evictionMaxPodGracePeriod", "0", "pods are not evicted yet"),
    WARN("evictionMinimumReclaim", "", "pods are not evicted yet"),
    WARN("mergeDefaultEvictionSettings", "false", "pods are not evicted yet"),
    WARN("podsPerCore", "0", "use maxPods"),
    WARN("enableControllerAttachDetach", "true", "volumes are attached by the controller alone"),
    WARN("makeIPTablesUtilChains", "false|true", NULL),
    WARN("iptablesMasqueradeBit", "*", NULL),
    WARN("iptablesDropBit", "*", NULL),
    WARN("featureGates", "", "there are no feature gates"),
    WARN("failSwapOn", "false|true", NULL),
    WARN("containerLogMaxWorkers", "*", NULL),
    WARN("configMapAndSecretChangeDetectionStrategy", "Watch", "objects are watched"),
    WARN("showHiddenMetricsForVersion", "", "there are no hidden metrics"),
    WARN("enforceNodeAllocatable", "none", "pods are limited each, not all together"),
    WARN("volumePluginDir", "*", NULL),
    WARN("kernelMemcgNotification", "false", "pods are not evicted yet"),
    WARN("logging", "*", NULL),
    WARN("enableSystemLogHandler", "false|true", NULL),
    WARN("enableSystemLogQuery", "false", "node logs are not served yet"),
    WARN("shutdownGracePeriod", "0s", "the node's shutdown is not delayed yet"),
    WARN("shutdownGracePeriodCriticalPods", "0s", "the node's shutdown is not delayed yet"),
    WARN("shutdownGracePeriodByPodPriority", "", "the node's shutdown is not delayed yet"),
    WARN("reservedMemory", "", "memory cannot be pinned yet"),
    WARN("enableProfilingHandler", "*", NULL),
    WARN("enableDebugFlagsHandler", "*", NULL),
    WARN("memoryThrottlingFactor", "*", NULL),
    WARN("memoryReservationPolicy", "None", "memory is not reserved"),
    WARN("tracing", "", "traces are not sent"),
    WARN("localStorageCapacityIsolation", "false", "use of local storage is not measured yet"),
    WARN("containerRuntimeEndpoint", "", "containers are run by this agent itself"),
    WARN("imageServiceEndpoint", "", "images are kept by this agent itself"),
    WARN("failCgroupV1", "*", NULL),
    WARN("userNamespaces", "", "user namespaces cannot be given yet"),
};

bool unsupported_below(const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strncmp(table[i].path, path, len) && table[i].path[len] == '.')
            return true;
    return false;
}

const struct unsupported *unsupported_find(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        size_t len = strlen(table[i].path);
        if (!strncmp(path, table[i].path, len) && (path[len] == '\0' || path[len] == '.' || path[len] == '['))
            return &table[i];
    }
    return NULL;
}
