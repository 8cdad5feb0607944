"""Does a change ask less of devsec than before? Then that is itself a finding, at the line that says so.

It is no question about a text, so no shape can ask it: what the repository says now is compared with what it said in the
commit that the change is compared with. Asked only when a file that says something has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from devsec import brought, config_lines
from devsec.catalog.agreed import TERMS_KEYS, refined
from devsec.catalog.here import PACK
from devsec.catalog.rule import Rule
from devsec.catalog.terms import Terms, terms_of
from devsec.catalog.yaml_read import Node
from devsec.catalog.yaml_read import read as read_yaml
from devsec.config import FILES, Config, of_texts, table_of
from devsec.desk import Desk, Request
from devsec.errors import ConfigError, RuleError
from devsec.finding import Finding, Fix
from devsec.levels import Level
from devsec.news import text_of
from devsec.outcome import Checked, Outcome, Report
from devsec.policy.judge import Judged, Verdict
from devsec.policy.level import decide
from devsec.policy.weaker import of_configs, of_terms
from devsec.record import Record
from devsec.scan.engine import fingerprint
from devsec.selection import Chosen, Selection
from devsec.sources import tree
from devsec.sources.git import Repository
from devsec.sources.source import Skipped, Source
from devsec.text import Lines, Place, Span

ID = "policy-weakened"
# Keys whose lists may only be looked at as they stand: what is added to the first, and what is taken from the second.
_SILENT, _ASKED = "ignore", "packs"


class Said(Record):
    """Something that is asked for no more: in words, and where that is said now."""

    file: str
    line: int
    says: str


def with_weakenings(desk: Desk, request: Request, chosen: Selection, report: Report) -> Report:
    """The report with a finding for each thing that the change asks for no more. ConfigError when what it says now does not
    hold together."""
    repository = desk.repository
    if repository is None or not repository.has_head():
        return report  # nobody asked for anything before
    ref = request.since or (request.compare_with if request.compare_with != "HEAD" else "")
    commits = repository.merge_bases(ref) if ref else ("HEAD", *repository.merge_heads())
    change = _Change(repository, desk.root, (*chosen.wanted, *chosen.others), at_head=not ref)
    # In a merge, what any of its parents says already is nobody's change.
    sides = [_Comparison(desk, change, commit) for commit in commits]
    told = [said for said in sides[0].said() if all(_has(other, said) for other in sides[1:])]
    judged: dict[str, list[Judged]] = {}
    for said in dict.fromkeys(told):
        one = _judged(desk, sides[0].before, said, change.now(said.file) or b"")
        if one.verdict is not Verdict.OFF:
            judged.setdefault(said.file, []).append(one)
    if not judged:
        return report
    outcomes: dict[str, Outcome] = {outcome.path: outcome for outcome in report.outcomes}
    for file, some in judged.items():
        outcomes[file] = _together(desk, file, change.now(file) or b"", outcomes.get(file), some)
    return report._replace(outcomes=tuple(outcomes[path] for path in sorted(outcomes)))


class _Change:
    """What files hold after the change, and where they stood before."""

    def __init__(self, repository: Repository, root: str, changes: Sequence[Chosen], at_head: bool) -> None:
        self._repository = repository
        self._root = root
        self._at_head = at_head
        self._now = {one.path: one for one in changes}
        self._texts: dict[str, bytes | None] = {}
        self.moved = {one.path: one.bases[0].path for one in changes if one.bases and not one.gone}
        taken = set(self.moved.values()) - set(self._now)
        self.paths = (*self._now, *taken)  # a file that went elsewhere is gone from where it was
        self._taken = taken

    def now(self, path: str) -> bytes | None:
        """The bytes of a file; None when it is not there."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> bytes | None:
        one = self._now.get(path)
        if path in self._taken or (one is not None and one.gone):
            return None
        if one is not None and one.blob:
            return next(self._repository.read([one.blob]))[1]
        if one is None and self._at_head:  # what is not staged is not part of the commit
            return before(self._repository, "HEAD", path)
        source = tree.read(path, self._root)
        return source.data if isinstance(source, Source) else None


def before(repository: Repository, commit: str, path: str) -> bytes | None:
    """The bytes a file had in a commit; None when it was not there."""
    blob = repository.blob_at(commit, path)
    return next(repository.read([blob]))[1] if blob else None


