"""Which imports have the fixes made unused? Those go, and nothing that was unused before.

Careful, because other modules may import what a module imports, and because imports run code: only plain imports at the
top level that nothing else binds; never in `__init__.py` or `conftest.py`, in `__all__` or any other string, as
`import a as a` (PEP 484's re-export), or with a `noqa`. A comment that says something stays.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from devsec.text import Edit, Lines, Span

_KEPT_FILES = ("__init__.py", "__init__.pyi", "conftest.py")
_WORD = re.compile(r"[^\W\d]\w*")
_TYPE_COMMENT = re.compile(r"#\s*type:[^\r\n]*")
_DIRECTIVE = re.compile(rb"#\s*(?:isort|pylint|pyright|mypy|type|fmt|ruff|flake8)\b[: ]")
_NOQA = re.compile(rb"#[^\r\n]*\bnoqa\b", re.IGNORECASE)

_Statement = ast.Import | ast.ImportFrom


def unused(before: bytes, after: bytes, path: str) -> tuple[Edit, ...]:
    """Edits of `after` (UTF-8) that take out the imports whose names `before` used and `after` does not."""
    if path.rsplit("/", 1)[-1] in _KEPT_FILES:
        return ()
    old, new = _parsed(before), _parsed(after)
    if old is None or new is None:
        return ()
    gone = _used(old, before) - _used(new, after)
    if not gone:
        return ()
    bound = Counter(_local(alias) for node in ast.walk(new) if isinstance(node, _Statement) for alias in node.names)
    needed = set(_submodules_perhaps(new))
    lines = Lines(after)
    edits: list[Edit] = []
    for node in new.body:
        if isinstance(node, _Statement) and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            dead = [a for a in node.names if _local(a) in gone and bound[_local(a)] == 1 and a.asname != a.name]
            dead = [a for a in dead if needed.isdisjoint(_loaded(node, a))]
            edits += _without(node, dead, after, lines)
    return tuple(_with_blank_lines(sorted(edits), after))


def _parsed(text: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.decode("utf-8"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _used(tree: ast.Module, text: bytes) -> set[str]:
    """Names that stand in code, in strings (annotations, `__all__`, doctests) or in type comments."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(_WORD.findall(node.value))
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
    for comment in _TYPE_COMMENT.findall(text.decode("utf-8")):
        found.update(_WORD.findall(comment))
    return found


def _local(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".", 1)[0]


def _loaded(node: _Statement, alias: ast.alias) -> list[tuple[str, str]]:
    """What it may load beside the top module, as (package, module in it): `from a.b import c` loads `b` in `a` for whoever
    writes `a.b` elsewhere, and `c` in `b`."""
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    return list(pairwise([*(module.split(".") if module else ()), *alias.name.split(".")]))


def _submodules_perhaps(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The pairs (a, b) of `a.b` wherever it stands, with imported names read as what they stand for."""
    stands_for = {
        _local(alias): alias.name.rsplit(".", 1)[-1]
        for node in ast.walk(tree)
        if isinstance(node, _Statement)
        for alias in node.names
        if alias.asname
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
            left = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            yield stands_for.get(left, left), node.attr


def _without(node: _Statement, dead: list[ast.alias], text: bytes, lines: Lines) -> Iterator[Edit]:
    if not dead:
        return
    start = lines.start(node.lineno)
    end = lines.start(node.end_lineno or node.lineno) + (node.end_col_offset or 0)
    stop = lines.start((node.end_lineno or node.lineno) + 1)  # where the next line begins
    rest = text[end:stop].strip()
    alone = node.col_offset == 0 and (not rest or rest.startswith(b"#"))
    if not alone or b"#" in text[start:end] or _NOQA.search(rest) or b"\\" in text[start:end]:
        return
    if len(dead) < len(node.names):
        yield from _fewer(node.names, dead, lines)
    elif rest and not _DIRECTIVE.match(rest):
        yield Edit(Span(start, text.index(b"#", end)), "")
    else:
        yield Edit(Span(start, stop), "")


def _fewer(aliases: list[ast.alias], dead: list[ast.alias], lines: Lines) -> Iterator[Edit]:
    """Takes some names out of a list of them, each with one of its commas."""

    def span(alias: ast.alias) -> Span:
        last = alias.end_lineno or alias.lineno
        return Span(lines.start(alias.lineno) + alias.col_offset, lines.start(last) + (alias.end_col_offset or 0))

    kept = [number for number, alias in enumerate(aliases) if alias not in dead]
    for number, alias in enumerate(aliases):
        if alias in dead and number < kept[-1]:
            yield Edit(Span(span(alias).start, span(aliases[number + 1]).start), "")
    if kept[-1] < len(aliases) - 1:
        yield Edit(Span(span(aliases[kept[-1]]).end, span(aliases[-1]).end), "")


def _with_blank_lines(edits: list[Edit], text: bytes) -> Iterator[Edit]:
    """The cuts, neighbours as one, so that no second blank line is left where statements stood by themselves."""
    spans: list[Span] = []
    for edit in edits:
        if spans and spans[-1].end == edit.span.start:
            spans[-1] = Span(spans[-1].start, edit.span.end)
        else:
            spans.append(edit.span)
    for span in spans:
        blank = re.compile(rb"[ \t\f]*(?:\r\n|\n|\r)").match(text, span.end)
        above = re.search(rb"(?:\A|\n[ \t]*\r?\n|\r[ \t]*\r)\Z", text[: span.start])
        yield Edit(Span(span.start, blank.end()) if blank and above else span, "")
