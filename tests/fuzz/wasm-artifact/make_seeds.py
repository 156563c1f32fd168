#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_seeds.py: writes the seeds of fuzz_wasm_artifact into ../corpus/wasm_artifact, one for each form of image."""

import importlib.machinery
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
SUPPORT = os.path.join(HERE, "../../support")
sys.path.insert(0, SUPPORT)
sys.dont_write_bytecode = True
import mkimage  # noqa: E402

ENTRIES = ["/d/a.wasm", "d/a.wat#f", "/l/../u/m", "x", "o/o", "#f", "/p/etc/passwd"]


def main():
    loader = importlib.machinery.SourceFileLoader("wasm_image", os.path.join(SUPPORT, "wasm-image"))
    forms = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = forms  # dataclasses look it up
    loader.exec_module(forms)
    folder = os.path.join(HERE, "../corpus/wasm_artifact")
    os.makedirs(folder, exist_ok=True)
    for n, (name, form) in enumerate(forms.FORMS.items()):
        if name in ("index", "index-cncf", "index-docker"):  # these have a native image in them
            continue
        blobs = mkimage.Blobs()
        document = blobs.content[form(forms.Ask(b"\0asm\1\0\0\0")).build(blobs)["digest"]]
        with open(os.path.join(folder, name), "wb") as out:
            out.write(bytes([1 << n % 8, n % 4]) + document + b"\0" + ENTRIES[n % len(ENTRIES)].encode())
    platforms = [(name, arch) for name in ("wasi", "wasip1", "wasip2", "linux") for arch in ("wasm", "wasm32", "amd64")]
    index = {"schemaVersion": 2, "manifests": [
        {"digest": mkimage.digest(f"{name}/{arch}".encode()), "size": 1, "platform": {"os": name, "architecture": arch}}
        for name, arch in platforms]}
    with open(os.path.join(folder, "index"), "wb") as out:
        out.write(b"\0\0" + mkimage.to_json(index))


main()
