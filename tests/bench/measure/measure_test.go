// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"os"
	"testing"
)

func TestDistributionTakesSamplesThatWereSeen(t *testing.T) {
	samples := []float64{}
	for i := range 20 {
		samples = append(samples, float64(20-i))
	}
	want := Distribution{N: 20, Min: 1, P50: 10, P90: 18, Max: 20, Mean: 10.5}
	if got := DistributionOf(samples); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := DistributionOf([]float64{7}); got.P50 != 7 || got.P90 != 7 {
		t.Errorf("one sample: %+v", got)
	}
}

func TestFindProcessesFindsThisNamespace(t *testing.T) {
	found, err := FindProcesses("/proc/self/ns/net", []int{os.Getppid()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		if p.PID == os.Getpid() {
			t.Error("found itself")
		}
		if p.RSS > 0 && p.PSS == 0 {
			t.Errorf("%s has no proportional size", p.Name)
		}
	}
}
