"""What would a cure change? As few lines as tell it, never a secret."""

from __future__ import annotations

from dataclasses import dataclass

from devsec.finding import Fix
from devsec.report.redact import Redactor
from devsec.text import Edit, Lines, Span, apply


@dataclass(frozen=True)
class Change:
    """Lines that go and lines that come, at a line (from 1) of the old text."""

    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def changes(fix: Fix, text: bytes, lines: Lines, redactor: Redactor) -> tuple[Change, ...]:
    """The places a fix changes, top to bottom, unchanged lines around them left out."""
    out: list[Change] = []
    for span, edits in _clusters(sorted(set(fix.edits)), lines, len(text)):
        moved = [Edit(Span(e.span.start - span.start, e.span.end - span.start), e.text) for e in edits]
        old = text[span.start : span.end].splitlines()
        new = apply(text[span.start : span.end], moved).splitlines()
        head = 0
        while head < min(len(old), len(new)) and old[head] == new[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        first = lines.place(span.start).line + head
        before = [
            redactor.part(Span(lines.start(number), lines.start(number + 1))).rstrip("\r\n")
            for number in range(first, first + len(old) - head - tail)
        ]
        after = [redactor.elsewhere(line.decode("utf-8", "replace")) for line in new[head : len(new) - tail]]
        if before or after:
            out.append(Change(first, tuple(before), tuple(after)))
    return tuple(out)


def _clusters(edits: list[Edit], lines: Lines, size: int) -> list[tuple[Span, list[Edit]]]:
    """Edits that share lines, with the span of these whole lines."""
    found: list[tuple[Span, list[Edit]]] = []
    for edit in edits:
        first = lines.start(lines.place(edit.span.start).line)
        end = min(size, lines.start(lines.place(edit.span.end).line + 1))
        if found and first < found[-1][0].end:
            span, members = found[-1]
            found[-1] = (Span(span.start, max(span.end, end)), [*members, edit])
        else:
            found.append((Span(first, end), [edit]))
    return found
