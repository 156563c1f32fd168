#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_wasm_host.py OARSMAN-WASM OARSMAN SERVE-TOOL PART [CLASS[.test]]

oarsman-wasm by its own command line, under conmon, and under podman, with the
guests of tests/wasm. Needs root and clang with wasi-libc (parts with components
need npm as well). Leaves nothing behind.
"""

import importlib
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import host  # noqa: E402


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    host.PROGRAM, host.OARSMAN, host.SERVE_TOOL = (os.path.realpath(path) for path in sys.argv[1:4])
    host.prepare()
    part = importlib.import_module(sys.argv[4])
    host.guests(*part.GUESTS)
    program = unittest.main(module=part, argv=[sys.argv[0], *sys.argv[5:]], verbosity=2, warnings="ignore", exit=False)
    host.forget_modules()
    sys.exit(not program.result.wasSuccessful())


if __name__ == "__main__":
    main()
