"""`check` and `fix`, put together from the parts. What is decided here is only who is asked, and in which order."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from devsec import selection
from devsec.catalog import store
from devsec.catalog.bundled import bundled
from devsec.config import Config
from devsec.config import load as load_config
from devsec.errors import GitError, UsageError
from devsec.globs import matches
from devsec.levels import Level
from devsec.nearest import did_you_mean
from devsec.outcome import Checked, Outcome, Remark, Report
from devsec.policy.judge import Verdict, judge
from devsec.policy.known import Counts, changed_lines, counts, lost, subtract, together
from devsec.policy.suppress import ignores, silencer
from devsec.scan.gate import Gate, restore_or_none
from devsec.selection import Base, Chosen, Selection
from devsec.sources import tree
from devsec.sources.git import Repository
from devsec.sources.source import Skipped, Source

if TYPE_CHECKING:
    from devsec.catalog.rule import Catalogue, Rule
    from devsec.catalog.shelf import Shelf
    from devsec.finding import Finding
    from devsec.fix.plan import Patch
    from devsec.prove import Proved
    from devsec.scan.engine import Scanner

COLLECT_AFTER = 64  # scans; see Desk.scan


@dataclass(frozen=True)
class Request:
    """What was asked for. `paths` are as the user wrote them; without any, what is staged is meant.

    `compare_with` is a commit: with `paths`, only what is new since then counts ("" for everything in them).
    `lasting_index` is False when what is staged now will not be after this run (`git commit -a`, `git commit PATH`).
    """

    start: str = "."
    paths: tuple[str, ...] = ()
    everything: bool = False
    since: str = ""
    compare_with: str = ""
    configured: bool = True
    lasting_index: bool = True


@dataclass(frozen=True)
class Cured:
    """A patch, with what is needed to show it: the decoded text before, and everything that was found in it."""

    patch: Patch
    text: bytes
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Fixed:
    """What `fix` did. `cured` was written (or would be); `failed` could not be written; `left` is what remains."""

    cured: tuple[Cured, ...]
    failed: tuple[Skipped, ...]
    left: Report


class Desk:
    """What a run works with. The gate is there at once; rules and scanner come when a file has candidates."""

    def __init__(self, request: Request) -> None:
        self.repository = _repository(request)
        self.root = self.repository.root if self.repository else os.path.abspath(request.start)
        self.config = load_config(self.root) if request.configured else Config()
        self._scans = 0

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The repository's own; the bundled rules come before them."""
        return tuple(os.path.join(self.root, folder) for folder in self.config.rules)

    @cached_property
    def signature(self) -> str:
        return store.signature((bundled(), *self.folders))

    @cached_property
    def gate(self) -> Gate:
        gate = restore_or_none(store.read("gate", self.signature))
        if gate is None:
            gate = Gate.build(self.catalogue)
            store.write("gate", self.signature, gate.dump())
        if self.config.levels:
            self.config.check_rules(gate.rules())
        return gate

    @cached_property
    def shelf(self) -> Shelf:
        from devsec.catalog.shelf import Shelf  # rules are read only when a file has candidates

        return Shelf(self.folders, self.signature)

    @property
    def catalogue(self) -> Catalogue:
        return self.shelf.all()

    @cached_property
    def scanner(self) -> Scanner:
        from devsec.scan.engine import Scanner  # libcst

        return Scanner(self.shelf, self.gate)

    @cached_property
    def off(self) -> frozenset[str]:
        return frozenset(rule for rule, level in self.config.levels if level is Level.OFF)

    def hits(self, source: Source) -> tuple[str, ...]:
        """Rules that could match and count here."""
        found = self.gate.hits(source.data, source.path)
        return tuple(rule for rule in found if rule not in self.off) if self.off else found

    def scan(self, source: Source, hits: tuple[str, ...]) -> tuple[Finding, ...] | Skipped:
        self._scans += 1
        if self._scans % COLLECT_AFTER == 0:
            gc.collect()  # the command line switches collecting off; trees of many files would pile up
        return self.scanner.scan(source, hits)

    def before(self, source: Source, rules: frozenset[str]) -> Counts:
        """What a base version has of `rules`. What was silenced there comes back when the comment goes."""
        hits = tuple(rule for rule in self.hits(source) if rule in rules)
        found = self.scan(source, hits) if hits else ()
        if isinstance(found, Skipped):
            return counts(())  # nobody knows what it had: then all of it is new
        silent = ignores(source.path, _text(source))
        return counts(finding for finding in found if silencer(finding, silent) is None)