class _Comparison:
    """What the change asks less of than one commit did."""

    def __init__(self, desk: Desk, change: _Change, commit: str) -> None:
        self._desk = desk
        self._change = change
        self._commit = commit
        assert desk.repository is not None
        self._repository = desk.repository
        self._old: dict[str, bytes | None] = {}

    def said(self) -> Iterator[Said]:
        if any(path in FILES for path in self._change.paths):
            yield from self._in_configs()
        for path in sorted(self._change.paths):
            old = self._change.moved.get(path, path)
            if path.endswith("/" + PACK) or path == PACK:
                yield from self._in_packs(path, old)
            elif path.endswith((".yaml", ".yml")) and self._is_rule(old):
                yield from self._in_rules(path, old)

    @cached_property
    def before(self) -> Config:
        """What was asked for. What cannot be read asked for nothing."""
        try:
            return of_texts(self._was)
        except ConfigError:
            return Config()

    def _was(self, path: str) -> bytes | None:
        if path not in self._old:
            self._old[path] = before(self._repository, self._commit, path)
        return self._old[path]

    @cached_property
    def _tables(self) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
        try:
            was = table_of(self._was)
        except ConfigError:
            was = {}, ""
        now = table_of(self._change.now)
        return was[0], now[0], now[1] or was[1]

    def _in_configs(self) -> Iterator[Said]:
        after = of_texts(self._change.now)
        was, now, file = self._tables
        if not file:
            return
        text = (self._change.now(file) or b"").decode("utf-8-sig", "replace")
        lines = config_lines.lines(text)

        def at(*keys: str | int) -> int:
            """The line of what stands under these keys, or of what is around it."""
            full = (*config_lines.prefix(file), *keys)
            around = (full[:length] for length in range(len(full), 0, -1))
            return next((lines[one] for path in around for one in (path, (*path, 0)) if one in lines), 1)

        for one in of_configs(self.before, after, self._terms, self._repository.tracked):
            yield Said(file, at(*one.keys), one.says)
        for number, entry in enumerate(_list(now, _SILENT)):
            if entry not in _list(was, _SILENT):
                yield Said(file, at(_SILENT, number), f"findings of {_named(entry)} are silenced")
        for pack in _list(was, _ASKED):
            if pack not in _list(now, _ASKED):
                yield Said(file, at(_ASKED), f"the pack {pack} is not asked for any more")

    def _terms(self, rule: str) -> Terms | None:
        try:
            return self._desk.terms(rule)
        except KeyError:
            return None

    def _in_packs(self, path: str, old: str) -> Iterator[Said]:
        """A pack.yaml: what it said of rules, and which roads it locked."""
        was, now = _yaml(self._was(old), old), _yaml(self._change.now(path), path)
        said, says = _keys(was, "rules"), _keys(now, "rules")
        for rule, node in said.items():
            own = self._own(rule)
            there = rule in says
            before, after = _terms_from(own, node), _terms_from(own, says[rule]) if there else own
            line = says[rule].key[0] if there else _line(now, "rules")
            for words in of_terms(rule, before, after):
                yield Said(path, line, words)
        roads, left = _keys(was, "roads"), _keys(now, "roads")
        for road in roads:
            if road not in left:
                yield Said(path, _line(now, "roads"), f"the road {road} is not final any more")

    def _own(self, rule: str) -> Terms:
        """What its own file says; nothing is known of a rule that is not there."""
        try:
            found: Rule = self._desk.shelf.rule(rule)
        except KeyError:
            return Terms(Level.WARN)
        node = _yaml_file(found.source)
        return _terms_from(Terms(found.level), node) if node is not None else terms_of(found)

    def _is_rule(self, path: str) -> bool:
        return any(folder == "." or path.startswith(folder + "/") for folder in self.before.rules)

    def _in_rules(self, path: str, old: str) -> Iterator[Said]:
        """A rule of the repository's own: its terms, and that it is there."""
        was, now = _yaml(self._was(old), old), _yaml(self._change.now(path), path)
        id = _plain(was, "id")
        if not id:
            return
        if _plain(now, "id") != id:
            yield Said(path, 1, f"the rule {id} is taken away")
            return
        none = Terms(Level.OFF)
        for words in of_terms(id, _terms_from(none, was), _terms_from(none, now)):
            yield Said(path, _line(now, "level"), words)


