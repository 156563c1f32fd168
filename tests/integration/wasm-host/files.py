# SPDX-License-Identifier: Apache-2.0
"""What of the files a guest sees, under which names, and what it cannot reach."""

import os
import stat
import subprocess

import host
from host import A, Case, bind, read, write

GUESTS = ("core", "component")
# The engine has no word for a read-only file system: it says EPERM of a folder, EIO of what lies in a writable one.
READONLY = "Operation not permitted"


class Places(Case):
    def see(self, *orders, guest="obey", code=0, **more):
        end = self.run_guest(guest, *orders, **more)
        self.assertEqual(end.code, code, end)
        return end

    def test_volumes_to_write_and_to_read(self):
        for guest in ("obey", "obey-component"):
            rw, ro = self.folder(f"rw-{guest}"), self.folder(f"ro-{guest}")
            write(f"{ro}/given", "given")
            mounts = [bind(rw, "/data"), bind(ro, "/config", "ro")]
            self.see("write(file:/config/given)to(file:/data/new)", "assert_value(file:/data/new)is(lit:given)", guest=guest, mounts=mounts)
            self.assertEqual(read(f"{rw}/new"), "given")
            end = self.see("write(lit:x)to(file:/config/new)", guest=guest, mounts=mounts, code=1)
            self.assertIn(READONLY, end.err + end.out)
            end = self.see("write(lit:x)to(file:/config/given)", guest=guest, mounts=mounts, code=1)
            self.assertIn(READONLY, end.err + end.out)
            self.assertEqual((os.listdir(ro), read(f"{ro}/given")), (["given"], "given"))

    def test_single_files(self):
        one, two = write(f"{self.dir}/one", "one"), write(f"{self.dir}/two", "two")
        mounts = [bind(one, "/etc/app/one", "ro"), bind(two, "/two")]
        self.see("assert_value(file:/etc/app/one)is(lit:one)", "append(lit:more)to(file:/two)", mounts=mounts)
        self.assertIn("more", read(two))
        self.see("write(lit:x)to(file:/etc/app/one)", mounts=mounts, code=1)
        self.assertEqual(read(one), "one")

    def test_files_that_every_container_has(self):
        hosts = write(f"{self.dir}/hosts", "127.0.0.1 here\n")
        for guest in ("cwd",):
            end = self.see("/etc/hosts", guest=guest, mounts=[bind(hosts, "/etc/hosts")])
            self.assertEqual(end.out, "127.0.0.1 here\n")

    def test_one_volume_within_another(self):
        outer, inner = self.folder("outer"), self.folder("inner")
        self.see("write(lit:o)to(file:/a/x)", "write(lit:i)to(file:/a/b/x)", mounts=[bind(outer, "/a"), bind(inner, "/a/b")])
        self.assertEqual((read(f"{outer}/x"), read(f"{inner}/x")), ("o", "i"))

    def test_a_root_file_system(self):
        rootfs = self.folder("rootfs")
        os.makedirs(f"{rootfs}/etc")
        write(f"{rootfs}/etc/motd", "hi")
        self.see("assert_value(file:/etc/motd)is(lit:hi)", "write(lit:x)to(file:/new)", rootfs=rootfs)
        self.assertEqual(read(f"{rootfs}/new"), "x")
        bundle = self.bundle("obey", "write(lit:x)to(file:/newer)", rootfs=rootfs)
        bundle.config["root"]["readonly"] = True
        end = self.run_bundle(bundle)
        self.assertEqual(end.code, 1, end)
        self.assertIn(READONLY, end.err + end.out)
        self.assertFalse(os.path.exists(f"{rootfs}/newer"))

    def test_volumes_stay_writable_below_a_root_that_is_not(self):
        data = self.folder("data")
        bundle = self.bundle("obey", "write(lit:x)to(file:/data/new)", rootfs=self.folder("rootfs"), mounts=[bind(data, "/data")])
        bundle.config["root"]["readonly"] = True
        self.assertEqual(self.run_bundle(bundle).code, 0)
        self.assertEqual(read(f"{data}/new"), "x")

    def test_memory_for_a_mount_of_its_own(self):
        mounts = [{"destination": "/scratch", "type": "tmpfs", "source": "tmpfs", "options": ["size=1m", "mode=1777"]}]
        self.see("write(lit:x)to(file:/scratch/x)", mounts=mounts, user=(1000, 1000))
        end = self.see("/scratch/fill", guest="fill", mounts=mounts)
        self.assertIn("No space left", end.out)
        self.assertIn("refused after 1 MiB", end.out)

    def test_mounts_that_cannot_be_had(self):
        for mount, words in (({"destination": "/", "type": "bind", "source": self.dir, "options": ["bind"]}, "mounts[0].destination"),
                             ({"destination": "data", "type": "bind", "source": self.dir, "options": ["bind"]}, "not absolute"),
                             ({"destination": "/x", "type": "ext4", "source": "/dev/vda"}, "ext4"),
                             ({"destination": "/x", "type": "bind", "options": ["bind"]}, "no source"),
                             ({"destination": "/x", "type": "bind", "source": self.dir, "options": ["bind", "idmap"]}, "idmap")):
            self.assertIn(words, self.refused_bundle(self.bundle("sleep", mounts=[mount])))
        wrong = self.bundle("sleep", rootfs=self.folder("rootfs"), mounts=[bind(write(f"{self.dir}/f", ""), "/d")])
        os.mkdir(f"{self.dir}/rootfs/d")
        self.assertIn("mount /d", self.refused_bundle(wrong))


