# SPDX-License-Identifier: Apache-2.0
"""What a node is made of, as sets of lines that can be compared: a list for each kind of thing that can leak."""

import os
import re
import subprocess


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def hierarchies():
    """Every mounted hierarchy: one with cgroup v2, one for each controller with v1."""
    return [fields[1] for fields in map(str.split, read("/proc/mounts").splitlines())
            if fields[2] in ("cgroup", "cgroup2")]


class World:
    """The things of one node. All paths are as they are outside of its mount namespace."""

    def __init__(self, node):
        self.node = node

    def look(self):
        return {
            "mounts": set(self.mounts()),
            "files": set(self.files()),
            "cgroups": set(self.cgroups()),
            "processes": set(self.processes()),
            "namespaces": set(self.namespaces()),
            "interfaces": {line.split(":")[1].split("@")[0].strip() for line in output("ip", "-o", "link")},
            "addresses": {" ".join(line.split()[1:4]) for line in output("ip", "-o", "addr")
                          if " fe80:" not in line},
            "routes": {line.replace("linkdown", "").strip() for line in output("ip", "route")},
            "nft": set(self.nft()),
        }

    def mounts(self):
        """But those of the set-up and of the machine, which go when others remove the folders they are on."""
        for line in read(f"/proc/{self.node.holder}/mountinfo").splitlines():
            fields = line.split()
            end = fields.index("-")
            if fields[4] not in self.node.foreign_mounts:
                yield f"{fields[4]} {fields[end + 1]} {fields[3]}"

    def files(self):
        """Files in use right now carry the name of what they will be, or none; a leak keeps its own."""
        inner = f"/proc/{self.node.holder}/root"
        for top in (self.node.dir / "state", self.node.dir / "root", self.node.dir / "logs",
                    inner + str(self.node.run_dir), inner + "/var/log/containers"):
            for folder, folders, files in os.walk(top):
                for name in folders + files:
                    yield f"{folder}/{name}".removeprefix(inner)

    def cgroups(self):
        for top in hierarchies():
            for folder, folders, _ in os.walk(f"{top}/{self.node.cgroup}"):
                yield from (f"{folder}/{name}" for name in folders)

    def pids(self):
        """Whoever is in the node's cgroups, and whoever names its run directory: a supervisor may be anywhere. The
        dead count only where the agent is to bury them."""
        own, run = f"/{self.node.cgroup}/", f"{self.node.run_dir}/"
        agent = self.node.agent_pid()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if int(pid) in (self.node.holder, agent):
                continue
            if own in read(f"/proc/{pid}/cgroup") or run in read(f"/proc/{pid}/cmdline"):
                state = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
                if state and (state[0] != "Z" or int(state[1]) == agent):
                    yield pid

    def processes(self):
        for pid in self.pids():
            yield f"{pid} {read(f'/proc/{pid}/cmdline').replace(chr(0), ' ').strip()}"

    def namespaces(self):
        """Those that a process is in or a descriptor of the agent holds. (A mount that holds one is among the mounts.)"""
        for pid in self.pids():
            try:
                yield os.readlink(f"/proc/{pid}/ns/net")
            except OSError:
                pass
        agent = f"/proc/{self.node.agent_pid()}/fd"
        for fd in os.listdir(agent) if os.path.isdir(agent) else []:
            try:
                target = os.readlink(f"{agent}/{fd}")
            except OSError:
                continue
            if re.match(r"(net|ipc|uts|pid):\[", target):
                yield f"the agent holds {target}"

    def nft(self):
        place = []
        for line in output("nft", "list", "ruleset"):
            line = re.sub(r"counter packets \d+ bytes \d+", "counter", line.strip())
            if line.endswith("{"):
                place.append(line)
            yield " ".join(place) + " " + line
            if line.endswith("}") and "{" not in line:
                place.pop()


# The groups that modules are compiled in are there as long as the agent that has compiled one.
FLEETING = re.compile(r"oarsman-compile((/|%2F)\d)?$")


def differences(before, after):
    """Lines "+ mounts: …" for what there is more, "- …" for what there is less."""
    for kind in before:
        for sign, lines in ("+", after[kind] - before[kind]), ("-", before[kind] - after[kind]):
            yield from (f"{sign} {kind}: {line}" for line in sorted(lines) if not FLEETING.search(line))
