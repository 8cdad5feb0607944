"""What would one rule say about real code, today? For its author: nothing is changed, and nothing else is looked for.

The rule may be one that counts here, or a file that is in no folder yet. A verdict is what the repository would give it
now; a rule that is off, or in shadow, is shown all the same.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from devsec.catalog.here import PACK
from devsec.catalog.load import load
from devsec.catalog.rule import Catalogue, Rule
from devsec.catalog.schema import resolve_roads, rule_from
from devsec.catalog.terms import terms_of
from devsec.catalog.yaml_read import read
from devsec.crew import cores, shared_out
from devsec.desk import Desk, Request, collect_much
from devsec.errors import RuleError, UsageError
from devsec.finding import Finding
from devsec.fix.plan import Patch, best, cure
from devsec.many import progress
from devsec.news import comments_in, text_of, told_once
from devsec.policy.judge import Judged, Verdict, judge
from devsec.record import Record
from devsec.run import MANY, Wanted, choose, one_rule
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Passed, Skipped, Source, no_text

PIECE = 100  # files at a time, as in many.py
YAML = (".yaml", ".yml")


class Match(Record):
    """A file in which the rule holds. `every` are all findings in it, of whatever rule: no output may show their secrets."""

    path: str
    text: bytes
    judged: tuple[Judged, ...]
    every: tuple[Finding, ...]
    patch: Patch | None = None  # what the cures would make of it, when that was asked


class Tried(Record):
    """`looked` counts the files that were read as text, `closely` those of them that the gate let through. `matches` are
    the files that are shown, `found` counts the findings in all by verdict, `in_files` the files that have any."""

    rule: Rule
    root: str
    matches: tuple[Match, ...]
    found: dict[str, int]
    in_files: int
    looked: int
    closely: int
    skipped: tuple[Skipped, ...]
    passed: int
    seconds: float

    @property
    def total(self) -> int:
        return sum(self.found.values())


def tried(rule: str, paths: Sequence[str], *, configured: bool = True, limit: int = 0, diff: bool = False) -> Tried:
    """What the rule says about the files in `paths`, all of the repository's without any. At most `limit` findings are
    kept to be shown (0: all). Raises RuleError with the place for a rule that does not load, UsageError for one that is
    not there."""
    start = time.monotonic()
    desk = Desk(Request(paths=(".",), configured=configured))
    trial = _Trial(desk, *_rule(desk, rule))
    everywhere = not paths and desk.repository is not None
    request = Request(paths=() if everywhere else tuple(paths) or (".",), everything=everywhere, configured=configured)
    _, wanted = choose(desk, request, on_disk=True)
    seen = _all(trial, wanted)
    found: dict[str, int] = {}
    matches: list[Match] = []
    shown = 0
    for source, findings in sorted(seen.found, key=lambda one: one[0].path):
        text = text_of(source)
        judged = trial.judged(source, text, findings)
        for one in judged:
            found[one.verdict.value] = found.get(one.verdict.value, 0) + 1
        kept = judged if not limit else judged[: max(0, limit - shown)]
        shown += len(kept)
        if kept:
            matches.append(trial.match(source, text, kept, diff))
    skipped = tuple(sorted(seen.skipped, key=lambda one: one.path))
    return Tried(
        trial.rule, desk.root, tuple(matches), dict(sorted(found.items())), len(seen.found), seen.looked, seen.closely,
        skipped, seen.passed, time.monotonic() - start,
    )  # fmt: skip


class _Seen(Record):
    found: list[tuple[Source, tuple[Finding, ...]]]
    skipped: list[Skipped]
    looked: int
    closely: int
    passed: int


class _Trial:
    """One rule, and a scanner that knows no other."""

    def __init__(self, desk: Desk, rule: Rule, catalogue: Catalogue) -> None:
        self._desk = desk
        self.rule = rule
        self._terms = terms_of(rule)
        # On any terms: a rule that is deprecated is looked for as well.
        self._plain = rule._replace(terms=None)
        others = tuple(one for one in catalogue.rules if one.id != rule.id)
        self._everything = Catalogue((*others, self._plain), catalogue.roads)
        alone = Catalogue((self._plain,), catalogue.roads)
        self.scanner = Scanner(alone, Gate.build(alone))

    @cached_property
    def _full(self) -> Scanner:
        """With all other rules: for what they know to be secret, and for the proof of a cure."""
        return Scanner(self._everything, Gate.build(self._everything))

    def look(self, wanted: Wanted, some: Sequence[Any]) -> _Seen:
        found: list[tuple[Source, tuple[Finding, ...]]] = []
        skipped: list[Skipped] = []
        looked = closely = passed = 0
        for _, source in wanted.read(some):
            if isinstance(source, Skipped):
                skipped.append(source)
                continue
            if isinstance(source, Passed):
                passed += 1
                continue
            hits = self.scanner.gate.hits(source.data, source.path)
            if not hits and no_text(source.data):
                passed += 1
                continue
            looked += 1
            if not hits:
                continue
            closely += 1
            collect_much()
            result = self.scanner.scan(source, hits)
            if isinstance(result, Skipped):
                skipped.append(result)
                result = self.scanner.all_the_same(source, hits)
            if result:
                found.append((source, result))
        return _Seen(found, skipped, looked, closely, passed)

    def judged(self, source: Source, text: bytes, findings: Sequence[Finding]) -> tuple[Judged, ...]:
        comments = comments_in(self._desk, source.path, text)
        return told_once(
            tuple(
                judge(finding, comments, "", self._desk.config, self._terms)
                for finding in sorted(findings, key=lambda one: one.span)
            )
        )

    def match(self, source: Source, text: bytes, judged: tuple[Judged, ...], diff: bool) -> Match:
        hits = self._full.gate.hits(source.data, source.path)
        every = self._full.scan(source, hits)
        if isinstance(every, Skipped):
            every = self._full.all_the_same(source, hits)
        every = (*every, *(one.finding for one in judged))
        patch = None
        if diff:
            asked = [one.finding for one in judged if one.verdict is not Verdict.SUPPRESSED]
            made = cure(source, asked, self._full, lambda _, now: best(now, hardening=True))
            patch = made if isinstance(made, Patch) else None
        return Match(source.path, text, judged, every, patch)


def _all(trial: _Trial, wanted: Wanted) -> _Seen:
    """All of the files; many are shared out over the cores."""
    files = wanted.files
    if len(files) < MANY:
        return trial.look(wanted, files)
    pieces = [files[at : at + PIECE] for at in range(0, len(files), PIECE)]
    seen = _Seen([], [], 0, 0, 0)
    with progress(len(files)) as told:
        for piece, one in zip(pieces, shared_out(lambda some: trial.look(wanted, some), pieces, cores()), strict=True):
            seen = _Seen(*(a + b for a, b in zip(seen, one, strict=True)))  # type: ignore[operator]
            told(len(piece))
    return seen


# --- which rule? -----------------------------------------------------------------------------------------------------


def _rule(desk: Desk, asked: str) -> tuple[Rule, Catalogue]:
    """The rule by its id or its file, and all that count beside it."""
    if asked.endswith(YAML):
        rule, catalogue = _in_a_file(desk, asked)
    else:
        catalogue = desk.catalogue
        try:
            rule = one_rule(catalogue, asked)
        except UsageError as error:
            if os.path.isfile(asked):
                raise UsageError(f"{asked} is no rule file", "A rule's file ends with .yaml.") from None
            raise error
    if not rule.find:
        raise UsageError(f"devsec itself looks for what {rule.id} says", "There is no shape to try.")
    return rule, catalogue


def _in_a_file(desk: Desk, asked: str) -> tuple[Rule, Catalogue]:
    file = Path(asked)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{asked}: {error.strerror}", "Name a rule by its id, or its .yaml file.") from None
    node = read(data, asked)
    if isinstance(node.value, list) or (isinstance(node.value, dict) and "road" in node.value):
        raise UsageError(f"{asked} holds roads", "Only a rule says something about code.")
    if file.name == PACK:
        raise UsageError(f"{asked} is a pack", "devsec pack test proves it; name one of its rules.")
    # What is wrong with this one is said first, whatever else is wrong around it.
    real = os.path.realpath(asked)
    catalogue = desk.catalogue
    known = next((one for one in catalogue.rules if os.path.realpath(one.source) == real), None)
    if known is not None:
        return known, catalogue
    written = rule_from(node)
    pack = _pack_around(real)
    if pack:
        try:
            more = load([*desk.folders, pack], installed=desk.installed)
        except RuleError as error:
            raise RuleError(error.message, error.hint or f"It is in the pack around {asked}.") from None
        found = next((one for one in more.rules if os.path.realpath(one.source) == real), None)
        if found is not None:
            return found, more
    return resolve_roads(written, {road.name: road for road in catalogue.roads}, node), catalogue


def _pack_around(file: str) -> str:
    """The folder of the pack that a file is in; "" when it is in none."""
    folder = os.path.dirname(file)
    while True:
        if os.path.isfile(os.path.join(folder, PACK)):
            return folder
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return ""
        folder = above
