"""What Python does a notebook hold, and where does each byte of it stand in the file?

Its cells share names, so they are one module: joined by line breaks, with a map back into the strings of the JSON. Cells in
other languages are left out; what IPython alone understands is replaced. JSON is read as Jupyter reads it.
"""

from __future__ import annotations

import json  # here, and not by a commit without a notebook that could hold something
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from devsec.record import Record
from devsec.scan.magics import Kind, reading
from devsec.text import Span

_BLANK = re.compile(r"[ \t\r\n]*")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_KERNELS = re.compile(
    r"(?i)(?:ir|.*(?:julia|scala|bash|javascript|octave|matlab|ruby|sql|csharp|fsharp|powershell|cling|xcpp|gophernotes).*)\Z"
)


class Part(Record):
    """A cell in a script: which one it is in the notebook (from 1), where its text begins and ends in the script and where it
    begins behind its cell magic, its strings in the file (without quotes), and whether these are a list. `made` are the
    places in the script that do not stand in the file as they are."""

    number: int
    span: Span
    head: int
    strings: tuple[Span, ...]
    listed: bool
    made: tuple[Span, ...]


class Script:
    """Python that is a module by itself. `starts[i]` and `ends[i]` say where in the notebook that begins and ends of which
    the i-th byte of `text` is a part."""

    def __init__(self, pieces: Sequence[_Piece]) -> None:
        text: list[bytes] = []
        self.starts = array("Q")
        self.ends = array("Q")
        parts: list[Part] = []
        size = 0
        for piece in pieces:
            if parts:  # the line break between two cells stands nowhere: it belongs to the end of the first
                at = self.ends[-1] if self.ends else 0
                text.append(b"\n")
                self.starts.append(at)
                self.ends.append(at)
                size += 1
            text.append(piece.text)
            self.starts.extend(piece.starts)
            self.ends.extend(piece.ends)
            made = tuple(Span(span.start + size, span.end + size) for span in piece.made)
            whole = Span(size, size + len(piece.text))
            parts.append(Part(piece.number, whole, size + piece.head, piece.strings, piece.listed, made))
            size += len(piece.text)
        self.text = b"".join(text)
        self.parts: tuple[Part, ...] = tuple(parts)

    def outside(self, span: Span) -> Span:
        """Where in the notebook stands what the script has at `span`?"""
        if not self.text:
            return Span(0, 0)
        start = self.starts[span.start] if span.start < len(self.text) else self.ends[-1]
        return Span(start, max(start, self.ends[span.end - 1]) if span.end > span.start else start)

    def inside(self, span: Span) -> Span | None:
        """The other way; None for what no cell of the script has. An escape that is cut in two at its end is left out: to a
        regex, the backslash before a quote belongs to what stands before it."""
        start = bisect_right(self.ends, span.start)
        end = bisect_left(self.starts, span.end)
        while end > start and self.ends[end - 1] > span.end:
            end -= 1
        if start >= end or self.starts[start] > span.start:
            return None
        part = self.part(start)
        held = (one.start <= span.start < one.end for one in part.strings)
        return Span(start, end) if any(held) and self.part(end - 1) is part else None

    def covered(self, span: Span) -> Span | None:
        """What the script has of a place of the file that begins in one of its strings, wherever it ends; None for others."""
        if not any(one.start <= span.start <= one.end for part in self.parts for one in part.strings):
            return None
        start = bisect_right(self.ends, span.start)
        return Span(start, max(start, bisect_left(self.starts, span.end)))

    def lines(self, first: int, last: int) -> Span:
        """Where in the notebook stand these lines of the script (from 1)?"""
        ends = [-1, *(found.start() for found in re.finditer(rb"\n", self.text)), len(self.text)]
        return self.outside(Span(ends[first - 1] + 1, ends[min(last, len(ends) - 1)]))

    def part(self, at: int) -> Part:
        """The cell that the place in the script is in; a line break between two is in the first."""
        return self.parts[max(0, bisect_right(self.parts, at, key=lambda part: part.span.start) - 1)]

    def where(self, at: int) -> str:
        """A place in the script, as a person looks for it."""
        part = self.part(at)
        line = self.text.count(b"\n", part.span.start, at) + 1
        return f"cell {part.number}, line {line}"


class Broken(Record):
    """A cell that should be Python and does not parse."""

    number: int
    text: bytes
    reason: str


