/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sanitized.h - is this a build with sanitizers? Their own system calls and memory are beyond what is allowed here.
 */
#pragma once

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) ||               \
    __has_feature(thread_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
