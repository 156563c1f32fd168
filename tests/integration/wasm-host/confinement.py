# SPDX-License-Identifier: Apache-2.0
"""The second wall: what the process of a guest may do, should the guest ever break out of the engine."""

import os
import re
import signal
import socket
import subprocess
import time

import host
from host import Case, bind, wait_for

GUESTS = ("core", "component")
KINDS = (("sleep", "sleeping"), ("sleep-component", "sleeping"), ("http", None))


class Process(Case):
    def each(self, **more):
        for guest, says in KINDS:
            with self.subTest(guest=guest):
                c = self.started(guest, **more)
                wait_for(lambda c=c: not any(path.endswith("/start") for path in c.links()), "its start")
                if says:
                    c.says(says)
                yield c
                c.remove()

    def test_no_capabilities_no_new_privileges_a_filter(self):
        for user in ((0, 0), (1000, 2000, 3000)):
            for c in self.each(user=user):
                for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                    self.assertEqual(int(c.fact(name), 16), 0, name)
                self.assertEqual((c.fact("NoNewPrivs"), c.fact("Seccomp")), ("1", "2"))
                self.assertEqual(set(c.fact("Uid").split()), {str(user[0])})
                self.assertEqual(set(c.fact("Gid").split()), {str(user[1])})
                self.assertEqual(c.fact("Groups").split(), [str(group) for group in user[2:]])
                for task in os.listdir(f"/proc/{c.pid}/task"):  # of every thread
                    status = c.proc(f"task/{task}/status")
                    self.assertRegex(status, r"Seccomp:\t2\n")
                    self.assertRegex(status, r"CapEff:\t0+\n")

    def test_nothing_is_writable_and_executable(self):
        for c in self.each():
            flags = [line.split()[1] for line in c.proc("maps").splitlines()]
            self.assertTrue(any("x" in one for one in flags))
            self.assertEqual([one for one in flags if "w" in one and "x" in one], [])

    def test_no_descriptor_leads_to_the_node(self):
        """Only standard streams, the compiled code, what a guest's calls wait on, and its own files."""
        data = self.folder("data")
        allowed = re.compile(r"(pipe|anon_inode|socket):|/dev/null$|/var/tmp/oarsman-wasm-cache-[^/]*/[0-9a-f]+\.cwasm$|"
                             r"/var/tmp/oarsman-wasm-[^/]*/bundle-\d+/(out|err)$")
        inside = re.compile(r"/$|/data$")
        for c in self.each(mounts=[bind(data, "/data")]):
            for path in c.links():
                if not inside.match(path):
                    self.assertRegex(path, allowed)

    def test_descriptors_of_the_caller_end_with_it(self):
        leak = os.open(self.dir, os.O_RDONLY)
        self.addCleanup(os.close, leak)
        os.set_inheritable(leak, True)
        c = self.container(self.bundle("sleep"))
        self.assertEqual(c.create(close_fds=False), 0)
        self.assertNotIn(self.dir, c.links())

    def test_standard_streams_that_are_not_there(self):
        bundle = self.bundle("sleep").write()
        pid_file = os.path.join(bundle.folder, "pid")
        subprocess.run(["sh", "-c", 'exec <&- >&- 2>&-; exec "$@"', "sh", host.PROGRAM, "--root", self.root, "create", "--bundle", bundle.folder,
                        "--pid-file", pid_file, "closed"], check=True)
        c = self.container(bundle, "closed")
        c.pid = int(host.read(pid_file))
        self.addCleanup(c.remove)
        for path in (c.out, c.err):
            host.write(path, "")
        self.assertEqual([os.readlink(f"/proc/{c.pid}/fd/{fd}") for fd in "012"], ["/dev/null"] * 3)

    def test_its_environment_and_working_directory_say_nothing(self):
        for c in self.each():
            self.assertEqual((os.readlink(f"/proc/{c.pid}/cwd"), os.readlink(f"/proc/{c.pid}/root")), ("/", "/"))
            self.assertEqual(c.fact("Umask"), "0022")

    def test_a_session_of_its_own(self):
        for c in self.each():
            fields = c.proc("stat").rpartition(")")[2].split()
            self.assertEqual(fields[2:4], [str(c.pid), str(c.pid)])

    def test_it_waits_to_be_started_as_confined_as_it_can_be(self):
        c = self.created("sleep", user=(1000, 1000))
        self.assertEqual((int(c.fact("CapEff"), 16), c.fact("NoNewPrivs"), c.fact("Uid").split()[0]), (0, "1", "1000"))
        self.assertEqual(c.proc("mountinfo").count("\n"), 1)

    def test_limits(self):
        bundle = self.bundle("fds", "/")
        bundle.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "hard": 64, "soft": 64}]
        end = self.run_bundle(bundle)
        self.assertEqual(end.code, 0, end)
        self.assertRegex(end.out, r"refused after \d\d: ")
        bundle = self.bundle("sleep")
        bundle.process["oomScoreAdj"] = 500
        c = self.container(bundle).good()
        self.assertEqual((c.proc("oom_score_adj").strip(), re.search(r"Max core file size +(\d+)", c.proc("limits"))[1]), ("500", "0"))
        for process, words in (({"rlimits": [{"type": "RLIMIT_NONSENSE", "hard": 1, "soft": 1}]}, "RLIMIT_NONSENSE"),
                               ({"rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1, "soft": 2}]}, "RLIMIT_NOFILE"),
                               ({"oomScoreAdj": 4294967296}, "oomScoreAdj"), ({"user": {"uid": -1}}, "process.user"),
                               ({"user": {"uid": 0, "gid": 1 << 32}}, "process.user")):
            bundle = self.bundle("sleep")
            bundle.config["process"] |= process
            self.assertIn(words, self.refused_bundle(bundle))


class Namespaces(Case):
    def test_those_of_the_sandbox_are_joined(self):
        holder = subprocess.Popen(["unshare", "--net", "--ipc", "--uts", "sleep", "1000"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        own = os.readlink("/proc/self/ns/net")
        wait_for(lambda: os.readlink(f"/proc/{holder.pid}/ns/net") != own, "the sandbox")
        bundle = self.bundle("sleep")
        bundle.config["linux"]["namespaces"] = [{"type": kind, "path": f"/proc/{holder.pid}/ns/{name}"}
                                                for kind, name in (("network", "net"), ("ipc", "ipc"), ("uts", "uts"))] + [{"type": "mount"}]
        c = self.container(bundle).good()
        for name in ("net", "ipc", "uts"):
            self.assertEqual(os.readlink(f"/proc/{c.pid}/ns/{name}"), os.readlink(f"/proc/{holder.pid}/ns/{name}"))
        self.assertNotEqual(os.readlink(f"/proc/{c.pid}/ns/mnt"), os.readlink("/proc/self/ns/mnt"))

    def test_one_that_is_asked_for_without_a_path_is_new(self):
        bundle = self.bundle("http-hello")
        bundle.config["hostname"] = "guest"
        bundle.config["linux"]["namespaces"] = [{"type": kind} for kind in ("network", "ipc", "uts", "mount", "pid", "cgroup")]
        c = self.container(bundle).good()
        for name in ("net", "ipc", "uts", "mnt"):
            self.assertNotEqual(os.readlink(f"/proc/{c.pid}/ns/{name}"), os.readlink(f"/proc/self/ns/{name}"), name)
        c.start()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 8080), 1)
        inside = subprocess.run(["nsenter", f"--net=/proc/{c.pid}/ns/net", f"--uts=/proc/{c.pid}/ns/uts", "sh", "-c", "hostname; ip -o link show lo"],
                                capture_output=True, text=True, check=True).stdout
        self.assertTrue(inside.startswith("guest\n"), inside)
        self.assertIn("LOOPBACK,UP", inside)

    def test_those_that_cannot_be_had_are_refused(self):
        for kind, words in (("user", "user namespaces"), ("time", "time"), ("nonsense", "nonsense")):
            bundle = self.bundle("sleep")
            bundle.config["linux"]["namespaces"] = [{"type": kind}]
            self.assertIn(words, self.refused_bundle(bundle))
        bundle = self.bundle("sleep")
        bundle.config["linux"]["namespaces"] = [{"type": "network", "path": "/proc/self/ns/ipc"}]
        self.assertIn("network", self.refused_bundle(bundle))

    def test_a_process_namespace(self):
        holder = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", "sleep", "1000"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        child = wait_for(lambda: host.read(f"/proc/{holder.pid}/task/{holder.pid}/children").split(), "its first process")[0]
        bundle = self.bundle("sleep")
        bundle.config["linux"]["namespaces"] = [{"type": "pid", "path": f"/proc/{child}/ns/pid"}]
        c = self.container(bundle).good().start().says("sleeping")
        self.assertEqual(os.readlink(f"/proc/{c.pid}/ns/pid"), os.readlink(f"/proc/{child}/ns/pid"))
        c.kill()
        self.assertEqual(c.wait().code, host.TERMINATED)

    def test_a_small_namespace_to_begin_from(self):
        """As the agent gives it; and what is none, or is gone, only takes longer."""
        data = self.folder("data")
        host.write(f"{data}/x", "x")
        place = self.folder("small")
        code = ("import ctypes, os, subprocess, sys\nlibc = ctypes.CDLL(None)\nlibc.unshare(0x20000)\n"
                "subprocess.run(['mount', '--make-rprivate', '/'], check=True)\nsubprocess.run(['mount', '-t', 'tmpfs', 'x', sys.argv[1]], check=True)\n"
                "os.mkdir(sys.argv[1] + '/guest')\nos.chdir(sys.argv[1])\nlibc.syscall(155, b'.', b'.')\nlibc.umount2(b'.', 2)\nprint('ready', flush=True)\n"
                "sys.stdin.read()\n")
        with subprocess.Popen(["python3", "-c", code, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            self.assertEqual(holder.stdout.readline(), "ready\n")
            for path in (f"/proc/{holder.pid}/ns/mnt", "/nowhere", f"/proc/{holder.pid}/ns/net", f"{data}/x", "/proc/self/ns/user"):
                with self.subTest(path=path):
                    end = self.run_guest("obey", "assert_value(file:/data/x)is(lit:x)", mounts=[bind(data, "/data")], mount_namespace=path)
                    self.assertEqual(end.code, 0, end)
            self.assertEqual(host.read(f"/proc/{holder.pid}/mountinfo").count("\n"), 1)
            holder.stdin.close()


class Neighbours(Case):
    def test_a_full_disk_of_its_own(self):
        end = self.run_guest("fill", "/fill")
        self.assertEqual(end.code, 0, end)
        self.assertIn("No space left", end.out)

    def test_a_guest_that_spins_is_stopped_by_its_cpu_limit_only(self):
        bundle = self.bundle("spin", group="spin")
        bundle.config["linux"]["resources"]["cpu"] = {"quota": 10000, "period": 100000}
        c = self.container(bundle).good().start().says("spinning")

        def used():
            fields = c.proc("stat").rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        before = used()
        time.sleep(1)
        self.assertLess(used() - before, 0.3)
        os.kill(c.pid, signal.SIGKILL)
        self.assertEqual(c.wait().code, host.KILLED)
