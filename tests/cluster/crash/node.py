# SPDX-License-Identifier: Apache-2.0
"""A cluster, its API, and one oarsman node in it that is killed and started again. Times are in seconds."""

import ctypes
import http.client
import json
import os
import pathlib
import re
import shlex
import signal
import ssl
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
CLUSTER, NODE_OARSMAN = HERE.parent / "cluster", HERE.parent / "node-oarsman"
SUPPORT = HERE.parent.parent / "support"
BUILD_GUESTS = HERE.parent.parent / "wasm" / "build-guests"
BUSYBOX, OBEY = "127.0.0.1:5000/busybox:1", "127.0.0.1:5000/obey-wasm:1"
CLONE_NEWNET = 0x40000000

WRAPPER = """#!/bin/sh
for word; do
	[ "$word" != start ] || start=yes
	id=$word
done
[ -n "$start" ] || exec crun "$@"
[ ! -e {slow} ] || sleep 0.5
crun "$@" && echo "$id" >>{log}
"""


def run(*command, **more):
    """Output of a program; what it complained about when it fails."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          **more)
    if done.returncode != 0:
        sys.exit(f"crash: {shlex.join(map(str, command))}: {done.stderr.strip() or done.returncode}")
    return done.stdout.strip()


def guests(program):
    """The directory with the guests of the Wasm tests, where the agent can run them."""
    if not (program.parent / "oarsman-wasm").exists():
        print(f"skipped: there is no oarsman-wasm beside {program}")
        sys.exit(77)
    return pathlib.Path(run(BUILD_GUESTS, "core"))


def enter_network(path):
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET) < 0:
        raise OSError(ctypes.get_errno(), f"enter {path}")
    os.close(fd)


class Api:
    """The API server as the administrator sees it, over one connection."""

    def __init__(self, pki):
        context = ssl.create_default_context(cafile=pki / "ca.crt")
        context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self.connection = http.client.HTTPSConnection("127.0.0.1", 6443, context=context, timeout=30)

    def ask(self, method, path, body=None):
        """(status, object)"""
        self.connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def must(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        if status >= 300:
            sys.exit(f"crash: {method} {path}: {answer.get('message', status)}")
        return answer


class Cluster:
    def __init__(self, keep, guests=None):
        self.keep, self.image = keep, OBEY if guests else BUSYBOX
        self.dir = pathlib.Path(run(CLUSTER, "up", "--nodes", "n1"))
        env = dict(re.findall(r"^export (\w+)=(\S+)$", (self.dir / "env").read_text(), re.M))
        enter_network(env["NETNS"])
        self.api = Api(self.dir / "pki")
        run(SUPPORT / "registry", "start", self.dir / "registry")
        run(SUPPORT / "images", "--push", "127.0.0.1:5000", "busybox")
        if guests:
            run(SUPPORT / "wasm-image", "cncf", guests / "obey.wasm", OBEY)

    def down(self):
        if self.keep:
            print(f"left standing: {self.dir}", file=sys.stderr)
            return
        subprocess.run([NODE_OARSMAN, "stop", self.dir, "n1"], capture_output=True, check=False)
        subprocess.run([SUPPORT / "registry", "remove", self.dir / "registry"], capture_output=True, check=False)
        run(CLUSTER, "-d", self.dir, "down")


class Node:
    def __init__(self, cluster, program):
        self.cluster, self.program = cluster, program
        self.dir = cluster.dir / "oarsman-n1"
        self.run_dir = pathlib.Path(run(NODE_OARSMAN, "run-dir", cluster.dir, "n1"))
        self.cgroup = self.run_dir.name
        self.effects = cluster.dir / "effects"
        self.runtime_log = cluster.dir / "runtime.log"
        self.slow = cluster.dir / "slow"
        self.started = False
        self.foreign_mounts = {line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()}
        self.foreign_mounts |= {"/var/lib/cni", "/var/log/containers"}

    def write_runtime(self):
        """A runtime that writes down which container it has started, takes its time when told so, and is crun."""
        path = self.cluster.dir / "runtime"
        path.write_text(WRAPPER.format(log=shlex.quote(str(self.runtime_log)), slow=shlex.quote(str(self.slow))))
        path.chmod(0o755)
        self.runtime_log.touch()
        return path

    def start(self, crash_at=0):
        """With the effects counted anew."""
        self.effects.unlink(missing_ok=True)
        environment = os.environ | {"OARSMAN": str(self.program), "CRASH_LOG": str(self.effects),
                                    "CRASH_AT": str(crash_at)}
        command = ["again"] if self.started else ["launch"]
        more = [] if self.started else ["--runtime", self.write_runtime(), "--v", "4"]
        run(NODE_OARSMAN, *command, self.cluster.dir, "n1", *more, env=environment)
        self.started = True
        self.holder = int((self.dir / "mounts.process").read_text().split()[0])

    def agent_pid(self):
        """0: it does not run."""
        try:
            pid, ticks = (self.dir / "agent.process").read_text().split()
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            return 0
        return int(pid) if fields[0] != "Z" and fields[19] == ticks else 0

    def kill_after(self, effect, delay_s):
        """In the background: delay_s after this life has reached the effect, which is a number or a name."""
        pid = self.agent_pid()

        def watch():
            while self.agent_pid() == pid != 0:
                reached = self.effects.read_text().splitlines() if self.effects.exists() else []
                names = [line.partition(" ")[2] for line in reached]
                if len(reached) >= effect if isinstance(effect, int) else effect in names:
                    time.sleep(delay_s)
                    if self.agent_pid() == pid:
                        os.kill(pid, signal.SIGKILL)
                    return
                time.sleep(0.001)

        threading.Thread(target=watch, daemon=True).start()

    def kill(self):
        pid = self.agent_pid()
        if pid:
            os.kill(pid, signal.SIGKILL)
            run(NODE_OARSMAN, "kill", self.cluster.dir, "n1")

    def forget_image(self):
        """While the agent is down, so that its next life pulls it again."""
        subprocess.run([NODE_OARSMAN, "exec", self.cluster.dir, "n1", self.program, "image", "rm", "--config",
                        self.dir / "config.yaml", self.cluster.image], capture_output=True, check=False)

    def last_effect(self):
        """(number, name) of the last effect that the last life reached."""
        lines = self.effects.read_text().splitlines() if self.effects.exists() else []
        return (int(lines[-1].split()[0]), lines[-1].partition(" ")[2]) if lines else (0, "")
