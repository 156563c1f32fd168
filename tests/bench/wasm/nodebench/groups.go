// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// charge is what the kernel counts for a group and all in it: version 1, or 2.
func charge(group string) int {
	for _, path := range []string{"/sys/fs/cgroup/memory/" + group + "/memory.usage_in_bytes", "/sys/fs/cgroup/" + group + "/memory.current"} {
		if text, err := os.ReadFile(path); err == nil {
			bytes, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			return bytes / 1024
		}
	}
	return 0
}

// groups counts the control groups of the node's pods.
func groups(group string) (count int) {
	for _, root := range []string{"/sys/fs/cgroup/memory/", "/sys/fs/cgroup/"} {
		filepath.WalkDir(root+group, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.IsDir() && strings.Contains(path, "/pod") {
				count++
			}
			return nil
		})
	}
	return count
}

// nodeCPU is what all of the node's programs have used: those that live, and those that have ended.
func nodeCPU(group string) time.Duration {
	if text, err := os.ReadFile("/sys/fs/cgroup/cpuacct/" + group + "/cpuacct.usage"); err == nil {
		nanoseconds, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		return time.Duration(nanoseconds)
	}
	text, _ := os.ReadFile("/sys/fs/cgroup/" + group + "/cpu.stat")
	line, _, _ := strings.Cut(string(text), "\n")
	microseconds, _ := strconv.ParseInt(strings.TrimPrefix(line, "usage_usec "), 10, 64)
	return time.Duration(microseconds) * time.Microsecond
}
