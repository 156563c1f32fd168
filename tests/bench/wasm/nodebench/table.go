// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"oarsman.dev/tests/measure"
)

// budget is what a figure may be at most, or must be at least. 0: nothing is promised.
type budget struct{ most, least float64 }

func (b budget) String() string {
	switch {
	case b.most > 0:
		return fmt.Sprintf("≤ %g", b.most)
	case b.least > 0:
		return fmt.Sprintf("≥ %g", b.least)
	}
	return ""
}

// ratio of the figure to what is promised: 1 is just kept.
func (b budget) ratio(value float64) string {
	switch {
	case b.most > 0:
		return fmt.Sprintf("%.2f", value/b.most)
	case b.least > 0:
		return fmt.Sprintf("%.2f", value/b.least)
	}
	return ""
}

func head(title string) {
	fmt.Printf("\n%-58s %5s %10s %10s %10s %7s\n", title, "n", "median", "p90", "budget", "ratio")
}

func row(what string, samples []float64, b budget) {
	d := measure.DistributionOf(samples)
	fmt.Printf("%-58s %5d %10.2f %10.2f %10s %7s\n", what, d.N, d.P50, d.P90, b, b.ratio(d.P50))
}

// figure is a row of one number.
func figure(what string, value float64, b budget) {
	fmt.Printf("%-58s %5s %10.2f %10s %10s %7s\n", what, "", value, "", b, b.ratio(value))
}
