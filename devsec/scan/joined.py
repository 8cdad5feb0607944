"""Could literals that stand side by side, or are added up, make a token that no line of text shows? CPython's own tree tells
in a twentieth of the time that LibCST takes to say no."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from devsec.catalog.rule import Literal, Rule, Shape
from devsec.scan import syntax
from devsec.scan.built import may_be_constant
from devsec.scan.gate import LONG, TOKEN_BYTES
from devsec.scan.lines import places
from devsec.scan.outline import Outline

if TYPE_CHECKING:
    from devsec.scan.needles import Needles

_RUN = re.compile("[" + re.escape(bytes(sorted(TOKEN_BYTES)).decode()) + "]*")


def could_join(
    pairs: Sequence[tuple[Rule, Shape]], text: bytes, sketch: Outline
) -> Iterator[tuple[int, list[tuple[Rule, Shape]]]]:
    """Indexes of the statements in which literals may make one of what the shapes look for, and those shapes."""
    wanted = [(rule, shape, needles) for rule, shape in pairs if (needles := _needles(shape)).words]
    file = _Given(sketch)
    for index, statement in enumerate(sketch.statements):
        part = text[statement.span.start : statement.span.end]
        here = [one for one in wanted if any(word.encode() in part for word in one[2].words)]
        literals = [shape.literal for _, shape, _ in here if shape.literal]
        if here and _could_join(statement.nodes, literals, [needles for _, _, needles in here], file):
            yield index, [(rule, shape) for rule, shape, _ in here]


def _could_join(
    nodes: Sequence[ast.AST], literals: Sequence[Literal], needles: Sequence[Needles], file: _Given
) -> bool:
    """Whether a text in the statement, as CPython joins it, is what is looked for; or is added to what may be a constant, too,
    and may go on there."""
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
            if len(texts) == len(parts):
                if _is_one("".join(map(_as_text, texts)), literals):
                    return True
            elif (
                any(map(_as_text, texts))
                and all(may_be_constant(part, file) for part in parts)
                and any(_holds_part(needle, text) for text in file.constants(parts) for needle in needles)
            ):
                return True
        stack += syntax.children(node)
    return False


def _holds_part(needles: Needles, text: str) -> bool:
    """Whether a text has a word of what is looked for, which may end in another text."""
    for word in needles.words:
        at = text.find(word)
        while at >= 0:
            run = _RUN.match(text, at)
            end = run.end() if run else at
            if not needles.starts or end == len(text) or end - at >= LONG:
                return True
            at = text.find(word, at + 1)
    return False


class _Given:
    """What the names of a file are given anywhere in it."""

    def __init__(self, sketch: Outline) -> None:
        self._sketch = sketch
        self._values: dict[str, list[ast.expr]] | None = None

    def stands_for(self, node: ast.expr) -> Sequence[ast.expr]:
        if isinstance(node, ast.NamedExpr):
            return [node.value]
        if self._values is None:
            self._values = {}
            for name, value in self._read():
                self._values.setdefault(name, []).append(value)
        return self._values.get(_name(node), ())

    def may_be(self, node: ast.expr, names: Sequence[str]) -> bool:
        return True  # nobody needs to know it better

    def constants(self, nodes: Iterable[ast.expr]) -> Iterator[str]:
        """The texts in some expressions, and in what their names are given."""
        todo = list(nodes)
        seen = set(todo)
        for node in todo:  # which grows
            for inner in syntax.below((node,)):
                if isinstance(inner, ast.Constant):
                    yield _as_text(inner.value)
                elif isinstance(inner, (ast.Name, ast.Attribute)):
                    new = [value for value in self.stands_for(inner) if value not in seen]
                    seen.update(new)
                    todo += new

    def _read(self) -> Iterator[tuple[str, ast.expr]]:
        for node in syntax.below(node for statement in self._sketch.statements for node in statement.nodes):
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else (node.target,):
                    yield _name(target), node.value


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


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


def _needles(shape: Shape) -> Needles:
    from devsec.scan.needles import Needles, needles  # the parser of regexes: only for files with a token

    return needles(shape.literal.regex) if shape.literal is not None else Needles()
