# SPDX-License-Identifier: Apache-2.0
"""A command in Python, with the interpreter in it: what it was given. With the argument "stay" it stays."""

import os
import sys
import time

from wit_world import exports


class Run(exports.Run):
    def run(self):
        print("hello from Python", *sys.argv[1:], flush=True)
        for name in ("FOO", "POD_NAME"):
            if name in os.environ:
                print(f"{name}={os.environ[name]}", flush=True)
        while sys.argv[1:] == ["stay"]:
            time.sleep(3600)
        if sys.argv[1:] == ["fail"]:
            sys.exit(3)
