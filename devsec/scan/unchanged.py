"""Does everything that a finding in a file could hang on stand there as it stood before? Then nothing in it is news, and
LibCST is not needed to know that: most commits touch a file with an old finding far from it.

A match stands in one top-level statement, and is decided by its text and by what names mean in it: by the statements that
run when the module does, and by definitions that it names. Where any of that is other than before, the answer is no.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from devsec.scan.outline import Outline, Statement

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def nothing_new(now: Outline, text: bytes, candidates: Collection[int], was: Outline, before: bytes) -> bool:
    """Whether the statements of `now` with these indexes can hold no finding that they did not hold in `was`. `text` and
    `before` are what the two were read from."""
    asked = {_source(now.statements[index], text) for index in candidates}
    here, there = _that_count(now, text, asked), _that_count(was, before, asked)
    if here != there:
        return False
    ours, theirs = _definitions(now, text), _definitions(was, before)
    others = {name for source in ours.keys() ^ theirs.keys() for name in (ours.get(source) or theirs[source])}
    return not any(name.encode("utf-8") in source for source in here for name in others)


def _that_count(outline: Outline, text: bytes, asked: Collection[bytes]) -> list[bytes]:
    """The statements, in their order, that hold a candidate or say what a name means."""
    sources = ((statement, _source(statement, text)) for statement in outline.statements)
    return [source for statement, source in sources if source in asked or _means_something(statement, source)]


def _means_something(statement: Statement, source: bytes) -> bool:
    """Whether it is more than a definition, which binds its name and nothing else until it is called."""
    if len(statement.nodes) != 1 or not isinstance(statement.nodes[0], _DEFINITIONS):
        return True
    return b"import" in source or b"global" in source


def _definitions(outline: Outline, text: bytes) -> dict[bytes, frozenset[str]]:
    """The names each definition binds, by its source."""
    return {
        _source(statement, text): statement.binds
        for statement in outline.statements
        if isinstance(statement.nodes[0], _DEFINITIONS)
    }


def _source(statement: Statement, text: bytes) -> bytes:
    return text[statement.span.start : statement.span.end]