@dataclass(frozen=True)
class _Found:
    chosen: Chosen
    source: Source
    findings: tuple[Finding, ...]


def check(request: Request) -> Report:
    """What is there to say about the files asked for?"""
    desk = Desk(request)
    chosen, pairs = _choose(desk, request, on_disk=False)
    outcomes, found = _look(desk, pairs)
    return _report(desk, request, chosen, outcomes, found)


def fix(request: Request, hardening: bool, only: frozenset[str], write: bool) -> Fixed:
    """Cures what `check` would show about the files on disk. With `write` False nothing is changed."""
    desk = Desk(request)
    for rule in sorted(only):
        one_rule(desk.catalogue, rule)
    chosen, pairs = _choose(desk, request, on_disk=True)
    outcomes, found = _look(desk, pairs)
    known = _known(desk, chosen, found)
    cured: list[Cured] = []
    failed: list[Skipped] = []
    after: list[_Found] = []
    for one in found:
        patch = _patch(desk, one, known, hardening, only)
        trouble = patch if isinstance(patch, Skipped) else _write(desk, patch) if write else None
        if isinstance(patch, Skipped) or trouble is not None:
            failed += [trouble] if trouble is not None else []
            after.append(one)
            continue
        cured.append(Cured(patch, _text(one.source), one.findings))
        outcome = _outcome(desk, one.chosen, Source(one.source.path, patch.after))
        if isinstance(outcome, _Found):
            after.append(outcome)
        else:
            outcomes.append(outcome)
    return Fixed(tuple(cured), tuple(failed), _report(desk, request, chosen, outcomes, after))


def configuration(start: str, configured: bool) -> Config:
    """What the repository around `start` wants."""
    return Desk(Request(start, paths=(".",), configured=configured)).config


def catalogue(start: str, configured: bool) -> Catalogue:
    """All rules that count around `start`, inside a repository or not."""
    desk = Desk(Request(start, paths=(".",), configured=configured))
    desk.config.check_rules(rule.id for rule in desk.catalogue.rules)
    return desk.catalogue


def proofs(start: str, paths: Sequence[str], configured: bool) -> Iterator[tuple[Rule, tuple[Proved, ...]]]:
    """Each rule in `paths` (files and folders; all rules that count here without any) with what its examples say."""
    from devsec.catalog.load import load
    from devsec.prove import prove
    from devsec.scan.engine import Scanner

    desk = Desk(Request(start, paths=(".",), configured=configured))
    tops = [os.path.realpath(path) for path in paths]
    for path, top in zip(paths, tops, strict=True):
        if not os.path.exists(top):
            raise UsageError(f"{path}: no such file or folder", "Check the spelling, and the folder you are in.")
    # A folder that counts here anyway is not loaded twice: its rules would all be there under the same id.
    counted = [os.path.realpath(folder) for folder in (bundled(), *desk.folders)]
    more = {top if os.path.isdir(top) else os.path.dirname(top) for top in tops}
    more = {top for top in more if not any(_inside(top, folder) for folder in counted)}
    more = {top for top in more if not any(_inside(top, other) for other in more - {top})}
    rules = load([*desk.folders, *sorted(more)])
    scanner = Scanner(rules, Gate.build(rules))
    for rule in rules.rules:
        if not tops or any(_inside(os.path.realpath(rule.source), top) for top in tops):
            yield rule, prove(rule, scanner)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def one_rule(among: Catalogue, rule_id: str) -> Rule:
    """The rule by that id; UsageError with the nearest one when there is none."""
    for rule in among.rules:
        if rule.id == rule_id:
            return rule
    raise UsageError(f"there is no rule {rule_id!r}", did_you_mean(rule_id, [rule.id for rule in among.rules]))


def _repository(request: Request) -> Repository | None:
    try:
        return Repository.discover(request.start)
    except GitError:
        if request.paths and not request.since and not request.compare_with:
            return None  # files are files, also where git is not
        raise


