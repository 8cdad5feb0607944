"""One file as the scanner sees it: its text, its outline, and LibCST trees of the statements that were asked about."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst
from libcst.metadata.span_provider import ByteSpanPositionProvider  # of all providers no more than this

from devsec.scan.drift import Drift, drift_of
from devsec.scan.narrow import head
from devsec.scan.outline import Outline, Unparsable, imported, is_below, refuse_depth
from devsec.text import Lines, Span


@dataclass(eq=False)
class Piece:
    """A top-level statement (or several on one line) with its tree."""

    index: int
    start: int
    tree: cst.Module
    nodes: list[cst.CSTNode]  # every node that is not layout, parents before children
    spans: Mapping[cst.CSTNode, object] = field(default_factory=dict)
    drift: Drift | None = None


class Module:
    """Text in UTF-8 without BOM, and what is known about it."""

    def __init__(
        self, text: bytes, outline: Outline, lines: Lines, path: str = "", narrowed: Mapping[int, bytes] | None = None
    ) -> None:
        """`narrowed`: for the statements that are looked at, by their index, the bytes that are enough to know: of the others
        only what they bind is asked (scan/narrow.py). None when all of the file may be asked for."""
        self.text = text
        self.outline = outline
        self.lines = lines
        self.folders = path.split("/")[:-1]  # in some of them the project's own packages are: `acme` in src/acme/db.py
        self.parent: dict[cst.CSTNode, cst.CSTNode] = {}
        self._narrowed = narrowed
        self._pieces: dict[int, Piece] = {}
        self._by_root: dict[cst.CSTNode, Piece] = {}

    @cached_property
    def imports(self) -> frozenset[str]:
        """Qualified names of what the file imports anywhere in it."""
        return imported(self.outline)

    @cached_property
    def froms(self) -> list[ast.ImportFrom]:
        """The `from` imports at the top of the file."""
        nodes = (node for statement in self.outline.statements for node in statement.nodes)
        return [node for node in nodes if isinstance(node, ast.ImportFrom)]

    def does_import(self, module: str) -> bool:
        """Whether the file imports the module, or something from it or below it."""
        return is_below(self.imports, module)

    def piece(self, index: int) -> Piece:
        """The piece of the statement with this index in the outline. Raises Unparsable."""
        if index not in self._pieces:
            refuse_depth(self.outline.statements[index])
            span = self.outline.statements[index].span
            try:
                tree = cst.parse_module(self._enough(index).decode("utf-8"))
            except cst.ParserSyntaxError as error:
                line = self.lines.place(span.start).line
                raise Unparsable(f"LibCST does not read the statement at line {line}: {_first_line(error)}") from None
            except RecursionError:
                raise
            except Exception as error:
                # Its nodes check themselves and do not always survive it: `async` and `for` on two lines of a
                # comprehension end in an AttributeError (1.9.0).
                line = self.lines.place(span.start).line
                raise Unparsable(f"LibCST fails on the statement at line {line}: {type(error).__name__}") from None
            nodes = list(self._walk(tree))
            piece = Piece(index, span.start, tree, nodes)
            self._pieces[index] = piece
            self._by_root[tree] = piece
        return self._pieces[index]

    def _enough(self, index: int) -> bytes:
        statement = self.outline.statements[index]
        if self._narrowed is None:
            return self.text[statement.span.start : statement.span.end]
        return self._narrowed.get(index) or head(statement, self.text, self.lines)

    def binders(self, name: str) -> list[Piece]:
        """The pieces that may bind `name` at module level, in order."""
        return [self.piece(index) for index in self._binders.get(name, ())]

    @cached_property
    def _binders(self) -> dict[str, list[int]]:
        """By name; a file may bind thousands."""
        found: dict[str, list[int]] = {}
        for index, statement in enumerate(self.outline.statements):
            for name in statement.binds:
                found.setdefault(name, []).append(index)
        return found

    def piece_of(self, node: cst.CSTNode) -> Piece:
        while node in self.parent:
            node = self.parent[node]
        return self._by_root[node]

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Parents from the nearest outwards, the piece's root last."""
        while node in self.parent:
            node = self.parent[node]
            yield node

    def span(self, node: cst.CSTNode, beside: cst.CSTNode | None = None) -> Span:
        """Bytes of the node without the brackets around it; an argument's include those of its value.

        Layout (comments, brackets) has no parent here: say `beside` which node it was found.
        """
        piece = self.piece_of(beside or node)
        if not piece.spans:
            piece.spans = _Spans().of(piece.tree)
            piece.drift = self._drift(piece)
        found = piece.spans[node]
        start: int = found.start  # type: ignore[attr-defined]
        end: int = start + found.length  # type: ignore[attr-defined]
        if piece.drift is not None:
            ends = piece.drift.end if end > start else piece.drift.start
            start, end = piece.drift.start(start), ends(end)
        return Span(piece.start + start, piece.start + end)

    def _drift(self, piece: Piece) -> Drift | None:
        raw = self._enough(piece.index)
        # The spans count in what LibCST would print, which is cheap to tell by its length from what it read.
        printed: int = piece.spans[piece.tree].length  # type: ignore[attr-defined]
        if printed == len(raw) and b"\x0c" not in raw:
            return None
        drift = drift_of(raw, piece.tree.code.encode())
        if isinstance(drift, str):
            line = self.lines.place(piece.start).line
            raise Unparsable(f"LibCST does not give back the statement at line {line}: {drift}")
        return drift

    def outer_span(self, node: cst.CSTNode) -> Span:
        """Like `span`, with the brackets around the node."""
        if not getattr(node, "lpar", ()):
            return self.span(node)
        left, right = node.lpar[0], node.rpar[-1]  # type: ignore[attr-defined]
        return Span(self.span(left, node).start, self.span(right, node).end)

    def source(self, node: cst.CSTNode) -> str:
        """The node as written, with the brackets around it."""
        span = self.outer_span(node)
        return self.text[span.start : span.end].decode("utf-8")

    def _walk(self, root: cst.CSTNode) -> Iterator[cst.CSTNode]:
        stack = [root]
        while stack:
            node = stack.pop()
            yield node
            below = list(children(node))
            for child in below:
                self.parent[child] = node
            stack.extend(reversed(below))


