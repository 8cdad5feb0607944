"""What text does an expression put together, and by which names is it known? Of CPython's tree: what `scan/values.py` says of
LibCST's, or that it cannot be told here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from devsec.scan.lazily import pattern

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Protocol

    class Values(Protocol):
        """What names may stand for."""

        def stands_for(self, node: ast.expr) -> Sequence[ast.expr] | None: ...

        def may_be(self, node: ast.expr, names: Sequence[str]) -> bool:
            """Whether an expression may refer to one of these qualified names."""
            ...


HOLE = "{}"  # as values.shown has it
_DEPTH = 20
_MOST_STEPS = 1_000  # of the way to what an expression folds to; what takes more may be constant
_MOST = 16  # texts an expression may be; with more of them they are not told
# values.py reads them as what they are applied to.
_CUTTING = frozenset(["strip", "lstrip", "rstrip", "lower", "upper"])
PASSING_METHODS = frozenset({"encode", "decode", "strip", "lower", "upper", "rstrip", "lstrip", "casefold"})
PASSING_CALLS = frozenset({"str", "bytes", "bytearray", "force_bytes", "force_str", "to_bytes", "ensure_binary"})
PERCENT = pattern(r"%(?:%|(?:\((?P<key>[^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?[a-zA-Z])")
BRACES = pattern(r"\{\{|\}\}|\{[^{}]*\}")


class _Unknown(Exception):
    """It cannot be told."""


class _Asked:
    """What one answer needs: the values of names, and the texts of those that were met, since names lead to the same ones again
    and again."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.texts: dict[ast.expr, _Texts] = {}
        self.put_in: dict[ast.expr, _Texts] = {}


_Texts = frozenset["str | None"]  # what an expression may be, one or the other; None: nothing that is visibly a text
_NO_TEXT: _Texts = frozenset([None])


def shown(node: ast.expr, values: Values) -> Sequence[str] | None:
    """The texts it may be, with `{}` for each part that is not constant; None when they cannot be told."""
    try:
        return [text for text in _texts(node, _Asked(values), _DEPTH) if text is not None]
    except _Unknown:
        return None


