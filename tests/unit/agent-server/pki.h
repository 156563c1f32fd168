/* SPDX-License-Identifier: Apache-2.0 */
/* pki.h - authorities and certificates made on the spot. All of it asserts. */
#pragma once

struct pki_pair { /* PEM, owned */
    char *cert, *key;
};
struct pki_opts {
    const char *name;                /* common name */
    const char *groups[3];           /* organisations */
    const struct pki_pair *issuer;   /* NULL: signs itself */
    bool is_ca;
    const char *purpose;             /* OID; NULL: none is named */
    long from_s, until_s;            /* relative to now; until_s 0: an hour */
};
struct pki_pair pki_make(const struct pki_opts *o);
void pki_done(struct pki_pair *p);
