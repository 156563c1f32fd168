/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c - a filter for a proxy (proxy-wasm), as such artifacts are in the same registries: not a
 * program to run.
 *
 * Flags: -nostdlib -Wl,--no-entry
 */
__attribute__((import_module("env"), import_name("proxy_log"))) int
proxy_log(int level, const char *text, int len);

__attribute__((export_name("proxy_abi_version_0_2_0"))) void proxy_abi_version_0_2_0(void)
{
}

__attribute__((export_name("proxy_on_request_headers"))) int
proxy_on_request_headers(int context, int headers, int last)
{
    (void)context;
    (void)last;
    return proxy_log(2, "seen\n", headers > 0 ? 5 : 4);
}
