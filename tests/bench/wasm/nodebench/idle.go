// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"os"
	"time"

	"oarsman.dev/tests/measure"
)

// look is what can be seen of the node's programs at a moment.
type look struct {
	byName    map[string]measure.Memory
	count     map[string]int
	agentCPU  time.Duration
	charge    int // of the node's memory group, KiB, with the kernel's own
	machine   time.Duration
	when      time.Time
	processes int
}

func (n *node) look() (l look, err error) {
	found, err := measure.FindProcesses(n.netns, measure.PIDList{os.Getpid()})
	if err != nil {
		return l, err
	}
	l = look{byName: map[string]measure.Memory{}, count: map[string]int{}, charge: charge(n.cgroup),
		machine: measure.MachineCPU(), when: time.Now(), processes: len(found)}
	for _, p := range found {
		m := l.byName[p.Name]
		m.Add(p.Memory)
		l.byName[p.Name] = m
		l.count[p.Name]++
		if p.Name == "oarsman" {
			l.agentCPU += p.CPU
		}
	}
	return l, nil
}

// links are the network interfaces here, in the node's network namespace.
func links() int {
	all, _ := net.Interfaces()
	return len(all)
}

// start binds pods one after the other, each when the one before it is Running.
func (n *node) startIdle(s spec) (names []string, starts []float64, err error) {
	for range n.samples {
		name := n.bind(s)
		begin, _ := n.lives.wait(name, bound, patience)
		when, err := n.lives.wait(name, running, patience)
		if err != nil {
			return names, starts, err
		}
		names = append(names, name)
		starts = append(starts, measure.Milliseconds(begin, when))
	}
	return names, starts, nil
}

// measureIdle: what pods cost that do nothing.
func (n *node) measureIdle() error {
	for _, image := range n.images {
		if err := n.measureIdleOf(image); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) measureIdleOf(image image) error {
	s := spec{image: image.reference, bare: n.bare}
	first := n.bind(s) // compiled, and what is made once is made
	if _, err := n.lives.wait(first, running, patience); err != nil {
		return err
	}
	if _, err := n.end(first); err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	empty, err := n.look()
	if err != nil {
		return err
	}
	linksBefore := links()
	names, starts, err := n.startIdle(s)
	if err != nil {
		return err
	}
	time.Sleep(3 * time.Second)
	full, err := n.look()
	if err != nil {
		return err
	}
	time.Sleep(n.idle)
	later, err := n.look()
	if err != nil {
		return err
	}
	n.printIdle(image, starts, empty, full, later)
	return n.endIdle(names, linksBefore, empty)
}

func (n *node) printIdle(image image, starts []float64, empty, full, later look) {
	count := float64(len(starts))
	edge := min(10, len(starts))
	firsts, lasts := measure.DistributionOf(append([]float64{}, starts[:edge]...)), measure.DistributionOf(append([]float64{}, starts[len(starts)-edge:]...))
	kib := func(name string, pick func(measure.Memory) int) float64 {
		return float64(pick(later.byName[name])-pick(empty.byName[name])) / count
	}
	pss := func(m measure.Memory) int { return m.PSS }
	private := func(m measure.Memory) int { return m.Private }
	agent, before := later.byName["oarsman"], empty.byName["oarsman"]
	elapsed := later.when.Sub(full.when)

	head(fmt.Sprintf("%s: %d idle pods%s", image.name, len(starts), n.note))
	row("bound -> Running sent, one after the other, ms", append([]float64{}, starts...), budget{})
	figure("bound -> Running sent: the first ten, median, ms", firsts.P50, budget{})
	figure("bound -> Running sent: the last ten, median, ms", lasts.P50, budget{most: 2 * firsts.P50})
	figure("agent, RSS, MiB", measure.MiB(agent.RSS), budget{most: n.promised(60)})
	figure("agent, private, MiB", measure.MiB(agent.Private), budget{})
	figure("agent, RSS before, MiB", measure.MiB(before.RSS), budget{})
	figure("a guest: conmon, PSS, KiB", kib("conmon", pss), budget{})
	figure("a guest: oarsman-wasm, PSS, KiB", kib("oarsman-wasm", pss), budget{})
	figure("a guest: both, PSS, MiB", (kib("conmon", pss)+kib("oarsman-wasm", pss))/1024, budget{most: image.budget})
	figure("a guest: both, private, MiB", (kib("conmon", private)+kib("oarsman-wasm", private))/1024, budget{})
	n.printCharge(image, (measure.MiB(later.charge-empty.charge))/count)
	figure("agent's CPU while all are idle, %", 100*float64(later.agentCPU-full.agentCPU)/float64(elapsed), budget{})
	figure("the whole machine's CPU meanwhile, % of a core", 100*float64(later.machine-full.machine)/float64(elapsed), budget{})
}

// printCharge: what the kernel has counted for everybody in the node's groups, the agent's growth included. The kernel's own
// part of a network namespace is the pod's, not the guest's.
func (n *node) printCharge(image image, mib float64) {
	if n.bare {
		figure("a guest: charged to all groups, with the kernel's, MiB", mib, budget{most: image.budget})
	} else {
		figure("a pod: charged to all groups, its network and the kernel's, MiB", mib, budget{})
	}
}

// promised: the agent's size is promised for a node that is full.
func (n *node) promised(mib float64) float64 {
	if n.samples < 1000 {
		return 0
	}
	return mib
}

// endIdle removes all, and says what is left.
func (n *node) endIdle(names []string, linksBefore int, empty look) error {
	start := time.Now()
	for _, name := range names {
		n.remove(name)
	}
	var last time.Time
	for _, name := range names {
		when, err := n.lives.wait(name, gone, 5*patience)
		if err != nil {
			return err
		}
		n.lives.forget(name)
		if when.After(last) {
			last = when
		}
	}
	figure("all deleted -> all gone, s", last.Sub(start).Seconds(), budget{})
	time.Sleep(2 * time.Second)
	after, err := n.look()
	if err != nil {
		return err
	}
	fmt.Printf("left behind: %d processes, %d control groups, %d network links\n", after.processes-empty.processes,
		groups(n.cgroup), links()-linksBefore)
	return nil
}
