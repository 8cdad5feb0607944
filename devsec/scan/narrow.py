"""Of a large class, which methods must LibCST read? Those in which something could match, and those that give an attribute
that is spoken of there. The bodies of the others are blanked: every byte that is left stays in its place.

LibCST takes a millisecond for 500 bytes, and a class may have 100 KB of which one line is asked about.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import NamedTuple

from devsec.scan.outline import Statement
from devsec.text import Lines

SMALL = 2_000  # bytes of a class that is read as it is


class _Method(NamedTuple):
    node: ast.FunctionDef | ast.AsyncFunctionDef
    speaks_of: frozenset[str]  # names after a dot
    gives: frozenset[str]  # those of them that are assigned


def narrowed(statement: Statement, text: bytes, lines: Lines, asked: Callable[[Sequence[ast.AST]], bool]) -> bytes:
    """The bytes of a statement; of a class without the bodies that are not needed. `asked` tells whether anything in some nodes
    could match."""
    whole = text[statement.span.start : statement.span.end]
    (first, *more) = statement.nodes
    if more or not isinstance(first, ast.ClassDef) or len(whole) < SMALL or b"global" in whole:
        return whole
    methods = [node for node in first.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    read = [_read(node) for node in methods if not asked([node])]
    rest = [node for node in first.body if node not in [method.node for method in read]]
    spoken = _spoken_of(rest)
    blank = read
    while True:
        needed = [method for method in blank if not method.gives.isdisjoint(spoken)]
        if not needed:
            break
        blank = [method for method in blank if method not in needed]
        spoken |= frozenset[str]().union(*(method.speaks_of for method in needed))
    out = bytearray(whole)
    for method in blank:
        _blank(out, method.node, statement.span.start, lines)
    return bytes(out)


def head(statement: Statement, text: bytes, lines: Lines) -> bytes:
    """The bytes of a definition that is only asked for what it binds; of anything else all of them."""
    out = bytearray(text[statement.span.start : statement.span.end])
    (first, *more) = statement.nodes
    if not more and isinstance(first, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and b"global" not in out:
        _blank(out, first, statement.span.start, lines)
    return bytes(out)


def _read(node: ast.FunctionDef | ast.AsyncFunctionDef) -> _Method:
    speaks_of, gives = set(), set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            speaks_of.add(inner.attr)
            if not isinstance(inner.ctx, ast.Load):
                gives.add(inner.attr)
    return _Method(node, frozenset(speaks_of), frozenset(gives))


def _spoken_of(nodes: Sequence[ast.AST]) -> frozenset[str]:
    return frozenset(inner.attr for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Attribute))


def _blank(
    out: bytearray, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, offset: int, lines: Lines
) -> None:
    """A number and blanks in place of the body, the ends of its lines too: LibCST makes four objects of an empty line."""
    first, last = node.body[0], node.body[-1]
    if getattr(first, "decorator_list", None):
        return  # it begins before its place
    start = lines.start(first.lineno) + first.col_offset - offset
    end = lines.start(last.end_lineno or last.lineno) + (last.end_col_offset or last.col_offset) - offset
    out[start:end] = b"0".ljust(end - start)
