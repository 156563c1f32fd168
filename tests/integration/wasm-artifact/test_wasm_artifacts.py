#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_wasm_artifacts.py IMAGE-TOOL OARSMAN-UNPACK WASM-ARTIFACT-TOOL [NAME...]

Images of WebAssembly in every form, from a real registry into a real store.
Needs root and docker-registry. Runs in namespaces of its own, as the tests of
images do, from which it borrows the way they work.
"""

import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
SUPPORT = os.path.join(HERE, "../../support")
sys.path[:0] = [os.path.join(HERE, "../image"), SUPPORT]
sys.dont_write_bytecode = True
import mkimage  # noqa: E402
import test_images  # noqa: E402
from mkimage import Image, Layer  # noqa: E402

CHOOSER = None
MODULE, COMPONENT = b"\0asm\1\0\0\0", b"\0asm\x0d\0\1\0"
ELF = b"\x7fELF\2\1\1" + bytes(57)
LAYER, OLD_LAYER = "application/wasm", "application/vnd.wasm.content.layer.v1+wasm"


def form_row(form, **want):
    return form, want


# What each form is found to be. blob: the layer is the module; file: this file in the root file system is.
FORMS = dict([
    form_row("cncf", blob=True),
    form_row("cncf-two-layers", refused="has one layer, this one has 2"),
    form_row("krustlet", blob=True),
    form_row("runwasi", blob=True),
    form_row("runwasi-mixed", blob=True, rootfs=True),
    form_row("runwasi-mixed-uncounted", blob=True, rootfs=True),
    form_row("spin", refused="a Spin application"),
    form_row("spin-old", refused="a Spin application"),
    form_row("image", file="/app.wasm"),
    form_row("image-wasm32", file="/app.wasm"),
    form_row("image-wasip1", file="/app.wasm"),
    form_row("image-linux", file="/app.wasm"),
    form_row("image-link", file="/bin/hello"),
    form_row("compat", file="/app.wasm"),
    form_row("compat-smart", file="/app.wasm"),
    form_row("envoy", file="/plugin.wasm"),
    form_row("wasmcloud", blob=True),
    form_row("wasmcloud-image", blob=True),
    form_row("artifact-type", blob=True),
    form_row("artifact-type-config", blob=True),
    form_row("docker", blob=True),
    form_row("docker-image", file="/app.wasm"),
    form_row("index", native=True),
    form_row("index-cncf", native=True),
    form_row("index-docker", native=True),
    form_row("index-wasm-only", file="/app.wasm"),
])


class Case(test_images.Case):
    def wasm_image(self, form, module, reference, *options):
        path = os.path.join(self.dir, "module.wat" if module.startswith(b"(") else "module.wasm")
        with open(path, "wb") as out:
            out.write(module)
        done = subprocess.run([os.path.join(SUPPORT, "wasm-image"), *options, form, path, reference], check=True,
                              capture_output=True, text=True)
        return done.stdout.split()[1]

    def choose(self, image, *options):
        return self.chooser("choose", image, *options)

    def chooser(self, *arguments):
        return test_images.Answer(subprocess.run([CHOOSER, self.store, *arguments], capture_output=True, text=True, timeout=60))

    def module_of(self, image, *options):
        """What would be run: the bytes, and the name that they have for good."""
        answer = self.choose(image, *options)
        self.assertEqual(answer.status, 0, answer.text)
        self.assertEqual(answer.lines[0], "wasm", image)
        with open(answer.values("path")[0], "rb") as source:
            return source.read(), answer.values("identity")[0]

    def refusal_of(self, image, *options):
        answer = self.choose(image, *options)
        self.assertEqual(answer.status, 1, answer.text)
        return answer.values("refused")[0]


class Forms(Case):
    def check(self, reference, want, module):
        answer = self.choose(reference)
        if "refused" in want:
            self.assertIn(want["refused"], answer.values("refused")[0])
            return
        self.assertEqual(answer.status, 0, answer.text)
        self.assertEqual(answer.lines[0], "native" if want.get("native") else "wasm")
        if want.get("native"):
            return
        path, identity = answer.values("path")[0], answer.values("identity")[0]
        with open(path, "rb") as source:
            self.assertEqual(source.read(), module)
        self.assertEqual(answer.values("rootfs"), ["yes" if want.get("rootfs") or want.get("file") else "no"])
        if want.get("blob"):
            self.assertEqual(identity, mkimage.digest(module))
        else:
            image = self.good("show", reference).images()[0]
            self.assertEqual(identity, image["id"] + ":" + want["file"])
            self.assertTrue(path.endswith("/fs" + want["file"]), path)

    def test_every_form_is_pulled_and_found_to_be_what_it_is(self):
        address = self.registry()
        listed = subprocess.run([os.path.join(SUPPORT, "wasm-image"), "--list"], check=True, capture_output=True, text=True)
        self.assertEqual(sorted(listed.stdout.split()), sorted(FORMS))
        for form, module in [*((form, MODULE) for form in FORMS), ("cncf", COMPONENT), ("index-cncf", COMPONENT)]:
            with self.subTest(form=form, module=module):
                reference = f"{address}/{form}:1"
                self.wasm_image(form, module, reference)
                self.good("-m", "pull", reference)
                self.check(reference, FORMS[form], module)

    def test_what_the_manifest_says_outlives_the_process_that_pulled(self):
        address = self.registry()
        reference = f"{address}/a:1"
        digest = self.wasm_image("artifact-type-config", MODULE, reference, "--annotation", "a=1", "--annotation", "b=2")
        self.good("pull", reference)
        show = self.good("show", reference)
        self.assertEqual(show.values("manifest"), [digest])
        self.assertEqual(show.values("configtype"), ["application/vnd.oci.empty.v1+json"])
        self.assertEqual(show.values("artifacttype"), ["application/vnd.wasm.config.v0+json"])
        self.assertEqual(show.values("annotation"), ["a=1", "b=2"])
        self.assertEqual(show.images()[0]["type"], "application/vnd.wasm.config.v0+json")
        self.good("pull", reference)  # it is here
        self.assertEqual(self.good("show", reference).values("annotation"), ["a=1", "b=2"])
        os.unlink(os.path.join(self.store, "blobs", digest.replace(":", "/")))
        self.assertEqual(self.good("ls").images(), [])  # and without its manifest it is not known any more
        self.good("pull", reference)
        self.assertEqual(self.module_of(reference)[0], MODULE)
        self.good("rm", reference)
        self.assertEqual(self.left("blobs/sha256"), [])

    def test_the_layers_beside_a_module_are_a_root_file_system(self):
        address = self.registry()
        for form in ("runwasi-mixed", "runwasi-mixed-uncounted"):
            self.wasm_image(form, MODULE, f"{address}/{form}:1")
            self.good("pull", f"{address}/{form}:1")
            tree = self.mounted(f"{address}/{form}:1")
            self.assertEqual(sorted(os.listdir(tree)), ["data.txt", "etc"])
        self.assert_clean(layers=1)

    def test_two_digests_of_one_repository_never_collide(self):
        address = self.registry()
        for form in ("cncf", "krustlet", "wasmcloud", "wasmcloud-image", "runwasi", "runwasi-mixed", "image"):
            with self.subTest(form=form):
                repository = f"{address}/{form}"
                digests = [self.wasm_image(form, module, f"{repository}:1") for module in (MODULE, COMPONENT)]
                for digest in digests:
                    self.good("pull", f"{repository}@{digest}")
                (one, name), (two, other) = (self.module_of(f"{repository}@{digest}") for digest in digests)
                self.assertEqual((one, two), (MODULE, COMPONENT))
                self.assertNotEqual(name, other)
                ids = [self.good("show", f"{repository}@{digest}").images()[0]["id"] for digest in digests]
                self.assertNotEqual(*ids)

    def test_a_file_of_the_node_is_an_artifact_like_others(self):
        for name, module in (("core.wasm", MODULE), ("component.wasm", COMPONENT), ("text.wat", b"(module)")):
            with self.subTest(name=name):
                reference = f"file:{self.dir}/{name}"
                with open(os.path.join(self.dir, name), "wb") as out:
                    out.write(module)
                self.good("-l", "pull", reference)
                if name.endswith(".wat"):
                    self.assertIn("in its text format, which this node does not take", self.refusal_of(reference))
                self.assertEqual(self.module_of(reference, "-t", "1"), (module, mkimage.digest(module)))
                self.assertEqual(self.choose(reference, "-t", "1").values("rootfs"), ["no"])

    def test_entry_point_and_annotations_decide(self):
        address = self.registry()
        self.wasm_image("image", MODULE, f"{address}/f:1", "--entrypoint", "/app.wasm#handle")
        self.good("pull", f"{address}/f:1")
        self.assertEqual(self.choose(f"{address}/f:1").values("function"), ["handle"])
        self.wasm_image("compat", MODULE, f"{address}/native:1", "--entrypoint", "/etc/motd")
        self.good("pull", f"{address}/native:1")
        self.assertIn("its entry point /etc/motd is not", self.refusal_of(f"{address}/native:1"))
        self.assertEqual(self.choose(f"{address}/f:1", "-a", "x.wasm#f").status, 1)  # the image says wasi/wasm


class Refused(Case):
    def test_compiled_code_is_never_taken(self):
        address = self.registry()
        for form, where in (("cncf", "the image's layer"), ("wasmcloud", "the image's layer"), ("image", "/app.wasm"),
                            ("envoy", "/plugin.wasm"), ("runwasi-mixed", "the image's layer")):
            with self.subTest(form=form):
                reference = f"{address}/{form}:elf"
                self.wasm_image(form, ELF, reference)
                self.good("pull", reference)
                self.assertIn(f"{where} is native code (ELF), not WebAssembly", self.refusal_of(reference))

    def test_a_spin_application_is_refused_in_words(self):
        address = self.registry()
        for form in ("spin", "spin-old"):
            self.wasm_image(form, MODULE, f"{address}/{form}:1")
            self.good("pull", f"{address}/{form}:1")
            self.assertTrue(self.refusal_of(f"{address}/{form}:1").startswith("the image is a Spin application"))

    def test_text_is_refused_unless_it_is_allowed(self):
        address = self.registry()
        for form in ("cncf", "image"):
            reference = f"{address}/{form}:text"
            self.wasm_image(form, b"(module)", reference)
            self.good("pull", reference)
            self.assertIn("in its text format, which this node does not take", self.refusal_of(reference))
            self.assertEqual(self.module_of(reference, "-t", "1")[0], b"(module)")

    def test_an_index_without_an_entry_for_a_node_without_wasm(self):
        address = self.registry()
        self.wasm_image("index-wasm-only", MODULE, f"{address}/x:1")
        native = f"linux/{mkimage.machine()}"
        self.assertIn(f"no match for platform in manifest: {native} is wanted, there is wasi/wasm", self.bad("pull", f"{address}/x:1"))
        self.good("-m", "pull", f"{address}/x:1")
        self.good("rm", f"{address}/x:1")
        self.assert_clean()


class Preference(Case):
    def test_an_index_gives_what_the_pod_is_for(self):
        address = self.registry()
        for form in ("index", "index-cncf", "index-docker"):
            with self.subTest(form=form):
                reference = f"{address}/{form}:1"
                self.wasm_image(form, MODULE, reference)
                self.good("-m", "pull", reference)
                self.assertEqual(self.choose(reference, "-w", "1").lines, ["native"])
                self.good("-m", "pull", reference, "-f", "1")
                self.assertEqual(self.module_of(reference)[0], MODULE)

    def test_without_wasm_the_preference_changes_nothing(self):
        address = self.registry()
        self.wasm_image("index", MODULE, f"{address}/x:1")
        self.good("pull", f"{address}/x:1", "-f", "1")
        self.assertEqual(self.choose(f"{address}/x:1").lines, ["native"])

    def test_a_reference_names_what_was_pulled_last(self):
        address = self.registry()
        digest = self.wasm_image("index", MODULE, f"{address}/x:1")
        by_digest = f"{address}/x@{digest}"
        for reference in (f"{address}/x:1", by_digest):
            native = self.good("-m", "pull", reference).images()[0]["id"]
            wasm = self.good("-m", "pull", reference, "-f", "1").images()[0]["id"]
            self.assertNotEqual(native, wasm)
            self.assertEqual(self.good("show", reference).images()[0]["id"], wasm)
            self.assertEqual(self.good("-m", "pull", reference).images()[0]["id"], native)
            self.assertEqual(self.good("show", reference).images()[0]["id"], native)
        self.assertEqual(len(self.good("ls").images()), 2)  # the other one stays, for those that run

    def test_askers_share_a_pull_only_when_they_want_the_same(self):
        address = self.registry()
        self.wasm_image("index", MODULE, f"{address}/x:1")
        pulled = self.good("-m", "pull", f"{address}/x:1", "-n", "3", "-b", "1").images()
        self.assertEqual(len(pulled), 6)
        self.assertEqual(sorted(pulled.count(one) for one in {one["id"]: one for one in pulled}.values()), [3, 3])


class Layers(Case):
    def test_a_file_is_found_where_the_kernel_finds_it(self):
        layers = [
            Layer().file("bin/low", "low").file("bin/both", "old").dir("dir").file("dir/a", "a").file("gone", "x").file("opaque/old", "x")
            .file("dir-gone/x", "x").file("was-dir/x", "x").file("was-file", "x").dir("sticky/sub").file("sticky/sub/a", "x")
            .file("usr/lib/m.wasm", "m").file("target", "x"),
            Layer().file("bin/both", "new").symlink("link", "bin/low").symlink("up", "../../bin/both").symlink("lib", "usr/lib")
            .whiteout("gone").opaque("opaque").file("opaque/new", "x").whiteout("dir-gone").file("was-dir", "x").dir("was-file")
            .file("was-file/x", "x").symlink("loop", "loop").symlink("etc", "/nowhere").symlink("escape", "../../../etc/passwd"),
            Layer("zstd").file("dir/b", "b").symlink("far", "lib/../lib/m.wasm").whiteout("target").symlink("dead", "target")
            .file("gone", "back").whiteout("sticky/sub").dir("sticky").symlink("self", ".").file("dir-gone/y", "y"),
        ]
        address = self.registry()
        self.push(address, "x", Image(layers))
        self.good("pull", f"{address}/x:1")
        tree = self.mounted(f"{address}/x:1")
        paths = ["bin/low", "bin/both", "dir/a", "dir/b", "gone", "opaque/old", "opaque/new", "dir-gone/x", "dir-gone/y", "was-dir",
                 "was-dir/x", "was-file", "was-file/x", "sticky/sub/a", "usr/lib/m.wasm", "target", "link", "up", "lib/m.wasm", "loop",
                 "etc", "etc/passwd", "escape", "far", "dead", "self/self/bin/low", "lib/../../bin/low", "bin", "nowhere",
                 "bin/low/", "../../../../etc/passwd", "/proc/self/root/etc/passwd", "opaque/../dir/a"]
        found = dict(line.rsplit(" ", 1) for line in self.chooser("find", f"{address}/x:1", *paths).lines)
        for path in paths:
            with self.subTest(path=path):
                self.assertEqual(self.content(found[path]) if found[path] != "-" else None, self.in_chroot(tree, path))
        self.assertIsNotNone(self.in_chroot(tree, "far"))

    @staticmethod
    def content(path):
        with open(path, "rb") as source:
            return source.read()

    def in_chroot(self, tree, path):
        """What a process has that takes the tree for its root."""
        child = subprocess.run([sys.executable, "-c", "import os, sys\nos.chroot(sys.argv[1])\nos.chdir('/')\n"
                                "sys.stdout.buffer.write(open(sys.argv[2], 'rb').read())", tree, path],
                               capture_output=True, check=False)
        return child.stdout if child.returncode == 0 else None


def main():
    global CHOOSER
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    test_images.TOOL, test_images.UNPACK, CHOOSER = (os.path.realpath(path) for path in sys.argv[1:4])
    if os.geteuid() != 0 or not shutil.which("docker-registry"):
        print("SKIP: root and docker-registry are needed")
        sys.exit(test_images.SKIPPED)
    test_images.isolate()
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
