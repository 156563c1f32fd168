#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a compiler does not know. Prints one line for each breach; exits 1 if there is one.

- A source file begins with its licence, has at most 800 lines; a function has at most 80. (Aim at 400 and 40.)
- No include reaches around the layers with "../".
- agent/pod/decide is pure: it includes no loop, clock, log, file, process, worker or HTTP header.
- A folder of sources has a README.md.
"""
import pathlib
import re
import subprocess
import sys

FILE_LINES, FUNCTION_LINES = 800, 80
SOURCE = {".c", ".h", ".py", ".go", ".rs", ".sh", ".cmake"}
IMPURE = re.compile(r'#include "(base/(loop|clock|log|file|proc|worker|http|effect)\.h|rt/|execute/)')
TABLES = re.compile(r"(settings|words|kinds|unsupported)\.c$|/types/|/include/k8s/")
NO_README_NEEDED = ("tests/data", "tests/fuzz/corpus", "manifests/", ".ci", "cmake", "include/")

breaches = []


def breach(path, line, text):
    breaches.append(f"{path}:{line}: {text}")


def check_licence(path, lines):
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:3]):
        breach(path, 1, "the first lines lack SPDX-License-Identifier: Apache-2.0")


def check_functions(path, lines):
    """House style opens and closes a function with a brace in column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            if number - start - 1 > FUNCTION_LINES and not TABLES.search(str(path)):
                breach(path, start, f"function of {number - start - 1} lines, at most {FUNCTION_LINES}")
            start = None


def check_includes(path, lines):
    for number, line in enumerate(lines, 1):
        if re.match(r'\s*#\s*include\s+"\.\./', line):
            breach(path, number, 'an include may not use "../"')
        if str(path).startswith("agent/pod/decide/") and IMPURE.search(line):
            breach(path, number, "decide/ is pure: it may not include " + line.split('"')[1])


def main():
    files = [pathlib.Path(p) for p in subprocess.check_output(["git", "ls-files"], text=True).splitlines()]
    folders = set()
    for path in files:
        if path.suffix not in SOURCE or not path.is_file():
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        check_licence(path, lines)
        folders.add(path.parent)
        if path.suffix in {".c", ".h"}:
            check_functions(path, lines)
            check_includes(path, lines)
            if len(lines) > FILE_LINES and not TABLES.search(str(path)):
                breach(path, len(lines), f"file of {len(lines)} lines, at most {FILE_LINES}")
    for folder in sorted(folders):
        if any(part in str(folder) + "/" for part in NO_README_NEEDED):
            continue
        if not any((parent / "README.md").exists() for parent in [folder, folder.parent]):
            breach(folder, 1, "the folder (or the one above) has no README.md")
    print("\n".join(breaches) if breaches else f"lint: {len(files)} files, nothing to complain about")
    sys.exit(1 if breaches else 0)


main()
