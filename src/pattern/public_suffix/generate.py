#!/usr/bin/env python3
"""Writes list.bin, the table of public suffixes that mod.rs reads.

    python3 src/pattern/public_suffix/generate.py            # the version below
    python3 src/pattern/public_suffix/generate.py VERSION    # another version of publicsuffixlist on PyPI
    python3 src/pattern/public_suffix/generate.py --check    # fails if list.bin differs

The same version always gives the same bytes. Needs pip, and nothing else beside Python's standard library.

The table is the smallest automaton without cycles (DAFSA) that accepts the rules of the list, each with its labels in
reverse order and in punycode: `com.amazonaws.s3`, `ck.*`, `ck.!www`. A state is a list of edges, of which the first
leads to the shortest rule (among several, to the first in the alphabet); the start is at 0. An edge is a byte: the
character in bits 0 to 5 (1 to 26 for letters, otherwise its ASCII code; 0 for the end of a rule, which has no target),
bit 6 if the target follows directly, bit 7 if it is the last edge of its state. Unless bit 6 is set, the target's
position follows, two bytes, most significant first.
After the automaton, a line of text names the list's version and licence.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

VERSION = "1.1.2.20261023"
TABLE = pathlib.Path(__file__).parent / "list.bin"
END, NEXT, LAST = 0, 0x40, 0x80


def download(version):
    with tempfile.TemporaryDirectory() as folder:
        package = f"publicsuffixlist=={version}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*command, "--dest", folder, package], check=True)
        [wheel] = pathlib.Path(folder).glob("*.whl")
        return zipfile.ZipFile(wheel).read("publicsuffixlist/public_suffix_list.dat").decode()


def ascii_label(label):
    return label if label.isascii() else "xn--" + label.encode("punycode").decode()


def reverse(rule):
    labels = [ascii_label(label) for label in reversed(rule.removeprefix("!").split("."))]
    assert "*" not in labels[:-1], f"{rule}: mod.rs knows a wildcard in the first label only"
    if rule.startswith("!"):
        labels[-1] = "!" + labels[-1]
    return ".".join(labels)


def rules(text):
    lines = (line.split() for line in text.splitlines())
    return sorted({reverse(line[0]) for line in lines if line and not line[0].startswith("//")})


def symbol(character):
    return ord(character) - ord("`") if character.isalpha() else ord(character)


def automaton(texts, known):
    """The state that accepts the texts: a tuple of edges. Equal states are one object."""
    following = {}
    for text in texts:
        following.setdefault(text[:1], []).append(text[1:])
    edges = []
    for character, rest in sorted(following.items(), key=lambda item: (len(item[0]), min(map(len, item[1])))):
        edges.append((symbol(character), automaton(rest, known)) if character else (END, None))
    return known.setdefault(tuple((character, id(target)) for character, target in edges), tuple(edges))


def layout(start):
    """The states in the order of the table, each with whether its last target follows directly; their positions."""
    order, positions, size = [], {}, 0
    waiting = [start]
    while waiting:
        state = waiting.pop()
        while state is not None and id(state) not in positions:
            positions[id(state)] = size
            *targets, last = [target for _, target in state]
            follows = last is not None and id(last) not in positions
            order.append((state, follows))
            explicit = [target for target in targets + [last] * (not follows) if target is not None]
            size += len(state) + 2 * len(explicit)
            waiting += explicit
            state = last if follows else None
    return order, positions, size


def encode(start):
    order, positions, size = layout(start)
    assert size <= 0x10000, "positions have two bytes"
    table = bytearray()
    for state, follows in order:
        for number, (character, target) in enumerate(state, 1):
            is_last = number == len(state)
            table.append(character | LAST * is_last | NEXT * (is_last and follows))
            if target is not None and not (is_last and follows):
                table += positions[id(target)].to_bytes(2, "big")
    assert len(table) == size
    return bytes(table)


def main(arguments):
    check = "--check" in arguments
    version = next((argument for argument in arguments if argument != "--check"), VERSION)
    text = download(version)
    texts = rules(text)
    date = re.search(r"^// VERSION: (\S+)$", text, re.MULTILINE)[1]
    line = f"\nPublic Suffix List, version {date}, {len(texts)} rules, licence MPL-2.0, from publicsuffixlist {version}\n"
    table = encode(automaton(texts, {})) + line.encode()
    if not check:
        TABLE.write_bytes(table)
    elif table != TABLE.read_bytes():
        sys.exit(f"{TABLE} differs from what publicsuffixlist {version} gives")
    print(line.strip(), f"({len(table)} bytes)")


main(sys.argv[1:])
