"""What is a string put together from? Texts and the parts put in between, each with its place, so that either can be changed
by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from devsec.scan.module import Module
from devsec.text import Edit, Span


class Unreadable(Exception):
    """The string cannot be taken apart; the message is the reason the reader sees."""


@dataclass(frozen=True)
class Literal:
    """One string literal."""

    prefix: str
    quote: str
    span: Span
    body: Span


@dataclass(frozen=True)
class Piece:
    """A stretch of text (`node` is None) or a part that is put in. `literal` is the one it stands in, None for an operand
    of `+`."""

    span: Span
    raw: str
    literal: Literal | None
    node: cst.BaseExpression | None = None
    stiff: str = ""  # why this part cannot be taken out


@dataclass(frozen=True)
class Query:
    """`filled` is "%" or "format" where values are put into marks: then every part has to go, and `edits` take away
    `% values` or `.format(values)`."""

    pieces: Sequence[Piece]
    edits: Sequence[Edit] = ()
    filled: str = ""


def read(node: cst.BaseExpression, module: Module) -> Query:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Modulo):
        given = node.right.elements if isinstance(node.right, cst.Tuple) else [cst.Element(node.right)]
        if any(isinstance(element, cst.StarredElement) for element in given):
            raise Unreadable("its values come from a starred expression")
        pieces = _filled(node.left, [element.value for element in given], _PERCENT, module)
        after = Span(module.outer_span(node.left).end, module.outer_span(node.right).end)
        return Query(pieces, [Edit(after, "")], "%")
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "format":
        if any(arg.star or arg.keyword for arg in node.args):
            raise Unreadable("its values have names")
        pieces = _filled(node.func.value, [arg.value for arg in node.args], _BRACES, module)
        after = Span(module.outer_span(node.func.value).end, module.span(node).end)
        return Query(pieces, [Edit(after, "")], "format")
    return Query(list(_pieces(node, module)))


def _pieces(node: cst.BaseExpression, module: Module) -> Iterator[Piece]:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        if node.right.lpar:
            raise Unreadable("it is put together in brackets")
        yield from _pieces(node.left, module)
        yield from _pieces(node.right, module)
    elif isinstance(node, cst.ConcatenatedString):
        yield from _pieces(node.left, module)
        yield from _pieces(node.right, module)
    elif isinstance(node, (cst.SimpleString, cst.FormattedString)):
        yield from _of_literal(node, module)
    else:
        yield Piece(module.outer_span(node), "", None, node)


def _of_literal(node: cst.SimpleString | cst.FormattedString, module: Module) -> Iterator[Piece]:
    span = module.span(node)
    if isinstance(node, cst.SimpleString):
        prefix, quote = node.prefix, node.quote
    else:
        prefix, quote = node.start[: len(node.start) - len(node.end)], node.end
    if "b" in prefix.lower():
        raise Unreadable("it is bytes")
    body = Span(span.start + len(prefix) + len(quote), span.end - len(quote))
    literal = Literal(prefix.lower(), quote, span, body)
    if isinstance(node, cst.SimpleString):
        yield Piece(body, _raw(body, module), literal)
        return
    at = body.start
    for part in node.parts:
        if isinstance(part, cst.FormattedStringExpression):
            here = module.span(part)
            yield Piece(Span(at, here.start), _raw(Span(at, here.start), module), literal)
            stiff = "a part has a format of its own" if part.conversion or part.format_spec or part.equal else ""
            yield Piece(here, "", literal, part.expression, stiff)
            at = here.end
    yield Piece(Span(at, body.end), _raw(Span(at, body.end), module), literal)


def _raw(span: Span, module: Module) -> str:
    raw = module.text[span.start : span.end].decode("utf-8")
    if "\\'" in raw:
        raise Unreadable("there are escaped quotes in it")
    return raw


_PERCENT = re.compile(r"%%|%[sdi]|%")
_BRACES = re.compile(r"\{\{|\}\}|\{\}|[{}]")


def _filled(
    template: cst.BaseExpression, given: Sequence[cst.BaseExpression], mark: re.Pattern[str], module: Module
) -> list[Piece]:
    """The template's text with the values in its marks."""
    out: list[Piece] = []
    rest = list(given)
    for piece in _pieces(template, module):
        if piece.node is not None or piece.literal is None or "f" in piece.literal.prefix:
            raise Unreadable("it is put together in more than one way")
        at = 0
        for found in mark.finditer(piece.raw):
            if found.group() in ("%%", "{{", "}}"):
                continue
            if found.group() in ("%", "{", "}") or not rest:
                raise Unreadable("its marks have names, numbers or formats")
            out.append(_part_of(piece, at, found.start()))
            start = piece.span.start + len(piece.raw[: found.start()].encode())
            out.append(Piece(Span(start, start + len(found.group())), "", piece.literal, rest.pop(0)))
            at = found.end()
        out.append(_part_of(piece, at, len(piece.raw)))
    if rest:
        raise Unreadable("it has more values than marks")
    return out


def _part_of(piece: Piece, start: int, end: int) -> Piece:
    first = piece.span.start + len(piece.raw[:start].encode())
    raw = piece.raw[start:end]
    return Piece(Span(first, first + len(raw.encode())), raw, piece.literal)
