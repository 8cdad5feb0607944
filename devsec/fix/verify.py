"""Do these fixes hold? The new text is made in memory and asked everything we would ask of it later.

It decodes, parses and compiles; every name it brings is bound to what it should be; what was cured is silent and
nothing new speaks; every byte outside the edits is the same. The answer is the new state, or a sentence that says why
not.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from devsec.errors import FixError
from devsec.finding import Finding, Fix
from devsec.sources.decode import Text, decode, encode
from devsec.sources.source import Skipped, Source, is_notebook, is_python
from devsec.text import Edit, Lines, Span, apply


class Scans(Protocol):
    """What is asked of a scanner. Rules whose level is off are looked for too."""

    def scan(self, source: Source, hits: Sequence[str] | None = None) -> tuple[Finding, ...] | Skipped: ...

    def unbound(self, source: Source, wanted: Sequence[tuple[Span, str]]) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class State:
    """A text and everything that all rules find in it."""

    source: Source
    text: Text
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Attempt:
    """A fix to be proved. `index` is the place of the finding it cures in the state's findings."""

    index: int
    fix: Fix


@dataclass(frozen=True)
class Proof:
    """The new state. `came_from` says of each finding which one of the old state it was."""

    state: State
    came_from: tuple[int, ...]


def look(source: Source, scanner: Scans) -> State | Skipped:
    """The state to begin with."""
    text = decode(source)
    if isinstance(text, Skipped):
        return text
    findings = scanner.scan(source)
    return findings if isinstance(findings, Skipped) else State(source, text, findings)


def verify(
    old: State,
    attempts: Sequence[Attempt],
    scanner: Scans,
    tidying: Sequence[Edit] = (),
    names: Sequence[tuple[str, str]] = (),
) -> Proof | str:
    """Proves the fixes together, with edits that cure nothing (and the `names` these rely on), or says why they cannot
    be written."""
    edits = sorted({*tidying, *(edit for attempt in attempts for edit in attempt.fix.edits)})
    made = _made(old, edits)
    if isinstance(made, str):
        return made
    source, text = made
    reason = uncompilable(source)
    if reason:
        return f"the result would not compile: {reason}"
    if is_notebook(source.path):
        from devsec.fix.cells import differs  # json behind it

        reason = differs(old.text.text, text.text)
        if reason:
            return reason
    landed = _landings(edits)
    reason = _differs_outside(old.text.text, text.text, landed)
    if reason:
        return reason
    relied = [(attempt.fix.edits, attempt.fix.names) for attempt in attempts]
    reason = _names_unbound(source, text.text, [*relied, (tuple(tidying), tuple(names))], landed, scanner)
    if reason:
        return reason
    findings = scanner.scan(source)
    if isinstance(findings, Skipped):
        return f"the result could not be scanned: {findings.reason}"
    came_from = follow(old.findings, {attempt.index for attempt in attempts}, edits, findings)
    reason = _loud(old, attempts, findings, came_from)
    return reason or Proof(State(source, text, findings), tuple(i for i in came_from if i is not None))


