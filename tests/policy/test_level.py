"""From the rule's default to the level that counts: every step, and their order."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import MakeFinding

from devsec.catalog.terms import Said, Terms, When
from devsec.config import Config
from devsec.contexts import Entry
from devsec.errors import ConfigError
from devsec.levels import Level
from devsec.policy.judge import Verdict, judge
from devsec.policy.level import Decided, decide, stage_of

TEXT = b"f(1)\n"
TLS = (
    When(Level.NOTE, exposure="internal"),
    When(Level.WARN, exposure="public"),
    When(Level.BLOCK, exposure="public", data="sensitive", file="tls.yaml", line=9),
)


@pytest.fixture
def decided(finding: MakeFinding) -> Any:
    def ask(terms: Terms, own: Level | None = None, doubtful: Level | None = None, **context: Any) -> Decided:
        levels = (("a-rule", own),) if own else ()
        entries = (Entry(("**",), **context),) if context else ()
        config = Config(levels=levels, file="devsec.toml", contexts=entries)
        return decide(finding(TEXT, "f(1)", level=doubtful or terms.level), terms, config)

    return ask


@pytest.mark.parametrize(
    ("context", "level"),
    [
        ({}, "warn"),
        ({"exposure": "internal"}, "note"),
        ({"exposure": "internal", "data": "sensitive"}, "note"),
        ({"exposure": "partner"}, "warn"),
        ({"exposure": "public"}, "warn"),
        ({"exposure": "public", "data": "sensitive"}, "block"),
        ({"data": "sensitive"}, "warn"),
        ({"exposure": "public", "data": "sensitive", "lifecycle": "test"}, "note"),
    ],
)
def test_the_strongest_line_that_holds(decided: Any, context: dict[str, str], level: str) -> None:
    assert decided(Terms(Level.WARN, when=TLS), **context).level.value == level


def test_labels_are_all_asked_for(decided: Any) -> None:
    terms = Terms(Level.NOTE, when=(When(Level.BLOCK, labels=("pci", "core")),))
    assert decided(terms, labels=("pci",)).level is Level.NOTE
    made = decided(terms, labels=("core", "pci", "x"))
    assert made.level is Level.BLOCK
    assert made.because == "the rule's level is block where the label pci is there and the label core is there"


def test_a_rule_that_is_off_by_default_may_count_somewhere(decided: Any) -> None:
    terms = Terms(Level.OFF, when=(When(Level.WARN, exposure="public"),))
    assert decided(terms).level is Level.OFF
    assert decided(terms, exposure="public").level is Level.WARN


def test_tests_are_notes_unless_the_rule_counts_there(decided: Any) -> None:
    assert decided(Terms(Level.BLOCK), lifecycle="test").level is Level.NOTE
    assert decided(Terms(Level.OFF), lifecycle="test").level is Level.OFF
    assert decided(Terms(Level.BLOCK, in_tests=True), lifecycle="test").level is Level.BLOCK
    # A token whose check digits do not hold is one that somebody made up for the test.
    assert decided(Terms(Level.BLOCK, in_tests=True), doubtful=Level.WARN, lifecycle="test").level is Level.NOTE


def test_a_doubtful_place_stays_one_weaker(decided: Any) -> None:
    terms = Terms(Level.WARN, when=(When(Level.BLOCK, exposure="public"),))
    assert decided(terms, doubtful=Level.NOTE).level is Level.NOTE
    assert decided(terms, doubtful=Level.NOTE, exposure="public").level is Level.WARN


@pytest.mark.parametrize(
    ("terms", "day", "stage"),
    [
        (Terms(Level.BLOCK), "2027-01-01", ""),
        (Terms(Level.BLOCK, stage="shadow"), "2027-01-01", "shadow"),
        (Terms(Level.BLOCK, stage="warn"), "2027-01-01", "warn"),
        (Terms(Level.BLOCK, stage="block"), "2027-01-01", "block"),
        (Terms(Level.BLOCK, stage="shadow", warn_from="2027-02-01"), "2027-01-31", "shadow"),
        (Terms(Level.BLOCK, stage="shadow", warn_from="2027-02-01"), "2027-02-01", "warn"),
        (Terms(Level.BLOCK, stage="shadow", block_from="2027-02-01"), "2027-01-31", "shadow"),
        (Terms(Level.BLOCK, stage="shadow", block_from="2027-02-01"), "2027-02-01", "block"),
        (Terms(Level.BLOCK, block_from="2027-03-01"), "2027-02-28", "warn"),
        (Terms(Level.BLOCK, block_from="2027-03-01"), "2027-03-01", "block"),
        (Terms(Level.BLOCK, warn_from="2027-02-01", block_from="2027-03-01"), "2027-01-01", "shadow"),
        (Terms(Level.BLOCK, warn_from="2027-02-01", block_from="2027-03-01"), "2027-02-15", "warn"),
        (Terms(Level.BLOCK, warn_from="2027-02-01", block_from="2027-03-01"), "2028-01-01", "block"),
        (Terms(Level.BLOCK, stage="block", warn_from="2028-02-01"), "2027-01-01", "block"),
    ],
)
def test_stages_only_rise(monkeypatch: pytest.MonkeyPatch, terms: Terms, day: str, stage: str) -> None:
    monkeypatch.setenv("DEVSEC_TODAY", day)
    assert stage_of(terms)[0] == stage


def test_a_stage_caps_and_says_until_when(decided: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSEC_TODAY", "2027-01-01")
    said = (Said("level block", "a.yaml", 6), Said("block_from 2027-03-01", "pack.yaml", 4))
    made = decided(Terms(Level.BLOCK, block_from="2027-03-01", said=said))
    assert (made.level, made.because) == (Level.WARN, "the rule's level is block; its stage is warn, until 2027-03-01")
    assert [(step.kind, step.level, step.file, step.line) for step in made.steps] == [
        ("rule", "block", "a.yaml", 6),
        ("stage", "warn", "pack.yaml", 4),
    ]
    note = decided(Terms(Level.NOTE, stage="warn"))
    assert (note.level, note.because) == (Level.NOTE, "the rule's level is note")


@pytest.mark.parametrize("given", ["tomorrow", "20270301", "2027-02-30", "2027-3-1"])
def test_no_day(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("DEVSEC_TODAY", given)
    with pytest.raises(ConfigError, match="DEVSEC_TODAY"):
        stage_of(Terms(Level.BLOCK, block_from="2027-03-01"))


def test_shadow_is_silent_and_the_repository_may_go_ahead(decided: Any) -> None:
    made = decided(Terms(Level.BLOCK, stage="shadow"))
    assert made.shadow
    ahead = decided(Terms(Level.BLOCK, stage="shadow"), own=Level.BLOCK)
    assert (ahead.shadow, ahead.level) == (False, Level.BLOCK)


@pytest.mark.parametrize(
    ("final", "own", "level"),
    [
        (False, Level.NOTE, "note"),
        (False, Level.OFF, "off"),
        (True, Level.NOTE, "warn"),
        (True, Level.OFF, "warn"),
        (True, Level.BLOCK, "block"),
    ],
)
def test_the_repository_has_the_last_word_unless_it_is_final(decided: Any, final: bool, own: Level, level: str) -> None:
    made = decided(Terms(Level.WARN, final=final), own=own)
    assert made.level.value == level
    refused = "does not count" in made.steps[-1].says
    assert refused == (level == "warn")


def test_a_finding_in_shadow(finding: MakeFinding) -> None:
    one = finding(TEXT, "f(1)")
    terms = Terms(Level.BLOCK, stage="shadow")
    assert judge(one, (), "", Config(), terms).verdict is Verdict.SHADOW
    # Not "known", which would promise that --all shows it.
    assert judge(one, (), "it was there before", Config(), terms).verdict is Verdict.OFF
