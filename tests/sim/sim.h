/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - the loop, the clock and the workers of a world where time passes only when nothing else is left to do.
 *
 * The target base_sim stands in for base_io: the code under test links it and notices nothing. What is due runs in
 * an order that a seed decides, so a bug that needs an unlucky order is found by trying seeds, and found again by
 * the same seed. Workers' jobs run on the same thread, after a delay drawn from the seed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Everything from the start: time, order, what was left behind. */
void sim_reset(uint64_t seed);
uint64_t sim_random(uint64_t below); /* 0 … below - 1; 0 for 0 */
bool sim_chance(unsigned percent);

/* Runs the next callback that is due, and lets time pass to it if need be. false: nothing will ever happen. */
bool sim_step(struct loop *loop);
/* Steps until the virtual time has come; time stands there afterwards. */
void sim_run_for(struct loop *loop, int64_t ms);
/* Steps as long as something is due within that time. */
void sim_settle(struct loop *loop, int64_t quiet_ms);
int64_t sim_now_ms(void); /* since sim_reset */
void sim_set_wall_offset_ns(int64_t offset_ns); /* somebody sets the clock */
void sim_reboot(void);                          /* another boot id; boot time starts over */
