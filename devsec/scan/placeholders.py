"""How does a query that is built from text and values read with placeholders, and which values go beside it?

`f"… WHERE name = '{name}' AND age > {age}"` becomes `"… WHERE name = ? AND age > ?"` and `name`, `age`. A part that
stands where SQL wants a value is taken out, quotes around it included; one that stands where it wants a name (a table, a
column, a direction) stays, since no placeholder can stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from devsec.scan import plain, values
from devsec.scan.lazily import pattern
from devsec.scan.module import Module
from devsec.scan.pieces import Literal, Piece, Query, Unreadable, read
from devsec.text import Edit, Span


class Unplaceable(Unreadable):
    """The query cannot be written with placeholders; the message is the reason the reader sees."""


@dataclass(frozen=True)
class Taken:
    """Edits of the query's text, and what goes beside it: (name, source) in the order of the placeholders."""

    edits: tuple[Edit, ...]
    values: tuple[tuple[str, str], ...]

    def argument(self, style: str) -> str:
        """What the call gets as its next argument (arguments, for `$1`)."""
        sources = [source for _, source in self.values]
        if style == ":name":
            return "{" + ", ".join(f'"{name}": {source}' for name, source in self.values) + "}"
        if style == "$1":
            return ", ".join(sources)
        return "(" + ", ".join(sources) + ("," if len(sources) == 1 else "") + ")"


def take(node: cst.BaseExpression, style: str, module: Module) -> Taken:
    """Raises Unreadable."""
    query = read(node, module)
    text = _Text(query.pieces)
    edits = list(query.edits)
    found: list[tuple[str, str]] = []
    gone: list[Span] = []
    touched: list[Piece] = []
    for group in text.groups():
        holes = [query.pieces[i] for i in group.holes]
        stiff = next((hole.stiff for hole in holes if hole.stiff), "")
        if stiff:
            raise Unplaceable(stiff)
        name = _unused(_name(holes[0].node), [name for name, _ in found])
        source = _source(query, group, module)
        mark = {"?": "?", "%s": "%s", "$1": f"${len(found) + 1}", ":name": f":{name}"}[style]
        found.append((name, source))
        edits.append(_marked(query.pieces, group, mark))
        gone.append(edits[-1].span)
        touched += holes
    if not found:
        raise Unplaceable("no part of it stands where a value stands")
    left = [piece for piece in query.pieces if piece.node is not None and piece not in touched]
    if query.filled and left:
        raise Unplaceable("a part of it stands for a name, not for a value")
    edits += _doubled(query, style, gone)
    if style == "?" and any("?" in raw for _, raw in _remaining(query.pieces, gone)):
        raise Unplaceable("there is a question mark in the text already")
    edits += _plain_again(query.pieces, left, gone)
    return Taken(tuple(edits), tuple(found))