def uncompilable(source: Source) -> str:
    """Why Python cannot compile the file as it stands; "" when it can, or when it is not Python."""
    if is_notebook(source.path):
        from devsec.fix.cells import uncompilable as in_cells

        return in_cells(source)
    if not is_python(source.path, source.data):
        return ""
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # The bytes, not the decoded text: this is what an import will read, cookie, BOM and all.
            compile(source.data, "<devsec>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"{error.msg} (line {error.lineno}, {version})"
    except (ValueError, OverflowError, MemoryError, RecursionError) as error:
        return f"{error or type(error).__name__} ({version})"
    return ""


# --- bytes ---------------------------------------------------------------------------------------------------------------


def _made(old: State, edits: Sequence[Edit]) -> tuple[Source, Text] | str:
    """The new file, once it is sure that it reads back as the text it was made from."""
    if any(edit.span.start > edit.span.end or edit.span.end > len(old.text.text) for edit in edits):
        return "an edit lies outside the text"
    try:
        if encode(old.text.text, old.text) != old.source.data:
            return "the file does not come back byte for byte from its own encoding"
        new = apply(old.text.text, edits)
        new.decode("utf-8")
        source = Source(old.source.path, encode(new, old.text))
    except FixError as error:
        return error.message
    except UnicodeError:
        return "an edit cuts a character in two"
    except ValueError as error:
        return str(error)
    if source.data == old.source.data:
        return "it changes nothing"
    text = decode(source)
    if isinstance(text, Skipped):
        return f"the result could not be read: {text.reason}"
    if (text.text, text.encoding, text.bom) != (new, old.text.encoding, old.text.bom):
        return "the result would be read in another encoding"
    return source, text


def _landings(edits: Sequence[Edit]) -> dict[Edit, Span]:
    """Where the text of each edit stands in the new text. `edits` are sorted."""
    landed: dict[Edit, Span] = {}
    shift = 0
    for edit in edits:
        size = len(edit.text.encode())
        start = edit.span.start + shift
        landed[edit] = Span(start, start + size)
        shift += size - (edit.span.end - edit.span.start)
    return landed


def _differs_outside(old: bytes, new: bytes, landed: dict[Edit, Span]) -> str:
    """Walks both texts side by side. Not how the new text was made, so that one mistake cannot hide in both."""
    at_old = at_new = 0
    for edit, span in landed.items():
        if old[at_old : edit.span.start] != new[at_new : span.start]:
            return "bytes outside the edits would change"
        at_old, at_new = edit.span.end, span.end
    return "" if old[at_old:] == new[at_new:] else "bytes outside the edits would change"


# --- names ---------------------------------------------------------------------------------------------------------------


def _names_unbound(
    source: Source,
    text: bytes,
    relied: Sequence[tuple[tuple[Edit, ...], tuple[tuple[str, str], ...]]],
    landed: dict[Edit, Span],
    scanner: Scans,
) -> str:
    if not is_notebook(source.path):
        return _unbound(source, text, relied, landed, scanner)
    from devsec.fix.cells import as_scripts

    for code, there in as_scripts(text, landed):
        # What a fix needs stands in one script: its own names are asked where it wrote.
        here = [(edits, names) for edits, names in relied if all(edit in there for edit in edits)]
        reason = _unbound(Source(source.path, code), code, here, there, scanner)
        if reason:
            return reason
    return ""


def _unbound(
    source: Source,
    text: bytes,
    relied: Sequence[tuple[tuple[Edit, ...], tuple[tuple[str, str], ...]]],
    landed: dict[Edit, Span],
    scanner: Scans,
) -> str:
    wanted: list[tuple[Span, str]] = []
    if not any(names for _, names in relied):
        return ""
    chains, imports = _chains(text)
    for edits, names in relied:
        inserted = [landed[edit] for edit in edits if edit.text]
        for spelling, qualified in names:
            places = [s for s in chains.get(spelling, ()) if any(_touch(s, there) for there in inserted)]
            # Inside an f-string older Pythons give no useful places: there, look at the words.
            places = places or [s for s in _words(text, spelling, inserted) if not any(i.contains(s) for i in imports)]
            # A name that a fix writes has to stand where it wrote it; one that it leaves may stand anywhere.
            around = inserted if any(_writes(edit, spelling) for edit in edits) else [Span(0, len(text))]
            if not places and not any(_words(text, spelling, around)):
                return f"`{spelling}`, which the fix relies on, is not in the result"
            wanted.extend((place, qualified) for place in places)
    return "; ".join(scanner.unbound(source, tuple(wanted))) if wanted else ""


def _chains(text: bytes) -> tuple[dict[str, list[Span]], list[Span]]:
    """The places of all pure chains of names by spelling, and those of import statements."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text.decode("utf-8"))
    lines = Lines(text)
    chains: dict[str, list[Span]] = {}
    imports: list[Span] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(span_of(node, lines))
        elif isinstance(node, (ast.Name, ast.Attribute)):
            spelling = dotted(node)
            span = span_of(node, lines)
            if spelling and re.sub(rb"\s", b"", text[span.start : span.end]) == spelling.encode():
                chains.setdefault(spelling, []).append(span)
    return chains, imports


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a pure chain of names, else ""."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


def span_of(node: ast.expr | ast.stmt, lines: Lines) -> Span:
    """Bytes of a node that was parsed from the decoded text."""
    last, column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return Span(lines.start(node.lineno) + node.col_offset, lines.start(last) + column)


def _words(text: bytes, spelling: str, around: Iterable[Span]) -> Iterator[Span]:
    """Places where the spelling stands as whole words and touches one of `around`."""
    word = re.compile(rb"(?<![\w.])" + re.escape(spelling.encode()) + rb"(?!\w)")
    size = len(spelling.encode())
    for span in around:
        for found in word.finditer(text, max(0, span.start - size), min(len(text), span.end + size)):
            place = Span(found.start(), found.end())
            if _touch(place, span):
                yield place


def _writes(edit: Edit, spelling: str) -> bool:
    return re.search(r"(?<![\w.])" + re.escape(spelling) + r"(?!\w)", edit.text) is not None


def _touch(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


# --- findings ------------------------------------------------------------------------------------------------------------


def follow(
    old: Sequence[Finding], cured: Iterable[int], edits: Sequence[Edit], new: Sequence[Finding]
) -> tuple[int | None, ...]:
    """Which of the old findings, apart from the cured ones, is each new finding? None when it is none of them.

    First by place, carried through the edits: the cure of `g` in `f(g(1))` changes what the finding on `f` looks like.
    What the edits moved about is then recognised by rule and key, counted with multiplicity.
    """
    gone = set(cured)
    free = [index for index in range(len(old)) if index not in gone]
    came_from: list[int | None] = [None] * len(new)
    by_place: dict[tuple[str, int, int], list[int]] = {}
    carried = _carrier(edits)
    for index in free:
        for start in carried(old[index].span.start):
            for end in carried(old[index].span.end):
                by_place.setdefault((old[index].rule, start, end), []).append(index)
    taken: set[int] = set()
    for at, finding in enumerate(new):
        here = [i for i in by_place.get((finding.rule, finding.span.start, finding.span.end), ()) if i not in taken]
        if here:
            best = next((i for i in here if old[i].key == finding.key), here[0])
            came_from[at] = best
            taken.add(best)
    by_key: dict[tuple[str, str], list[int]] = {}
    for index in reversed(free):
        if index not in taken:
            by_key.setdefault((old[index].rule, old[index].key), []).append(index)
    for at, finding in enumerate(new):
        same = by_key.get((finding.rule, finding.key), [])
        if came_from[at] is None and same:
            came_from[at] = same.pop()
    return tuple(came_from)


def _carrier(edits: Sequence[Edit]) -> Callable[[int], set[int]]:
    """Where offsets of the old text are in the new one. Text inserted exactly there may count as either side."""
    ends: list[int] = []
    shifts = [0]
    here: dict[int, int] = {}
    for edit in edits:
        longer = len(edit.text.encode()) - (edit.span.end - edit.span.start)
        ends.append(edit.span.end)
        shifts.append(shifts[-1] + longer)
        if edit.span.start == edit.span.end:
            here[edit.span.end] = here.get(edit.span.end, 0) + longer

    def carried(offset: int) -> set[int]:
        after = offset + shifts[bisect_right(ends, offset)]
        return {after - here.get(offset, 0), after}

    return carried


def _loud(old: State, attempts: Sequence[Attempt], new: Sequence[Finding], came_from: Sequence[int | None]) -> str:
    """Why the findings after the fixes are not a part of those before; "" when they are."""
    extra = [finding for finding, origin in zip(new, came_from, strict=True) if origin is None]
    if not extra:
        return ""
    cured = Counter((old.findings[a.index].rule, old.findings[a.index].key) for a in attempts)
    for finding in extra:
        if cured[(finding.rule, finding.key)]:
            return f"{finding.rule} still finds it afterwards"
    first = extra[0]
    return f"it would bring a new finding: {first.rule} on line {first.start.line}"
