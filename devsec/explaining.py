"""Why does devsec say what it says about a line? Every step from the rule's default to the verdict, and where it is said."""

from __future__ import annotations

import os
from functools import cached_property

from devsec import config_lines, run
from devsec.config import Config
from devsec.contexts import Value, values_of
from devsec.desk import Desk, Request
from devsec.errors import UsageError
from devsec.finding import Finding
from devsec.globs import matches
from devsec.news import judged_of, known_among
from devsec.policy.judge import Judged, Verdict, not_silent
from devsec.policy.level import Step, decide
from devsec.record import Record
from devsec.selection import Selection
from devsec.sources.source import Passed, Skipped
from devsec.text import Lines


class Link(Record):
    """One step: in words, where it is said (`file:line`, from the root where it is below that; "" when nobody said it), and
    the level after it, "" where it says nothing about that."""

    says: str
    where: str = ""
    level: str = ""


class Traced(Record):
    """A finding with its verdict, and how it came to that."""

    judged: Judged
    chain: tuple[Link, ...]


class Explained(Record):
    """What there is to say about a line. `path` is from `root`; `context` is what the path is; `nearest` is the finding that
    comes closest when none is on the line; `left_out` says why nothing was looked for, "" when it was. `text` is the decoded
    text, for those who show some of it."""

    path: str
    root: str
    traced: tuple[Traced, ...] = ()
    context: tuple[Link, ...] = ()
    nearest: Finding | None = None
    left_out: str = ""
    text: bytes = b""
    findings: tuple[Finding, ...] = ()  # all of the file, whose secrets are not shown


def explain(file: str, line: int, configured: bool = True, start: str = ".") -> Explained:
    """What is found on a line of a file on disk, compared with HEAD. UsageError when there is no such file or line."""
    if not os.path.isfile(file):
        kind = "is a folder" if os.path.isdir(file) else "no such file"
        raise UsageError(f"{file}: {kind}", "Name a file and a line: devsec explain src/app.py:12 .")
    desk = Desk(Request(start, paths=(file,), configured=configured))
    desk.off = frozenset()  # a rule that is off is explained like any other
    new = "HEAD" if desk.repository is not None and desk.repository.has_head() else ""
    path = _from_root(desk, file)
    said = _Said(desk.root, desk.config)
    context = tuple(
        Link(_value(value), said.of("context", value.entry.number, value.key)) for value in said.values(path)
    )
    if desk.config.exclude and matches(path, desk.config.exclude):
        return Explained(path, desk.root, context=context, left_out=said.excluded(path))
    chosen, wanted = run.choose(desk, Request(start, paths=(file,), compare_with=new), on_disk=True)
    outcomes, found = run.look(desk, wanted)
    left_out = next((_why_not(one) for one in outcomes if isinstance(one, (Skipped, Passed))), "")
    if not found:
        _refuse_line(desk, file, line)
        return Explained(path, desk.root, context=context, left_out=left_out)
    one = found[0]
    checked = judged_of(desk, one, known_among(desk, chosen, found))
    here = tuple(judged for judged in checked.judged if _covers(judged.finding, line))
    _refuse_line(desk, file, line, checked.text)
    traced = tuple(Traced(judged, _chain(desk, chosen, judged, context, said)) for judged in here)
    findings = tuple(judged.finding for judged in checked.judged)
    nearest = min(findings, key=lambda finding: _distance(finding, line)) if not here else None
    return Explained(path, desk.root, traced, context, nearest, left_out, checked.text, findings)


def context_of_path(path: str, configured: bool = True, start: str = ".") -> tuple[str, tuple[tuple[Value, str], ...]]:
    """What the configuration says a path is (it need not be there): its name from the root, and each value with where that
    is said."""
    desk = Desk(Request(start, paths=(".",), configured=configured))
    name = _from_root(desk, path)
    said = _Said(desk.root, desk.config)
    return name, tuple((value, said.of("context", value.entry.number, value.key)) for value in said.values(name))


