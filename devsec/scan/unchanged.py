"""Does everything that a finding in a file could hang on stand there as it stood before? Then nothing in it is news, and
LibCST is not needed to know that: most commits touch a file with an old finding far from it.

A match stands in one top-level statement. It is decided by the text of that, by what the names in it mean (the statements
that bind them, and so on; of a definition no more than that it is one), and for some rules by what the file imports. Where
any of that is other than before, the answer is no.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from devsec.catalog.rule import Rule
from devsec.scan.outline import Outline, Statement, imported, is_below
from devsec.scan.words import ONLY_WORDS

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ASKED_FOR = ("django", "rest_framework", "tornado")  # by what tells a request (scan/request.py), whatever the rule


def nothing_new(
    now: Outline, text: bytes, candidates: Collection[int], rules: Iterable[Rule], was: Outline, before: bytes
) -> bool:
    """Whether the statements of `now` with these indexes can hold no finding of `rules` that they did not hold in `was`.
    `text` and `before` are what the two were read from."""
    asked = {_source(now.statements[index], text) for index in candidates}
    if _that_count(now, text, asked) != _that_count(was, before, asked):
        return False
    if _import_lines(text) == _import_lines(before):
        return True
    wanted = {
        name for rule in rules for shape in rule.find for name in (*shape.context.imports, *shape.context.not_imports)
    }
    ours, theirs = imported(now), imported(was)
    return all(is_below(ours, module) == is_below(theirs, module) for module in (*wanted, *_ASKED_FOR))


def _import_lines(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines() if b"import" in line]


def _that_count(outline: Outline, text: bytes, asked: Collection[bytes]) -> tuple[list[bytes], set[str]]:
    """The statements, in their order, that hold a candidate or say what a name in one means; and the names that mean a
    definition."""
    statements = [(statement, _source(statement, text)) for statement in outline.statements]
    counts = {number for number, (_, source) in enumerate(statements) if source in asked}
    names = {name for number in counts for name in _words(statements[number][1])}
    # An `import *` may bind any name.
    left = [number for number in range(len(statements)) if number not in counts]
    more = True
    while more:
        more = False
        for number in left:
            statement, source = statements[number]
            if number in counts or _is_definition(statement):
                continue
            if outline.star or not names.isdisjoint(statement.binds):
                counts.add(number)
                names |= _words(source)
                more = True
    definitions = {
        name
        for number in left
        if _is_definition(statements[number][0])
        for name in statements[number][0].binds
        if name in names
    }
    return [statements[number][1] for number in sorted(counts)], definitions


def _is_definition(statement: Statement) -> bool:
    """A definition binds its name and nothing else until it is called."""
    return len(statement.nodes) == 1 and isinstance(statement.nodes[0], _DEFINITIONS) and len(statement.binds) == 1


def _words(source: bytes) -> set[str]:
    return {word.decode("utf-8", "replace") for word in source.translate(ONLY_WORDS).split()}


def _source(statement: Statement, text: bytes) -> bytes:
    return text[statement.span.start : statement.span.end]