class Links(Case):
    """Links of an image lead about within its root."""

    def test_a_mount_on_a_link(self):
        rootfs, data = self.folder("rootfs"), self.folder("data")
        os.makedirs(f"{rootfs}/etc")
        os.makedirs(f"{rootfs}/srv/real")
        os.symlink("../run/there/resolv.conf", f"{rootfs}/etc/resolv.conf")  # to nowhere yet
        os.symlink("/etc/resolv.conf", f"{rootfs}/etc/again")
        os.symlink("/srv/real", f"{rootfs}/data")
        os.symlink("../../../../../../etc", f"{rootfs}/up")
        os.symlink("/new/place", f"{rootfs}/volume")
        resolv = write(f"{self.dir}/resolv", "nameserver 127.0.0.1\n")
        end = self.run_guest("obey", "write(file:/etc/resolv.conf)to(file:/data/copy)", "assert_exists(file:/etc/one)",
                             "write(lit:x)to(file:/new/place/x)", rootfs=rootfs,
                             mounts=[bind(resolv, "/etc/resolv.conf"), bind(data, "/data"), bind(resolv, "/up/one"), bind(data, "/volume")])
        self.assertEqual(end.code, 0, end)
        self.assertEqual(read(f"{data}/copy"), "nameserver 127.0.0.1\n")
        self.assertEqual(sorted(os.listdir(data)), ["copy", "x"])
        self.assertEqual(read(f"{rootfs}/run/there/resolv.conf"), "")
        self.assertEqual(sorted(os.listdir("/etc")), self.etc)

    def test_a_link_without_end(self):
        rootfs = self.folder("rootfs")
        os.symlink("b", f"{rootfs}/a")
        os.symlink("a", f"{rootfs}/b")
        self.assertIn("mount /a", self.refused_bundle(self.bundle("sleep", rootfs=rootfs, mounts=[bind("/etc/hostname", "/a")])))

    def setUp(self):
        super().setUp()
        self.etc = sorted(os.listdir("/etc"))


class WorkingDirectory(Case):
    def test_relative_and_absolute_names_from_it(self):
        for guest in ("obey", "obey-component"):
            rootfs, data = self.folder(f"rootfs-{guest}"), self.folder(f"data-{guest}")
            for folder in ("work/sub", "etc"):
                os.makedirs(f"{rootfs}/{folder}")
            write(f"{rootfs}/work/here", "here")
            write(f"{rootfs}/work/sub/there", "there")
            write(f"{rootfs}/etc/motd", "hi")
            orders = ["assert_value(file:here)is(lit:here)", "assert_value(file:sub/there)is(lit:there)",
                      "assert_value(file:/work/here)is(lit:here)", "assert_value(file:/etc/motd)is(lit:hi)",
                      "write(lit:n)to(file:new)", "write(lit:d)to(file:/data/new)"]
            end = self.run_guest(guest, *orders, rootfs=rootfs, cwd="/work", mounts=[bind(data, "/data")])
            self.assertEqual(end.code, 0, end)
            self.assertEqual((read(f"{rootfs}/work/new"), read(f"{data}/new")), ("n", "d"))

    def test_at_the_root(self):
        rootfs = self.folder("rootfs")
        write(f"{rootfs}/here", "here")
        end = self.run_guest("obey", "assert_value(file:here)is(lit:here)", "assert_value(file:/here)is(lit:here)", rootfs=rootfs)
        self.assertEqual(end.code, 0, end)

    def test_it_is_made_where_it_is_not_there(self):
        for more in ({}, {"rootfs": self.folder("rootfs")}):
            end = self.run_guest("obey", "write(lit:x)to(file:x)", "assert_value(file:/work/deep/x)is(lit:x)", cwd="/work/deep", **more)
            self.assertEqual(end.code, 0, end)
        self.assertEqual(read(f"{self.dir}/rootfs/work/deep/x"), "x")

    def test_in_a_volume(self):
        data = self.folder("data", owner=1000)
        os.makedirs(f"{data}/sub")
        write(f"{data}/sub/here", "here")
        end = self.run_guest("cwd", cwd="/data/sub", mounts=[bind(data, "/data")], user=(1000, 1000))
        self.assertEqual((end.code, end.out), (0, "here"))

    def test_what_a_user_may_not_enter_is_in_nobodys_way(self):
        rootfs = self.folder("rootfs")
        for folder, mode in (("work", 0o777), ("root", 0o700), ("secret", 0o000)):
            os.mkdir(f"{rootfs}/{folder}")
            os.chmod(f"{rootfs}/{folder}", mode)
        end = self.run_guest("obey", "write(lit:x)to(file:x)", "assert_not_exists(file:/root/x)", rootfs=rootfs, cwd="/work", user=(1000, 1000))
        self.assertEqual(end.code, 0, end)
        bundle = self.bundle("obey", rootfs=rootfs, cwd="/secret", user=(1000, 1000))
        self.assertIn("working directory /secret", self.refused_bundle(bundle))
        write(f"{rootfs}/file", "")
        self.assertIn("working directory /file", self.refused_bundle(self.bundle("obey", rootfs=rootfs, cwd="/file")))