# --- where values stand ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """Parts that become one placeholder. `start` and `end` are (piece, offset in its text) of the quotes around them, None
    when they stand bare."""

    holes: Sequence[int]
    start: tuple[int, int] | None = None
    end: tuple[int, int] | None = None


_BEFORE_VALUE = pattern(
    r"(?is)(?:=|<>|!=|<=?|>=?|\b(?:LIKE|ILIKE|BETWEEN|LIMIT|OFFSET)|\bBETWEEN\s+(?:\{\}|\S+)\s+AND"
    r"|\b(?:VALUES|IN)\s*\((?:[^()']|'[^']*')*[,(]|\b(?:VALUES|IN)\s*\()\s*$"
)
_AFTER_VALUE = pattern(r"\s*(?:$|[\s,);])")


# One part alone in the brackets of IN or VALUES is as often a list joined to text.
_ALONE_BEFORE = pattern(r"(?i)\b(?:VALUES|IN)\s*\(\s*$")
_ALONE_AFTER = pattern(r"\s*\)")
# Parts by these names hold a piece of the query, not a value.
_FRAGMENT = pattern(
    r"(?:^|_)(?:col|cols|columns?|fields?|tables?|tbl|schema|clauses?|conditions?|where|filters?|sql|query|subquery|expr"
    r"|expression|order|sort|marks?|placeholders?|params?|parameters?|vals|values|fragment)(?:_|$)"
)


class _Text:
    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces

    def groups(self) -> Iterator[_Group]:
        """The parts that stand where SQL wants a value, in order."""
        before, outside = "", ""  # all of the text so far, and that up to the last opening quote
        opened: tuple[int, int] | None = None
        inside: list[int] = []
        for number, piece in enumerate(self.pieces):
            if piece.node is not None:
                if opened is not None:
                    inside.append(number)
                elif _BEFORE_VALUE.search(before) and _AFTER_VALUE.match(self._after(number + 1, 0)):
                    self._must_be_value(before, number + 1, 0)
                    if any(_FRAGMENT.search(plain.words(name)) for name in values.identifiers(piece.node)):
                        raise Unplaceable("a part is named like a piece of the query")
                    yield _Group([number])
                before += "{}"
                continue
            for offset, character in enumerate(piece.raw):
                if character == "'" and opened is None:
                    opened, outside = (number, offset), before
                elif character == "'" and opened is not None:
                    if inside:
                        self._must_be_value(outside, number, offset + 1)
                        yield _Group(tuple(inside), opened, (number, offset))
                    opened, inside = None, []
                before += character
        if inside:
            raise Unplaceable("a quote in it is never closed")

    def _after(self, number: int, offset: int) -> str:
        """The text from there to the next part."""
        text = ""
        for piece in self.pieces[number:]:
            if piece.node is not None:
                break
            text += piece.raw[offset:]
            offset = 0
        return text

    def _must_be_value(self, before: str, number: int, offset: int) -> None:
        if _ALONE_BEFORE.search(before) and _ALONE_AFTER.match(self._after(number, offset)):
            raise Unplaceable("a part alone in brackets may hold several values")


# --- writing --------------------------------------------------------------------------------------------------------------


def _at(piece: Piece, offset: int) -> int:
    return piece.span.start + len(piece.raw[:offset].encode())


def _marked(pieces: Sequence[Piece], group: _Group, mark: str) -> Edit:
    """The edit that puts the placeholder. It may join two literals to one."""
    if group.start is not None and group.end is not None:
        first, last = pieces[group.start[0]], pieces[group.end[0]]
        _must_join(first.literal, last.literal, last)
        return Edit(Span(_at(first, group.start[1]), _at(last, group.end[1]) + 1), mark)
    number = group.holes[0]
    hole = pieces[number]
    if hole.literal is not None:
        return Edit(hole.span, mark)
    left = pieces[number - 1].literal if number else None
    if left is None:
        raise Unplaceable("values stand side by side")
    if number + 1 == len(pieces):
        return Edit(Span(left.body.end, hole.span.end), mark + left.quote)
    right = pieces[number + 1]
    _must_join(left, right.literal, right)
    assert right.literal is not None
    return Edit(Span(left.body.end, right.literal.body.start), mark)


def _must_join(left: Literal | None, right: Literal | None, rest: Piece) -> None:
    if left is None or right is None:
        raise Unplaceable("values stand side by side")
    if left != right and (left.quote != right.quote or left.prefix != right.prefix):
        raise Unplaceable("its pieces are quoted in different ways")


def _source(query: Query, group: _Group, module: Module) -> str:
    """The value's source: the part alone, or an f-string when text stands beside it inside the quotes."""
    pieces = query.pieces
    only = pieces[group.holes[0]].node
    if group.start is None or group.end is None:
        assert only is not None
        return _delimited(only, module)
    text = ""
    bare = len(group.holes) == 1
    for number in range(group.start[0], group.end[0] + 1):
        piece = pieces[number]
        if piece.node is not None:
            text += "{" + _delimited(piece.node, module) + "}"
            continue
        start = group.start[1] + 1 if number == group.start[0] else 0
        end = group.end[1] if number == group.end[0] else len(piece.raw)
        raw = piece.raw[start:end]
        bare = bare and not raw
        if query.filled == "%":
            raw = raw.replace("%%", "%")
        if query.filled != "format" and piece.literal is not None and "f" not in piece.literal.prefix:
            raw = raw.replace("{", "{{").replace("}", "}}")
        text += raw
    if bare:
        assert only is not None
        return _delimited(only, module)
    if '"' in text or "\\" in text or "\n" in text:
        raise Unplaceable("a value is put together with quotes or escapes")
    return f'f"{text}"'


def _delimited(node: cst.BaseExpression, module: Module) -> str:
    source = module.source(node)
    if isinstance(node, (cst.NamedExpr, cst.Yield, cst.Tuple, cst.GeneratorExp, cst.Lambda)) and not node.lpar:
        return f"({source})"
    return source


def _name(node: cst.BaseExpression | None) -> str:
    names = list(values.identifiers(node)) if node is not None else []
    name = plain.words(names[0]) if names else ""
    return name if name.isidentifier() else "value"


def _unused(name: str, taken: Sequence[str]) -> str:
    wanted, number = name, 2
    while wanted in taken:
        wanted, number = f"{name}_{number}", number + 1
    return wanted


def _remaining(pieces: Sequence[Piece], gone: Sequence[Span]) -> Iterator[tuple[int, str]]:
    """(start, text) of what stays of the texts."""
    for piece in pieces:
        if piece.node is not None:
            continue
        start, end = piece.span.start, piece.span.end
        for span in gone:
            if span.start <= start < span.end:
                start = min(span.end, end)
            if span.start < end <= span.end:
                end = max(span.start, start)
        raw = piece.raw.encode()[start - piece.span.start : end - piece.span.start].decode("utf-8")
        if raw:
            yield start, raw


def _doubled(query: Query, style: str, gone: Sequence[Span]) -> Iterator[Edit]:
    """What is written twice in one notation and once in another: % beside `%s`, braces for `.format`."""
    changes: list[tuple[str, str]] = []
    if style == "%s" and query.filled != "%":
        changes.append(("%", "%%"))
    if style != "%s" and query.filled == "%":
        changes.append(("%%", "%"))
    if query.filled == "format":
        changes += [("{{", "{"), ("}}", "}")]
    for start, raw in _remaining(query.pieces, gone):
        for old, new in changes:
            for found in re.finditer(re.escape(old), raw):
                at = start + len(raw[: found.start()].encode())
                yield Edit(Span(at, at + len(old)), new)


def _plain_again(pieces: Sequence[Piece], left: Sequence[Piece], gone: Sequence[Span]) -> Iterator[Edit]:
    """Takes the f from f-strings in which nothing is put any more."""
    seen: list[Literal] = []
    for piece in pieces:
        literal = piece.literal
        if literal is None or "f" not in literal.prefix or literal in seen:
            continue
        seen.append(literal)
        inside = [p for p in pieces if p.literal == literal]
        if any(p in left for p in inside) or any("{" in p.raw or "}" in p.raw for p in inside if p.node is None):
            continue
        if any(span.start < literal.span.start < span.end for span in gone):
            continue  # joined to the literal before
        yield Edit(Span(literal.span.start, literal.span.start + len(literal.prefix)), literal.prefix.replace("f", ""))
