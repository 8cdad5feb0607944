"""Which top-level statements of a file are worth a LibCST tree, and for which rules? A word must stand where the match
would stand, and CPython's tree must not speak against it.

An alias hides the words of a qualified name (`from yaml import load as y`): which names of this file may stand for it is
asked first. As with the gate: never stricter than the matcher.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache

from devsec.catalog.rule import IN_ANY_FILE, Rule, Shape
from devsec.record import Record
from devsec.scan.aliases import Aliases
from devsec.scan.gate import ONLY_WORDS
from devsec.scan.narrow import narrowed
from devsec.scan.outline import Outline, first_line
from devsec.scan.sketch import HOLE, Scopes, parsed, possible
from devsec.text import Lines

MANY_WORDS = 50
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Wanted(Record):
    """What a shape wants: of each group a word in the text of the scope it could match in. `statements` are those that hold it."""

    rule: Rule
    shape: Shape
    groups: Sequence[Sequence[bytes] | frozenset[bytes]]
    statements: Set[int]


class Candidates(Record):
    """The rules that could match somewhere, and by the index of each statement in which one could the bytes of it that are
    enough to know."""

    rules: Sequence[Rule] = ()
    statements: Mapping[int, bytes] = {}


def candidates(outline: Outline, text: bytes, lines: Lines, rules: Sequence[Rule]) -> Candidates:
    """Where could a shape of `rules` match?"""
    file = Aliases(outline, text)
    places = _Places(outline, text)
    wants: dict[int, list[_Wanted]] = {}
    in_python = ((rule, shape) for rule in rules for shape in rule.find if shape.kind not in IN_ANY_FILE)
    for rule, shape in in_python:
        want = _wanted(rule, shape, file, places)
        if want is not None:
            for index in want.statements:
                wants.setdefault(index, []).append(want)
    if not wants:
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
    for index in sorted(wants):
        statement = outline.statements[index]
        scopes = Scopes(statement, module, declared, file)
        asked: set[ast.AST | None] = set()
        for method in (None, *scopes.methods):
            part = None if method is None else _text_of(method, text, lines)  # that of all of it was asked for words
            for want in wants[index]:
                here = part is None or all(_has_one(group, part) for group in want.groups)
                if here and possible(want.shape, scopes.sketch(method)):
                    likely.add(want.rule.id)
                    asked.add(method)
        if asked:
            enough[index] = narrowed(statement, text, lines, asked)
    return Candidates([rule for rule in rules if rule.id in likely], enough)


def _text_of(method: ast.stmt, text: bytes, lines: Lines) -> bytes:
    return text[lines.start(first_line(method)) : lines.start((method.end_lineno or method.lineno) + 1)]


def _has_one(words: Sequence[bytes] | frozenset[bytes], part: bytes) -> bool:
    if isinstance(words, frozenset):
        return not words.isdisjoint(part.translate(ONLY_WORDS).split())
    return any(word in part for word in words)


class _Places:
    """In which statements of a file does a word stand? Asked once, since many shapes ask. Found anywhere, not as whole words: that is
    quick, and the tree is asked next."""

    def __init__(self, outline: Outline, text: bytes) -> None:
        self._text = text
        self._starts = [statement.span.start for statement in outline.statements]
        self._ends = [statement.span.end for statement in outline.statements]
        self._known: dict[str, frozenset[int]] = {}
        self.all = frozenset(range(len(self._starts)))

    def of(self, name: str) -> frozenset[int]:
        """Indexes of statements."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = frozenset(self._look(name.encode()))
        return found

    def _look(self, word: bytes) -> Iterator[int]:
        at = self._text.find(word)
        while at >= 0:
            index = bisect_right(self._starts, at) - 1
            if index >= 0 and at < self._ends[index]:
                yield index
            if index + 1 == len(self._starts):
                return
            at = self._text.find(word, self._starts[index + 1])  # one in each is enough


def _wanted(rule: Rule, shape: Shape, file: Aliases, places: _Places) -> _Wanted | None:
    """None when the file does not import what the shape asks for, or no statement holds a word of each group."""
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
            {chain.rsplit(".", 1)[-1], *file.spelled((chain, f"builtins.{chain}"))} for chain in _chains(shape.pattern)
        ]
    for label, tests in shape.args:
        if label != "*" and tests and not any(test.missing or test.at is not None for test in tests):
            groups.append({label})
    statements: Set[int] = places.all
    for group in groups:
        statements = statements & frozenset[int]().union(*map(places.of, group))
        if not statements:
            return None
    for tests in (tests for _, tests in (*shape.args, *shape.where)):
        # What an attribute refers to may be said in another method.
        if tests and all(test.refers_to and not test.missing for test in tests):
            names = file.spelled([name for test in tests for name in test.refers_to])
            statements = statements & frozenset[int]().union(*map(places.of, names))
    words = [[name.encode() for name in sorted(group) if places.of(name)] for group in groups]
    # A file may have thousands of names for one thing, and as many statements.
    return _Wanted(rule, shape, [w if len(w) <= MANY_WORDS else frozenset(w) for w in words], statements)


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