def _choose(desk: Desk, request: Request, on_disk: bool) -> tuple[Selection, Iterator[tuple[Chosen, Source | Skipped]]]:
    """What is wanted, and the texts to go with it."""
    repository, exclude = desk.repository, desk.config.exclude
    if request.everything and request.since:
        raise UsageError("--all and --since contradict each other", "Use one of them.")
    if repository is None or (request.paths and not request.since and not request.compare_with):
        return Selection((), compared=False), _named(desk, request.paths)
    if request.since:
        chosen = selection.since(repository, request.since, exclude)
        if request.paths:
            chosen = _below(desk, chosen, request.paths)
    elif request.paths:
        names = [_name(repository, source.path) for source in tree.walk(request.paths)]
        chosen = selection.among(repository, names, request.compare_with, exclude)
    elif request.everything:
        chosen = selection.everything(repository, exclude)
    else:
        chosen = selection.staged(repository, exclude, on_disk)
    return chosen, selection.texts(chosen.wanted, repository, desk.root)


def _named(desk: Desk, paths: Sequence[str]) -> Iterator[tuple[Chosen, Source | Skipped]]:
    """Files by name, whatever git thinks of them."""
    exclude = desk.config.exclude
    for source in tree.walk(paths):
        name = source.path if desk.repository is None else _name(desk.repository, source.path)
        if exclude and matches(name, exclude):
            continue
        named = Skipped(name, source.reason) if isinstance(source, Skipped) else Source(name, source.data)
        yield Chosen(name), named


def _name(repository: Repository, path: str) -> str:
    return repository.relative(path) or os.path.abspath(path)


def _below(desk: Desk, chosen: Selection, paths: Sequence[str]) -> Selection:
    assert desk.repository is not None
    tops = [desk.repository.relative(path) for path in paths]
    for top, path in zip(tops, paths, strict=True):
        if top is None:
            raise UsageError(f"{path} is outside the repository", "Name files and folders inside it.")
    wanted = [
        one
        for one in chosen.wanted
        if any(not top or one.path == top or one.path.startswith(top + "/") for top in tops)
    ]
    left = set(chosen.wanted) - set(wanted)
    return Selection(tuple(wanted), (*chosen.others, *(one for one in chosen.wanted if one in left)))


def _look(desk: Desk, pairs: Iterable[tuple[Chosen, Source | Skipped]]) -> tuple[list[Outcome], list[_Found]]:
    outcomes: list[Outcome] = []
    found: list[_Found] = []
    for chosen, source in pairs:
        if isinstance(source, Skipped):
            outcomes.append(source)
            continue
        outcome = _outcome(desk, chosen, source)
        if isinstance(outcome, _Found):
            found.append(outcome)
        else:
            outcomes.append(outcome)
    return outcomes, found


def _patch(
    desk: Desk, one: _Found, known: dict[Finding, str], hardening: bool, only: frozenset[str]
) -> Patch | Skipped:
    """Cures what blocks or warns. A note is silent, and so nothing is changed for it unless its rule is named."""
    from devsec.fix.plan import plan  # libcst

    spoken = (Verdict.BLOCK, Verdict.WARN)
    asked = [
        judged.finding
        for judged in _judged(desk, one, known).judged
        if judged.verdict in spoken or (judged.verdict is Verdict.NOTE and judged.finding.rule in only)
    ]
    return plan(one.source, asked, desk.scanner, hardening=hardening, only=only)


def _write(desk: Desk, patch: Patch) -> Skipped | None:
    from devsec.errors import FixError
    from devsec.fix.write import write

    try:
        write(os.path.join(desk.root, patch.path), patch)
    except FixError as error:
        return Skipped(patch.path, error.message + (f". {error.hint}" if error.hint else ""))
    return None


def _outcome(desk: Desk, chosen: Chosen, source: Source) -> Outcome | _Found:
    """Gate, then scan. A file without findings is done, and its text forgotten."""
    hits = desk.hits(source)
    findings = desk.scan(source, hits) if hits else ()
    if isinstance(findings, Skipped):
        return findings
    return _Found(chosen, source, findings) if findings else Checked(source.path)


