"""Which top-level statements of a file are worth a LibCST tree, and for which rules? A word must stand where the match
would stand, and CPython's tree must not speak against it.

An alias hides the words of a qualified name (`from yaml import load as y`), so the file's own imports, and names
assigned from them, count as words too. As with the gate: never stricter than the matcher.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from devsec.catalog.rule import IN_ANY_FILE, Rule, Shape
from devsec.scan.outline import Outline, Statement, imported, is_below
from devsec.scan.sketch import HOLE, Sketch, parsed, possible, sketch

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ROUNDS = 4  # how many assignments in a row an alias is followed through


class _Wanted(NamedTuple):
    """What a shape wants of a statement: of each group a word in its text."""

    rule: Rule
    shape: Shape
    groups: Sequence[Sequence[bytes]]
    spellings: set[str]


class _File(NamedTuple):
    """`imports` are (local name, qualified name) of those outside functions, `assigns` the words of each statement outside
    functions that binds names, and these names."""

    text: bytes
    imports: Sequence[tuple[str, str]]
    assigns: Sequence[tuple[frozenset[str], frozenset[str]]]


class _Imported:
    """What a file imports, functions included; walked for when the first shape asks."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._names: frozenset[str] | None = None

    def fits(self, shape: Shape) -> bool:
        """Whether the file imports what the shape asks for, and nothing that it excludes."""
        context = shape.context
        if not context.imports and not context.not_imports:
            return True
        if self._names is None:
            self._names = imported(self._outline)
        names = self._names
        if context.imports and not any(is_below(names, module) for module in context.imports):
            return False
        return not any(is_below(names, module) for module in context.not_imports)


def candidates(outline: Outline, text: bytes, rules: Sequence[Rule]) -> tuple[list[int], list[Rule]]:
    """Indexes of the statements in which a shape of `rules` could match, and the rules that could match somewhere."""
    file = _File(text, list(_imports(outline.statements)), list(_assigns(outline.statements, text)))
    anywhere = _Imported(outline)
    wanted = [
        want
        for rule in rules
        for shape in rule.find
        if shape.kind not in IN_ANY_FILE and anywhere.fits(shape) and (want := _wanted(rule, shape, file)) is not None
    ]
    found: list[int] = []
    likely: set[str] = set()
    module = frozenset(name for statement in outline.statements for name in statement.binds)
    declared = frozenset(
        name
        for statement in outline.statements
        if len(statement.binds) > 1 and isinstance(statement.nodes[0], _DEFINITIONS)
        for name in statement.binds
    )
    for index, statement in enumerate(outline.statements):
        part = text[statement.span.start : statement.span.end]
        here: Sketch | None = None
        for want in wanted:
            if not all(any(word in part for word in group) for group in want.groups):
                continue
            if here is None:
                here = sketch(statement.nodes, module, declared)
            if possible(want.shape, here, want.spellings):
                likely.add(want.rule.id)
                if not found or found[-1] != index:
                    found.append(index)
    return found, [rule for rule in rules if rule.id in likely]


def _wanted(rule: Rule, shape: Shape, file: _File) -> _Wanted | None:
    """None when a group has no word anywhere in the file."""
    groups: list[set[str]] = []
    spellings: set[str] = set()
    if shape.kind in ("call", "decorator", "import"):
        spellings = _spellings(shape.names, file)
        groups.append(spellings)
    elif shape.kind == "method":
        groups.append(set(shape.names))
    elif shape.kind == "assign" and not any(name == "*" or name.startswith("[") for name in shape.names):
        groups.append({name.rsplit(".", 1)[-1] for name in shape.names})
    elif shape.kind == "pattern":
        groups += [_spellings([chain], file) for chain in _chains(shape.pattern)]
        spellings = set().union(*groups)
    for label, tests in shape.args:
        if label != "*" and tests and not any(test.missing or test.at is not None for test in tests):
            groups.append({label})
    # Found anywhere, not as whole words: that is quick, and the tree is asked next.
    there = [[word for name in sorted(group) if (word := name.encode()) in file.text] for group in groups if group]
    return _Wanted(rule, shape, there, spellings) if all(there) else None


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


def _spellings(names: Iterable[str], file: _File) -> set[str]:
    """Words of which one must stand in a statement that uses one of the names; empty when that cannot be said."""
    words: set[str] = set()
    for name in names:
        parts = name.split(".")
        if parts[-1] == "*":
            return set()
        words |= {parts[0], parts[-1]} if parts[0] != "builtins" else {parts[-1]}
        for local, qualified in file.imports:
            if name == qualified or name.startswith(qualified + ".") or "*" in name:
                words.add(local)
    for _ in range(_ROUNDS):
        more = {name for there, names in file.assigns if not words.isdisjoint(there) for name in names} - words
        if not more:
            break
        words |= more
    return words


def _assigns(statements: Sequence[Statement], text: bytes) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    for statement in statements:
        if statement.binds and not isinstance(statement.nodes[0], (*_DEFINITIONS, ast.Import, ast.ImportFrom)):
            part = text[statement.span.start : statement.span.end].decode("utf-8")
            yield frozenset(_WORDS.findall(part)), statement.binds


_WORDS = re.compile(r"\w+")


def _imports(statements: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """(local name, qualified name) of the imports outside functions."""
    for statement in statements:
        for top in statement.nodes:
            nodes: Iterable[ast.AST] = (top,)
            if not isinstance(top, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                nodes = ast.walk(top)
            for node in nodes:
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        root = alias.name.split(".", 1)[0]
                        yield (alias.asname, alias.name) if alias.asname else (root, root)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    for alias in node.names:
                        yield alias.asname or alias.name, f"{node.module}.{alias.name}"
