"""Rules made of pieces, and complaints with the place they must name marked in the text itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from devsec.catalog.rule import Road, Rule
from devsec.catalog.schema import resolve_roads, roads_from, rule_from
from devsec.catalog.yaml_read import read
from devsec.errors import RuleError

MARK = "§"  # stands before the text a complaint must point at
FILE = "a-rule.yaml"

PIECES = {
    "id": "a-rule",
    "title": "Something leaves the road",
    "cwe": "CWE-1",
    "severity": "high",
    "confidence": "high",
    "level": "block",
    "why": "Because.",
    "find": "{call: m.f, args: {x: {is: 1}}}",
    "fix": "{title: Cure, safety: safe, call: m.g}",
    "examples": "[{bad: x, good: y}, {fine: z}]",
}
ROADS = {
    "tls.context": Road("tls.context", "A context", "ssl.create_default_context()", ("ssl",)),
    "secret.get": Road("secret.get", "A secret", "os.environ[$name]", ("os",)),
}


def yaml(**pieces: str | None) -> str:
    """A sound rule with these pieces put in; without those that are None."""
    merged: dict[str, str | None] = {**PIECES, **pieces}
    return "".join(f"{key}: {value}\n" for key, value in merged.items() if value is not None)


def rule(text: str) -> Rule:
    node = read(text.encode(), FILE)
    return resolve_roads(rule_from(node), ROADS, node)


def roads(text: str) -> tuple[Road, ...]:
    return roads_from(read(text.encode(), FILE))


@dataclass(frozen=True)
class Complaint:
    place: tuple[int, int]
    message: str
    hint: str


def complaint(error: RuleError, file: str = FILE) -> Complaint:
    found = re.fullmatch(re.escape(file) + r":(\d+):(\d+): (.+)", error.message, re.DOTALL)
    assert found, f"no place in {error.message!r}"
    return Complaint((int(found[1]), int(found[2])), found[3], error.hint)


def unmarked(text: str) -> tuple[str, tuple[int, int]]:
    """The text without the mark, and where it was."""
    before, _, after = text.partition(MARK)
    assert MARK in text, "say where"
    assert MARK not in after, "one place"
    lines = before.split("\n")
    return before + after, (len(lines), len(lines[-1]) + 1)


def refused(text: bytes) -> Complaint:
    with pytest.raises(RuleError) as caught:
        read(text, FILE)
    return complaint(caught.value)