def _texts(node: ast.expr, asked: _Asked, depth: int) -> _Texts:
    if depth <= 0:
        raise _Unknown
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bytes):
            raise _Unknown  # no text by itself; of several a text is read off
        return frozenset([node.value]) if isinstance(node.value, str) else _NO_TEXT
    if isinstance(node, ast.JoinedStr):
        parts = (
            _put_in(part.value, asked, depth) if isinstance(part, ast.FormattedValue) else _texts(part, asked, depth)
            for part in node.values
        )
        return _side_by_side(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _texts(node.left, asked, depth - 1), _texts(node.right, asked, depth - 1)
        if left == right == _NO_TEXT:
            return _NO_TEXT
        sums = frozenset(a + b for a in _or_hole(left) for b in _or_hole(right))
        return _few(sums | (left & right & _NO_TEXT))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        put = node.right
        given = put.elts if isinstance(put, ast.Tuple) else put.values if isinstance(put, ast.Dict) else [put]
        return _filled(node.left, PERCENT, given, asked, depth, "%%")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "format":
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            return _filled(node.func.value, BRACES, given, asked, depth, "{{", "}}")
        if node.func.attr in _CUTTING:
            return _texts(node.func.value, asked, depth - 1)
        if node.func.attr == "join":
            return _joined(node, node.func.value, asked, depth)
    if isinstance(node, (ast.Name, ast.Attribute, ast.NamedExpr)):
        others = asked.values.stands_for(node)
        if others is None:
            raise _Unknown
        for other in others:
            if other not in asked.texts:
                asked.texts[other] = _texts(other, asked, depth - 1)
        return _few(_NO_TEXT.union(*map(asked.texts.__getitem__, others)))
    return _no_text(node, asked, depth)


def _no_text(node: ast.expr, asked: _Asked, depth: int) -> _Texts:
    """Of what is no text unless it is folded to one, which is not done here."""
    if may_be_constant(node, asked.values, depth):
        raise _Unknown
    return _NO_TEXT


def _few(texts: frozenset[str | None]) -> _Texts:
    if len(texts) > _MOST:
        raise _Unknown
    return texts


def _or_hole(texts: _Texts) -> list[str]:
    return [HOLE if text is None else text for text in texts]


def _side_by_side(parts: Iterable[_Texts]) -> _Texts:
    out = [""]
    for part in parts:
        out = [start + end for start in out for end in _or_hole(part)]
        if len(out) > _MOST:
            raise _Unknown
    return frozenset(out)


def _put_in(node: ast.expr, asked: _Asked, depth: int) -> _Texts:
    """Of what is put in between: its text where it is a constant."""
    if isinstance(node, ast.Constant):
        # LibCST is asked for no imaginary number, and `...` is no constant to it.
        no_text = isinstance(node.value, (bytes, complex)) or node.value is Ellipsis
        return frozenset([HOLE if no_text else str(node.value)])
    if isinstance(node, (ast.Name, ast.Attribute)):
        others = asked.values.stands_for(node)
        if others is not None and depth > 0:
            for other in others:
                if other not in asked.put_in:
                    asked.put_in[other] = _put_in(other, asked, depth - 1)
            return _few(frozenset([HOLE]).union(*map(asked.put_in.__getitem__, others)))
    if may_be_constant(node, asked.values, depth):
        raise _Unknown
    return frozenset([HOLE])


def _filled(
    template: ast.expr, marks: re.Pattern[str], given: Sequence[ast.expr], asked: _Asked, depth: int, *escaped: str
) -> _Texts:
    """The template's text with what is given in its marks, one after the other; marks beyond them read as the last one."""
    if isinstance(template, ast.Constant) and isinstance(template.value, bytes):
        return _NO_TEXT
    out: set[str | None] = set()
    for text in _texts(template, asked, depth - 1):
        if text is None:
            out.add(None)
            continue
        if HOLE in text and not isinstance(template, ast.Constant):
            raise _Unknown  # it may be built itself
        parts: list[_Texts] = []
        at = used = 0
        for mark in marks.finditer(text):
            parts.append(frozenset([text[at : mark.start()]]))
            at = mark.end()
            if mark.group() in escaped:
                parts.append(frozenset(mark.group()[0]))
            elif given:
                one = given[min(used, len(given) - 1)]
                parts.append(_put_in(_unstarred(one), asked, depth))
                used += 1
        out |= _side_by_side([*parts, frozenset([text[at:]])])
    return _few(frozenset(out))


def _joined(node: ast.Call, between: ast.expr, asked: _Asked, depth: int) -> _Texts:
    out: set[str | None] = set()
    for text in _texts(between, asked, depth - 1):
        if text is None or not (node.args or node.keywords):
            out.add(None)
        elif len(node.args) == 1 and isinstance(listed := _unstarred(node.args[0]), (ast.List, ast.Tuple)):
            parts: list[_Texts] = []
            for element in listed.elts:
                parts += [frozenset([text])] if parts else []
                parts.append(_texts(_unstarred(element), asked, depth - 1))
            out |= _side_by_side(parts)
        else:
            out.add(text + HOLE)
    return _few(frozenset(out))


def _unstarred(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


_FOLDED = (ast.Add, ast.Sub, ast.Mult, ast.Pow, ast.LShift, ast.BitOr)
_FOLDING = ("builtins.bytes", "builtins.str", "builtins.int")


def may_be_constant(node: ast.expr, values: Values, depth: int = _DEPTH) -> bool:
    """Whether it may fold to a constant: never false where `values.constant` gives one."""
    return _folds(node, values, depth, set(), count())


def _folds(node: ast.expr, values: Values, depth: int, above: set[ast.expr], steps: Iterator[int]) -> bool:
    """`above` are the values on the way there. What comes back to one of them folds by another way or not at all: a
    name that is given something of its own value again and again would lead everywhere many times."""
    if depth <= 0 or isinstance(node, ast.Constant) or next(steps) > _MOST_STEPS:
        return True

    def folds(one: ast.expr) -> bool:
        return _folds(one, values, depth - 1, above, steps)

    if isinstance(node, ast.UnaryOp):
        return folds(node.operand)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _FOLDED) and folds(node.left) and folds(node.right)
    if isinstance(node, ast.JoinedStr):
        return all(folds(part.value) for part in node.values if isinstance(part, ast.FormattedValue))
    if isinstance(node, ast.Call):
        if node.keywords or len(node.args) > 2:
            return False
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("encode", "decode"):
            base = [node.func.value]
        elif values.may_be(node.func, _FOLDING) or values.may_be(node.func, ("builtins.bytes.fromhex",)):
            base = []
        else:
            return False
        return all(map(folds, (*base, *node.args)))
    others = values.stands_for(node)
    if others is None:
        return True
    for other in others:
        if other in above:
            continue
        above.add(other)
        found = folds(other)
        above.discard(other)
        if found:
            return True
    return False


def may_be_built(node: ast.expr, values: Values) -> bool:
    """Whether it may be a text that is put together, with a part that is not constant."""
    texts = shown(node, values)
    return texts is None or any(HOLE in text for text in texts)


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
            first = _unstarred(given[0]) if given else None
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
