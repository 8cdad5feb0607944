"""Where do the bodies of functions stand in a text, before anybody has parsed it? They are most of it, and few of them hold
the words of a rule: the others are left out of what CPython parses (scan/outline.py).

Found by indentation, which a string over several lines or a bracket can deceive. So it is a guess, and whoever uses it has
to look whether the tree has a function where one was left out, with nothing else in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from devsec.record import Record
from devsec.scan.lazily import pattern

LEAST = 60  # bytes of a body that is worth leaving out
_HEADER = pattern(rb"\n( *)(class|def|async) ")  # one in the first line is left to the parser
_FIRST = pattern(rb"\n( *)(?=[^ \r\n#])")
_REACHES_OUT = [(word, pattern(word + rb"\b")) for word in (b"import", b"global")]
_BEFORE_STATEMENT = pattern(rb"(?:\A|[;:])\s*(?:from\s*[\w.]+\s*)?\Z")
_LONGEST_HEADER = 100  # lines
_QUOTES = (b'"""', b"'''")


class Body(Record):
    """Of a function: `line` is that of its `def`, `first` and `last` those of what it does, `start` and `end` the bytes from
    the start of the first to the end of the last."""

    line: int
    first: int
    last: int
    start: int
    end: int
    indent: int


def bodies(text: bytes, starts: Sequence[int]) -> list[Body]:
    """Those of functions at the top of a file and of methods of classes there, in their order. `starts` are those of the
    lines. What a body imports or declares global says something about all of the file: such bodies are not among them."""
    if (
        b"\n\t" in text
        or b" \t" in text
        or b"\x0c" in text
        or b"\0" in text
        or text.count(b"\r") != text.count(b"\r\n")
    ):
        return []  # columns that are no bytes, lines that others count differently
    reaching = sorted(
        place.start()
        for word, spelled in _REACHES_OUT
        if word in text
        for place in spelled.finditer(text)
        if _BEFORE_STATEMENT.search(text[text.rfind(b"\n", 0, place.start()) + 1 : place.start()])
    )
    found = []
    at = 0
    method: int | None = -1  # how far methods are indented here; -1 outside classes, None when that is not known yet
    while (header := _HEADER.search(text, at)) is not None:
        at = header.end()
        indent = len(header[1])
        kind = header[2]
        if kind == b"class":
            if not indent:
                method = None
            elif method is None:
                method = indent  # a class in a class; its own methods are left to the parser
            continue
        if kind == b"async" and not text.startswith(b"def ", at):
            continue
        if indent:
            if method is None:
                method = indent
            if indent != method:
                continue
        else:
            method = -1
        body = _body(text, header.start() + 1, indent, starts)
        if body is not None:
            at = body.end
            if at - body.start >= LEAST and bisect_left(reaching, body.start) == bisect_left(reaching, at):
                found.append(body)
    return found


def without(text: bytes, left_out: Iterable[Body]) -> bytes:
    """The text with a number in brackets in place of each of these bodies, which begins and ends where the body does. Lines
    and columns stay, bytes do not."""
    out = []
    at = 0
    for body in left_out:
        start = body.start + body.indent
        out.append(text[at:start])
        lines = body.last - body.first
        if lines:
            last = body.end - text.rfind(b"\n", start, body.end) - 1
            out.append(b"(" + b"\n" * lines + b"0)".rjust(last))
        else:
            out.append(b"(" + b"0)".rjust(body.end - start - 1))
        at = body.end
    out.append(text[at:])
    return b"".join(out)


def only(text: bytes, wanted: Iterable[Body]) -> bytes:
    """These bodies by themselves, each in a statement of its own, at the lines and columns where they are."""
    out = []
    line = 1
    for body in wanted:
        out.append(b"\n" * (body.first - 1 - line) + b"if 1:\n" + text[body.start : body.end] + b"\n")
        line = body.last + 1
    return b"".join(out)


def _body(text: bytes, start: int, indent: int, starts: Sequence[int]) -> Body | None:
    end = _end_of_header(text, start)
    first = _FIRST.search(text, end) if end >= 0 else None
    if first is None or len(first[1]) <= indent:
        return None
    begin = first.start() + 1
    end = _end(text, begin, indent)
    if end < 0:
        return None
    return Body(
        bisect_right(starts, start),
        bisect_right(starts, begin),
        bisect_right(starts, end - 1),
        begin,
        end,
        len(first[1]),
    )


def _end_of_header(text: bytes, start: int) -> int:
    """The end of the line that ends what begins with `def`; -1 when it does not look like that."""
    open_brackets = 0
    for _ in range(_LONGEST_HEADER):
        end = text.find(b"\n", start)
        if end < 0:
            return -1
        line = text[start:end].rstrip()
        if not open_brackets and line.endswith(b"):") and line.count(b"(") == line.count(b")"):
            return end
        if b"#" in line:
            line = line.split(b"#", 1)[0].rstrip()
        open_brackets += line.count(b"(") + line.count(b"[") - line.count(b")") - line.count(b"]")
        if open_brackets <= 0:
            return end if line.endswith(b":") else -1
        start = end + 1
    return -1


def _end(text: bytes, start: int, indent: int) -> int:
    """The end of the last line of code of a body that starts there; -1 when nobody can tell."""
    dedent = _DEDENT[indent] if indent < len(_DEDENT) else _dedent(indent)
    at = start
    inside = [False] * len(_QUOTES)
    while True:
        found = dedent.search(text, at)
        end = found.start() if found is not None else len(text)
        open_string = b""
        for number, quote in enumerate(_QUOTES):
            if text.count(quote, at, end) % 2 != inside[number]:
                open_string = quote
            inside[number] = False
        if not open_string:
            return _end_of_code(text, start, end)
        at = text.find(open_string, end) + len(open_string)  # it goes on where the body seemed to end
        if at < end:
            return -1


def _dedent(indent: int) -> re.Pattern[bytes]:
    """Before a line of code that is indented no more than so. Comments may stand anywhere."""
    return pattern(rb"\n {0,%d}(?=[^ \r\n#])" % indent)


_DEDENT = [_dedent(indent) for indent in range(9)]


def _end_of_code(text: bytes, start: int, end: int) -> int:
    """Without the blank lines and the comments behind it; -1 where a line goes on after them."""
    while True:
        end = start + len(text[start:end].rstrip())
        line = text.rfind(b"\n", start, end) + 1
        if line <= 0 or not text[line:end].lstrip().startswith(b"#"):
            return -1 if text.endswith(b"\\", start, end) else end
        end = line
