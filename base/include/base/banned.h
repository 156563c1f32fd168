/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned.h - functions that have no place in this tree. The build includes it before every source file of a
 * component or program; a call fails to compile with the name of what to use instead.
 *
 * A file that must have one says so where everybody sees it, with the reason on the same line:
 *   #undef fork, then a comment: the child becomes PID 1 of a new namespace
 */
#pragma once

/* Their headers come first: the names may be declared, not called. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Copies without a bound, or with one that leaves the end open. */
#undef strcpy
#define strcpy(...) BANNED_strcpy__use_xstrdup_or_buf
#undef strcat
#define strcat(...) BANNED_strcat__use_buf
#undef strncpy
#define strncpy(...) BANNED_strncpy__use_memcpy_or_xstrndup
#undef strncat
#define strncat(...) BANNED_strncat__use_buf
#undef stpcpy
#define stpcpy(...) BANNED_stpcpy__use_buf
#undef sprintf
#define sprintf(...) BANNED_sprintf__use_snprintf_or_buf_printf
#undef vsprintf
#define vsprintf(...) BANNED_vsprintf__use_vsnprintf_or_buf_vprintf
#undef gets
#define gets(...) BANNED_gets__use_file_read
#undef alloca
#define alloca(...) BANNED_alloca__use_a_bounded_array

/* Numbers from text: silent about what is not one. */
#undef atoi
#define atoi(...) BANNED_atoi__use_str_to_i64
#undef atol
#define atol(...) BANNED_atol__use_str_to_i64
#undef atoll
#define atoll(...) BANNED_atoll__use_str_to_i64
#undef atof
#define atof(...) BANNED_atof__numbers_are_exact
#undef strtol
#define strtol(...) BANNED_strtol__use_str_to_i64
#undef strtoll
#define strtoll(...) BANNED_strtoll__use_str_to_i64
#undef strtoul
#define strtoul(...) BANNED_strtoul__use_str_to_u64
#undef strtoull
#define strtoull(...) BANNED_strtoull__use_str_to_u64
#undef strtoimax
#define strtoimax(...) BANNED_strtoimax__use_str_to_i64
#undef strtoumax
#define strtoumax(...) BANNED_strtoumax__use_str_to_u64
#undef strtod
#define strtod(...) BANNED_strtod__numbers_are_exact
#undef strtof
#define strtof(...) BANNED_strtof__numbers_are_exact

/* State hidden in libc. */
#undef strtok
#define strtok(...) BANNED_strtok__use_strv_split
#undef localtime
#define localtime(...) BANNED_localtime__use_localtime_r
#undef gmtime
#define gmtime(...) BANNED_gmtime__use_gmtime_r
#undef ctime
#define ctime(...) BANNED_ctime__use_strftime
#undef asctime
#define asctime(...) BANNED_asctime__use_strftime
#undef mktemp
#define mktemp(...) BANNED_mktemp__use_mkstemp
#undef tmpnam
#define tmpnam(...) BANNED_tmpnam__use_mkstemp

/* Processes are made in base/src/proc_clone.c, and nothing waits asleep. */
#undef system
#define system(...) BANNED_system__use_proc
#undef popen
#define popen(...) BANNED_popen__use_proc
#undef fork
#define fork(...) BANNED_fork__use_proc
#undef vfork
#define vfork(...) BANNED_vfork__use_proc
#undef sleep
#define sleep(...) BANNED_sleep__use_loop_timer
#undef usleep
#define usleep(...) BANNED_usleep__use_loop_timer

/* Time is a parameter, or comes from base/clock.h, which a simulator replaces. */
#undef time
#define time(...) BANNED_time__use_clock_wall_ns
#undef gettimeofday
#define gettimeofday(...) BANNED_gettimeofday__use_clock_wall_ns
#undef clock_gettime
#define clock_gettime(...) BANNED_clock_gettime__use_clock_boot_ns
