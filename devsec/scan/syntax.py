"""CPython's own tree of a Python text, made once however many ask for it. Nobody may change it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache

# Fields that hold no node anybody asks for: names, numbers, and which operator or context it is.
_PLAIN = frozenset(
    ["ctx", "op", "ops", "id", "attr", "arg", "asname", "module", "level", "kind", "type_comment", "simple", "conversion"]
)  # fmt: skip
_FIELDS: dict[type, tuple[str, ...]] = {ast.Constant: (), ast.Global: (), ast.Nonlocal: ()}


@lru_cache(maxsize=1)
def tree(text: bytes) -> ast.Module:
    """Of a text in UTF-8. Raises what `ast.parse` does: SyntaxError, ValueError, RecursionError, MemoryError."""
    return parse(text)


def parse(text: bytes) -> ast.Module:
    """As `tree`, for a text that nobody asks for again: its tree is the caller's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the scanned file's invalid escapes are not our user's news
        return ast.parse(text.decode("utf-8"))


def below(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Some nodes and all that are in them but operators and contexts, in no order. A quarter of the time of `ast.walk`."""
    stack = list(nodes)
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        yield node
        kind = type(node)
        # As `children`, which would be called a million times.
        for name in _FIELDS.get(kind) or fields(kind):
            value = getattr(node, name, None)
            if type(value) is list:
                stack += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                push(value)


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one."""
    out: list[ast.AST] = []
    for name in fields(type(node)):
        value = getattr(node, name, None)  # what a node made by hand leaves out is not there
        if type(value) is list:
            out += [item for item in value if isinstance(item, ast.AST)]  # `{**a}` has None for a key
        elif isinstance(value, ast.AST):
            out.append(value)
    return out


def fields(kind: type) -> tuple[str, ...]:
    """Those of a kind of node that may hold nodes."""
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _PLAIN)  # type: ignore[attr-defined]
    return known
