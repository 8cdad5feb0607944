"""`check --history`: which secrets did commits bring, and are they still there?

Only rules that know a secret are looked for: what else somebody once wrote is over, but what was pushed once can be used
until its owner makes it invalid. One finding for each rule, secret and path: the first commit that brought it there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property

from devsec import selection
from devsec.blake import blake2b
from devsec.catalog.rule import Rule
from devsec.crew import cores, shared_out
from devsec.desk import Desk, Request, collect_much
from devsec.errors import UsageError
from devsec.finding import Finding
from devsec.levels import Safety
from devsec.news import comments_in, text_of, told_once
from devsec.outcome import Checked, Origin, Outcome, Report
from devsec.policy.judge import Judged, Verdict, judge
from devsec.record import Record
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.selection import Past
from devsec.sources.git import Repository
from devsec.sources.source import MAX_BYTES, Large, Passed, Skipped, Source, no_text, too_large

PIECE = 400  # objects a child reads with one git
WORTH = 1500  # fewer are read before children have begun
TOLD = "it is told of the commit that brought it"

Secret = tuple[str, bytes, str]  # rule, keyed hash of the secret, path


class Seen(Record):
    """What there is to say about a text at a path: findings with the keyed hash of each one's secret, or the reason why it
    was not looked at (in full), or what it is instead of a text."""

    blob: str
    path: str
    found: tuple[tuple[Judged, bytes], ...] = ()
    skipped: str = ""
    what: str = ""


class _Eye:
    """Looks at texts of the past, here or in a child. No secret leaves it but as a hash with a key that dies with us."""

    def __init__(self, desk: Desk, repository: Repository) -> None:
        self._desk = desk
        self._repository = repository
        self._key = os.urandom(32)

    @cached_property
    def _scanner(self) -> Scanner:
        everything = self._desk.catalogue
        wanted = tuple(rule for rule in everything.rules if _lasts(rule) and rule.id not in self._desk.off)
        fewer = everything._replace(rules=wanted)
        return Scanner(fewer, Gate.build(fewer))

    def warm(self) -> None:
        """Loads what children would otherwise load each for themselves."""
        self._scanner  # noqa: B018

    def look(self, piece: Sequence[tuple[str, tuple[str, ...]]]) -> list[Seen]:
        """Objects, each with the paths it stood at. Of texts with nothing to say nothing comes back."""
        paths = dict(piece)
        out: list[Seen] = []
        for blob, data in self._repository.read_up_to(MAX_BYTES, paths):
            for path in paths[blob]:
                out += self._at(blob, path, data)
        return out

    def _at(self, blob: str, path: str, data: bytes | Large) -> Iterable[Seen]:
        if isinstance(data, Large):
            said = too_large(path, data)
            yield (
                Seen(blob, path, skipped=said.reason) if isinstance(said, Skipped) else Seen(blob, path, what=said.what)
            )
            return
        source = Source(path, data)
        hits = self._scanner.gate.hits(data, path)
        if not hits:
            what = no_text(data)
            if what:
                yield Seen(blob, path, what=what)
            return
        found = self._scan(source, hits)
        if isinstance(found, Skipped):
            yield Seen(blob, path, skipped=found.reason)
            # Python that does not parse today (it may have been for Python 2) is text all the same.
            found = self._scanner.all_the_same(source, hits)
        elif not found and no_text(data):
            yield Seen(blob, path, what=no_text(data))
        if found:
            text = text_of(source)
            silent = comments_in(self._desk, path, text)
            pairs = (
                (judge(one, silent, "", self._desk.config, self._desk.terms(one.rule)), self._hash(one, text))
                for one in found
            )
            yield Seen(blob, path, tuple((_for_reading(judged), secret) for judged, secret in pairs))

    def _scan(self, source: Source, hits: tuple[str, ...]) -> tuple[Finding, ...] | Skipped:
        collect_much()
        return self._scanner.scan(source, hits)

    def _hash(self, finding: Finding, text: bytes) -> bytes:
        meant = b"\0".join(text[span.start : span.end] for span in finding.secrets)
        # Of a file without a text all that is known is where it is.
        meant = meant or (finding.key or finding.path).encode("utf-8", "surrogateescape")
        return blake2b(meant, digest_size=16, key=self._key).digest()


def history(desk: Desk, request: Request) -> Report:
    """What commits brought that should not be in a repository, of all that `request.history` and `paths` name."""
    if request.everything or request.since:
        raise UsageError("--history and --all or --since contradict each other", "Use one of them.")
    repository = desk.repository
    assert repository is not None  # a desk without one is only had with paths and without history
    desk.gate  # noqa: B018  # a configuration that makes no sense is said first
    tops = selection.tops(repository, request.paths)
    past = selection.history(repository, (request.history or "").split(), tops, desk.config.exclude)
    eye = _Eye(desk, repository)
    eye.warm()
    # The order of the commits: a file's versions stand close together, and so do the deltas git makes them from.
    asked = [(blob, tuple(one.path for one in where)) for blob, where in past.wanted.items()]
    pieces = [asked[start : start + PIECE] for start in range(0, len(asked), PIECE)]
    hands = cores() if len(asked) >= WORTH else 1
    seen = [one for some in shared_out(eye.look, pieces, hands) for one in some]
    today = _today(repository, eye, seen)
    outcomes = [*_left_out(past, seen), *_told(repository, past, seen, today)]
    outcomes.sort(key=lambda outcome: outcome.path)
    return Report(tuple(outcomes), desk.root, staged=False, past=(past.commits, len(past.wanted)), remarks=desk.remarks)


def _today(repository: Repository, eye: _Eye, seen: Sequence[Seen]) -> dict[tuple[str, bytes], list[str]]:
    """Where HEAD has the secrets that were found: paths by rule and secret."""
    paths = {one.path for one in seen if one.found}
    now = repository.base_blobs("HEAD", paths)
    looked = {(one.blob, one.path): one for one in seen if one.found}
    missing = [(blob, (path,)) for path, blob in sorted(now.items()) if (blob, path) not in looked]
    for one in eye.look(missing) if missing else ():
        looked[one.blob, one.path] = one
    where: dict[tuple[str, bytes], list[str]] = {}
    for path, blob in sorted(now.items()):
        there = looked.get((blob, path))
        for judged, secret in there.found if there is not None else ():
            where.setdefault((judged.finding.rule, secret), []).append(path)
    return where


def _told(
    repository: Repository, past: Past, seen: Sequence[Seen], today: dict[tuple[str, bytes], list[str]]
) -> list[Outcome]:
    """The first text with each secret. A comment that silences it in any version of the file counts for all of them: a
    commit cannot be written anew to hold one."""
    silenced: dict[Secret, Judged] = {}
    for one in seen:
        for judged, secret in one.found:
            if judged.verdict is Verdict.SUPPRESSED:
                silenced.setdefault((judged.finding.rule, secret, one.path), judged)
    known: set[Secret] = set()
    first: list[tuple[Seen, list[Judged], dict[Finding, str]]] = []
    for one in seen:
        verdicts: list[Judged] = []
        still: dict[Finding, str] = {}
        here: set[Secret] = set()
        for judged, secret in one.found:
            name = (judged.finding.rule, secret, one.path)
            if name in known or name in here:
                # Kept without being counted: what is shown of the text hides this secret, too.
                verdicts.append(Judged(judged.finding, Verdict.OFF, TOLD))
                continue
            here.add(name)
            paths = today.get(name[:2], [])
            finding = judged.finding if paths else judged.finding._replace(fixes=())
            if paths:
                still[finding] = one.path if one.path in paths else paths[0]
            if name in silenced:
                judged = silenced[name]
            verdicts.append(Judged(finding, judged.verdict, judged.because))
        known |= here
        verdicts = list(told_once(tuple(verdicts)))
        if any(judged.verdict is not Verdict.OFF for judged in verdicts):
            first.append((one, verdicts, still))
    came = {(blob, version.path): version.commit for blob, where in past.wanted.items() for version in where}
    dates = repository.dates(tuple(dict.fromkeys(came[one.blob, one.path] for one, _, _ in first)))
    texts = dict(repository.read(one.blob for one, _, _ in first))
    out: list[Outcome] = []
    for one, verdicts, still in first:
        commit = came[one.blob, one.path]
        text = text_of(Source(one.path, texts[one.blob]))
        out.append(Checked(one.path, tuple(verdicts), (), text, Origin(commit, dates.get(commit, ""), still)))
    return out


def _left_out(past: Past, seen: Sequence[Seen]) -> list[Outcome]:
    """What was not looked at, each path once."""
    came = {(blob, version.path): version.commit for blob, where in past.wanted.items() for version in where}
    passed: dict[str, Passed] = {}
    skipped: dict[str, list[Seen]] = {}
    for one in seen:
        if one.what:
            passed.setdefault(one.path, Passed(one.path, one.what))
        elif one.skipped:
            skipped.setdefault(one.path, []).append(one)
    out: list[Outcome] = [
        Skipped("", f"The parents of {commit} are not here, since this clone is shallow: git fetch --unshallow.")
        for commit in past.unknown
    ]
    for path, versions in skipped.items():
        more = f", and {len(versions) - 1} more of its versions" if len(versions) > 1 else ""
        out.append(Skipped(path, f"{versions[0].skipped} (in commit {came[versions[0].blob, path]}{more})"))
    return [*out, *passed.values()]


def _lasts(rule: Rule) -> bool:
    """Whether it matters of a text of the past: it knows a secret, or that the file should never have been there."""
    return bool(rule.secret) or any(shape.kind == "file" for shape in rule.find)


def _for_reading(judged: Judged) -> Judged:
    """`devsec fix` cures what stands on disk; of an old text a cure is only told."""
    advice = tuple(fix._replace(safety=Safety.ADVICE, edits=()) for fix in judged.finding.fixes[:1])
    return judged._replace(finding=judged.finding._replace(fixes=advice))
