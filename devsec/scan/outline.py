"""Which statements stand at the top of a file, where, and which names does each bind?

CPython's own parser answers in a tenth of the time LibCST needs; LibCST then reads only the statements somebody asks
about. It also refuses what would exhaust LibCST's stack, which is native and cannot be caught.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from devsec.record import Record
from devsec.scan import syntax
from devsec.text import Lines, Span


class Statement(Record):
    """Whole lines of the file that hold one top-level statement, or several joined by semicolons.

    `binds` are the names it may bind at module level (never too few, sometimes too many).
    """

    span: Span
    binds: frozenset[str]
    nodes: tuple[ast.stmt, ...]


class Outline(Record):
    """The top-level statements in order, without overlaps. `star` tells of an `import *` somewhere."""

    statements: tuple[Statement, ...]
    star: bool


class Unparsable(Exception):
    """The text is not Python this interpreter reads; the message is a sentence that says why and where."""


def outline(text: bytes, lines: Lines) -> Outline:
    """Raises Unparsable."""
    tree = _parse(text)
    scoped_globals = b"global" in text
    groups: list[list[ast.stmt]] = []
    last_line = 0
    for node in tree.body:
        first, last = first_line(node), node.end_lineno or node.lineno
        if groups and first <= last_line:
            groups[-1].append(node)
        else:
            groups.append([node])
        last_line = max(last, last_line)
    statements = []
    for group in groups:
        start = lines.start(first_line(group[0]))
        end = lines.start((group[-1].end_lineno or group[-1].lineno) + 1)
        names = frozenset(name for node in group for name in _binds(node, scoped_globals))
        statements.append(Statement(Span(start, end), names - {"*"}, tuple(group)))
    star = b"*" in text and any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for top in tree.body for node in _imports(top)
    )
    return Outline(tuple(statements), star)


def _parse(text: bytes) -> ast.Module:
    try:
        return syntax.tree(text)
    except SyntaxError as error:
        if "too many nested" in str(error.msg) or "too many statically nested" in str(error.msg):
            raise Unparsable("nested too deeply to be read") from None
        where = f"line {error.lineno}: " if error.lineno else ""
        raise Unparsable(f"syntax error, {where}{error.msg}") from None
    except (RecursionError, MemoryError):
        raise Unparsable("nested too deeply to be read") from None
    except ValueError as error:  # NUL bytes
        raise Unparsable(f"not Python source: {error}") from None


def nested(top: ast.stmt) -> Iterator[ast.AST]:
    """A statement and those in it, of functions and classes too. A tenth of what `ast.walk` visits."""
    stack: list[ast.AST] = [top]
    while stack:
        node = stack.pop()
        yield node
        for name in _BLOCKS.get(type(node).__name__, ()):
            stack.extend(getattr(node, name))


_BLOCKS = {
    **dict.fromkeys(("FunctionDef", "AsyncFunctionDef", "ClassDef", "ExceptHandler", "match_case"), ("body",)),
    **dict.fromkeys(("If", "For", "AsyncFor", "While"), ("body", "orelse")),
    **dict.fromkeys(("With", "AsyncWith"), ("body",)),
    **dict.fromkeys(("Try", "TryStar"), ("body", "handlers", "orelse", "finalbody")),
    "Match": ("cases",),
}


def imported(outline: Outline) -> frozenset[str]:
    """Qualified names of what a file imports anywhere in it."""
    found: set[str] = set()
    for statement in outline.statements:
        for top in statement.nodes:
            for inner in nested(top):
                if isinstance(inner, ast.Import):
                    found.update(alias.name for alias in inner.names)
                elif isinstance(inner, ast.ImportFrom) and not inner.level and inner.module:
                    found.update(f"{inner.module}.{alias.name}" for alias in inner.names)
    return frozenset(found)


def is_below(imports: Iterable[str], module: str) -> bool:
    """Whether the module, or something from it or below it, is among the imports."""
    return any(name == module or name.startswith(module + ".") for name in imports)


def refuse_depth(statement: Statement) -> None:
    """Raises Unparsable for a statement that LibCST's native parser would exhaust its stack on, which ends the process.
    From Python 3.11 on ast.parse refuses most of them itself; 3.10 does not."""
    level: list[ast.AST] = list(statement.nodes)
    depth = 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise Unparsable("nested too deeply to be read")
        level = [below for node in level for below in ast.iter_child_nodes(node)]


# LibCST's parser was seen to end the process between 3,000 and 100,000 levels with the usual stack of 8 MB; in Python code
# of its own it gives up (with an error that can be caught) near 900.
_MAX_DEPTH = 1500


def first_line(node: ast.stmt) -> int:
    """Of its first decorator, where it has one."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _binds(node: ast.stmt, scoped_globals: bool) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
        if scoped_globals:
            for inner in syntax.below((node,)):
                if isinstance(inner, ast.Global):
                    yield from inner.names
        return
    for inner in syntax.below((node,)):
        if isinstance(inner, ast.Name):
            if not isinstance(inner.ctx, ast.Load):
                yield inner.id
        elif isinstance(inner, (ast.Import, ast.ImportFrom)):
            for alias in inner.names:
                yield alias.asname or alias.name.split(".", 1)[0]
        elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield inner.name
        elif isinstance(inner, ast.Global):
            yield from inner.names
        else:
            # except … as name, match captures, type aliases and what later versions add in the same manner
            name = getattr(inner, "name", None) or getattr(inner, "rest", None)
            if isinstance(name, str):
                yield name
            elif isinstance(name, ast.Name):
                yield name.id


def _imports(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.ImportFrom):
        yield node
    elif isinstance(node, (ast.If, ast.Try)):
        yield from syntax.below((node,))