class _Said:
    """Where the configuration says something."""

    def __init__(self, root: str, config: Config) -> None:
        self._root = root
        self._config = config

    @cached_property
    def _lines(self) -> dict[config_lines.Path, int]:
        try:
            with open(os.path.join(self._root, self._config.file), "rb") as file:
                return config_lines.lines(file.read().decode("utf-8-sig", "replace"))
        except OSError:
            return {}

    def of(self, *keys: str | int) -> str:
        """`file:line` of what stands under these keys."""
        line = self._lines.get((*config_lines.prefix(self._config.file), *keys))
        return f"{self._config.file}:{line}" if line else self._config.file

    def values(self, path: str) -> tuple[Value, ...]:
        return values_of(path, self._config.contexts)

    def excluded(self, path: str) -> str:
        """The glob that leaves a path out."""
        globs = self._config.exclude
        last = max((n for n in range(len(globs)) if matches(path, globs[: n + 1])), default=0)
        first = next((n for n in range(last, -1, -1) if not matches(path, globs[:n] or ("!**",))), last)
        return f"{self.of('exclude', first)} leaves it out ({globs[first]})"


def _from_root(desk: Desk, file: str) -> str:
    name = desk.repository.relative(file) if desk.repository is not None else None
    if name is not None:
        return name
    if desk.repository is not None:
        raise UsageError(f"{file} is outside the repository", "Name a file inside it.")
    return os.path.relpath(os.path.abspath(file), desk.root).replace(os.sep, "/")


def _refuse_line(desk: Desk, file: str, line: int, text: bytes | None = None) -> None:
    if text is None:
        with open(file, "rb") as opened:
            text = opened.read()
    most = len(Lines(text))
    if not 1 <= line <= most:
        raise UsageError(f"{file} has {most} lines, and no line {line}", "")


def _value(value: Value) -> str:
    says = f"it has the label {value.word}" if value.key == "labels" else f"its {value.key} is {value.word}"
    return says + (f" ({value.entry.because})" if value.entry.because else "")


def _why_not(outcome: Skipped | Passed) -> str:
    if isinstance(outcome, Passed):
        return f"it is passed over: {outcome.what}"
    return f"it was not checked: {outcome.reason}"


def _covers(finding: Finding, line: int) -> bool:
    return finding.start.line <= line <= _last(finding)


def _last(finding: Finding) -> int:
    """A finding that ends at the start of a line ends, for a reader, on the line before."""
    end = finding.end
    return end.line - 1 if end.column == 0 and end.line > finding.start.line else end.line


def _distance(finding: Finding, line: int) -> int:
    return min(abs(finding.start.line - line), abs(_last(finding) - line))


def _chain(
    desk: Desk,
    chosen: Selection,
    judged: Judged,
    context: tuple[Link, ...],
    said: _Said,
) -> tuple[Link, ...]:
    finding = judged.finding
    decided = decide(finding, desk.terms(finding.rule), _as_written(desk))
    chain: list[Link] = []
    for step in decided.steps:
        # What the path is comes before the first step that may ask for it.
        if step.kind in ("when", "test") and context[:1] and context[0] not in chain:
            chain += context
        chain.append(_link(desk, step, said, finding))
    if context and context[0] not in chain:
        chain += [*context, Link("no line of its `when` asks for that")]
    if judged.verdict is Verdict.OFF and decided.level.value != "off":
        chain.append(Link(judged.because))
    elif judged.verdict is Verdict.KNOWN:
        chain.append(Link(f"known: {judged.because}"))
    elif chosen.compared:
        chain.append(Link("HEAD does not have it: it is new"))
    silent = judged.silence
    if silent is not None:
        where = f"{finding.path}:{silent.line}" if silent.line else said.of("ignore", silent.entry - 1)
        holds = judged.verdict is Verdict.SUPPRESSED
        chain.append(Link(f"silenced: {silent.reason.text}" if holds else not_silent(silent), where))
    return tuple(chain)


def _as_written(desk: Desk) -> Config:
    """The configuration that counts, with the levels that do not: why they do not is a step, too."""
    levels = {**dict(desk.written.levels), **dict(desk.config.levels)}
    return desk.config._replace(levels=tuple(sorted(levels.items())))


def _link(desk: Desk, step: Step, said: _Said, finding: Finding) -> Link:
    if step.kind == "levels":
        return Link(step.says, said.of("levels", finding.rule), step.level)
    where = f"{_shown(desk, step.file)}:{step.line}" if step.file and step.line else _shown(desk, step.file)
    return Link(step.says, where, step.level)


def _shown(desk: Desk, file: str) -> str:
    """A file of rules: from the root when it is the repository's own."""
    if not file:
        return ""
    top, full = os.path.realpath(desk.root), os.path.realpath(file)
    return os.path.relpath(full, top).replace(os.sep, "/") if full.startswith(top + os.sep) else file
