# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the behaviour tests share; to be sourced. A test is a list of facts, each checked on the real control plane
# with kubectl, as a person would. The first broken fact ends the test and shows what the agent said.

set -euo pipefail
behaviour=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tests=$(cd "$behaviour/../.." && pwd)
node_oarsman=$tests/cluster/node-oarsman
export OARSMAN=${OARSMAN:-$tests/../build/bin/oarsman}
image=127.0.0.1:5000/busybox:1
facts=0

k() { "$tests/cluster/cluster" -d "$S" kubectl "$@"; }
inside() { "$tests/cluster/cluster" -d "$S" exec "$@"; }

fact() { # fact WORDS... : what is checked from here on
	facts=$((facts + 1))
	current=$*
	printf '%s: %s\n' "${0##*/}" "$current"
}

fail() {
	printf 'BROKEN: %s: %s\n' "${current:-set-up}" "$*" >&2
	exit 1
}

eventually() { # eventually SECONDS COMMAND... : until it succeeds
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[[ $SECONDS -lt $end ]] || fail "never came true: $*"
		sleep 0.1
	done
}

field() { k get "$1" "$2" -o "jsonpath=$3"; } # field KIND NAME JSONPATH

is() { # is KIND NAME JSONPATH WANTED
	[[ $(field "$1" "$2" "$3") == "$4" ]]
}

must_be() { # like is, at once
	local got
	got=$(field "$1" "$2" "$3")
	[[ $got == "$4" ]] || fail "$1 $2 $3 is \"$got\", not \"$4\""
}

event_of() { # event_of POD REASON : the message of such an event, if there is one
	k get events --field-selector "involvedObject.name=$1,reason=$2" -o jsonpath='{.items[*].message}'
}
has_event() { [[ $(event_of "$1" "$2") == *"$3"* ]]; } # has_event POD REASON PART-OF-MESSAGE

pod() { # pod NAME SPEC-LINES : a pod that tolerates everything; YAML on standard input goes below spec
	{
		printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec:\n  tolerations: [{operator: Exists}]\n' "$1"
		sed 's/^/  /'
	} | apply
}

# Between "together" and "submit" objects are only collected: one call for all of them.
together() { : >"$S/together"; }
submit() {
	k apply -f - <"$S/together" >/dev/null
	rm -- "$S/together"
}
apply() { if [[ -f $S/together ]]; then cat >>"$S/together"; else k apply -f - >/dev/null; fi; }

is_over() { [[ $(field pod "$1" '{.status.phase}') == @(Succeeded|Failed) ]]; }

says() { # says POD WANTED : what it has printed when it is over
	eventually 60 is_over "$1"
	[[ $(k logs "$1") == "$2" ]] || fail "$1 says: $(k logs "$1")"
}

waits() { # waits POD REASON MESSAGE : how its first container waits; MESSAGE is a pattern
	eventually 20 is pod "$1" '{.status.containerStatuses[0].state.waiting.reason}' "$2"
	# shellcheck disable=SC2053 # a pattern
	[[ $(field pod "$1" '{.status.containerStatuses[0].state.waiting.message}') == $3 ]] ||
		fail "$1 waits with: $(field pod "$1" '{.status.containerStatuses[0].state.waiting.message}')"
}

at_end() { :; } # a test that has more to take away says how

end() {
	local status=$?
	trap - EXIT
	if [[ $status -ne 0 ]]; then
		echo "--- the agent's last words" >&2
		tail -n 60 "$S/oarsman-n1/agent.log" >&2 || true
		k get pods -A -o wide >&2 || true
		k get events -A --sort-by=.lastTimestamp 2>/dev/null | tail -n 20 >&2 || true
	fi
	"$node_oarsman" stop "$S" n1 >"$S/stop.log" 2>&1 || { status=1; cat "$S/stop.log" >&2; }
	at_end >/dev/null 2>&1 || true
	"$tests/support/registry" remove "$S/registry" >/dev/null 2>&1 || true
	"$tests/cluster/cluster" -d "$S" down || status=1
	[[ $status -ne 0 ]] || printf '%s: %d facts hold\n' "${0##*/}" "$facts"
	exit "$status"
}

begin() { # a cluster, a registry with images, the agent as node n1
	[[ $(id -u) -eq 0 ]] || { echo "skipped: needs root"; exit 77; }
	S=$("$tests/cluster/cluster" up --nodes "n1 n2" 2>/dev/null)
	trap end EXIT
	trap 'exit 130' INT TERM
	inside "$tests/support/registry" start "$S/registry" >/dev/null
	inside "$tests/support/images" --push 127.0.0.1:5000 busybox pause web >/dev/null
	"$node_oarsman" start "$S" n1 "$@" >/dev/null
}
