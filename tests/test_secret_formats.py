"""Is every token of bench/tokens.py and bench/tokens_saas.py found where it stands, and is what nearly is one left alone? New ones in each run.

A failure prints the seed: `DEVSEC_SEED=… pytest tests/test_secret_formats.py` makes the same tokens again.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from devsec.catalog.load import load
from devsec.finding import Finding
from devsec.levels import Level
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Skipped, Source

SEED = int(os.environ.get("DEVSEC_SEED") or int.from_bytes(os.urandom(4), "big"))
TOKENS = 10
BENCH = Path(__file__).parent.parent / "bench"


def _table(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


FORMATS = (*_table("tokens").FORMATS, *_table("tokens_saas").FORMATS)
OURS = {one.rule for one in FORMATS}
_CARRIERS = _table("carriers")
carried, told_by, FILE_RULES = _CARRIERS.carried, _CARRIERS.told_by, _CARRIERS.FILE_RULES
EACH = pytest.mark.parametrize("format", FORMATS, ids=[f"{one.rule}: {one.name}" for one in FORMATS])
WEAKER = {Level.BLOCK: Level.WARN, Level.WARN: Level.NOTE, Level.NOTE: Level.NOTE}


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    rules = load()
    return Scanner(rules, Gate.build(rules))


def scan(scanner: Scanner, path: str, text: str) -> tuple[Finding, ...]:
    found = scanner.scan(Source(path, text.encode()))
    assert not isinstance(found, Skipped), found
    return found


def shown(found: tuple[Finding, ...], text: str) -> str:
    return f"DEVSEC_SEED={SEED}: {[(one.rule, one.snippet) for one in found]} in\n{text}"


@EACH
def test_is_found_where_it_stands(format: Any, scanner: Scanner) -> None:
    random = Random(f"{SEED} {format.rule} {format.name}")
    for _ in range(TOKENS):
        made = format.draw(random)
        for path, text in carried(format, made):
            found = scan(scanner, path, text)
            told = told_by(format, path) | FILE_RULES
            (mine,) = [one for one in found if one.rule in told] or pytest.fail(shown(found, text))
            assert mine.level is scanner.catalogue.rule(mine.rule).level, shown(found, text)
            assert mine.whole is (mine.rule in FILE_RULES)
            if not format.block:
                place = text.encode().index(format.secret(made).encode())
                secret = mine.secrets[0]
                assert (secret.start, secret.end) == (place, place + len(format.secret(made))), shown(found, text)
            assert format.secret(made) not in mine.snippet


@pytest.mark.parametrize(
    ("format", "near"),
    [pytest.param(one, make, id=f"{one.rule}: {one.name}: {name}") for one in FORMATS for name, make in one.near],
)
def test_what_nearly_is_one_is_left_alone(format: Any, near: Callable[[Random], str], scanner: Scanner) -> None:
    random = Random(f"{SEED} {format.rule} {format.name}")
    for _ in range(TOKENS):
        for path, text in carried(format, near(random)):
            beside = text.encode().find(format.beside.encode()) if format.beside else -1
            found = [one for one in scan(scanner, path, text) if one.rule in OURS]
            # An id beside it is told for itself.
            found = [one for one in found if not beside <= one.span.start < beside + len(format.beside)]
            assert not found, shown(tuple(found), text)


def test_a_token_that_two_shapes_of_a_rule_meet_in_is_one_finding(scanner: Scanner) -> None:
    """By its name, and by the id that stands beside it."""
    pair = {one.name: one for one in FORMATS if one.rule.startswith("aws-")}
    random = Random(SEED)
    key, secret = pair["alone"].draw(random), pair["by its name"].draw(random)
    found = scan(scanner, "credentials", f"aws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    assert [one.rule for one in found] == ["aws-access-key-id", "aws-secret-key"], f"DEVSEC_SEED={SEED}"


@pytest.mark.parametrize(
    "format", [pytest.param(one, id=f"{one.rule}: {one.name}") for one in FORMATS if one.doubtful is not None]
)
def test_a_wrong_check_is_told_one_level_lower(format: Any, scanner: Scanner) -> None:
    random = Random(f"{SEED} {format.rule} {format.name}")
    level = scanner.catalogue.rule(format.rule).level
    for _ in range(TOKENS):
        made = replace(format, make=format.doubtful).draw(random)
        for path, text in carried(format, made):
            if len(told_by(format, path)) > 1:
                continue  # the other rule does not ask for a check
            found = scan(scanner, path, text)
            (mine,) = [one for one in found if one.rule == format.rule] or pytest.fail(shown(found, text))
            assert mine.level is WEAKER[level], shown(found, text)
            assert "do not hold" in mine.remark


# Rules that no table can have an entry for, and why.
WITHOUT: dict[str, str] = {}


def test_every_text_rule_has_a_format() -> None:
    """A format nobody makes tokens of is a format nobody knows to be found."""
    texts = {rule.id for rule in load().rules if any(shape.kind == "text" for shape in rule.find)}
    assert texts - OURS == set(WITHOUT)
    assert texts >= OURS


def test_no_format_is_there_twice() -> None:
    assert len({(one.rule, one.name) for one in FORMATS}) == len(FORMATS) >= 300
