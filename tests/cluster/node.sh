# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What node-oarsman and node-kubelet have in common: a node's programs live in
# the cluster's network namespace, in a mount namespace and a cgroup of the
# node's own. So all of a node can be found, measured and ended, and nothing of
# it stays behind on the machine.

# shellcheck source=../support/processes.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/processes.sh"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
	say "$*"
	exit 1
}

# load KIND CLUSTER NODE : the facts about a node of this kind
load() {
	local each
	[[ -n ${2-} && -n ${3-} ]] || die "which cluster, which node?"
	[[ -f $2/cluster ]] || die "$2 is no state directory of a cluster"
	cluster=$(realpath -e -- "$2")
	node=$3
	# shellcheck source=/dev/null # written by cluster
	source "$cluster/env"
	[[ " $NODES " == *" $node "* ]] || die "$node is no node of this cluster ($NODES)"
	index=0 # among the nodes, for addresses and ports
	for each in $NODES; do
		index=$((index + 1))
		[[ $each != "$node" ]] || break
	done
	address=$(eval "echo \$NODEIP_${node//[^A-Za-z0-9]/_}")
	dir=$cluster/$1-$node
	cgroup=${NETNS##*/}-$node
}

# ---------------------------------------------------------------- cgroups

# Every hierarchy there is: one with cgroup v2, one for each controller with v1.
hierarchies() { awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts; }

# The one in which the processes are counted: any will do that has no rules of its own.
own_hierarchy() {
	local path
	for path in /sys/fs/cgroup/pids /sys/fs/cgroup; do
		[[ ! -f $path/cgroup.procs ]] || break
	done
	printf '%s\n' "$path"
}

create_cgroups() {
	local path setting
	while IFS= read -r path; do
		mkdir -p -- "$path/$cgroup"
		for setting in cpuset.cpus cpuset.mems; do # v1 leaves them empty, and so unusable
			[[ ! -f $path/$setting ]] || cat "$path/$setting" >"$path/$cgroup/$setting"
		done
		[[ ! -f $path/$cgroup/cgroup.subtree_control ]] ||
			sed 's/\(^\| \)/&+/g' "$path/$cgroup/cgroup.controllers" >"$path/$cgroup/cgroup.subtree_control" 2>/dev/null || :
	done < <(hierarchies)
	mkdir -p -- "$(own_hierarchy)/$cgroup/daemons"
}

own_pids() {
	local tree
	tree=$(own_hierarchy)/$cgroup
	[[ ! -d $tree ]] || find "$tree" -name cgroup.procs -exec cat {} + 2>/dev/null || :
}

end_own_processes() {
	local pids deadline=$((SECONDS + 20))
	while pids=$(own_pids) && [[ -n $pids ]]; do
		((SECONDS < deadline)) || die "these processes do not end: ${pids//$'\n'/ }"
		xargs -r kill -KILL <<<"$pids" 2>/dev/null || :
		sleep 0.05
	done
}

remove_cgroups() {
	local path
	while IFS= read -r path; do
		[[ ! -d $path/$cgroup ]] || find "$path/$cgroup" -depth -type d -exec rmdir -- {} + || :
	done < <(hierarchies)
}

# ---------------------------------------------------------------- mounts

# hold_mounts PATH... : a mount namespace that lives as long as its holder, in which
# each PATH is an empty file system of its own. Mounts go no further than its members.
hold_mounts() {
	local path deadline=$((SECONDS + 10))
	for path in "$@"; do
		[[ -d $path ]] && continue
		printf '%s\n' "$path" >>"$dir/made"
		mkdir -p -- "$path"
	done
	process_start "$dir" mounts unshare --mount --propagation private -- \
		"$0" become_holder "$dir" "$(own_hierarchy)/$cgroup/daemons" "$@"
	until [[ -f $dir/mounts.ready ]]; do
		process_alive "$dir" mounts && ((SECONDS < deadline)) || die "no mount namespace: $(<"$dir/mounts.log")"
		sleep 0.005
	done
}

# mount_disk DIR : one small file system, DIR/disk, carries all that the node writes to its disk
mount_disk() {
	local folder
	mkdir -- "$1/disk"
	mount -t tmpfs -o "mode=755,size=$NODE_DISK" tmpfs "$1/disk"
	for folder in state root logs; do
		mkdir -- "$1/disk/$folder"
		mount --bind "$1/disk/$folder" "$1/$folder"
	done
}

# become_holder DIR CGROUP PATH... : in the new namespace
become_holder() {
	local state=$1 path
	echo "$BASHPID" >"$2/cgroup.procs"
	shift 2
	mount --make-rshared /
	[[ -z ${NODE_DISK-} ]] || mount_disk "$state"
	for path in "$@"; do
		mount -t tmpfs -o mode=755 tmpfs "$path"
	done
	: >"$state/mounts.ready"
	exec sleep infinity
}

# enter COMMAND... : becomes COMMAND in the node's namespaces and cgroup
enter() {
	echo "$BASHPID" >"$(own_hierarchy)/$cgroup/daemons/cgroup.procs"
	exec nsenter --net="$NETNS" --mount="/proc/$(process_pid "$dir" mounts)/ns/mnt" -- "$@"
}

# start_daemon NAME COMMAND... : in the node's namespaces and cgroup, recorded as NAME
start_daemon() {
	local name=$1
	shift
	process_start "$dir" "$name" "$0" enter "$cluster" "$node" "$@"
}

remove_made_paths() {
	local path
	[[ -f $dir/made ]] || return 0
	while IFS= read -r path; do
		rmdir -- "$path" 2>/dev/null || :
	done <"$dir/made"
}

# ---------------------------------------------------------------- life

# wait_for PROCESS CONDITION... : while the process lives, for a minute
wait_for() {
	local name=$1 deadline=$((SECONDS + 60))
	shift
	until "$@" >/dev/null 2>&1; do
		if ! process_alive "$dir" "$name" || ((SECONDS > deadline)); then
			tail -n 5 -- "$dir/$name.log" >&2
			die "$name does not come up (its log is above)"
		fi
		sleep 0.1
	done
}

node_ready() {
	[[ $(inside kubectl get node "$node" -o "jsonpath={.status.conditions[?(@.type=='Ready')].status}") == True ]]
}

# or_undo FUNCTION COMMAND... : runs COMMAND, and FUNCTION when it fails or is interrupted
or_undo() {
	# shellcheck disable=SC2064 # the function as it is named now
	trap "say 'giving up, cleaning up'; $1" EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	shift
	"$@"
	trap - EXIT INT TERM HUP
}

# print_processes : "PID NAME" of all in the node's cgroup
print_processes() {
	local pid name
	for pid in $(own_pids); do
		{ name=$(<"/proc/$pid/comm") && printf '%s %s\n' "$pid" "$name"; } 2>/dev/null || :
	done
}

# write_network_config SUBNET : a CNI configuration for pods on a bridge
write_network_config() {
	cat <<-END
		{
		  "cniVersion": "1.0.0",
		  "name": "pods",
		  "plugins": [
		    {
		      "type": "bridge", "bridge": "cni$index", "isGateway": true, "ipMasq": false, "hairpinMode": true,
		      "ipam": {
		        "type": "host-local", "dataDir": "/var/lib/cni/addresses",
		        "ranges": [[{"subnet": "$1"}]], "routes": [{"dst": "0.0.0.0/0"}]
		      }
		    },
		    {"type": "portmap", "capabilities": {"portMappings": true}}
		  ]
		}
	END
}
