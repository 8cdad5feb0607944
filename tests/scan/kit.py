"""One rule from its `find`, one text, and what comes of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from devsec.finding import Finding
from devsec.levels import Safety
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Source
from devsec.text import apply
from tests.scan.rules import catalogue


def py(source: str) -> str:
    return textwrap.dedent(source).lstrip("\n")


def scanner(find: str, fix: str = "", secret: Sequence[str] = ()) -> Scanner:
    """A scanner for one rule. `find` and `fix` are YAML."""
    rules = catalogue(find, fix, secret)
    return Scanner(rules, Gate.build(rules))


def findings(
    find: str, source: str, *, path: str = "a.py", fix: str = "", secret: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """The findings, through the gate: a gate that is too strict shows in every test."""
    result = scanner(find, fix, secret).scan(Source(path, source.encode()))
    assert isinstance(result, tuple), result
    return result


def found(find: str, source: str, *, path: str = "a.py", secret: Sequence[str] = ()) -> list[tuple[int, str]]:
    """(line, masked snippet) of each finding."""
    return [(f.start.line, f.snippet) for f in findings(find, source, path=path, secret=secret)]


@dataclass(frozen=True)
class Cured:
    text: str
    refused: str = ""


def cured(find: str, fix: str, source: str) -> Cured:
    """The text after the first cure, applied until nothing is left; the reason when it is only advice."""
    scan = scanner(find, fix)
    data = source.encode()
    for _ in range(5):
        result = scan.scan(Source("a.py", data))
        assert isinstance(result, tuple), result
        writable = [f.fixes[0] for f in result if f.fixes[0].safety is not Safety.ADVICE]
        if not writable:
            break
        data = apply(data, writable[-1].edits)
    left = scan.scan(Source("a.py", data))
    assert isinstance(left, tuple), left
    return Cured(data.decode(), left[0].fixes[0].note if left else "")
