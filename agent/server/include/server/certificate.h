/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate.h - the serving certificate: given, or made by ourselves.
 */
#pragma once

struct err;

struct certificate { /* PEM, owned */
    char *cert, *key;
};
void certificate_done(struct certificate *c); /* the key is wiped */

/* Reads both files and checks that they belong together. err names the file. */
int certificate_load(const char *cert_path, const char *key_path, struct certificate *ret, struct err *err);

/* Whether there is at least one certificate in it, and nothing else. -EINVAL says why not, without a place. */
int certificate_check_authorities(const char *pem, struct err *err);

/* DIR/oarsman.crt and DIR/oarsman.key, made (P-256, self-signed, a year) when they are not there, expired, or for
 * another name. addresses: NULL-terminated. */
int certificate_self_signed(const char *dir, const char *name, const char *const *addresses, struct certificate *ret,
                            struct err *err);
