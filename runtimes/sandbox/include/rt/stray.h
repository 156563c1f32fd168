/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stray.h - ends processes that a killed agent had started and had not yet written down. Such a program is always
 * given its object's folder as an argument, and by that it is found.
 */
#pragma once

/* Kills every process but this one that has exactly this argument. Blocking (reads /proc): workers. */
void rt_stray_kill(const char *argument);