class Notebook(Record):
    """The scripts it holds: its own, and those of cells that are run or written as modules of their own."""

    scripts: tuple[Script, ...]
    broken: tuple[Broken, ...]

    def holding(self, span: Span) -> tuple[Script, Span] | None:
        """The script that has a place of the file, and the place there."""
        for script in self.scripts:
            there = script.inside(span)
            if there is not None:
                return script, there
        return None


class _Piece(Record):
    number: int
    text: bytes
    starts: list[int]
    ends: list[int]
    head: int
    strings: tuple[Span, ...]
    listed: bool
    made: tuple[Span, ...]


class _Source(Record):
    """A code cell as the JSON has it: places in characters."""

    number: int
    strings: tuple[tuple[int, int], ...]
    listed: bool


@lru_cache(maxsize=2)  # the scan asks several times about one text, and a fix about two
def notebook(text: bytes) -> Notebook | str:
    """What a notebook holds, or why it cannot be read."""
    decoded = text.decode("utf-8", "replace")
    try:
        sources = list(_sources(decoded))
    except RecursionError:
        return "nested too deeply"
    except json.JSONDecodeError as error:
        return f"it is not valid JSON, line {error.lineno}: {error.msg}"
    except _NoNotebookError as error:
        return str(error)
    main: list[_Piece] = []
    own: list[_Piece] = []
    broken: list[Broken] = []
    byte = at = 0
    for source in sources:
        raw = []
        for start, end in source.strings:
            byte += len(decoded[at:start].encode("utf-8", "replace"))
            at = start
            raw.append((decoded[start:end], byte))
        piece = _meant(source, raw)
        read = reading(piece.text.decode("latin-1"))
        if read.kind is Kind.BROKEN:
            broken.append(Broken(source.number, piece.text, read.reason))
        elif read.kind is not Kind.OTHER:
            (main if read.kind is Kind.MAIN else own).append(_swapped(piece, read.swaps, read.head))
    scripts = [Script(main)] if main else []
    return Notebook((*scripts, *(Script([piece]) for piece in own)), tuple(broken))


def _meant(source: _Source, raw: Sequence[tuple[str, int]]) -> _Piece:
    """What the strings of a cell mean."""
    out: list[bytes] = []
    starts: list[int] = []
    ends: list[int] = []
    strings = []

    def plain(piece: str, byte: int) -> int:
        data = piece.encode("utf-8", "replace")
        out.append(data)
        starts.extend(range(byte, byte + len(data)))
        ends.extend(range(byte + 1, byte + len(data) + 1))
        return byte + len(data)

    for written, first in raw:
        byte = first
        at = 0
        for found in _PAIR.finditer(written):
            byte = plain(written[at : found.start()], byte)
            size = found.end() - found.start()
            meant = json.loads(f'"{found.group()}"').encode("utf-8", "replace")
            out.append(meant)
            starts.extend([byte] * len(meant))
            ends.extend([byte + size] * len(meant))
            byte += size
            at = found.end()
        strings.append(Span(first, plain(written[at:], byte)))
    return _Piece(source.number, b"".join(out), starts, ends, 0, tuple(strings), source.listed, ())


def _swapped(piece: _Piece, swaps: Sequence[Any], head: int) -> _Piece:
    if not swaps:
        return piece._replace(head=head)
    text: list[bytes] = []
    starts: list[int] = []
    ends: list[int] = []
    made = []
    at = 0
    for swap in (*swaps, None):
        end = swap.start if swap is not None else len(piece.text)
        text.append(piece.text[at:end])
        starts += piece.starts[at:end]
        ends += piece.ends[at:end]
        if swap is not None:
            new = swap.text.encode()
            made.append(Span(len(starts), len(starts) + len(new)))
            text.append(new)
            if new:
                starts += [piece.starts[swap.start]] * len(new)
                ends += [piece.ends[swap.end - 1]] * len(new)
            at = swap.end
    data = b"".join(text)
    # What is behind the magic of the cell begins on the second line.
    return piece._replace(
        text=data, starts=starts, ends=ends, made=tuple(made), head=data.find(b"\n") + 1 if head else 0
    )


# --- the JSON -------------------------------------------------------------------------------------------------------------


class _NoNotebookError(Exception):
    """It is JSON, and no notebook."""


