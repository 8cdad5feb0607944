"""Does anything a file may hold make devsec fail, or write a fix that does not hold?

    python bench/fuzz_fix.py [--seconds 60] [--runs N] [--seed 0] [FILE...]

Bytes are scanned, all that is found is cured (hardening included), and tests/fix/invariants.py is asked about the patch. The
seeds are the rules' own examples and the services of tests/corpus. With atheris (`pip install atheris`) libFuzzer chooses by
coverage what to mutate further (`--atheris`); without it the same mutations are made in a plain loop, the same ones for the
same seed. What fails is kept in bench/.work/fuzz/ and can be given as FILE to be tried again. Exit code 1 when
something failed.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
import time
import traceback
import warnings
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "bench" / ".work" / "fuzz"
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "fix")]

LARGEST = 8000  # bytes: more takes time and tells nothing new

# What breaks tools that take text apart.
PIECES = (
    b"\n", b"\r\n", b"\r", b"\x0c", b"\t", b"    ", b"\\\n", b" \\\r\n", b";", b"; ", b"# noqa\n", b"# \xc3\xa9 (\n", b"\xef\xbb\xbf",
    b"# coding: latin-1\n", b"#!/usr/bin/env python\n", b"'''", b'"""', b"f'", b'f"{', b"}", b"{", b"(", b")", b"[", b"]", b",", b"*",
    b"**k", b":=", b"lambda: ", b"await ", b"async ", b"if x: ", b"else: ", b"with x: ", b"def f():\n", b"class C: ", b"match x:\n",
    b"  case _: ", b"@d\n", b"not ", b" == ", b" if x else ", b" for _ in x", b"try:\n", b"except: ", b"global x\n", b"del x\n",
    b"return ", b"yield ", b"\x00", b"\xff", "é".encode(), "変".encode(), b"import yaml\n", b"yaml.load(", b"verify=False",
    b"shell=True", b"hashlib.md5(", b"from __future__ import annotations\n", b"import *", b"__all__ = []\n", b"type X = ", b"pass\n",
)  # fmt: skip


@cache
def scanner():  # type: ignore[no-untyped-def]
    from devsec.catalog.load import load
    from devsec.scan.engine import Scanner
    from devsec.scan.gate import Gate

    catalogue = load()
    return Scanner(catalogue, Gate.build(catalogue))


@cache
def seeds() -> tuple[bytes, ...]:
    rules = scanner().catalogue.rules
    texts = [e.data for rule in rules for e in rule.examples]
    texts += [file.read_bytes() for file in sorted((ROOT / "tests" / "corpus").rglob("*.py"))]
    return tuple(dict.fromkeys(text for text in texts if len(text) <= LARGEST))


def TestOneInput(data: bytes) -> None:
    from invariants import patched

    from devsec.sources.source import Source

    if len(data) <= LARGEST:
        patched(Source("app.py", data), scanner(), hardening=True)


def mutated(rnd: random.Random, data: bytes) -> bytes:
    """A few small changes: pieces put in, lines moved, statements of other seeds mixed in, other line endings."""
    for _ in range(rnd.choice((1, 1, 2, 3, 6))):
        kind = rnd.randrange(9)
        at = rnd.randrange(len(data) + 1)
        if kind < 3:
            data = data[:at] + rnd.choice(PIECES) + data[at:]
        elif kind == 3:
            data = data[:at] + data[at + rnd.choice((1, 1, 2, 5, 20)) :]
        elif kind == 4:
            lines = data.splitlines(True)
            rnd.shuffle(lines)
            data = b"".join(lines)
        elif kind in (5, 6):
            other = rnd.choice(seeds()).splitlines(True)
            some = other[rnd.randrange(len(other)) :] if rnd.randrange(2) else other
            lines = data.splitlines(True)
            cut = rnd.randrange(len(lines) + 1)
            indent = rnd.choice((b"", b"", b"    ", b"\t"))
            data = b"".join([*lines[:cut], *(indent + line for line in some), *lines[cut:]])
        elif kind == 7:
            data = data.replace(b"\n", rnd.choice((b"\r\n", b"\r", b"\n\n", b";", b"\n\x0c")), rnd.choice((1, 3, -1)))
        else:
            data = data.replace(
                rnd.choice((b" ", b", ", b"(", b"    ")), rnd.choice((b"\t", b",\n", b"(\n", b" \\\n", b"( # (\n")), 2
            )
    return data[:LARGEST]


def invented(rnd: random.Random) -> bytes:
    from programs import program

    return program(rnd, [seed.decode("utf-8", "replace") for seed in rnd.sample(seeds(), 5)], sys.version_info[:2])


def plain(seconds: float, runs: int, seed: int) -> int:
    failed: set[str] = set()
    known: list[bytes] = list(seeds())
    began, done, looked = time.process_time(), 0, 0
    while (not runs or done < runs) and (runs or time.process_time() - began < seconds):
        rnd = random.Random(f"{seed}/{done}")
        done += 1
        data = invented(rnd) if not rnd.randrange(4) else mutated(rnd, rnd.choice(known))
        try:
            TestOneInput(data)
            looked += 1
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} {where.name}:{where.lineno} {str(error).splitlines()[0][:70] if str(error) else ''}"
            if kind not in failed:
                failed.add(kind)
                print(f"run {done} of seed {seed}: {kind}\n  kept as {keep(data)}", flush=True)
    print(f"{done} texts in {time.process_time() - began:.0f} s of CPU, {len(failed)} kinds of failure")
    return int(bool(failed))


def keep(data: bytes) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / f"{hashlib.sha256(data).hexdigest()[:12]}.py"
    file.write_bytes(data)
    return file


def by_coverage(seconds: float, runs: int, seed: int) -> None:
    import atheris  # not on every platform, so not among what `make test` needs

    with atheris.instrument_imports(include=["devsec"]):
        import devsec.fix.plan
        import devsec.fix.unused
        import devsec.scan.engine
        import devsec.scan.rewrite  # noqa: F401

    scanner()
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, text in enumerate(seeds()):
            (Path(corpus) / str(number)).write_bytes(text)
        limit = [f"-runs={runs}"] if runs else [f"-max_total_time={int(seconds)}"]
        options = [f"-seed={seed + 1}", f"-max_len={LARGEST}", f"-artifact_prefix={KEPT}/", "-timeout=60"]

        def mutate(data: bytes, _: int, number: int) -> bytes:
            return mutated(random.Random(number), data)

        atheris.Setup([sys.argv[0], *limit, *options, corpus], TestOneInput, custom_mutator=mutate)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=60, help="of CPU")
    parser.add_argument("--runs", type=int, default=0, help="so many texts, however long it takes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true", help="let libFuzzer choose; it stops at the first failure")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # of the texts
    for file in asked.files:
        TestOneInput(file.read_bytes())
    if asked.files:
        print("all of it holds")
        return 0
    if asked.atheris:
        by_coverage(asked.seconds, asked.runs, asked.seed)  # does not come back
    return plain(asked.seconds, asked.runs, asked.seed)


if __name__ == "__main__":
    sys.exit(main())
