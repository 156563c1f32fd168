// SPDX-License-Identifier: Apache-2.0

// Package measure is what the benchmarks of nodes have in common: processes and what they cost, samples, and whether the
// machine is quiet. It knows no node.
package measure

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// PIDList is a flag: pids between commas or blanks.
type PIDList []int

// String is for flag.
func (l *PIDList) String() string { return fmt.Sprint(*l) }

// Set is for flag.
func (l *PIDList) Set(text string) error {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		*l = append(*l, pid)
	}
	return nil
}

// Process is one program of the node.
type Process struct {
	PID, Parent int
	Start       uint64 // tells it from a later one with its pid
	Name        string
	CPU         time.Duration
	Memory
}

// Memory is in KiB.
type Memory struct{ RSS, PSS, Private int }

// Add adds n.
func (m *Memory) Add(n Memory) {
	m.RSS += n.RSS
	m.PSS += n.PSS
	m.Private += n.Private
}

// FindProcesses returns everything that lives in the network namespace, but for
// the excluded ones, with all its descendants wherever they live.
func FindProcesses(netns string, exclude []int) ([]Process, error) {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	namespace, err := inode(netns)
	if err != nil {
		return nil, err
	}
	children := map[int][]Process{}
	var found []Process
	for _, folder := range folders {
		p, ok := readProcess(folder)
		if !ok || p.PID == os.Getpid() || slices.Contains(exclude, p.PID) {
			continue
		}
		children[p.Parent] = append(children[p.Parent], p)
		link, _ := os.Readlink(folder + "/ns/net")
		if link == namespace {
			found = append(found, p)
		}
	}
	known := map[int]bool{}
	for _, p := range found {
		known[p.PID] = true
	}
	for i := 0; i < len(found); i++ { // found grows
		for _, child := range children[found[i].PID] {
			if !known[child.PID] {
				known[child.PID] = true
				found = append(found, child)
			}
		}
	}
	for i := range found {
		found[i].readCosts()
	}
	return found, nil
}

func readProcess(folder string) (p Process, ok bool) {
	stat, err := os.ReadFile(folder + "/stat")
	if err != nil {
		return p, false
	}
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return p, false
	}
	fields := strings.Fields(string(stat[end+1:]))
	p.Name = string(stat[open+1 : end])
	p.PID, _ = strconv.Atoi(filepath.Base(folder))
	p.Parent, _ = strconv.Atoi(fields[1])
	p.Start, _ = strconv.ParseUint(fields[19], 10, 64)
	return p, true
}

// readCosts fills in memory and CPU time: nanoseconds by thread, as the
// ticks of /proc/PID/stat are too coarse for a program that does next to nothing.
func (p *Process) readCosts() {
	folder := fmt.Sprintf("/proc/%d", p.PID)
	rollup, _ := os.ReadFile(folder + "/smaps_rollup")
	for line := range strings.Lines(string(rollup)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		value, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "Rss:":
			p.RSS = value
		case "Pss:":
			p.PSS = value
		case "Private_Dirty:": // clean ones are pages of files, which the kernel takes back when it needs them; RSS has them
			p.Private += value
		}
	}
	tasks, _ := filepath.Glob(folder + "/task/*/schedstat")
	for _, task := range tasks {
		text, _ := os.ReadFile(task)
		if fields := strings.Fields(string(text)); len(fields) > 0 {
			nanoseconds, _ := strconv.ParseInt(fields[0], 10, 64)
			p.CPU += time.Duration(nanoseconds)
		}
	}
}

func inode(path string) (string, error) {
	var name string
	info, err := os.Stat(path)
	if err == nil {
		name = fmt.Sprintf("net:[%d]", info.Sys().(*syscall.Stat_t).Ino)
	}
	return name, err
}

// MachineCPU is the time that all cores together have spent on anything but idling.
func MachineCPU() time.Duration {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	ticks := 0
	for i, field := range strings.Fields(line) {
		if i == 1 || i == 2 || i == 3 || i == 6 || i == 7 { // user nice system irq softirq
			value, _ := strconv.Atoi(field)
			ticks += value
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// busy is how much of the whole machine is in use, in percent.
func busy(d time.Duration) float64 {
	before, start := MachineCPU(), time.Now()
	time.Sleep(d)
	return 100 * float64(MachineCPU()-before) / float64(time.Since(start)) / float64(runtime.NumCPU())
}

// idleEnough is what a machine without any work of its own may use, in percent.
const idleEnough = 5

// WaitUntilIdle fails when the machine stays busy.
func WaitUntilIdle(patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for {
		load := busy(3 * time.Second)
		if load < idleEnough {
			fmt.Printf("the machine is idle: %.1f %% of %d cores in use\n", load, runtime.NumCPU())
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the machine is not idle: %.1f %% of %d cores in use", load, runtime.NumCPU())
		}
	}
}
