// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"oarsman.dev/tests/measure"
)

// result is all that is known about one node, and the JSON file. Times are in
// milliseconds, memory in KiB, CPU in percent of one core.
type result struct {
	Name     string
	Date     time.Time
	Cores    int
	Kernel   string
	Idle     *usage                `json:",omitempty"`
	Bare     *lives                `json:",omitempty"`
	Ordinary *lives                `json:",omitempty"`
	Burst10  *burst                `json:",omitempty"`
	Burst50  *burst                `json:",omitempty"`
	Full     *usage                `json:",omitempty"`
	Tasks    *tasks                `json:",omitempty"`
	Answer   *measure.Distribution `json:",omitempty"` // created -> first answer over HTTP
}

type tasks struct {
	InFlight    int
	PerSecond   float64 // from the first creation until nothing is left of the last
	Ended, Gone measure.Distribution
}

type lives struct{ Bound, Running, Ready, Gone measure.Distribution }

type burst struct {
	Pods              int
	Ready, Gone       measure.Distribution
	AllReady, AllGone float64
	StartCPU          float64 // seconds of the whole machine until all were ready
}

type usage struct {
	Seconds        float64
	Agent, All     cost // the agent alone; everything but the containers' own processes
	MachinePercent float64
	Programs       map[string]cost
}

type cost struct {
	Processes int
	measure.Memory
	CPU float64
}

func newResult(o *options) *result {
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return &result{Name: o.name, Date: time.Now().UTC().Truncate(time.Second), Cores: runtime.NumCPU(),
		Kernel: strings.TrimSpace(string(kernel))}
}

// usageOf takes memory from the second look and CPU time from the difference.
func usageOf(first, second []measure.Process, elapsed, machine time.Duration, agent string, workload []string) *usage {
	before := map[int]measure.Process{}
	for _, p := range first {
		before[p.PID] = p
	}
	u := &usage{Seconds: elapsed.Seconds(), Programs: map[string]cost{},
		MachinePercent: 100 * float64(machine) / float64(elapsed)}
	for _, p := range second {
		used := p.CPU
		if q, ok := before[p.PID]; ok && q.Start == p.Start {
			used -= q.CPU
		}
		percent := 100 * float64(used) / float64(elapsed)
		add := func(c cost) cost {
			c.Processes++
			c.Memory.Add(p.Memory)
			c.CPU += percent
			return c
		}
		u.Programs[p.Name] = add(u.Programs[p.Name])
		if p.Name == agent {
			u.Agent = add(u.Agent)
		}
		if !slices.Contains(workload, p.Name) {
			u.All = add(u.All)
		}
	}
	return u
}

func (r *result) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s, %d cores, kernel %s, %s\n", r.Name, r.Cores, r.Kernel, r.Date.Format(time.RFC3339))
	fmt.Fprintf(out, "%-36s %4s %8s %8s %8s %8s\n", "milliseconds", "n", "min", "p50", "p90", "max")
	row := func(what string, d measure.Distribution) {
		fmt.Fprintf(out, "%-36s %4d %8.0f %8.0f %8.0f %8.0f\n", what, d.N, d.Min, d.P50, d.P90, d.Max)
	}
	life := func(what string, l *lives) {
		if l != nil {
			row(what+": created -> bound", l.Bound)
			row(what+": created -> Running", l.Running)
			row(what+": created -> Ready", l.Ready)
			row(what+": deleted -> gone", l.Gone)
		}
	}
	life("bare pod", r.Bare)
	life("ordinary pod", r.Ordinary)
	for _, b := range []*burst{r.Burst10, r.Burst50} {
		if b != nil {
			what := fmt.Sprintf("burst of %d", b.Pods)
			row(what+": created -> Ready", b.Ready)
			row(what+": deleted -> gone", b.Gone)
			fmt.Fprintf(out, "%-36s all ready after %.0f ms, all gone after %.0f ms, %.1f CPU seconds to start\n",
				what, b.AllReady, b.AllGone, b.StartCPU)
		}
	}
	if r.Answer != nil {
		row("created -> first HTTP answer", *r.Answer)
	}
	if r.Tasks != nil {
		row("task: created -> ended", r.Tasks.Ended)
		row("task: deleted -> gone", r.Tasks.Gone)
		fmt.Fprintf(out, "%-36s %.1f a second with %d in flight\n", "tasks", r.Tasks.PerSecond, r.Tasks.InFlight)
	}
	r.Idle.print(out, "without pods")
	if r.Burst50 != nil {
		r.Full.print(out, fmt.Sprintf("with %d pods", r.Burst50.Pods))
	}
}

func (u *usage) print(out io.Writer, when string) {
	if u == nil {
		return
	}
	fmt.Fprintf(out, "%-36s %4s %8s %8s %8s %8s\n", when+", MiB", "n", "private", "PSS", "RSS", "CPU %")
	row := func(what string, c cost) {
		fmt.Fprintf(out, "%-36s %4d %8.1f %8.1f %8.1f %8.2f\n", what, c.Processes, measure.MiB(c.Private), measure.MiB(c.PSS), measure.MiB(c.RSS), c.CPU)
	}
	names := []string{}
	for name := range u.Programs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		row("  "+name, u.Programs[name])
	}
	row("  all but the containers", u.All)
	fmt.Fprintf(out, "  whole machine: %.1f %% of one core over %.0f s\n", u.MachinePercent, u.Seconds)
}
