/* SPDX-License-Identifier: Apache-2.0 */
/*
 * challenge.h - what a registry asks for when it answers 401.
 * Spec: RFC 9110, section 11.6.1; distribution specification, token authentication
 */
#pragma once

enum challenge_kind { CHALLENGE_NONE, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
    enum challenge_kind kind; /* NONE: nothing that we can answer */
    char realm[1024];         /* for BEARER: the URL of the token server, never empty */
    char service[256], scope[1024], error[128];
};

/* The value of a WWW-Authenticate header, which may hold several challenges; bearer is preferred.
 * NULL is fine. What does not fit is left out, a realm that does not fit makes the challenge
 * unusable. Pure. */
void challenge_parse(const char *header, struct challenge *ret);
