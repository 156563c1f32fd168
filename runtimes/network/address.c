/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

enum { PREFIX_MIN = 8, PREFIX_MAX = 29 };

int address_parse(const char *text, uint32_t *ret)
{
    struct in_addr in;
    if (inet_pton(AF_INET, text, &in) != 1)
        return -EINVAL;
    *ret = ntohl(in.s_addr);
    return 0;
}

void address_text(uint32_t address, char out[ADDRESS_TEXT_BYTES])
{
    struct in_addr in = { .s_addr = htonl(address) };
    (void)inet_ntop(AF_INET, &in, out, ADDRESS_TEXT_BYTES);
}

int address_range_parse(const char *cidr, struct address_range *ret, struct err *err)
{
    char text[ADDRESS_TEXT_BYTES];
    const char *slash = strchr(cidr, '/');
    int64_t prefix_len;
    uint32_t network;
    if (!slash || (size_t)(slash - cidr) >= sizeof(text))
        return err_set(err, -EINVAL,
                       "network range \"%.64s\": expected an IPv4 range such as 10.85.0.0/16",
                       cidr);
    memcpy(text, cidr, (size_t)(slash - cidr));
    text[slash - cidr] = '\0';
    if (address_parse(text, &network) < 0 || str_to_i64(slash + 1, 0, 32, &prefix_len) < 0)
        return err_set(err, -EINVAL,
                       "network range \"%.64s\": expected an IPv4 range such as 10.85.0.0/16",
                       cidr);
    if (prefix_len < PREFIX_MIN || prefix_len > PREFIX_MAX)
        return err_set(err, -EINVAL,
                       "network range \"%.64s\": the prefix must be between /%d and /%d", cidr,
                       PREFIX_MIN, PREFIX_MAX);
    uint32_t host_bits = UINT32_MAX >> prefix_len;
    if (network & host_bits)
        return err_set(err, -EINVAL, "network range \"%.64s\": has bits set beyond its prefix",
                       cidr);
    *ret = (struct address_range){
        .network = network,
        .gateway = network + 1,
        .first = network + 2,
        .last = network + host_bits - 1,
        .prefix_len = (unsigned)prefix_len,
    };
    return 0;
}

bool address_range_has(const struct address_range *r, uint32_t address)
{
    return address >= r->first && address <= r->last;
}

/* First free address in [from, to]: walks the taken ones until it meets a gap. */
static bool find_free(const uint32_t *used, size_t used_len, uint32_t from, uint32_t to,
                      uint32_t *ret)
{
    size_t lo = 0, hi = used_len;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (used[mid] < from)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; from <= to; from++) {
        while (lo < used_len && used[lo] < from)
            lo++;
        if (lo == used_len || used[lo] != from) {
            *ret = from;
            return true;
        }
    }
    return false;
}

int address_next(const struct address_range *r, const uint32_t *used, size_t used_len,
                 uint32_t after, uint32_t *ret)
{
    uint32_t from = after >= r->first && after < r->last ? after + 1 : r->first;
    if (find_free(used, used_len, from, r->last, ret))
        return 0;
    return from > r->first && find_free(used, used_len, r->first, from - 1, ret) ? 0 : -ENOSPC;
}
