/* SPDX-License-Identifier: Apache-2.0 */
/* A record.json that somebody has damaged; and decode(encode(x)) == x. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/str.h"
#include "record/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(pod_record_free) struct pod_record *r = NULL;
    AUTO(pod_record_free) struct pod_record *again = NULL;
    AUTO(buf_done) struct buf one = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    AUTO(buf_done) struct buf two = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    if (pod_record_decode((const char *)data, size, &r, NULL) < 0 || pod_record_encode(r, &one) < 0)
        return 0;
    if (pod_record_decode(buf_str(&one), one.len, &again, NULL) < 0 || pod_record_encode(again, &two) < 0 ||
        !str_eq(buf_str(&one), buf_str(&two)))
        abort();
    return 0;
}