class User(Case):
    def test_files_are_the_users_and_groups(self):
        data = self.folder("data", mode=0o777)
        end = self.run_guest("obey", "write(lit:x)to(file:/data/x)", user=(1000, 2000, 3000), mounts=[bind(data, "/data")])
        self.assertEqual(end.code, 0, end)
        found = os.stat(f"{data}/x")
        self.assertEqual((found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)), (1000, 2000, 0o644))

    def test_the_mask_of_new_files(self):
        data = self.folder("data", mode=0o777)
        bundle = self.bundle("obey", "write(lit:x)to(file:/data/x)", mounts=[bind(data, "/data")])
        bundle.process["user"]["umask"] = 0o077
        self.assertEqual(self.run_bundle(bundle).code, 0)
        self.assertEqual(stat.S_IMODE(os.stat(f"{data}/x").st_mode), 0o600)

    def test_its_limits_and_its_mask_are_not_those_of_what_is_made_for_it(self):
        files = [bind(write(f"{self.dir}/f{n}", "x"), f"/some/deep/place/f{n}") for n in range(60)]
        bundle = self.bundle("obey", "assert_value(file:/some/deep/place/f59)is(lit:x)", mounts=files, user=(1000, 1000), cwd="/some/where")
        bundle.process["user"]["umask"] = 0o777
        bundle.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "hard": 32, "soft": 32}, {"type": "RLIMIT_FSIZE", "hard": 0, "soft": 0}]
        end = self.run_bundle(bundle)
        self.assertEqual(end.code, 0, end)

    def test_permissions_hold(self):
        data = self.folder("data", mode=0o750, owner=1000)
        write(f"{data}/secret", "secret", mode=0o600, owner=1000)
        write(f"{data}/shared", "shared", mode=0o640, owner=1000)
        mounts = [bind(data, "/data")]
        for user, code in (((1000, 1000), 0), ((1001, 1000), 1), ((1001, 1001, 1000), 1), ((0, 0), 1), ((1001, 1001), 1)):
            end = self.run_guest("obey", "assert_value(file:/data/secret)is(lit:secret)", user=user, mounts=mounts)
            self.assertEqual(end.code, code, (user, end))
        for user, code in (((1001, 1000), 0), ((1001, 1001, 1000), 0), ((1001, 1001), 1), ((0, 0), 1)):
            end = self.run_guest("obey", "assert_value(file:/data/shared)is(lit:shared)", user=user, mounts=mounts)
            self.assertEqual(end.code, code, (user, end))


