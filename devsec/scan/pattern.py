"""Patterns written as Python with `$X` and `...`: for the few shapes no table can say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import libcst as cst

from devsec.scan.module import LAYOUT
from devsec.scan.names import Names, dotted

_HOLE = "__devsec_hole_"
Captures = dict[str, cst.BaseExpression]


class Pattern:
    """A parsed pattern. `match` gives what the holes stand for, or None."""

    def __init__(self, root: cst.CSTNode) -> None:
        self._root = root
        self.root = type(root)  # only nodes of this type can match

    def match(self, node: cst.CSTNode, names: Names) -> Captures | None:
        if type(node) is not self.root:
            return None
        captures: Captures = {}
        return captures if _unify(self._root, node, captures, names) else None


@lru_cache(maxsize=1024)
def compile_pattern(source: str) -> Pattern:
    """An expression or one statement. The catalogue has checked that it parses."""
    text = source.strip().replace("$", _HOLE)
    module = cst.parse_module(text + "\n")
    statement = module.body[0]
    if isinstance(statement, cst.SimpleStatementLine):
        small = statement.body[0]
        return Pattern(small.value if isinstance(small, cst.Expr) else small)
    return Pattern(statement)


def _unify(pattern: object, node: object, captures: Captures, names: Names) -> bool:
    if isinstance(pattern, cst.Name) and pattern.value.startswith(_HOLE):
        if not isinstance(node, cst.BaseExpression):
            return False
        hole = pattern.value[len(_HOLE) :]
        if hole in captures:
            return _same(captures[hole], node)
        captures[hole] = node
        return True
    if isinstance(pattern, (cst.Name, cst.Attribute)) and isinstance(node, (cst.Name, cst.Attribute)):
        chain = dotted(pattern)
        if chain and _HOLE not in chain:
            referents = names.referents(node)
            if referents:
                return any(r.qualified.removeprefix("builtins.") == chain for r in referents)
            return dotted(node) == chain
    if isinstance(pattern, cst.SimpleString) and isinstance(node, cst.SimpleString):
        return pattern.evaluated_value == node.evaluated_value
    if isinstance(pattern, cst.BaseSuite) and isinstance(node, cst.BaseSuite) and _any_body(pattern):
        return True
    if isinstance(pattern, cst.CSTNode):
        return type(pattern) is type(node) and _fields_unify(pattern, node, captures, names)
    if isinstance(pattern, (list, tuple)):
        return isinstance(node, (list, tuple)) and _sequence(pattern, node, captures, names)
    return pattern == node


def _same(one: object, other: object) -> bool:
    """Whether two pieces of the scanned code are written alike, layout aside."""
    if isinstance(one, cst.CSTNode):
        if type(one) is not type(other):
            return False
        return all(
            type(ours) is type(theirs) if name == "operator" else _same(ours, theirs)
            for name in type(one).__dataclass_fields__
            if name not in _SHAPELESS and not name.startswith("whitespace")
            for ours, theirs in [(getattr(one, name), getattr(other, name))]
        )
    if isinstance(one, (list, tuple)):
        return (
            isinstance(other, (list, tuple))
            and len(one) == len(other)
            and all(_same(ours, theirs) for ours, theirs in zip(one, other, strict=True))
        )
    return one == other


_SHAPELESS = LAYOUT - {"operator"}


def _fields_unify(pattern: cst.CSTNode, node: object, captures: Captures, names: Names) -> bool:
    for name in type(pattern).__dataclass_fields__:
        if name in _SHAPELESS or name.startswith("whitespace"):
            continue
        ours, theirs = getattr(pattern, name), getattr(node, name)
        if name == "operator":
            if type(ours) is not type(theirs):
                return False
            continue
        if isinstance(ours, cst.Name) and name in ("attr", "keyword"):
            # The name of a member is a spelling: it refers to nothing by itself.
            if ours.value.startswith(_HOLE):
                if not _unify(ours, theirs, captures, names):
                    return False
            elif not isinstance(theirs, cst.Name) or ours.value != theirs.value:
                return False
            continue
        if not _unify(ours, theirs, captures, names):
            return False
    return True


def _sequence(pattern: Sequence[object], nodes: Sequence[object], captures: Captures, names: Names) -> bool:
    """Element by element; an ellipsis stands for any number of them. Tries the shortest stretch first."""
    if not pattern:
        return not nodes
    if _is_ellipsis(pattern[0]):
        for skip in range(len(nodes) + 1):
            attempt = dict(captures)
            if _sequence(pattern[1:], nodes[skip:], attempt, names):
                captures.clear()
                captures.update(attempt)
                return True
        return False
    if not nodes:
        return False
    attempt = dict(captures)
    if not _unify(pattern[0], nodes[0], attempt, names) or not _sequence(pattern[1:], nodes[1:], attempt, names):
        return False
    captures.clear()
    captures.update(attempt)
    return True


def _any_body(suite: cst.BaseSuite) -> bool:
    """Any statements, on one line or indented."""
    return len(suite.body) == 1 and _is_ellipsis(suite.body[0])


def _is_ellipsis(item: object) -> bool:
    if isinstance(item, (cst.Arg, cst.Element, cst.Expr)):
        return isinstance(item.value, cst.Ellipsis) and not (isinstance(item, cst.Arg) and item.keyword is not None)
    if isinstance(item, cst.SimpleStatementLine):
        return len(item.body) == 1 and _is_ellipsis(item.body[0])
    return False
