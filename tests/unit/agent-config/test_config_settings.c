/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_settings.c - the tables: every default is a value, and no field of a KubeletConfiguration is forgotten. */
#include "setting.h"

#include "test.h"

/* All fields of KubeletConfiguration, kubelet.config.k8s.io/v1beta1, of Kubernetes v1.37. */
static const char *const fields[] = {
    "enableServer",
    "staticPodPath",
    "podLogsDir",
    "syncFrequency",
    "fileCheckFrequency",
    "httpCheckFrequency",
    "staticPodURL",
    "staticPodURLHeader",
    "address",
    "port",
    "readOnlyPort",
    "tlsCertFile",
    "tlsPrivateKeyFile",
    "tlsCipherSuites",
    "tlsCurvePreferences",
    "tlsMinVersion",
    "rotateCertificates",
    "serverTLSBootstrap",
    "registryPullQPS",
    "registryBurst",
    "imagePullCredentialsVerificationPolicy",
    "preloadedImagesVerificationAllowlist",
    "eventRecordQPS",
    "eventBurst",
    "enableDebuggingHandlers",
    "enableContentionProfiling",
    "healthzPort",
    "healthzBindAddress",
    "oomScoreAdj",
    "clusterDomain",
    "clusterDNS",
    "streamingConnectionIdleTimeout",
    "nodeStatusUpdateFrequency",
    "nodeStatusReportFrequency",
    "nodeLeaseDurationSeconds",
    "imageMinimumGCAge",
    "imageMaximumGCAge",
    "imageGCHighThresholdPercent",
    "imageGCLowThresholdPercent",
    "volumeStatsAggPeriod",
    "kubeletCgroups",
    "systemCgroups",
    "cgroupRoot",
    "cgroupsPerQOS",
    "cgroupDriver",
    "cpuManagerPolicy",
    "singleProcessOOMKill",
    "cpuManagerPolicyOptions",
    "cpuManagerReconcilePeriod",
    "memoryManagerPolicy",
    "topologyManagerPolicy",
    "topologyManagerScope",
    "topologyManagerPolicyOptions",
    "qosReserved",
    "runtimeRequestTimeout",
    "hairpinMode",
    "maxPods",
    "podCIDR",
    "podPidsLimit",
    "resolvConf",
    "runOnce",
    "cpuCFSQuota",
    "cpuCFSQuotaPeriod",
    "nodeStatusMaxImages",
    "maxOpenFiles",
    "contentType",
    "kubeAPIQPS",
    "kubeAPIBurst",
    "serializeImagePulls",
    "maxParallelImagePulls",
    "evictionHard",
    "evictionSoft",
    "evictionSoftGracePeriod",
    "evictionPressureTransitionPeriod",
    "evictionMaxPodGracePeriod",
    "evictionMinimumReclaim",
    "mergeDefaultEvictionSettings",
    "podsPerCore",
    "enableControllerAttachDetach",
    "protectKernelDefaults",
    "makeIPTablesUtilChains",
    "iptablesMasqueradeBit",
    "iptablesDropBit",
    "featureGates",
    "failSwapOn",
    "containerLogMaxSize",
    "containerLogMaxFiles",
    "containerLogMaxWorkers",
    "containerLogMonitorInterval",
    "configMapAndSecretChangeDetectionStrategy",
    "systemReserved",
    "kubeReserved",
    "reservedSystemCPUs",
    "showHiddenMetricsForVersion",
    "systemReservedCgroup",
    "kubeReservedCgroup",
    "enforceNodeAllocatable",
    "allowedUnsafeSysctls",
    "defaultPodSysctls",
    "volumePluginDir",
    "providerID",
    "kernelMemcgNotification",
    "logging",
    "enableSystemLogHandler",
    "enableSystemLogQuery",
    "shutdownGracePeriod",
    "shutdownGracePeriodCriticalPods",
    "shutdownGracePeriodByPodPriority",
    "reservedMemory",
    "enableProfilingHandler",
    "enableDebugFlagsHandler",
    "seccompDefault",
    "memoryThrottlingFactor",
    "memoryReservationPolicy",
    "registerWithTaints",
    "registerNode",
    "tracing",
    "localStorageCapacityIsolation",
    "containerRuntimeEndpoint",
    "imageServiceEndpoint",
    "failCgroupV1",
    "authentication.x509.clientCAFile",
    "authentication.webhook.enabled",
    "authentication.webhook.cacheTTL",
    "authentication.anonymous.enabled",
    "authorization.mode",
    "authorization.webhook.cacheAuthorizedTTL",
    "authorization.webhook.cacheUnauthorizedTTL",
    "memorySwap.swapBehavior",
    "crashLoopBackOff.maxContainerRestartPeriod",
    "userNamespaces.idsPerPod",
};

