"""Which top-level statements of a file are worth a LibCST tree? A word must stand where the match would stand.

An alias hides the words of a qualified name (`from yaml import load as y`), so the file's own imports, and names
assigned from them, count as words too. As with the gate: never stricter than the matcher.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from devsec.catalog.rule import Rule, Shape
from devsec.scan.outline import Outline, Statement

_ROUNDS = 4  # how many assignments in a row an alias is followed through


def candidates(outline: Outline, text: bytes, rules: Sequence[Rule]) -> list[int]:
    """Indexes of the statements in which a shape of `rules` could match."""
    imports = list(_imports(outline.statements))
    tests = [_wanted(shape, imports, outline, text) for rule in rules for shape in rule.find if shape.kind != "text"]
    found = []
    for index, statement in enumerate(outline.statements):
        part = text[statement.span.start : statement.span.end]
        if any(all(pattern.search(part) for pattern in patterns) for patterns in tests):
            found.append(index)
    return found


def _wanted(shape: Shape, imports: Sequence[tuple[str, str]], outline: Outline, text: bytes) -> list[re.Pattern[bytes]]:
    """What has to be found in a statement, all of it; [] when any statement will do."""
    groups: list[set[str]] = []
    if shape.kind in ("call", "decorator", "import"):
        groups.append(_spellings(shape.names, imports, outline, text))
    elif shape.kind == "method":
        groups.append(set(shape.names))
    elif shape.kind == "assign" and not any(name == "*" or name.startswith("[") for name in shape.names):
        groups.append({name.rsplit(".", 1)[-1] for name in shape.names})
    for label, tests in shape.args:
        if label != "*" and tests and not any(test.missing or test.at is not None for test in tests):
            groups.append({label})
    return [_any_word(group) for group in groups if group]


def _spellings(names: Iterable[str], imports: Sequence[tuple[str, str]], outline: Outline, text: bytes) -> set[str]:
    """Words of which one must stand in a statement that uses one of the names; empty when that cannot be said."""
    words: set[str] = set()
    for name in names:
        parts = name.split(".")
        if parts[-1] == "*":
            return set()
        words |= {parts[0], parts[-1]} if parts[0] != "builtins" else {parts[-1]}
        for local, qualified in imports:
            if name == qualified or name.startswith(qualified + ".") or "*" in name:
                words.add(local)
    for _ in range(_ROUNDS):
        more = _assigned_from(words, outline, text) - words
        if not more:
            break
        words |= more
    return words


def _assigned_from(words: set[str], outline: Outline, text: bytes) -> set[str]:
    """Names that statements outside functions assign something to that mentions one of the words."""
    pattern = _any_word(words)
    found: set[str] = set()
    for statement in outline.statements:
        if isinstance(
            statement.nodes[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
        ):
            continue
        if statement.binds and pattern.search(text[statement.span.start : statement.span.end]):
            found |= statement.binds
    return found


def _any_word(words: Iterable[str]) -> re.Pattern[bytes]:
    # Alternation of escaped words between boundaries: linear in any engine.
    alternatives = "|".join(re.escape(word) for word in sorted(words))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)".encode())


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
