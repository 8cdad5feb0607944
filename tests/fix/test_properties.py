"""Does everything hold of any file? Programs from a grammar, with bundled rules' bad calls planted anywhere in them.

A few dozen programs each time, the same ones on every machine: a red build is then about the change that is being built,
and anybody can see it again. `DEVSEC_THOROUGH=5000` tries that many new ones instead, and prints how to repeat what
it finds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from invariants import compiles, one_by_one, patched
from programs import BOM, program

from devsec.catalog.load import load
from devsec.report.diff import unified
from devsec.report.redact import Redactor
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Source

THOROUGH = int(os.environ.get("DEVSEC_THOROUGH", "0"))
VERSION = sys.version_info[:2]


def examples(few: int, share: float = 1) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`few` programs, or the given share of the many that were asked for."""
    return settings(
        max_examples=int(THOROUGH * share) or few,
        derandomize=not THOROUGH,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


@cache
def scanner() -> Scanner:
    catalogue = load()
    return Scanner(catalogue, Gate.build(catalogue))


@cache
def bad_examples() -> tuple[str, ...]:
    rules = scanner().catalogue.rules
    return tuple(e.bad for r in rules if r.cures for e in r.examples if e.bad and e.path.endswith(".py"))


def made(rnd: Random) -> Source:
    return Source("app.py", program(rnd, bad_examples(), VERSION))


@examples(40)
@given(st.randoms(use_true_random=False), st.booleans())
def test_everything_holds(rnd: Random, hardening: bool) -> None:
    patched(made(rnd), scanner(), hardening=hardening)


@examples(5, share=0.1)
@given(st.randoms(use_true_random=False))
def test_the_order_does_not_matter(rnd: Random) -> None:
    """Cured one by one, in the other direction, the same is left."""
    source = made(rnd)
    assume(compiles(source.data))
    answer = patched(source, scanner(), hardening=True)
    assume(answer is not None)
    assert answer is not None
    left = scanner().scan(Source("app.py", one_by_one(source, scanner(), hardening=True)))
    assert isinstance(left, tuple)
    assert Counter(f.rule for f in left) == Counter(r.rule for r in answer[1].refused)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a work tree")


PATHS = ("app.py", "with space.py", "d\u00e9j\u00e0/vu.py", 'quo"te\\.py', "a b/c\td.py")


@examples(20, share=0.2)
@given(st.randoms(use_true_random=False), st.sampled_from(PATHS))
def test_git_applies_the_diff(folder: Path, rnd: Random, path: str) -> None:
    source = made(rnd)
    answer = patched(source, scanner(), hardening=True)
    assume(answer is not None)
    assert answer is not None
    patch = answer[1]
    diff = unified(path, patch.before, patch.after, Redactor(b"", ())).data
    assert bool(diff) == bool(patch.applied)
    file = folder / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(patch.before)
    if diff:
        subprocess.run(["git", "apply", "-"], cwd=folder, input=diff, check=True, capture_output=True)
    assert file.read_bytes() == patch.after


def test_the_programs_are_worth_trying() -> None:
    """A generator that makes only broken files, or finds nothing, would make everything above hold."""
    sources = [made(Random(seed)) for seed in range(60)]
    assert sum(compiles(source.data) for source in sources) > 45
    assert sum(source.data.startswith(BOM) for source in sources) > 2
    assert sum(b"\r" in source.data for source in sources) > 8
    found = [answer for source in sources[:12] if (answer := patched(source, scanner(), hardening=True)) is not None]
    assert len({applied.rule for _, patch in found for applied in patch.applied}) > 10
    assert sum(len(patch.applied) for _, patch in found) > 30
