# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Processes that outlive the script that starts them. Each is recorded as
# DIR/NAME.process, one line "PID STARTTIME" that the process itself writes
# before it becomes the program, so that it is found again after any crash and
# a reused pid is never taken for it. Its output goes to DIR/NAME.log.

# process_start_time PID : when it started, in clock ticks since boot; fails when there is no such process
process_start_time() {
	local stat fields
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -ra fields <<<"${stat##*) }"
	# A zombie has ended: only its parent does not know yet.
	[[ ${fields[0]} != Z ]] || return 1
	printf '%s\n' "${fields[19]}"
}

# process_become DIR NAME COMMAND... : records the calling subshell and turns it into COMMAND
process_become() {
	local dir=$1 name=$2 pid=$BASHPID fd
	shift 2
	exec </dev/null >>"$dir/$name.log" 2>&1
	# A caller's pipe that a daemon keeps open would keep the caller's reader waiting.
	for fd in /proc/"$pid"/fd/*; do
		fd=${fd##*/}
		((fd <= 2)) || eval "exec $fd>&-"
	done
	printf '%s %s\n' "$pid" "$(process_start_time "$pid")" >"$dir/$name.process.new"
	mv -- "$dir/$name.process.new" "$dir/$name.process"
	exec setsid -- "$@"
}

# process_start DIR NAME COMMAND... : starts COMMAND in the background and returns when it is recorded
process_start() {
	local dir=$1 name=$2
	rm -f -- "$dir/$name.process"
	(process_become "$@") &
	local child=$!
	until [[ -e $dir/$name.process ]]; do
		kill -0 "$child" 2>/dev/null || break
		sleep 0.002
	done
	disown "$child" 2>/dev/null || : # how it ends is not for this shell to tell
	[[ -e $dir/$name.process ]]
}

# process_pid DIR NAME : its pid; fails when it does not run (any more)
process_pid() {
	local pid started
	{ read -r pid started <"$1/$2.process"; } 2>/dev/null || return 1
	[[ $pid =~ ^[1-9][0-9]*$ && $(process_start_time "$pid") == "$started" ]] || return 1
	printf '%s\n' "$pid"
}

process_alive() { process_pid "$1" "$2" >/dev/null; }

# process_signal DIR NAME SIGNAL : fails when it does not run
process_signal() {
	local pid
	pid=$(process_pid "$1" "$2") && kill -s "$3" "$pid" 2>/dev/null
}

# process_wait_end DIR NAME SECONDS : waits until it has ended; fails when it has not in that time
process_wait_end() {
	local deadline=$((${EPOCHREALTIME/[.,]/} + $3 * 1000000))
	while process_alive "$1" "$2"; do
		((${EPOCHREALTIME/[.,]/} < deadline)) || return 1
		sleep 0.01
	done
}

# process_stop DIR NAME [SECONDS] : SIGTERM, after SECONDS (default 5) SIGKILL, and forgets it
process_stop() {
	if process_signal "$1" "$2" TERM; then
		process_signal "$1" "$2" CONT || : # a paused one hears nothing else
		process_wait_end "$1" "$2" "${3-5}" || process_kill "$1" "$2"
	fi
	rm -f -- "$1/$2.process"
}

# process_kill DIR NAME : SIGKILL, and forgets it
process_kill() {
	if process_signal "$1" "$2" KILL; then
		process_wait_end "$1" "$2" 10 || printf 'process %s does not end\n' "$2" >&2
	fi
	rm -f -- "$1/$2.process"
}
