// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"
	"time"
)

func TestDistributionTakesSamplesThatWereSeen(t *testing.T) {
	samples := []float64{}
	for i := range 20 {
		samples = append(samples, float64(20-i))
	}
	want := distribution{N: 20, Min: 1, P50: 10, P90: 18, Max: 20, Mean: 10.5}
	if got := distributionOf(samples); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := distributionOf([]float64{7}); got.P50 != 7 || got.P90 != 7 {
		t.Errorf("one sample: %+v", got)
	}
}

func TestUsageCountsWhatWasUsedBetweenTheLooks(t *testing.T) {
	first := []process{{pid: 1, start: 5, name: "agent", cpu: time.Second}, {pid: 2, start: 5, name: "sh"}}
	second := []process{
		{pid: 1, start: 5, name: "agent", cpu: 2 * time.Second, memory: memory{RSS: 10}},
		{pid: 2, start: 9, name: "helper", cpu: time.Second, memory: memory{RSS: 5}},
		{pid: 3, start: 9, name: "sh", memory: memory{RSS: 100}},
	}
	u := usageOf(first, second, 10*time.Second, 0, "agent", []string{"sh"})
	if u.Agent.CPU != 10 || u.Agent.RSS != 10 {
		t.Errorf("agent: %+v", u.Agent)
	}
	if u.All.CPU != 20 || u.All.RSS != 15 || u.All.Processes != 2 {
		t.Errorf("all: %+v", u.All)
	}
}

func TestFindProcessesFindsThisNamespace(t *testing.T) {
	found, err := findProcesses("/proc/self/ns/net", []int{os.Getppid()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		if p.pid == os.Getpid() {
			t.Error("found itself")
		}
		if p.RSS > 0 && p.PSS == 0 {
			t.Errorf("%s has no proportional size", p.name)
		}
	}
}

func TestBudgets(t *testing.T) {
	share := budget{share: 1.0 / 4}
	if _, kept := share.judge(100, 25); !kept {
		t.Error("a quarter is a quarter")
	}
	if _, kept := share.judge(100, 26); kept {
		t.Error("more than a quarter is too much")
	}
	limit := budget{limit: 4, unit: "MiB"}
	if promise, kept := limit.judge(1000, 5); kept || promise != "4 MiB" {
		t.Errorf("promise %q kept %v", promise, kept)
	}
}
