// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"slices"
	"time"
)

// Distribution is what is told of samples.
type Distribution struct {
	N                        int
	Min, P50, P90, Max, Mean float64
}

// DistributionOf takes the nearest rank for its percentiles: a sample that was really seen.
func DistributionOf(samples []float64) Distribution {
	if len(samples) == 0 {
		return Distribution{}
	}
	slices.Sort(samples)
	rank := func(percent int) float64 { return samples[(len(samples)*percent+99)/100-1] }
	sum := 0.0
	for _, sample := range samples {
		sum += sample
	}
	return Distribution{N: len(samples), Min: samples[0], P50: rank(50), P90: rank(90),
		Max: samples[len(samples)-1], Mean: sum / float64(len(samples))}
}

// Milliseconds from one moment to another.
func Milliseconds(from, to time.Time) float64 { return float64(to.Sub(from).Microseconds()) / 1000 }

// MiB of KiB.
func MiB(kib int) float64 { return float64(kib) / 1024 }
