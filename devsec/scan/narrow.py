"""Of a large class, which methods must LibCST read? Those in which something could match, and those that give an attribute
that is spoken of there. The bodies of the others are blanked: every byte that is left stays in its place.

LibCST takes a millisecond for 500 bytes, and a class may have 100 KB of which one line is asked about.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator, Mapping

from devsec.record import Record
from devsec.scan import syntax
from devsec.scan.outline import Statement
from devsec.text import Lines

SMALL = 2_000  # bytes of a class that is read as it is


class _Method(Record):
    node: ast.stmt
    gives: Mapping[str, Iterable[str]]  # attributes it assigns, and those that are spoken of for that
    reaches_out: bool  # it binds names of the module


def narrowed(statement: Statement, text: bytes, lines: Lines, asked: Container[ast.AST | None]) -> bytes:
    """The bytes of a statement; of a class without the bodies that are not needed. `asked` are the methods in which something
    could match."""
    whole = text[statement.span.start : statement.span.end]
    (first, *more) = statement.nodes
    if more or not isinstance(first, ast.ClassDef) or len(whole) < SMALL:
        return whole
    blank = [_read(node) for node in methods(first) if node not in asked]
    names = {method.node for method in blank}
    needed = {method.node for method in blank if method.reaches_out}
    left = (node for node in syntax.children(first) if node not in names)
    todo = set(_attributes((*left, *needed)))
    spoken: set[str] = set()
    givers: dict[str, list[_Method]] = {}
    for method in blank:
        for attribute in method.gives:
            givers.setdefault(attribute, []).append(method)
    while todo:
        attribute = todo.pop()
        spoken.add(attribute)
        for method in givers.get(attribute, ()):
            needed.add(method.node)
            todo.update(name for name in method.gives[attribute] if name not in spoken)
    out = bytearray(whole)
    for method in blank:
        if method.node not in needed:
            _blank(out, method.node, statement.span.start, lines)
    return bytes(out)


def head(statement: Statement, text: bytes, lines: Lines) -> bytes:
    """The bytes of a definition that is only asked for what it binds; of anything else all of them."""
    out = bytearray(text[statement.span.start : statement.span.end])
    (first, *more) = statement.nodes
    if (
        not more
        and isinstance(first, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and len(statement.binds) == 1
    ):
        _blank(out, first, statement.span.start, lines)
    return bytes(out)


def methods_of(statement: Statement) -> list[ast.stmt]:
    """Those of a class that is the statement; none of anything else."""
    (first, *more) = statement.nodes
    return methods(first) if not more and isinstance(first, ast.ClassDef) else []


def methods(of: ast.ClassDef) -> list[ast.stmt]:
    """Those that stand right in the body of a class."""
    return [node for node in of.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def _attributes(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """What is spoken of as `self.x`, whatever `self` is called there."""
    for node in syntax.below(nodes):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.attr


def _read(node: ast.stmt) -> _Method:
    given: list[ast.Attribute] = []
    values: dict[ast.Attribute, ast.expr] = {}
    variables: set[str] = set()
    reaches_out = False
    for inner in syntax.below((node,)):
        if isinstance(inner, ast.Attribute):
            if isinstance(inner.value, ast.Name) and not isinstance(inner.ctx, ast.Load):
                given.append(inner)
        elif isinstance(inner, ast.Name):
            if not isinstance(inner.ctx, ast.Load):
                variables.add(inner.id)
        elif isinstance(inner, ast.Global):
            reaches_out = True
        elif isinstance(inner, ast.Assign):
            values.update((target, inner.value) for target in inner.targets if isinstance(target, ast.Attribute))
    gives: dict[str, set[str]] = {}
    for attribute in given:
        value = values.get(attribute)
        # A variable leads on to anything in the method.
        plain = value is not None and not any(
            isinstance(inner, ast.Name) and inner.id in variables for inner in syntax.below((value,))
        )
        gives.setdefault(attribute.attr, set()).update(_attributes((value if plain and value else node,)))
    return _Method(node, gives, reaches_out)


def _blank(out: bytearray, node: ast.stmt, offset: int, lines: Lines) -> None:
    """Of a definition: a number and blanks in place of the body, the ends of its lines too: LibCST makes four objects of an empty line."""
    body: list[ast.stmt] = node.body  # type: ignore[attr-defined]
    first, last = body[0], body[-1]
    if getattr(first, "decorator_list", None):
        return  # it begins before its place
    start = lines.start(first.lineno) + first.col_offset - offset
    end = lines.start(last.end_lineno or last.lineno) + (last.end_col_offset or last.col_offset) - offset
    out[start:end] = b"0".ljust(end - start)