def _sources(text: str) -> Iterator[_Source]:
    """The code cells in Python. What stands between them is skipped by the decoder of the standard library."""
    reader = _Reader(text)
    start = _blank(text, 0)
    _, end = reader.value(start)
    if _blank(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    if text[start] != "{":
        raise _NoNotebookError("it is JSON, but no notebook: it has no cells")
    top = reader.members(start)
    cells: list[int] = []
    if "worksheets" in top and text[top["worksheets"]] == "[":  # nbformat 3 and older
        for sheet in reader.items(top["worksheets"]):
            inside = reader.members(sheet) if text[sheet] == "{" else {}
            cells += reader.items(inside["cells"]) if "cells" in inside and text[inside["cells"]] == "[" else []
    if "cells" in top and text[top["cells"]] == "[":
        cells += reader.items(top["cells"])
    elif "worksheets" not in top:
        raise _NoNotebookError("it is JSON, but no notebook: it has no cells")
    cells.sort()
    meta = reader.value(top["metadata"])[0] if "metadata" in top else {}
    if not _is_python(_language(meta)):
        return
    for number, at in enumerate(cells, 1):
        cell = reader.members(at) if text[at] == "{" else {}
        if "cell_type" not in cell or reader.value(cell["cell_type"])[0] != "code":
            continue
        own = _own_language(*(reader.value(cell[key])[0] if key in cell else None for key in ("metadata", "language")))
        where = cell.get("source", cell.get("input"))
        if where is None or not _is_python(own):
            continue
        if text[where] == '"':
            yield _Source(number, ((where + 1, reader.value(where)[1] - 1),), False)
        elif text[where] == "[":
            lines = [one for one in reader.items(where) if text[one] == '"']
            yield _Source(number, tuple((one + 1, reader.value(one)[1] - 1) for one in lines), True)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._decode = json.JSONDecoder().raw_decode

    def value(self, at: int) -> tuple[Any, int]:
        found: tuple[Any, int] = self._decode(self._text, at)
        return found

    def members(self, at: int) -> dict[str, int]:
        """Where the values of an object begin. Of two equal keys the last counts, as it does for Jupyter."""
        out = {}
        at = _blank(self._text, at + 1)
        while self._text[at] != "}":
            key, at = self.value(at)
            at = _blank(self._text, _blank(self._text, at) + 1)
            out[key] = at
            at = self._next(at)
        return out

    def items(self, at: int) -> list[int]:
        out = []
        at = _blank(self._text, at + 1)
        while self._text[at] != "]":
            out.append(at)
            at = self._next(at)
        return out

    def _next(self, at: int) -> int:
        at = _blank(self._text, self.value(at)[1])
        return _blank(self._text, at + 1) if self._text[at] == "," else at


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found is not None else at


def _language(meta: Any) -> str:
    """Of the kernel; "" when the notebook does not say."""
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        info = meta.get(key) if isinstance(meta, dict) else None
        said = info.get(name) if isinstance(info, dict) else None
        if isinstance(said, str) and said:
            return said
    kernel = meta.get("kernelspec") if isinstance(meta, dict) else None
    called = kernel.get("name") if isinstance(kernel, dict) else None
    return called if isinstance(called, str) and _KERNELS.match(called) else ""


def _own_language(meta: Any, language: Any) -> str:
    """Of one cell, where notebooks of several languages say so."""
    if isinstance(meta, dict):
        for key, name in (
            ("vscode", "languageId"),
            ("dotnet_interactive", "language"),
            ("polyglot_notebook", "kernelName"),
        ):
            info = meta.get(key)
            said = info.get(name) if isinstance(info, dict) else None
            if isinstance(said, str) and said:
                return said
    return language if isinstance(language, str) else ""


def _is_python(language: str) -> bool:
    return not language or "python" in language.lower() or language.lower() in ("pyspark", "sage", "sagemath")


# --- cells that do not parse ----------------------------------------------------------------------------------------------

_IMPORT = re.compile(rb"^[ \t]*(?:import|from)\b[^\n(]*(?:\([^)]*\))?[^\n]*", re.MULTILINE)
_BINDING = re.compile(rb"^[ \t]*[\w., \t]+=(?!=)[^\n]*", re.MULTILINE)


def beside(book: Notebook) -> tuple[bytes, bytes]:
    """What cells that do not parse may refer to: the imports of all cells, and with these what they bind by name."""
    texts = [*(script.text for script in book.scripts), *(cell.text for cell in book.broken)]
    imports = b"\n".join(line for text in texts for line in _IMPORT.findall(text))
    return imports, b"\n".join([imports, *(line for text in texts for line in _BINDING.findall(text))])
