# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the Wasm tests share beside lib.sh; to be sourced after it.

begin_wasm() { # as begin; the guests are built, and the runtime classes are there
	[[ $(id -u) -eq 0 ]] || { echo "skipped: needs root"; exit 77; }
	[[ -x $(dirname "$(realpath "$OARSMAN")")/oarsman-wasm ]] || { echo "skipped: this build has no oarsman-wasm"; exit 77; }
	guests=$("$tests/wasm/build-guests" all) || { echo "skipped: the guests cannot be built"; exit 77; }
	begin "$@"
	k apply -f "$tests/../manifests/cluster/runtimeclass.yaml" >/dev/null
}

# push FORM GUEST [NAME [OPTION...]] : the guest as an image of that form (tests/support/wasm-image), NAME-wasm:1
push() {
	local form=$1 guest=$2 name=${3:-$2}
	inside "$tests/support/wasm-image" "${@:4}" "$form" "$guests/$guest.wasm" "127.0.0.1:5000/$name-wasm:1" >/dev/null
}
push_all() { # push_all GUEST... : as the artifacts that are usual
	local guest
	for guest; do push cncf "$guest"; done
}

# once NAME GUEST COMMAND : a pod that runs a guest once. COMMAND is a list in YAML; more YAML on standard input goes
# below its only container, and what is behind a line "---" below the spec.
once() {
	local more
	more=$(cat)
	{
		printf 'runtimeClassName: wasm\nrestartPolicy: Never\n%s\ncontainers:\n- name: c\n  image: 127.0.0.1:5000/%s-wasm:1\n  command: %s\n' \
			"$(sed '0,/^---$/d' <<<"$more")" "$2" "$3"
		sed '/^---$/,$d' <<<"$more" | sed 's/^/  /'
	} | pod "$1"
}
orders() { jq -cn '$ARGS.positional' --args obey "$@"; } # orders ORDER... : the command for the guest "obey"

ends() { # ends POD CODE [REASON] : with that exit code
	eventually 60 is_over "$1"
	must_be pod "$1" '{.status.containerStatuses[0].state.terminated.exitCode}' "$2"
	[[ $# -lt 3 ]] || must_be pod "$1" '{.status.containerStatuses[0].state.terminated.reason}' "$3"
}
last_words() { field pod "$1" '{.status.containerStatuses[0].state.terminated.message}'; } # last_words POD

refused() { # refused POD PART-OF-MESSAGE : its container is not made, and an event says why
	eventually 30 is pod "$1" '{.status.containerStatuses[0].state.waiting.reason}' CreateContainerError
	eventually 10 has_event "$1" Failed "$2"
}

ip_of() { field pod "$1" '{.status.podIP}'; }
runs() { eventually 120 is pod "$1" '{.status.phase}' Running; }

guest_of() { # guest_of POD : the process of the guest
	local uid pid
	uid=$(field pod "$1" '{.metadata.uid}')
	while IFS= read -r pid; do
		[[ $(readlink "/proc/$pid/exe") != */oarsman-wasm ]] || printf '%s\n' "$pid"
	done < <(find /sys/fs/cgroup -path "*pod$uid*" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u)
}

# delete_watched POD SECONDS : deletes it, within that time, and prints the last that was said of its container
delete_watched() {
	local watcher
	k get pod "$1" --watch -o json >"$S/watch-$1" 2>/dev/null &
	watcher=$!
	eventually 5 test -s "$S/watch-$1"
	k delete pod "$1" --timeout="$2s" >/dev/null
	kill "$watcher" 2>/dev/null || :
	wait "$watcher" 2>/dev/null || :
	jq -rs 'last | .status.containerStatuses[0].state.terminated | "\(.exitCode) \(.reason)"' "$S/watch-$1"
}
