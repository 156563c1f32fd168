#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""attack.py DIRECTORY [NAME...]: files that somebody might send who means no good. All of them, or those named.

Each function makes one, and says what is wrong with it. What is valid is valid to the last byte: it is what it does to
whoever compiles or runs it that matters.
"""

import pathlib
import random
import sys

MAGIC = b"\0asm\1\0\0\0"
COMPONENT = b"\0asm\x0d\0\1\0"
VOID, I32, LOCAL_GET, LOCAL_TEE, I32_CONST, ADD, LOOP, BLOCK, BR, BR_IF, DROP, END = (
    b"\x40", b"\x7f", b"\x20", b"\x22", b"\x41", b"\x6a", b"\x03", b"\x02", b"\x0c", b"\x0d", b"\x1a", b"\x0b")
TYPE, IMPORT, FUNCTION, TABLE, MEMORY, EXPORT, START, CODE, DATA = 1, 2, 3, 4, 5, 7, 8, 10, 11


def leb(number):
    out = b""
    while True:
        byte, number = number & 127, number >> 7
        out += bytes([byte | (128 if number else 0)])
        if not number:
            return out


def vector(items):
    return leb(len(items)) + b"".join(items)


def text(words):
    words = words.encode() if isinstance(words, str) else words
    return leb(len(words)) + words


def section(number, content, length=None):
    return bytes([number]) + leb(len(content) if length is None else length) + content


def module(bodies, first=(), last=(), exports=()):
    """Functions of no arguments, the first of which is _start, in one page of memory."""
    return MAGIC + b"".join([
        section(TYPE, vector([b"\x60\0\0"])), *first,
        section(FUNCTION, vector([leb(0)] * len(bodies))), section(MEMORY, vector([b"\0\1"])),
        section(EXPORT, vector([text("_start") + b"\0\0", text("memory") + b"\2\0", *exports])), *last,
        section(CODE, vector([leb(len(body)) + body for body in bodies]))])


NOTHING = b"\0" + END
HELLO = module([NOTHING])


# ---- not what it claims to be ----
def empty():
    """Nothing at all."""
    return b""


def truncated():
    """Ends in the middle of a function."""
    return HELLO[:-3]


def lengths():
    """A section that says it is 4 GiB long."""
    return MAGIC + section(TYPE, vector([b"\x60\0\0"]), length=0xffffffff)


def counts():
    """A section that says it has four thousand million entries."""
    return MAGIC + section(TYPE, leb(0xffffffff) + b"\x60\0\0")


def noise():
    """A module's first bytes, and then anything."""
    return MAGIC + random.Random(1).randbytes(100_000)


def noise_component():
    """The same for a component."""
    return COMPONENT + random.Random(2).randbytes(100_000)


def elf():
    """Machine code, as a precompiled module or a program would be: it must never be loaded."""
    header = b"\x7fELF\2\1\1\0" + bytes(8) + b"\3\0\x3e\0\1\0\0\0" + bytes(8) + (64).to_bytes(8, "little") + bytes(24)
    return header + b"\xcc" * 4096


def script():
    """A script, which would run if anybody asked the kernel to."""
    return b"#!/bin/sh\ntouch /escaped\n"


def version():
    """A module of a version that does not exist."""
    return b"\0asm\2\0\0\0" + HELLO[8:]


# ---- more than there is ----
def locals_():
    """A function with a thousand million variables."""
    return module([leb(1) + leb(1_000_000_000) + I32 + END])


def functions():
    """A million functions, as many as a module may have."""
    return module([NOTHING] * 1_000_000)


def depth():
    """Blocks in blocks in blocks, a million deep."""
    return module([b"\0" + (BLOCK + VOID) * 1_000_000 + END * 1_000_001])


def imports():
    """A hundred thousand functions wanted, with names that would like to be seen by a terminal, or to be a line."""
    names = [text(b"\x1b[31m\nlevel=error") + text(f"f{n}\r\n") + b"\0\0" for n in range(100_000)]
    return MAGIC + section(TYPE, vector([b"\x60\0\0"])) + section(IMPORT, vector(names))


def types():
    """A type made of pairs of pairs of pairs: thirty definitions, a thousand million members."""
    pairs = [b"\x6f\x02\x7f\x7f"] + [b"\x6f\x02" + leb(n) * 2 for n in range(30)]
    command = section(5, vector([b"\1" + vector([])])) + section(11, vector([b"\0" + text("wasi:cli/run@0.2.0") + b"\5\0\0"]))
    return COMPONENT + section(7, vector(pairs)) + command


def memory():
    """All the memory that 32 bits can address, wanted from the start."""
    return HELLO.replace(section(MEMORY, vector([b"\0\1"])), section(MEMORY, vector([b"\0" + leb(65536)])))


def big():
    """A hundred megabytes of data, none of which is used."""
    chunk, n = bytes(range(256)) * 4096, 100
    data = vector([b"\1" + leb(len(chunk)) + chunk] * n)
    return HELLO + section(DATA, data)


# ---- hard to compile ----
def tangle(variables, loops):
    """Loops in loops, each of which may change each variable: compilers have to think about all pairs."""
    rng = random.Random(variables)
    body = leb(1) + leb(variables) + I32 + (LOOP + VOID) * loops
    for _ in range(loops):
        a, b, c = (leb(rng.randrange(variables)) for _ in range(3))
        body += LOCAL_GET + a + LOCAL_GET + b + ADD + LOCAL_TEE + c + BR_IF + b"\0" + END
    return body + END


def slow():
    """A megabyte that takes many minutes."""
    return module([tangle(200, 1000)] * 100)


def fat():
    """Forty kilobytes that take gigabytes of memory."""
    return module([tangle(2000, 3000)])


# ---- unkind when it runs ----
def start():
    """Loops for ever before it is even asked to begin."""
    return module([NOTHING, b"\0" + LOOP + VOID + BR + b"\0" + END + END], last=[section(START, leb(1))])


def table():
    """Makes a table grow, which is memory that no limit of memory counts, until it is refused; then loops."""
    grow = LOOP + VOID + b"\xd0\x70" + I32_CONST + b"\x80\x80\x04" + b"\xfc\x0f\0" + I32_CONST + b"\x7f" + b"\x47"
    body = b"\0" + grow + BR_IF + b"\0" + END + LOOP + VOID + BR + b"\0" + END + END
    return module([body], first=[]).replace(
        section(MEMORY, vector([b"\0\1"])), section(TABLE, vector([b"\x70\0\0"])) + section(MEMORY, vector([b"\0\1"])))


ATTACKS = [empty, truncated, lengths, counts, noise, noise_component, elf, script, version, locals_, functions, depth,
           imports, types, memory, big, slow, fat, start, table]


def main():
    directory, wanted = pathlib.Path(sys.argv[1]), set(sys.argv[2:])
    for attack in ATTACKS:
        name = attack.__name__.strip("_").replace("_", "-")
        if not wanted or name in wanted:
            (directory / f"attack-{name}.wasm").write_bytes(attack())


main()
