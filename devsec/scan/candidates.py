"""Which top-level statements of a file are worth a LibCST tree, and for which rules? A word must stand where the match
would stand, and CPython's tree must not speak against it.

An alias hides the words of a qualified name (`from yaml import load as y`): which names of this file may stand for it is
asked first. As with the gate: never stricter than the matcher.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from devsec.catalog.rule import IN_ANY_FILE, Rule, Shape
from devsec.scan.aliases import Aliases
from devsec.scan.gate import ONLY_WORDS
from devsec.scan.narrow import narrowed
from devsec.scan.outline import Outline, first_line
from devsec.scan.sketch import HOLE, Scopes, parsed, possible
from devsec.text import Lines

MANY_WORDS = 50
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Wanted(NamedTuple):
    """What a shape wants of a statement: of each group a word in its text."""

    rule: Rule
    shape: Shape
    groups: Sequence[Sequence[bytes] | frozenset[bytes]]


class Candidates(NamedTuple):
    """The rules that could match somewhere, and by the index of each statement in which one could the bytes of it that are
    enough to know."""

    rules: Sequence[Rule] = ()
    statements: Mapping[int, bytes] = {}


def candidates(outline: Outline, text: bytes, lines: Lines, rules: Sequence[Rule]) -> Candidates:
    """Where could a shape of `rules` match?"""
    file = Aliases(outline, text)
    wanted = [
        want
        for rule in rules
        for shape in rule.find
        if shape.kind not in IN_ANY_FILE and (want := _wanted(rule, shape, file, text)) is not None
    ]
    if not wanted:
        return Candidates()
    likely: set[str] = set()
    enough: dict[int, bytes] = {}
    module = frozenset(name for statement in outline.statements for name in statement.binds)
    declared = frozenset(
        name
        for statement in outline.statements
        if len(statement.binds) > 1 and isinstance(statement.nodes[0], _DEFINITIONS)
        for name in statement.binds
    )
    for index, wants in _standing(outline, text, wanted):
        statement = outline.statements[index]
        scopes = Scopes(statement, module, declared, file)
        asked: set[ast.AST | None] = set()
        for method in (None, *scopes.methods):
            part = text if method is None else _text_of(method, text, lines)
            for want in wants:
                if (method is None or all(_has_one(group, part) for group in want.groups)) and possible(
                    want.shape, scopes.sketch(method)
                ):
                    likely.add(want.rule.id)
                    asked.add(method)
        if asked:
            enough[index] = narrowed(statement, text, lines, asked)
    return Candidates([rule for rule in rules if rule.id in likely], enough)


def _standing(outline: Outline, text: bytes, wanted: Sequence[_Wanted]) -> Iterator[tuple[int, list[_Wanted]]]:
    """The statements that hold what is wanted, by their index, and what of it."""
    for index, statement in enumerate(outline.statements):
        part = text[statement.span.start : statement.span.end]
        wants = [want for want in wanted if all(_has_one(group, part) for group in want.groups)]
        if wants:
            yield index, wants


def _text_of(method: ast.stmt, text: bytes, lines: Lines) -> bytes:
    return text[lines.start(first_line(method)) : lines.start((method.end_lineno or method.lineno) + 1)]


def _has_one(words: Sequence[bytes] | frozenset[bytes], part: bytes) -> bool:
    if isinstance(words, frozenset):
        return not words.isdisjoint(part.translate(ONLY_WORDS).split())
    return any(word in part for word in words)


def _wanted(rule: Rule, shape: Shape, file: Aliases, text: bytes) -> _Wanted | None:
    """None when the file does not import what the shape asks for, or a group has no word anywhere in it."""
    context = shape.context
    if (context.imports and not file.does_import(context.imports)) or file.does_import(context.not_imports):
        return None
    groups: list[set[str]] = []
    if shape.kind in ("call", "decorator"):
        groups.append(file.spelled(shape.names))
    elif shape.kind == "import":
        groups.append({name.split(".", 1)[0] for name in shape.names})
    elif shape.kind == "method":
        groups.append(set(shape.names))
        if shape.on and not file.spelled(shape.on):
            return None  # what makes the receiver is not to be had here
    elif shape.kind == "assign" and not any(name == "*" or name.startswith("[") for name in shape.names):
        groups.append({name.rsplit(".", 1)[-1] for name in shape.names})
    elif shape.kind == "pattern":
        groups += [
            {chain.split(".", 1)[0], *file.spelled((chain, f"builtins.{chain}"))} for chain in _chains(shape.pattern)
        ]
    for label, tests in shape.args:
        if label != "*" and tests and not any(test.missing or test.at is not None for test in tests):
            groups.append({label})
    # Found anywhere, not as whole words: that is quick, and the tree is asked next.
    there: list[Sequence[bytes] | frozenset[bytes]] = []
    for group in groups:
        words = [word for name in sorted(group) if (word := name.encode()) in text]
        if not words:
            return None
        # A file may have thousands of names for one thing, and as many statements.
        there.append(words if len(words) <= MANY_WORDS else frozenset(words))
    return _Wanted(rule, shape, there)


@lru_cache(maxsize=1024)
def _chains(pattern: str) -> tuple[str, ...]:
    """The chains of names a pattern spells out, without those that hang on a hole."""
    found = []
    stack = [parsed(pattern)]
    while stack:
        node = stack.pop()
        at: ast.AST = node
        parts: list[str] = []
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if isinstance(at, ast.Name):
            if not at.id.startswith(HOLE):
                found.append(".".join([at.id, *reversed(parts)]))
            continue
        stack.extend(ast.iter_child_nodes(node))
    return tuple(found)
