// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"oarsman.dev/tests/measure"
)

// budget is one promise: ours may be at most Share of theirs, or at most Limit.
type budget struct {
	what, unit   string
	value        func(*result) (float64, bool)
	share, limit float64
}

// budgets are those of the project's design. Those without a share or limit are shown for what they are.
var budgets = []budget{
	{"ordinary pod, created -> Ready, p50", "ms", of(ordinary, func(l *lives) float64 { return l.Ready.P50 }), 1.0 / 6, 0},
	{"ordinary pod, created -> Ready, p90", "ms", of(ordinary, func(l *lives) float64 { return l.Ready.P90 }), 1.0 / 6, 0},
	{"bare pod, created -> Ready, p50", "ms", of(bare, func(l *lives) float64 { return l.Ready.P50 }), 1.0 / 3, 0},
	{"bare pod, created -> Ready, p90", "ms", of(bare, func(l *lives) float64 { return l.Ready.P90 }), 1.0 / 3, 0},
	{"deleted -> gone, p50", "ms", of(bare, func(l *lives) float64 { return l.Gone.P50 }), 1.0 / 10, 0},
	{"deleted -> gone, p90", "ms", of(bare, func(l *lives) float64 { return l.Gone.P90 }), 1.0 / 10, 0},
	{"burst of 10, all Ready", "ms", of(burst10, func(b *burst) float64 { return b.AllReady }), 0, 0},
	{"burst of 10, all gone", "ms", of(burst10, func(b *burst) float64 { return b.AllGone }), 0, 0},
	{"burst of 50, all Ready", "ms", of(burst50, func(b *burst) float64 { return b.AllReady }), 1.0 / 4, 0},
	{"burst of 50, all gone", "ms", of(burst50, func(b *burst) float64 { return b.AllGone }), 0, 0},
	{"burst of 50, CPU seconds to start", "s", of(burst50, func(b *burst) float64 { return b.StartCPU }), 0, 0},
	{"agent without pods, private", "MiB", of(idle, func(u *usage) float64 { return measure.MiB(u.Agent.Private) }), 0, 4},
	{"agent without pods, RSS", "MiB", of(idle, func(u *usage) float64 { return measure.MiB(u.Agent.RSS) }), 0, 16},
	{"agent with 50 pods, private", "MiB", of(full, func(u *usage) float64 { return measure.MiB(u.Agent.Private) }), 0, 10},
	{"agent with 50 pods, RSS", "MiB", of(full, func(u *usage) float64 { return measure.MiB(u.Agent.RSS) }), 0, 24},
	{"all programs without pods, PSS", "MiB", of(idle, func(u *usage) float64 { return measure.MiB(u.All.PSS) }), 0, 0},
	{"all programs with 50 pods, PSS", "MiB", of(full, func(u *usage) float64 { return measure.MiB(u.All.PSS) }), 1.0 / 10, 0},
	{"agent CPU with 50 idle pods", "%", of(full, func(u *usage) float64 { return u.Agent.CPU }), 0, 0.2},
	{"all programs' CPU with 50 idle pods", "%", of(full, func(u *usage) float64 { return u.All.CPU }), 0, 0},
}

// quoted is what another says of itself, or was measured elsewhere.
type quoted struct {
	budget
	figure float64 // theirs, as it was written down; 0: not known
}

// wasmBudgets are those for pods that are WebAssembly, beside what runwasi's shim for wasmtime 0.6 costs under kubelet 1.37 with
// containerd 2.4, as measured on such a machine. A share is one of that.
var wasmBudgets = []quoted{
	{budget{"created -> Ready, p50", "ms", of(bare, func(l *lives) float64 { return l.Ready.P50 }), 1.0 / 5, 0}, 211},
	{budget{"created -> Ready, p90", "ms", of(bare, func(l *lives) float64 { return l.Ready.P90 }), 0, 0}, 0},
	{budget{"created -> first HTTP answer, p50", "ms", of(answered, func(d *measure.Distribution) float64 { return d.P50 }), 0, 0}, 229},
	{budget{"deleted -> gone, p50", "ms", of(bare, func(l *lives) float64 { return l.Gone.P50 }), 1.0 / 15, 0}, 3273},
	{budget{"burst of 50, all Ready", "ms", of(burst50, func(b *burst) float64 { return b.AllReady }), 1.0 / 8, 0}, 8700},
	{budget{"burst of 50, all gone", "ms", of(burst50, func(b *burst) float64 { return b.AllGone }), 0, 0}, 0},
	{budget{"a pod of 50, PSS", "MiB", of(full, func(u *usage) float64 { return measure.MiB(u.All.PSS) / 50 }), 0, 0}, 4.7},
	{budget{"a pod of 50, RSS", "MiB", of(full, func(u *usage) float64 { return measure.MiB(u.All.RSS) / 50 }), 0, 0}, 49},
	{budget{"CPU of all programs, 50 idle pods", "%", of(full, func(u *usage) float64 { return u.All.CPU }), 0, 0}, 66},
	{budget{"a task, from its creation until it is gone", "ms", of(tasked, func(t *tasks) float64 { return 1000 / t.PerSecond }), 1.0 / 8, 0}, 1000 / 2.7},
}

