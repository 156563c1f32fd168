# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the benchmarks of WebAssembly have in common; to be sourced. $work is a folder of their own in memory, removed at
# the end with everything that was started.

set -euo pipefail

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tests=$(cd "$bench/../.." && pwd)
bin=$(realpath -e -- "${OARSMAN_BIN:-$tests/../build/bin}")
export OARSMAN=$bin/oarsman

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
	say "$*"
	exit 1
}

# begin CLEAN-UP : $work, and CLEAN-UP is called before it is removed
begin() {
	((EUID == 0)) || die "needs root: namespaces, mounts and cgroups"
	[[ -x $bin/oarsman-wasm ]] || die "this build has no oarsman-wasm"
	clean_up=$1
	work=$(mktemp -d /dev/shm/oarsman-bench.XXXXXX)
	trap end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

end() {
	trap '' INT TERM HUP
	"$clean_up" || :
	rm -rf --one-file-system -- "$work"
}

# guests : the folder with all of them, built if need be
guests() { "$tests/wasm/build-guests" all; }

# compiled MODULE : path of its compiled code, in a cache that lives as long as $work
compiled() { "$bin/oarsman" wasm compile --cache "$work/cache" "$1" | jq -r .path; }

# go_program FOLDER OUT : builds a program of the standard library alone
go_program() {
	env -C "$1" GOFLAGS= GOWORK=off GOTOOLCHAIN=local CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$2" .
}

machine() {
	printf '%s, %s cores, kernel %s, load %s\n' "$(date -u +%FT%TZ)" "$(nproc)" "$(uname -r)" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
}

# ---------------------------------------------------------------- one node, and a scripted API server

# A folder that tests/cluster/node-oarsman takes for a cluster's. The network is as small as can be.
node_begin() {
	state=$work/cluster
	netns=oarsman-bench-$$
	mkdir -p -- "$state"
	printf '%s\n' "$netns" - n1 >"$state/cluster"
	ip netns add "$netns"
	ip -n "$netns" -batch - <<-END
		link set lo up
		link add node0 type bridge
		addr add 10.77.0.1/24 dev node0
		link set node0 up
	END
	cat >"$state/env" <<-END
		export NETNS=/run/netns/$netns NODES=n1 NODEIP_n1=10.77.0.1 PKI=$state/pki
		inside() { nsenter --net=/run/netns/$netns -- "\$@"; }
	END
	go_program "$bench/nodebench" "$work/nodebench"
}

node_end() {
	[[ ! -d ${state-}/oarsman-n1 ]] || "$tests/cluster/node-oarsman" stop "$state" n1
	[[ -z ${server-} ]] || kill "$server" 2>/dev/null || :
	[[ ! -e /run/netns/${netns-none} ]] || ip netns delete "$netns"
}

# image NAME MODULE : a layout of it, to be loaded as bench.example/NAME:1
image() { "$tests/support/wasm-image" --layout "$work/images/$1" cncf "$2" "bench.example/$1:1" >/dev/null; }

# The groups of a node count what its pods use. So that they count the agent, its helpers and what supervisors have used
# before they are moved, too, these begin in a group beside the pods'.
count_daemons() {
	local hierarchy
	for hierarchy in /sys/fs/cgroup/cpuacct /sys/fs/cgroup/memory /sys/fs/cgroup; do
		[[ -d $hierarchy/$netns-n1 ]] || continue
		mkdir -p -- "$hierarchy/$netns-n1/daemons"
		cut -d ' ' -f 1 "$state/oarsman-n1/agent.process" >"$hierarchy/$netns-n1/daemons/cgroup.procs"
	done
}

# node_measure KIND FLAG... : a new node with all images of image(), and nodebench's KIND on it
node_measure() {
	local kind=$1
	shift
	rm -f -- "$state/serving" "$state/go"
	nsenter --net="/run/netns/$netns" -- "$work/nodebench" "$kind" -dir "$state" -address 10.77.0.1 \
		-logs "$state/oarsman-n1/logs" -netns "/run/netns/$netns" -cgroup "$netns-n1" "$@" &
	server=$!
	until [[ -e $state/serving ]]; do
		kill -0 "$server" 2>/dev/null || die "the scripted API server does not start"
		sleep 0.02
	done
	"$tests/cluster/node-oarsman" make "$state" n1 --max-pods 1100
	"$bin/oarsman" image load --state-dir "$state/oarsman-n1/state" "$work/images/"* >/dev/null
	"$tests/cluster/node-oarsman" again "$state" n1
	count_daemons
	touch -- "$state/go"
	wait "$server" || {
		tail -n 5 -- "$state/oarsman-n1/agent.log" >&2
		die "$kind: not measured"
	}
	server=
	[[ -z ${KEEP_LOG-} ]] || cp -- "$state/oarsman-n1/agent.log" "$KEEP_LOG"
	"$tests/cluster/node-oarsman" stop "$state" n1
}
