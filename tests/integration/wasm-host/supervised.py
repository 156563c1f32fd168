# SPDX-License-Identifier: Apache-2.0
"""Under conmon, as the agent has it and as anybody may by hand."""

import json
import os
import select
import shutil
import socket
import struct
import subprocess
import time

import host
from host import Case, read, wait_for

GUESTS = ("core", "component")


class Supervised(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("conmon"):
            self.skipTest("conmon is not installed")
        self.exits, self.sockets = self.folder("exits"), self.folder("sockets")

    def supervise(self, bundle, name, *options):
        """(conmon's answer, its process) once the container is created."""
        bundle.write()
        ours, theirs = os.pipe()
        go, begin = os.pipe()
        for fd in (theirs, go):
            os.set_inheritable(fd, True)
        done = subprocess.run(
            ["conmon", "--api-version", "1", "-c", name, "-n", name, "-u", name, "-r", host.PROGRAM, "-b", bundle.folder,
             "-p", f"{bundle.folder}/pid", "-P", f"{bundle.folder}/conmon.pid", "-l", f"k8s-file:{bundle.folder}/log",
             "--exit-dir", self.exits, "--persist-dir", bundle.folder, "--socket-dir-path", self.sockets, "--full-attach",
             "--log-level", "warning", f"--runtime-arg=--root={self.root}", *options], pass_fds=(theirs, go), check=True,
            env={**os.environ, "_OCI_SYNCPIPE": str(theirs), "_OCI_STARTPIPE": str(go)}, cwd=bundle.folder,
            stdin=subprocess.DEVNULL) if not os.write(begin, b"x") == 0 else None
        os.close(theirs)
        os.close(go)
        os.close(begin)
        with os.fdopen(ours) as answer:
            line = answer.readline()
        self.assertEqual(done.returncode, 0)
        self.addCleanup(self.end, bundle, name)
        return json.loads(line)

    def end(self, bundle, name):
        self.command("delete", "--force", name)
        path = f"{bundle.folder}/conmon.pid"
        pid = int(read(path)) if os.path.exists(path) else 0
        wait_for(lambda: not pid or not os.path.exists(f"/proc/{pid}") or reap(pid), "the end of conmon")

    def good(self, bundle, name, *options):
        answer = self.supervise(bundle, name, *options)
        self.assertGreater(answer["data"], 0, answer)
        return answer["data"]

    def exit_of(self, name):
        path = os.path.join(self.exits, name)
        wait_for(lambda: os.path.exists(path) and read(path), f"the exit of {name}")
        return int(read(path))

    def log_of(self, bundle):
        return [line.split(" ", 3)[1:] for line in read(f"{bundle.folder}/log").splitlines()]


def reap(pid):
    try:
        return os.waitpid(pid, os.WNOHANG) != (0, 0)
    except ChildProcessError:
        return not os.path.exists(f"/proc/{pid}")


class Log(Supervised):
    def test_both_streams_and_the_exit_code(self):
        for guest in ("hello", "hello-component"):
            bundle = self.bundle(guest)
            self.good(bundle, guest)
            self.assertEqual(self.log_of(bundle), [])
            self.do("start", guest)
            self.assertEqual(self.exit_of(guest), 0)
            self.assertEqual(sorted(self.log_of(bundle)), [["stderr", "F", "hello from stderr"], ["stdout", "F", f"argv[0]={guest}"],
                                                           ["stdout", "F", "hello from stdout"]])

    def test_codes_and_signals(self):
        for guest, args, signal, code in (("exit", ["42"], None, 42), ("trap", ["unreachable"], None, 134), ("sleep", [], "TERM", 143),
                                          ("spin", [], "KILL", 137), ("code", ["code", "7"], None, 7)):
            bundle = self.bundle(guest, *args)
            self.good(bundle, guest)
            self.do("start", guest)
            if signal:
                wait_for(lambda b=bundle: self.log_of(b), "its first line")
                self.do("kill", guest, signal)
            self.assertEqual(self.exit_of(guest), code, guest)

    def test_why_it_was_not_created(self):
        bundle = self.bundle("sleep", mounts=[host.bind("/nowhere", "/data")])
        answer = self.supervise(bundle, "refused")
        self.assertEqual(answer["data"], -1)
        self.assertIn("mount /nowhere: No such file or directory", answer["message"])
        self.assertEqual(os.listdir(self.root) if os.path.exists(self.root) else [], [])

    def test_too_much_memory_is_told(self):
        bundle = self.bundle("hog", group="oom")
        bundle.config["linux"]["resources"]["memory"] = {"limit": 32 << 20}
        self.good(bundle, "oom")
        self.do("start", "oom")
        self.assertEqual(self.exit_of("oom"), host.KILLED)
        self.assertTrue(os.path.exists(f"{bundle.folder}/oom"))

    def test_a_flood_of_lines(self):
        bundle = self.bundle("flood", "20")
        self.good(bundle, "flood", "--log-size-max", "1048576")
        self.do("start", "flood")
        self.assertEqual(self.exit_of("flood"), 0)


class Attached(Supervised):
    def attach(self, bundle):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(client.close)
        wait_for(lambda: os.path.exists(f"{bundle.folder}/attach"), "the socket")
        folder = os.open(bundle.folder, os.O_PATH)
        self.addCleanup(os.close, folder)
        client.connect(f"/proc/self/fd/{folder}/attach")
        return client

    def hear(self, client, text, seconds=10):
        heard = b""
        deadline = time.monotonic() + seconds
        while text not in heard:
            self.assertTrue(select.select([client], [], [], max(0, deadline - time.monotonic()))[0], heard)
            part = client.recv(9000)
            self.assertNotEqual(part, b"", heard)
            heard += part[1:]
        return heard

    def test_standard_input(self):
        bundle = self.bundle("lines")
        self.good(bundle, "lines", "-i", "--leave-stdin-open")
        client = self.attach(bundle)
        self.do("start", "lines")
        client.send(b"over the socket\n")
        self.hear(client, b"over the socket\n")

    def test_a_terminal(self):
        bundle = self.bundle("lines")
        bundle.process["terminal"] = True
        self.assertIn("--console-socket", self.refused("create", "--bundle", bundle.write().folder, "tty"))
        pid = self.good(bundle, "tty", "-t", "-i")
        client = self.attach(bundle)
        self.do("start", "tty")
        self.assertEqual({os.readlink(f"/proc/{pid}/fd/{fd}").rpartition("/")[0] for fd in "012"}, {"/dev/pts"})
        client.send(b"typed\n")
        self.hear(client, b"typed\r\n")
        client.send(b"\x03")  # the terminal is its own: what is typed reaches it as a signal
        self.assertEqual(self.exit_of("tty"), 130)

    def test_a_console_nobody_asked_for(self):
        bundle = self.bundle("lines").write()
        self.assertIn("--console-socket", self.refused("create", "--bundle", bundle.folder, "--console-socket", "/nowhere", "x"))
        bundle.process["terminal"] = True
        bundle.write()
        for path in ("/nowhere", "/" + "x" * 200):
            self.assertIn("console socket", self.refused("create", "--bundle", bundle.folder, "--console-socket", path, "x"))


assert struct