func answered(r *result) *measure.Distribution { return r.Answer }
func tasked(r *result) *tasks                  { return r.Tasks }

func bare(r *result) *lives     { return r.Bare }
func ordinary(r *result) *lives { return r.Ordinary }
func burst10(r *result) *burst  { return r.Burst10 }
func burst50(r *result) *burst  { return r.Burst50 }
func idle(r *result) *usage     { return r.Idle }
func full(r *result) *usage     { return r.Full }

// of looks a value up in a part of the result that may not have been measured.
func of[T any](part func(*result) *T, value func(*T) float64) func(*result) (float64, bool) {
	return func(r *result) (float64, bool) {
		if p := part(r); p != nil {
			return value(p), true
		}
		return 0, false
	}
}

func readResult(path string) (*result, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &result{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func compareFiles(paths []string) error {
	wasm := len(paths) > 0 && paths[0] == "-wasm"
	if wasm {
		paths = paths[1:]
	}
	if len(paths) != 2 {
		return errors.New("compare needs two files: theirs, ours")
	}
	theirs, err := readResult(paths[0])
	if err != nil {
		return err
	}
	ours, err := readResult(paths[1])
	if err != nil {
		return err
	}
	missed := 0
	if wasm {
		missed = compareWasm(theirs, ours)
	} else {
		missed = compare(theirs, ours)
	}
	if missed > 0 {
		return fmt.Errorf("%d of the budgets are missed", missed)
	}
	return nil
}

// compare prints a line for everything that both have, and counts the budgets that ours misses.
func compare(theirs, ours *result) int {
	missed := 0
	fmt.Printf("\n%-36s %4s %10s %10s %8s %10s\n", "", "", theirs.Name, ours.Name, "ratio", "budget")
	for _, b := range budgets {
		t, ok1 := b.value(theirs)
		o, ok2 := b.value(ours)
		if !ok1 || !ok2 {
			continue
		}
		promise, kept := b.judge(t, o)
		verdict := ""
		if promise != "" && !kept {
			verdict = "  MISSED"
			missed++
		}
		fmt.Printf("%-36s %4s %10.1f %10.1f %8s %10s%s\n", b.what, b.unit, t, o, ratio(t, o), promise, verdict)
	}
	return missed
}

// compareWasm prints ours beside the containers of theirs, and beside what runs WebAssembly under theirs.
func compareWasm(theirs, ours *result) int {
	missed := 0
	fmt.Printf("\n%-44s %4s %10s %10s %8s %10s %8s %10s\n", "", "", theirs.Name, ours.Name, "ratio", "runwasi", "ratio", "budget")
	for _, b := range wasmBudgets {
		t, ok1 := b.value(theirs)
		o, ok2 := b.value(ours)
		if !ok1 || !ok2 {
			continue
		}
		promise, kept := b.judge(b.figure, o)
		verdict, said, share := "", "-", "-"
		if b.figure > 0 {
			said, share = fmt.Sprintf("%.1f", b.figure), ratio(b.figure, o)
		}
		if promise != "" && !kept {
			verdict = "  MISSED"
			missed++
		}
		fmt.Printf("%-44s %4s %10.1f %10.1f %8s %10s %8s %10s%s\n", b.what, b.unit, t, o, ratio(t, o), said, share, promise, verdict)
	}
	return missed
}

func (b *budget) judge(theirs, ours float64) (promise string, kept bool) {
	switch {
	case b.share > 0:
		return fmt.Sprintf("1/%.0f", 1/b.share), ours <= theirs*b.share
	case b.limit > 0:
		return fmt.Sprintf("%g %s", b.limit, b.unit), ours <= b.limit
	}
	return "", true
}

func ratio(theirs, ours float64) string {
	if ours <= 0 {
		return "-"
	}
	return fmt.Sprintf("1/%.1f", theirs/ours)
}
