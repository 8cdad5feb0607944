"""Which statements stand at the top of a file, where, and which names does each bind?

CPython's own parser answers in a tenth of the time LibCST needs; LibCST then reads only the statements somebody asks
about. It also refuses what would exhaust LibCST's stack, which is native and cannot be caught.

Of a large file it parses the bodies of functions only when somebody asks about them, too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence

from devsec.record import Record
from devsec.scan import syntax
from devsec.scan.bodies import Body, bodies, only, without
from devsec.scan.lazily import pattern
from devsec.text import Lines, Span


class Statement(Record):
    """Whole lines of the file that hold one top-level statement, or several joined by semicolons.

    `binds` are the names it may bind at module level (never too few, sometimes too many).
    """

    span: Span
    binds: frozenset[str]
    nodes: tuple[ast.stmt, ...]


class Outline(Record):
    """The top-level statements in order, without overlaps. `star` tells of an `import *` somewhere. `unread` are the functions
    whose bodies are not parsed: they have one number there, until `read` parses them. `parsed`: how many bytes were."""

    statements: tuple[Statement, ...]
    star: bool
    parsed: int
    unread: dict[ast.stmt, Body]


class Unparsable(Exception):
    """The text is not Python this interpreter reads; the message is a sentence that says why and where."""


SMALL = 4_000  # bytes of a text that is parsed as a whole
_STAR = pattern(rb"import[\s(\\]*\*")


def outline(text: bytes, lines: Lines, hastily: bool = False) -> Outline:
    """`hastily`: bodies of functions that do not reach out of them need not be parsed. Raises Unparsable."""
    found = _hasty(text, lines) if hastily and len(text) >= SMALL else None
    tree, unread, parsed = found or (_parse(text), {}, len(text))
    scoped_globals, walrus = b"global" in text, b":=" in text
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
        names = frozenset(name for node in group for name in _binds(node, scoped_globals, walrus))
        statements.append(Statement(Span(start, end), names - {"*"}, tuple(group)))
    star = _STAR.search(text) is not None and any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for top in tree.body for node in _imports(top)
    )
    return Outline(tuple(statements), star, parsed, unread)


def read(outline: Outline, text: bytes, functions: Iterable[ast.stmt]) -> int:
    """Parses the bodies of these functions, if that was not done before. Returns how many bytes were parsed. Raises Unparsable."""
    asked = sorted(
        ((outline.unread[node], node) for node in functions if node in outline.unread), key=lambda one: one[0]
    )
    if not asked:
        return 0
    source = only(text, [body for body, _ in asked])
    blocks = _parse(source, syntax.parse).body
    if [block.lineno for block in blocks] != [body.first - 1 for body, _ in asked]:
        raise Unparsable("its lines are indented in a way that was not expected")
    for block, (_, node) in zip(blocks, asked, strict=True):
        node.body = block.body  # type: ignore[attr-defined]
        del outline.unread[node]
    return len(source)


def functions(statement: Statement) -> Iterator[ast.stmt]:
    """Those whose bodies may be unread: the statement itself, or methods of the class that it is."""
    for top in statement.nodes:
        for node in top.body if isinstance(top, ast.ClassDef) else (top,):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node


def _hasty(text: bytes, lines: Lines) -> tuple[ast.Module, dict[ast.stmt, Body], int] | None:
    """The tree without the bodies of most functions, and how much of the text that is; None where they cannot be told."""
    there = {body.line: body for body in bodies(text, lines.starts)}
    if not there:
        return None
    source = without(text, there.values())
    try:
        tree = syntax.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # what is wrong, and where, the text as a whole tells
    unread: dict[ast.stmt, Body] = {}
    for top in tree.body:
        for node in (top, *top.body) if isinstance(top, ast.ClassDef) else (top,):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno in there:
                body = there.pop(node.lineno)
                (inside, *more) = node.body
                if more or (inside.lineno, inside.end_lineno) != (body.first, body.last):
                    return None
                unread[node] = body
    return None if there else (tree, unread, len(source))


def _parse(text: bytes, how: Callable[[bytes], ast.Module] = syntax.tree) -> ast.Module:
    try:
        return how(text)
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
    if statement.span.end - statement.span.start < _MAX_DEPTH // 4:
        return  # each level takes a character, or every other one
    level: list[ast.AST] = list(statement.nodes)
    depth = 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise Unparsable("nested too deeply to be read")
        level = [below for node in level for below in syntax.children(node)]


# LibCST's parser was seen to end the process between 3,000 and 100,000 levels with the usual stack of 8 MB; in Python code
# of its own it gives up (with an error that can be caught) near 900.
_MAX_DEPTH = 1500


def first_line(node: ast.stmt) -> int:
    """Of its first decorator, where it has one."""
    decorators: list[ast.expr] | None = getattr(node, "decorator_list", None)
    return min(node.lineno, *(decorator.lineno for decorator in decorators)) if decorators else node.lineno


def _binds(node: ast.stmt, scoped_globals: bool, walrus: bool) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
        if scoped_globals:
            for inner in syntax.below((node,)):
                if isinstance(inner, ast.Global):
                    yield from inner.names
        return
    binding = (node,) if walrus else _binding(node)
    for inner in syntax.below(binding) if not all(type(one) in _LEAVES for one in binding) else binding:
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


_LEAVES = frozenset([ast.Name, ast.Import, ast.ImportFrom])  # nothing that binds is in them


def _binding(node: ast.stmt) -> Sequence[ast.AST]:
    """The parts of a statement without `:=` in which names may be bound: a table of a thousand lines binds one."""
    kind = type(node)
    if kind is ast.Assign:
        return node.targets  # type: ignore[attr-defined,no-any-return]
    if kind is ast.AnnAssign or kind is ast.AugAssign:
        return (node.target,)  # type: ignore[attr-defined]
    return () if kind is ast.Expr else (node,)


def _imports(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.ImportFrom):
        yield node
    elif isinstance(node, (ast.If, ast.Try)):
        yield from syntax.below((node,))
