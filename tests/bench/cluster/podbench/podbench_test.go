// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"oarsman.dev/tests/measure"
)

func TestUsageCountsWhatWasUsedBetweenTheLooks(t *testing.T) {
	first := []measure.Process{{PID: 1, Start: 5, Name: "agent", CPU: time.Second}, {PID: 2, Start: 5, Name: "sh"}}
	second := []measure.Process{
		{PID: 1, Start: 5, Name: "agent", CPU: 2 * time.Second, Memory: measure.Memory{RSS: 10}},
		{PID: 2, Start: 9, Name: "helper", CPU: time.Second, Memory: measure.Memory{RSS: 5}},
		{PID: 3, Start: 9, Name: "sh", Memory: measure.Memory{RSS: 100}},
	}
	u := usageOf(first, second, 10*time.Second, 0, "agent", []string{"sh"})
	if u.Agent.CPU != 10 || u.Agent.RSS != 10 {
		t.Errorf("agent: %+v", u.Agent)
	}
	if u.All.CPU != 20 || u.All.RSS != 15 || u.All.Processes != 2 {
		t.Errorf("all: %+v", u.All)
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