class _Spans(ByteSpanPositionProvider):
    """LibCST's own count of places, without the copy of the tree (it comes straight from the parser, so no node stands in it
    twice) and without the visit of each node for other providers, of which there are none: half of the time."""

    def of(self, tree: cst.Module) -> Mapping[cst.CSTNode, object]:
        self._computed = {}
        self._gen_impl(tree)
        return self._computed


LAYOUT = frozenset(
    [
        "lpar",
        "rpar",
        "lbracket",
        "rbracket",
        "lbrace",
        "rbrace",
        "comma",
        "semicolon",
        "equal",
        "colon",
        "dot",
        "leading_lines",
        "lines_after_decorators",
        "header",
        "footer",
        "trailing_whitespace",
        "leading_whitespace",
        "indent",
        "operator",
    ]
)
_fields: dict[type, tuple[str, ...]] = {}


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Nodes below, without layout and operators (read those from their field). By fields, since LibCST's own
    visitors rebuild what they walk."""
    kind = type(node)
    names = _fields.get(kind)
    if names is None:
        names = _fields[kind] = tuple(
            name for name in kind.__dataclass_fields__ if name not in LAYOUT and not name.startswith("whitespace")
        )
    for name in names:
        value = getattr(node, name)
        kind = type(value)
        if kind is list or kind is tuple:
            for item in value:
                if _is_node(type(item)):
                    yield item
        elif _is_node(kind):
            yield value


_nodes: dict[type, bool] = {}


def _is_node(kind: type) -> bool:
    # LibCST's classes are abstract base classes: isinstance of one costs ten times a look into a dictionary.
    known = _nodes.get(kind)
    if known is None:
        known = _nodes[kind] = issubclass(kind, cst.CSTNode)
    return known


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
