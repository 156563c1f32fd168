# SPDX-License-Identifier: Apache-2.0
"""What a guest is told, and how it ends: arguments, environment, exit codes, traps, signals, memory."""

import os
import subprocess

import host
from host import Case, wait_for

GUESTS = ("core", "component")


class Told(Case):
    def test_arguments_and_environment(self):
        for guest in ("hello", "hello-component"):
            with self.subTest(guest=guest):
                end = self.run_guest(guest, "one", "", "two words", "ü", env=["FOO=bar=baz", "POD_NAME=", "CONFIG_MAP_VAL=ä\nb"])
                self.assertEqual(end.code, 0, end)
                self.assertEqual(end.out.splitlines(), [
                    "hello from stdout", "FOO=bar=baz", "CONFIG_MAP_VAL=ä", "b", "POD_NAME=", f"argv[0]={guest}", "argv[1]=one",
                    "argv[2]=", "argv[3]=two words", "argv[4]=ü"])
                self.assertEqual((end.err, end.message), ("hello from stderr\n", ""))

    def test_our_own_environment_is_nobodys_business(self):
        bundle = self.wanting_message(self.bundle("obey", "assert_not_exists(env:PATH)", "assert_not_exists(env:SECRET)",
                                                  "assert_not_exists(env:TOKIO_WORKER_THREADS)"))
        end = self.run_bundle(bundle, env={**os.environ, "SECRET": "x"})
        self.assertEqual(end.code, 0, end)
        c = self.container(self.bundle("sleep"))
        c.create(env={**os.environ, "SECRET": "x"})
        c.start().says("sleeping")
        c.kill()
        c.wait()

    def test_standard_input(self):
        c = self.container(self.bundle("lines"))
        given, ours = os.pipe()
        self.assertEqual(c.create(stdin=given), 0)
        os.close(given)
        c.start()
        os.write(ours, b"first\n")
        c.says("first")
        os.write(ours, b"second\n")
        os.close(ours)
        self.assertEqual((c.wait().code, host.read(c.out)), (0, "first\nsecond\n2 lines\n"))

    def test_an_output_that_nobody_reads_is_an_error_of_the_guest_and_not_its_end(self):
        bundle = self.bundle("flood", "1").write()
        ours, given = os.pipe()
        c = self.container(bundle)
        pid_file = os.path.join(bundle.folder, "pid")
        self.command("create", "--bundle", bundle.folder, "--pid-file", pid_file, c.id, stdin=subprocess.DEVNULL, stdout=given,
                     stderr=subprocess.DEVNULL, capture_output=False)
        c.pid = int(host.read(pid_file))
        self.addCleanup(c.remove)
        host.write(c.err, "")
        host.write(c.out, "")
        os.close(ours)
        os.close(given)
        self.assertEqual(c.start().wait().code, 1)


class Codes(Case):
    def test_of_a_core_module(self):
        for said, code in ((0, 0), (1, 1), (42, 42), (125, 125), (126, 126), (134, 134), (255, 255), (-1, 255), (256, 0)):
            end = self.run_guest("exit", str(said))
            self.assertEqual((end.code, end.out, end.err, end.message), (code, f"ending with {said}\n", "", ""))
        self.assertEqual(self.run_guest("first").code, 0)

    def test_of_a_component(self):
        for args, code in (((), 0), (("code", "0"), 0), (("code", "7"), 7), (("code", "255"), 255), (("failure",), 1),
                           (("return-failure",), 1)):
            end = self.run_guest("code", *args)
            self.assertEqual((end.code, end.out, end.message), (code, "ending\n", ""), args)

    def test_of_a_function_by_name(self):
        end = self.run_guest("named", function="run_me")
        self.assertEqual((end.code, end.out, end.message), (0, "run_me was called\n", ""))
        for guest, name in (("named", "nope"), ("named", "with_argument"), ("named", "memory"), ("code", "nope")):
            end = self.run_guest(guest, function=name)
            self.assertIn(end.code, (126, 134), (guest, name))
            self.assertIn(name, end.message)

    def test_a_trap_is_134_with_its_message_and_backtrace(self):
        for guest in ("trap", "trap-component"):
            for way, words in (("unreachable", "unreachable"), ("divide", "divide by zero"), ("bounds", "out of bounds memory access"),
                               ("stack", "call stack exhausted"), ("indirect", "undefined element"), ("abort", "unreachable")):
                with self.subTest(guest=guest, way=way):
                    end = self.run_guest(guest, way)
                    self.assertEqual(end.code, 134, end)
                    self.assertIn(words, end.message)
                    self.assertIn("wasm backtrace", end.message)
                    self.assertIn("trap_stack_deeper" if way == "stack" else f"trap_{way}" if way != "abort" else "abort", end.message)
                    self.assertEqual(end.err.strip(), end.message.strip())

    def test_a_function_that_runs_before_the_main_one_counts_as_the_guests(self):
        for name, code, words in (("attack-start", None, ""),):
            path = host.guest(name)
            if os.path.exists(path):
                c = self.container(self.bundle(name)).good().start()
                self.assertFalse(c.poll())
                c.kill("KILL")
                self.assertEqual(c.wait().code, host.KILLED)