def _has(side: _Comparison, said: Said) -> bool:
    """Whether one says the same of what counts now, wherever it began."""
    return _now(said) in {_now(one) for one in side.said()}


def _now(said: Said) -> tuple[str, str, str]:
    what, _, change = said.says.partition(" from ")
    return said.file, what, change.partition(" to ")[2]


def _list(table: Mapping[str, Any], key: str) -> list[Any]:
    value = table.get(key, [])
    return value if isinstance(value, list) else []


def _named(entry: Any) -> str:
    if not isinstance(entry, dict):
        return "a new entry"
    rules = entry.get("rules")
    named = ", ".join(map(str, rules)) if isinstance(rules, list) else "a rule"
    return f"{named} in {entry.get('path', 'a file')}"


# --- rules and packs, as far as they can be read: what is wrong with them is said where they are loaded ---------------------


def _yaml(data: bytes | None, file: str) -> Node | None:
    if data is None:
        return None
    try:
        return read_yaml(data, file)
    except RuleError:
        return None


def _yaml_file(file: str) -> Node | None:
    try:
        return _yaml(brought.read(file), file)
    except OSError:
        return None


def _keys(node: Node | None, key: str = "") -> Mapping[str, Node]:
    """The entries of a mapping, or of the one under a key."""
    if node is None or not isinstance(node.value, dict):
        return {}
    return _keys(node.value.get(key)) if key else node.value


def _plain(node: Node | None, key: str) -> str:
    there = _keys(node).get(key)
    return str(there.plain()) if there is not None else ""


def _line(node: Node | None, key: str) -> int:
    there = _keys(node).get(key)
    return there.key[0] if there is not None else 1


def _terms_from(own: Terms, node: Node | None) -> Terms:
    """The terms after what a mapping says of them; what it says wrongly does not count."""
    try:
        return refined(own, {key: value for key, value in _keys(node).items() if key in ("level", *TERMS_KEYS)})
    except RuleError:
        return own


# --- the finding -------------------------------------------------------------------------------------------------------------


def _judged(desk: Desk, config: Config, said: Said, data: bytes) -> Judged:
    """By what was asked for before: a change cannot switch off that it is told."""
    rule = desk.shelf.rule(ID)
    text = text_of(Source(said.file, data))
    lines = Lines(text)
    line = said.line if said.line <= len(lines) else 1
    shown = lines.line(line)
    start = lines.start(line) + len(shown.encode()) - len(shown.lstrip().encode())
    span = Span(start, start + len(shown.strip().encode()))
    first, last = lines.place(span.start), lines.place(span.end)
    cure = rule.cures[0]
    finding = Finding(
        rule=ID,
        title=said.says,
        message=rule.why,
        path=said.file,
        span=span,
        start=first if text else Place(1, 0),
        end=last if text else Place(1, 0),
        cwe=rule.cwe,
        severity=rule.severity,
        confidence=rule.confidence,
        level=rule.level,
        road="",
        snippet="",
        key=said.says,
        fingerprint=fingerprint(ID, said.file, said.says, "0"),
        fixes=(Fix(cure.title, cure.safety, note=cure.note),),
        whole=not text,  # of a file that is gone nothing is shown
    )
    decided = decide(finding, terms_of(rule), config)
    verdict = Verdict.SHADOW if decided.shadow else Verdict(decided.level.value)
    return Judged(finding, verdict, decided.because)


def _together(
    desk: Desk, file: str, data: bytes, outcome: Outcome | None, judged: Sequence[Judged]
) -> Checked | Skipped:
    """One outcome for the file, with what else is found in it: the lines that are shown may hold a secret."""
    source = Source(file, data)
    if isinstance(outcome, Skipped):
        return outcome  # a configuration that is no text: said already
    if isinstance(outcome, Checked) and outcome.judged:
        beside = outcome.judged
    else:
        found = desk.scan(source, desk.hits(source))
        beside = () if isinstance(found, Skipped) else tuple(Judged(one, Verdict.OFF, "left out") for one in found)
    remarks, silent = (outcome.remarks, outcome.silent) if isinstance(outcome, Checked) else ((), 0)
    every = sorted((*beside, *judged), key=lambda one: (one.finding.span, one.finding.rule, one.finding.title))
    return Checked(file, tuple(every), remarks, text_of(source), silent=silent)