def _report(
    desk: Desk, request: Request, chosen: Selection, outcomes: Sequence[Outcome], found: Sequence[_Found]
) -> Report:
    desk.gate  # noqa: B018  # without a file to look at, a configuration that makes no sense is still said
    known = _known(desk, chosen, found)
    every = [*outcomes, *(_judged(desk, one, known) for one in found)]
    by_path = sorted(every, key=lambda outcome: outcome.path)
    staged = not (request.everything or request.since) and (not request.paths or request.compare_with == "HEAD")
    return Report(tuple(by_path), desk.root, staged=staged and request.lasting_index)


def _judged(desk: Desk, one: _Found, known: dict[Finding, str]) -> Checked:
    text = _text(one.source)
    comments = ignores(one.source.path, text)
    judged = tuple(
        judge(finding, comments, known.get(finding, ""), desk.config)
        for finding in sorted(one.findings, key=lambda f: (f.span, f.rule))
    )
    remarks = tuple(
        Remark(comment.line, f"this `devsec: ignore` {comment.problem}, so it silences nothing")
        for comment in comments
        if comment.problem
    )
    return Checked(one.source.path, judged, remarks, text)


def _known(desk: Desk, chosen: Selection, found: Sequence[_Found]) -> dict[Finding, str]:
    """Which findings were there before, and where: in the file's own past first, then in what other files lost."""
    if not chosen.compared or not found or desk.repository is None:
        return {}
    known: dict[Finding, str] = {}
    bases = [base for one in found for base in (*one.chosen.bases, one.chosen.ancestor) if base is not None]
    texts = dict(desk.repository.read(base.blob for base in bases))
    left: list[Finding] = []
    for one in found:
        for finding in _in_own_past(desk, one, texts):
            known[finding] = "it was there before"
        left += [finding for finding in one.findings if finding not in known]
    if left:
        known.update(_moved(desk, chosen, left))
    return known


def _in_own_past(desk: Desk, one: _Found, texts: dict[str, bytes]) -> frozenset[Finding]:
    if not one.chosen.bases:
        return frozenset()
    rules = frozenset(finding.rule for finding in one.findings)

    def had(base: Base) -> Counts:
        return desk.before(Source(base.path, texts[base.blob]), rules)

    ancestor = one.chosen.ancestor
    sides = [had(base) for base in one.chosen.bases]
    allowed = together(sides, had(ancestor) if ancestor and len(sides) > 1 else None)
    changed: frozenset[int] = frozenset()
    if any(number > allowed[name] > 0 for name, number in counts(one.findings).items()):
        changed = changed_lines(
            _text(Source(one.chosen.bases[0].path, texts[one.chosen.bases[0].blob])), _text(one.source)
        )
    return subtract(one.findings, allowed, changed)


def _moved(desk: Desk, chosen: Selection, left: Sequence[Finding]) -> dict[Finding, str]:
    """Code that was moved from one file of a commit to another is not new. Asked only when something is left over."""
    assert desk.repository is not None
    rules = frozenset(finding.rule for finding in left)
    changed: dict[str, list[Chosen]] = {}
    for one in (*chosen.wanted, *chosen.others):
        for base in one.bases[:1]:
            changed.setdefault(base.blob, []).append(one)
    gone: list[tuple[str, Counts]] = []
    for blob, data in desk.repository.read(changed):
        for one in changed[blob]:
            had = desk.before(Source(one.bases[0].path, data), rules)
            has = _has(desk, one, rules) if had else None
            if has is not None:
                gone.append((one.bases[0].path, lost(had, has)))
    moved: dict[Finding, str] = {}
    for path, pool in sorted(gone, key=lambda entry: entry[0]):
        still = [finding for finding in left if finding not in moved]
        for finding in subtract(still, pool):
            moved[finding] = f"it was moved here from {path}"
    return moved


def _has(desk: Desk, one: Chosen, rules: frozenset[str]) -> Counts | None:
    """What a changed file has of `rules` now; a deleted one has nothing; None when nobody can tell."""
    if one.gone:
        return counts(())
    _, source = next(selection.texts([one], desk.repository, desk.root))
    if isinstance(source, Skipped):
        return None
    hits = tuple(rule for rule in desk.hits(source) if rule in rules)
    result = desk.scan(source, hits) if hits else ()
    return None if isinstance(result, Skipped) else counts(result)


def _text(source: Source) -> bytes:
    """What places in findings count in. A file that has findings could be decoded."""
    from devsec.sources.decode import decode

    decoded = decode(source)
    return b"" if isinstance(decoded, Skipped) else decoded.text