static const struct setting *by_path(enum setting_document document, const char *path)
{
    for (size_t i = 0; i < settings_len; i++)
        if (settings[i].document == document && str_eq(settings[i].path, path))
            return &settings[i];
    return NULL;
}

static void every_field_is_a_setting_or_said_to_be_unsupported(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        bool is_setting = by_path(DOC_KUBELET, fields[i]) != NULL;
        bool is_unsupported = unsupported_find(fields[i]) != NULL;
        if (is_setting == is_unsupported)
            fail_msg("%s is %s", fields[i], is_setting ? "in both tables" : "in no table");
    }
}

static void every_setting_of_that_document_is_a_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_len; i++) {
        bool found = settings[i].document != DOC_KUBELET;
        for (size_t k = 0; k < ARRAY_LEN(fields) && !found; k++)
            found = str_eq(fields[k], settings[i].path);
        if (!found)
            fail_msg("KubeletConfiguration has no %s", settings[i].path);
    }
}

static void every_default_is_a_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_len; i++) {
        struct config c = { 0 };
        struct err err = ERR_INIT;
        if (settings[i].fallback && setting_set(&settings[i], &c, settings[i].fallback, &err) < 0)
            fail_msg("%s: %s", settings[i].path ? settings[i].path : settings[i].flag, err.msg);
        config_done(&c);
    }
}

static void the_defaults_are_valid_together(void **state)
{
    struct config c;
    struct err err = ERR_INIT;

    (void)state;
    config_init(&c);
    if (config_validate(&c, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(c.port, 10250);
    assert_int_equal(c.authn_cache_ttl_ms, 120000);
    assert_int_equal(c.log_max_bytes, 10 << 20);
    assert_int_equal(strv_len(c.cni_bin_dirs), 2);
    assert_true(c.webhook_authn);
    assert_int_equal(strv_len(c.wasm_handlers), 1);
    assert_string_equal(c.wasm_handlers[0], "wasm");
    assert_int_equal(c.wasm_compile_bytes, 1 << 30);
    assert_int_equal(c.wasm_compile_ms, 120000);
    assert_false(c.wasm_text_format || c.wasm_local_modules || c.wasm_krustlet);
    config_done(&c);
}

static void rows_are_complete_and_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_len; i++) {
        const struct setting *s = &settings[i];
        assert_true(s->flag || s->path);
        assert_true(s->help && s->help[0]);
        assert_true((s->document == DOC_NONE) == (s->path == NULL));
        if (s->kind == SETTING_INT || s->kind == SETTING_DURATION || s->kind == SETTING_BYTES)
            assert_true(s->min < s->max);
        for (size_t k = 0; k < i; k++) {
            assert_false(s->flag && str_eq(s->flag, settings[k].flag));
            assert_false(s->path && s->document == settings[k].document && str_eq(s->path, settings[k].path));
            if (s->offset == settings[k].offset)
                fail_msg("%s and %s are one member", s->help, settings[k].help);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_a_setting_or_said_to_be_unsupported),
        cmocka_unit_test(every_setting_of_that_document_is_a_field),
        cmocka_unit_test(every_default_is_a_value),
        cmocka_unit_test(the_defaults_are_valid_together),
        cmocka_unit_test(rows_are_complete_and_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
