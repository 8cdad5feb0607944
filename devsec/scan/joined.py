"""Could literals that stand side by side, or are added up, make a token that no line of text shows? CPython's own tree tells
in a twentieth of the time that LibCST takes to say no."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from devsec.catalog.rule import Literal, Rule, Shape
from devsec.scan import syntax
from devsec.scan.lines import places
from devsec.scan.outline import Outline

# What ends a text and could be the start of a token, with a word before it: read from the end, in one go.
_BACKWARDS = re.compile(r"""[^\s"'`()\[\]{}<>,|\\^!*#]*(?: [^\s"'`()\[\]{}<>,|\\^!*#]+)?""")


def could_join(
    pairs: Sequence[tuple[Rule, Shape]], text: bytes, sketch: Outline
) -> Iterator[tuple[int, list[tuple[Rule, Shape]]]]:
    """Indexes of the statements in which literals may make one of what the shapes look for, and those shapes."""
    wanted = [(rule, shape, [word.encode() for word in words]) for rule, shape in pairs if (words := _words(shape))]
    for index, statement in enumerate(sketch.statements):
        part = text[statement.span.start : statement.span.end]
        here = [one for one in wanted if any(word in part for word in one[2])]
        beginnings = [word.decode() for _, _, words in here for word in words]
        if here and _could_join(statement.nodes, [shape.literal for _, shape, _ in here if shape.literal], beginnings):
            yield index, [(rule, shape) for rule, shape, _ in here]


def _could_join(nodes: Sequence[ast.AST], literals: Sequence[Literal], words: Sequence[str]) -> bool:
    """Whether a text in the statement, as CPython joins it, is what is looked for; or is added to what it cannot tell.
    LibCST would take twenty times as long to say no."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Constant):
            if _is_one(node.value, literals):
                return True
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = _added(node)
            texts = [part.value for part in parts if isinstance(part, ast.Constant)]
            whole = "".join(map(_as_text, texts)) if len(texts) == len(parts) else None
            if _is_one(whole, literals) or (whole is None and any(_goes_on(part, words) for part in parts[:-1])):
                return True
        stack += syntax.children(node)
    return False


def _goes_on(node: ast.expr, words: Sequence[str]) -> bool:
    """Whether a literal ends in what begins a token. A prefix that is split is split on purpose (scan/gate.py)."""
    if not isinstance(node, ast.Constant):
        return False
    found = _BACKWARDS.match(_as_text(node.value)[::-1])
    tail = found[0][::-1] if found else ""
    return any(word in tail for word in words)


def _added(node: ast.expr) -> list[ast.expr]:
    out: list[ast.expr] = []
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, ast.BinOp) and isinstance(at.op, ast.Add):
            stack += [at.right, at.left]
        else:
            out.append(at)
    return out


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _is_one(value: object, literals: Sequence[Literal]) -> bool:
    if not isinstance(value, (str, bytes)):
        return False
    raw = value.encode("utf-8", "replace") if isinstance(value, str) else value
    return any(True for literal in literals for _ in places(literal, raw))


def _words(shape: Shape) -> tuple[str, ...]:
    from devsec.scan.needles import needles  # the parser of regexes: only for files with a token

    return needles(shape.literal.regex).words if shape.literal is not None else ()
