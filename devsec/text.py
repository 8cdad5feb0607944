"""Places in a text and changes to it. All offsets count bytes of the UTF-8 of the decoded text, without BOM."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from devsec.record import Record


class Span(Record):
    """Half-open byte range [start, end)."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """True when the two share a byte, or are the same empty place."""
        if self.start == other.start:
            return True
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


class Edit(Record):
    """Put `text` in place of what `span` covers. An empty span inserts."""

    span: Span
    text: str


def apply(text: bytes, edits: Iterable[Edit]) -> bytes:
    """Returns `text` with the edits made. Edits must not overlap: ValueError when they do."""
    out: list[bytes] = []
    at = 0
    for edit in sorted(set(edits)):
        if edit.span.start < at:
            raise ValueError(f"overlapping edits at byte {edit.span.start}")
        out.append(text[at : edit.span.start])
        out.append(edit.text.encode("utf-8"))
        at = edit.span.end
    out.append(text[at:])
    return b"".join(out)


class Place(Record):
    """Line from 1, column from 0, in characters."""

    line: int
    column: int


class Lines:
    """Finds the line and column of a byte offset, and the text of a line. Lines end at \\n, \\r\\n or a lone \\r. `starts` are
    the offsets of their first bytes."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.starts = _line_starts(text)

    def __len__(self) -> int:
        return len(self.starts)

    def place(self, offset: int) -> Place:
        line = bisect_right(self.starts, offset)
        start = self.starts[line - 1]
        return Place(line, len(self._text[start:offset].decode("utf-8", "replace")))

    def start(self, line: int) -> int:
        """Byte offset of the first byte of `line` (from 1); the end of the text for a line past the last."""
        if line > len(self.starts):
            return len(self._text)
        return self.starts[line - 1]

    def line(self, number: int) -> str:
        """The text of a line without its ending."""
        raw = self._text[self.start(number) : self.start(number + 1)]
        return raw.rstrip(b"\r\n").decode("utf-8", "replace")


def _line_starts(text: bytes) -> list[int]:
    starts = [0, *accumulate(map(len, text.splitlines(keepends=True)))]
    if len(starts) > 1 and starts[-1] == len(text):
        starts.pop()
    return starts