class Out(Case):
    """The node's files are out of reach."""

    def test_every_way_is_refused(self):
        for guest in ("files",):
            data = self.folder(f"data-{guest}", mode=0o777)
            secrets = self.folder(f"secrets-{guest}")
            secret = write(f"{secrets}/secret", "x", mode=0o644)
            os.symlink(secrets, f"{data}/planted")
            os.symlink("../" * 12 + secrets[1:], f"{data}/planted-up")
            for more in ({}, {"rootfs": self.folder(f"rootfs-{guest}")}):
                end = self.run_guest(guest, "/data", secret, mounts=[bind(data, "/data")], **more)
                self.assertEqual(end.code, 0, end)
                self.assertIn("0 escapes", end.out)
            self.assertEqual(os.listdir(secrets), ["secret"])

    def test_neither_proc_nor_devices(self):
        kernel = [{"destination": place, "type": kind, "source": kind}
                  for place, kind in (("/proc", "proc"), ("/sys", "sysfs"), ("/dev", "tmpfs"), ("/dev/pts", "devpts"), ("/dev/shm", "tmpfs"),
                                      ("/dev/mqueue", "mqueue"), ("/sys/fs/cgroup", "cgroup"))]
        end = self.run_guest("obey", *(f"assert_not_exists(file:{path})" for path in (
            "/proc/self/status", "/proc/1/root", "/sys/kernel", "/dev/null", "/dev/shm", "/etc/passwd")), mounts=kernel)
        self.assertEqual(end.code, 0, end)

    def test_a_device_in_a_volume_is_no_device(self):
        data = self.folder("data")
        os.mknod(f"{data}/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        end = self.run_guest("cwd", "/data/null", mounts=[bind(data, "/data")])
        self.assertEqual(end.code, 1, end)

    def test_the_guest_has_its_own_mounts_only(self):
        data = self.folder("data")
        c = self.started("sleep", mounts=[bind(data, "/data"), bind("/etc/hostname", "/etc/hostname", "ro")],
                         rootfs=self.folder("rootfs")).says("sleeping")
        lines = [line.split() for line in c.proc("mountinfo").splitlines()]
        self.assertEqual(sorted(line[4] for line in lines), ["/", "/data", "/etc/hostname"])
        for line in lines:
            for option in ("nosuid", "nodev", "noexec"):
                self.assertIn(option, line[5].split(","))
        self.assertEqual([line[5].split(",")[0] for line in lines if line[4] == "/etc/hostname"], ["ro"])
        self.assertNotIn("shared:", c.proc("mountinfo"))


class TerminationLog(Case):
    def message(self, place, rootfs=None, mounts=(), user=(0, 0)):
        bundle = self.bundle("trap", "unreachable", rootfs=rootfs, mounts=mounts, user=user)
        path = write(os.path.join(bundle.folder, "message"), "", mode=0o666)
        bundle.config["mounts"].append(bind(path, place))
        bundle.annotations[A + "termination-log"] = place
        return self.run_bundle(bundle).message

    def test_wherever_the_author_wants_it(self):
        data, rootfs = self.folder("data"), self.folder("rootfs")
        os.symlink("/data", f"{rootfs}/dev")
        for place in ("/dev/termination-log", "/data/log", "/log"):
            for user in ((0, 0), (1000, 1000)):
                self.assertIn("unreachable", self.message(place, rootfs=rootfs, mounts=[bind(data, "/data")], user=user), place)

    def test_only_the_file_that_was_mounted_is_written(self):
        """Not what lies under its name: a link or a pipe that a neighbour has put there."""
        data = self.folder("data", mode=0o777)
        victim = write(f"{data}/victim", "keep", mode=0o600)
        os.symlink("victim", f"{data}/link")
        os.mkfifo(f"{data}/pipe")
        for name in ("link", "pipe", "nothing", "victim"):
            bundle = self.bundle("trap", "unreachable", mounts=[bind(data, "/data")], termination_log=f"/data/{name}", user=(1000, 1000))
            c = self.container(bundle).good().start()
            self.assertEqual(c.wait().code, 134)
            self.assertEqual(read(victim), "keep")
        self.assertFalse(os.path.exists(f"{data}/nothing"))


class Bound(Case):
    """Mounts of the node's that come and go."""

    def test_a_mount_goes_into_a_container_only_if_it_may(self):
        shared = self.folder("shared")
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", shared], check=True)
        subprocess.run(["mount", "--make-shared", shared], check=True)
        self.addCleanup(subprocess.run, ["umount", "-R", shared], check=True)
        os.mkdir(f"{shared}/sub")
        private = self.created("sleep", mounts=[bind(shared, "/data")])
        slave = self.created("sleep", mounts=[bind(shared, "/data", "rslave")])
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", f"{shared}/sub"], check=True)
        self.assertNotIn("/data/sub", private.proc("mountinfo"))
        self.assertIn("/data/sub", slave.proc("mountinfo"))

    def test_what_is_mounted_below_a_volume_comes_along(self):
        data = self.folder("data")
        os.mkdir(f"{data}/sub")
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", f"{data}/sub"], check=True)
        self.addCleanup(subprocess.run, ["umount", f"{data}/sub"], check=True)
        write(f"{data}/sub/x", "x")
        for option, code in (("rw", 0), ("ro", 1), ("rro", 1)):  # a volume that is read-only is so as a whole
            end = self.run_guest("obey", "assert_value(file:/data/sub/x)is(lit:x)", "write(lit:y)to(file:/data/sub/y)",
                                 mounts=[bind(data, "/data", option)])
            self.assertEqual(end.code, code, end)
