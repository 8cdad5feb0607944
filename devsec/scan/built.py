"""What text does an expression put together, and by which names is it known? Of CPython's tree: what `scan/values.py` says of
LibCST's, or that it cannot be told here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

HOLE = "{}"  # as values.shown
_DEPTH = 20
_CUTTING = frozenset(
    ["strip", "lstrip", "rstrip", "lower", "upper"]
)  # values.py reads them as what they are applied to
_BUILDING = _CUTTING | {"format", "join"}
PASSING_METHODS = frozenset({"encode", "decode", "strip", "lower", "upper", "rstrip", "lstrip", "casefold"})
PASSING_CALLS = frozenset({"str", "bytes", "bytearray", "force_bytes", "force_str", "to_bytes", "ensure_binary"})
PERCENT = re.compile(r"%(?:%|(?:\((?P<key>[^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?[a-zA-Z])")
BRACES = re.compile(r"\{\{|\}\}|\{[^{}]*\}")


class Values(Protocol):
    """What names may stand for."""

    def stands_for(self, node: ast.expr) -> Sequence[ast.expr] | None: ...


class _Unknown(Exception):
    """A name in it may be a constant: then its text counts, too."""


def shown(node: ast.expr, values: Values) -> str | None:
    """The text with `{}` for each part that is not constant; None when it cannot be told."""
    try:
        return _text(node, values, _DEPTH)
    except _Unknown:
        return None


def _text(node: ast.expr, values: Values, depth: int) -> str:
    """Of something that is visibly a string."""
    if depth <= 0:
        raise _Unknown
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _part(part.value, values, depth - 1) if isinstance(part, ast.FormattedValue) else _text(part, values, depth)
            for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _operand(node.left, values, depth - 1) + _operand(node.right, values, depth - 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        right = node.right
        given = right.elts if isinstance(right, ast.Tuple) else right.values if isinstance(right, ast.Dict) else [right]
        return _filled(_constant(node.left, values, depth), PERCENT, given, values, depth, "%%")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "format":
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            return _filled(_constant(node.func.value, values, depth), BRACES, given, values, depth, "{{", "}}")
        if node.func.attr in _CUTTING:
            return _text(node.func.value, values, depth - 1)
    raise _Unknown


def _constant(node: ast.expr, values: Values, depth: int) -> str:
    text = _text(node, values, depth - 1)
    if HOLE in text and not isinstance(node, ast.Constant):
        raise _Unknown  # it may be built itself
    return text


def _operand(node: ast.expr, values: Values, depth: int) -> str:
    """Of one side of a sum: a string that is built itself, or something that is put in."""
    if isinstance(node, (ast.JoinedStr, ast.BinOp)) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return _text(node, values, depth)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _BUILDING:
        raise _Unknown
    if values.stands_for(node) != () or (isinstance(node, ast.Constant) and isinstance(node.value, bytes)):
        raise _Unknown  # it may be built elsewhere; two texts of bytes are one
    return _part(node, values, depth)


def _part(node: ast.expr, values: Values, depth: int) -> str:
    """Of what is put in between: its text where it is a constant."""
    if isinstance(node, ast.Constant):
        return HOLE if isinstance(node.value, bytes) else str(node.value)
    if _may_be_constant(node, values, depth):
        raise _Unknown
    return HOLE


def _may_be_constant(node: ast.expr, values: Values, depth: int) -> bool:
    if depth <= 0 or isinstance(node, (ast.Constant, ast.UnaryOp)):
        return True
    if isinstance(node, ast.BinOp):
        return all(_may_be_constant(side, values, depth - 1) for side in (node.left, node.right))
    if isinstance(node, ast.JoinedStr):
        return all(
            _may_be_constant(part.value, values, depth - 1)
            for part in node.values
            if isinstance(part, ast.FormattedValue)
        )
    if isinstance(node, ast.Call):
        base = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        if isinstance(node.func, ast.Attribute) and node.func.attr == "fromhex":
            base = []
        return all(_may_be_constant(one, values, depth - 1) for one in (*base, *node.args))
    others = values.stands_for(node)
    return others is None or any(_may_be_constant(other, values, depth - 1) for other in others)


def _filled(
    template: str, marks: re.Pattern[str], given: Sequence[ast.expr], values: Values, depth: int, *escaped: str
) -> str:
    """The template's text with what is given in its marks, one after the other; marks beyond them read as the last one."""
    out: list[str] = []
    at = used = 0
    for mark in marks.finditer(template):
        out.append(template[at : mark.start()])
        at = mark.end()
        if mark.group() in escaped:
            out.append(mark.group()[0])
        elif given:
            one = given[min(used, len(given) - 1)]
            out.append(_part(one.value if isinstance(one, ast.Starred) else one, values, depth))
            used += 1
    return "".join(out) + template[at:]


def may_be_text(node: ast.expr, values: Values, depth: int = _DEPTH) -> bool:
    """Whether an expression may visibly be a string."""
    if depth <= 0 or isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        sides = [node.left] if isinstance(node.op, ast.Mod) else [node.left, node.right]
        return any(may_be_text(side, values, depth - 1) for side in sides)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _BUILDING:
            return may_be_text(node.func.value, values, depth - 1)
        return _may_be_constant(node, values, depth)  # `str("x")`
    others = values.stands_for(node)
    return others is None or any(may_be_text(other, values, depth - 1) for other in others)


def identifiers(node: ast.expr) -> Iterator[str]:
    """The identifiers an expression is known by, as `values.identifiers`; some more where this tree does not tell strings side
    by side from one."""
    while True:
        if isinstance(node, ast.Name):
            yield node.id
            return
        if isinstance(node, ast.Attribute):
            yield node.attr
            return
        if isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, (str, bytes)):
                key = node.slice.value
                yield key if isinstance(key, str) else key.decode("latin-1")
            node = node.value
        elif isinstance(node, ast.Call):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            first = given[0] if given else None
            if isinstance(first, ast.Starred):
                first = first.value
            if isinstance(node.func, ast.Attribute) and node.func.attr in PASSING_METHODS:
                node = node.func.value
            elif isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop", "getlist"):
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value
                return
            elif isinstance(node.func, ast.Name) and node.func.id in PASSING_CALLS and first is not None:
                node = first
            else:
                return
        elif isinstance(node, ast.Await):
            node = node.value
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
            yield from identifiers(node.left)
            node = node.right
        elif isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from identifiers(part.value)
            return
        else:
            return


def surely_called(node: ast.expr) -> str:
    """The identifier of a plain name or attribute, through calls that pass it on; "" for all else."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PASSING_METHODS:
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
