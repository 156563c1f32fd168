/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_decode FILE… - how fast pods are decoded, against yajl's bare parse of the same bytes.
 *
 * Prints one line a file: bytes, ns of the bare parse and of k8s_decode (medians of interleaved
 * rounds), their ratio, MB/s, and the memory that the object keeps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "base/clock.h"
#include "k8s/object.h"
#include "k8s/pod.h"

#define ROUNDS      41
#define ROUND_BYTES (4 * 1024 * 1024)

static double now_ns(void)
{
    return (double)clock_boot_ns();
}

static int nothing(void *ctx)
{
    (void)ctx;
    return 1;
}
static int nothing_bool(void *ctx, int v)
{
    (void)v;
    return nothing(ctx);
}
static int nothing_number(void *ctx, const char *s, size_t len)
{
    (void)s;
    (void)len;
    return nothing(ctx);
}
static int nothing_string(void *ctx, const unsigned char *s, size_t len)
{
    (void)s;
    (void)len;
    return nothing(ctx);
}

static void parse_bare(const char *data, size_t len)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = nothing,
        .yajl_boolean = nothing_bool,
        .yajl_number = nothing_number,
        .yajl_string = nothing_string,
        .yajl_start_map = nothing,
        .yajl_map_key = nothing_string,
        .yajl_end_map = nothing,
        .yajl_start_array = nothing,
        .yajl_end_array = nothing,
    };
    yajl_handle h = yajl_alloc(&callbacks, NULL, NULL);

    if (yajl_parse(h, (const unsigned char *)data, len) != yajl_status_ok ||
        yajl_complete_parse(h) != yajl_status_ok)
        abort();
    yajl_free(h);
}

static size_t decode(const char *data, size_t len)
{
    struct k8s_object *o = NULL;
    struct err err = ERR_INIT;
    size_t bytes;

    if (k8s_decode(&k8s_pod_type, data, len, &o, &err) < 0) {
        (void)fprintf(stderr, "bench_decode: %s\n", err.msg);
        exit(1);
    }
    bytes = k8s_object_bytes(o);
    (void)k8s_object_unref(o);
    return bytes;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void bench(const char *path, const char *data, size_t len)
{
    double bare[ROUNDS], full[ROUNDS];
    size_t n = ROUND_BYTES / len + 1, bytes = 0;

    for (int r = 0; r < ROUNDS; r++) {
        double start = now_ns(), middle;

        for (size_t i = 0; i < n; i++)
            parse_bare(data, len);
        middle = now_ns();
        for (size_t i = 0; i < n; i++)
            bytes = decode(data, len);
        bare[r] = (middle - start) / (double)n;
        full[r] = (now_ns() - middle) / (double)n;
    }
    qsort(bare, ROUNDS, sizeof(bare[0]), compare);
    qsort(full, ROUNDS, sizeof(full[0]), compare);
    printf("decode %s bytes=%zu yajl_ns=%.0f decode_ns=%.0f ratio=%.2f mb_per_s=%.0f "
           "object_bytes=%zu\n",
           path, len, bare[ROUNDS / 2], full[ROUNDS / 2], bare[ROUNDS / 2] / full[ROUNDS / 2],
           (double)len * 1e3 / full[ROUNDS / 2], bytes);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        static char data[1 << 20];
        FILE *f = fopen(argv[i], "re");
        size_t len = f ? fread(data, 1, sizeof(data), f) : 0;

        if (!f || !len) {
            perror(argv[i]);
            return 1;
        }
        (void)fclose(f);
        bench(argv[i], data, len);
    }
    return 0;
}