class Signals(Case):
    def test_every_guest_ends_at_once(self):
        for guest, says in (("sleep", "sleeping"), ("spin", "spinning"), ("sleep-component", "sleeping")):
            for word, code in (("TERM", host.TERMINATED), ("KILL", host.KILLED)):
                with self.subTest(guest=guest, signal=word):
                    c = self.started(guest).says(says)
                    c.kill(word)
                    self.assertEqual(c.wait(2).code, code)


class Memory(Case):
    MIB = 1 << 20

    def limited(self, guest, *args, mib, **more):
        bundle = self.bundle(guest, *args, group=f"memory-{guest}", **more)
        bundle.config["linux"]["resources"]["memory"] = {"limit": mib * self.MIB}
        return bundle

    def test_too_much_of_it_is_the_kernels_matter(self):
        for guest in ("hog", "hog-component"):
            c = self.container(self.limited(guest, mib=32)).good().start()
            self.assertEqual(c.wait().code, host.KILLED)
            c.remove()
        self.assertEqual(host.groups(), [])

    def test_what_is_within_the_limit(self):
        end = self.run_bundle(self.limited("hog", "8", mib=32))
        self.assertEqual((end.code, end.out), (0, "got 8 MiB\n"))

    def test_memory_that_is_asked_for_but_not_used_is_refused_beyond_the_limit(self):
        end = self.run_bundle(self.limited("grow", mib=32))
        self.assertEqual((end.code, end.out), (0, "refused after 32 MiB\n"))
        bundle = self.wanting_message(self.limited("declared", mib=32))
        end = self.run_bundle(bundle)
        self.assertEqual(end.code, 126, end)
        self.assertIn("memory", end.message)

    def test_a_group_of_its_own_has_its_limits_and_goes_with_it(self):
        bundle = self.limited("sleep", mib=32)
        bundle.config["linux"]["resources"] |= {"cpu": {"shares": 512, "quota": 50000, "period": 100000}, "pids": {"limit": 64}}
        c = self.container(bundle).good()
        groups = {line.split(":")[1]: line.split(":")[2] for line in c.proc("cgroup").splitlines()}
        self.assertEqual(groups["memory"], f"/{host.GROUP}/memory-sleep")
        for path, want in (("memory/{}/memory.limit_in_bytes", str(32 * self.MIB)), ("cpu/{}/cpu.shares", "512"),
                           ("cpu/{}/cpu.cfs_quota_us", "50000"), ("pids/{}/pids.max", "64")):
            self.assertEqual(host.read(os.path.join(host.GROUPS, path.format(f"{host.GROUP}/memory-sleep"))).strip(), want)
        c.remove()
        self.assertEqual(host.groups(), [])

    def test_a_group_that_others_are_in_is_not_taken(self):
        first = self.created("sleep", group="taken")
        bundle = self.bundle("sleep", group="taken")
        self.assertIn("cgroupsPath", self.refused_bundle(bundle))
        self.assertEqual(first.status(), "created")
        first.remove()
        self.assertEqual(host.groups(), [])

    def test_a_group_by_its_files(self):
        """As the agent gives it: made and limited by somebody else, who also removes it."""
        files = []
        for top in ("memory", "pids"):
            folder = os.path.join(host.GROUPS, top, host.GROUP, "given")
            os.makedirs(folder)
            self.addCleanup(wait_for, lambda f=folder: not os.path.isdir(f) or not os.rmdir(f))
            files.append(os.path.join(folder, "cgroup.procs"))
        c = self.created("sleep", cgroup_procs=":".join(files))
        for path in files:
            self.assertEqual(host.read(path).split(), [str(c.pid)])
        c.remove()
        self.assertEqual([host.read(path) for path in files], ["", ""])
        target = host.write(os.path.join(self.dir, "file"), "keep")
        self.assertIn(target, self.refused_bundle(self.bundle("sleep", cgroup_procs=target)))
        self.assertEqual(host.read(target), "keep")
