"""What changed in this file that had no business to change?

Asked of two texts and the places where a cure was allowed to be. Nothing here comes from devsec's own proof: lines are
compared with difflib, statements by their syntax trees, comments with the tokeniser, so that one mistake cannot hide in
both. Imports may change too, since cures bring and drop them: that they are right is for other questions.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

Lines = Iterable[tuple[int, int]]  # first and last line, from 1, of a place where something may change

_IMPORTS = (ast.Import, ast.ImportFrom)


def complaints(before: bytes, after: bytes, allowed: Lines, python: bool) -> list[str]:
    """Everything that is wrong with `after`, in words; empty when nothing is."""
    may = {line for first, last in allowed for line in range(first, last + 1)}
    old = _tree(before) if python else None
    new = _tree(after) if python else None
    out = list(_form(before, after))
    out += _hunks(before, after, may, old, new)
    if old is not None and new is not None:
        out += _statements(old.body, new.body, may)
        out += _comments(before, after, old)
    return out


def compiles(data: bytes) -> str:
    """Why Python does not compile the bytes; "" when it does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<file>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as why:
        return str(why) or type(why).__name__
    return ""


def _tree(data: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


# --- bytes ---------------------------------------------------------------------------------------------------------------


def _form(before: bytes, after: bytes) -> Iterator[str]:
    """BOM, encoding cookie, the kinds of line endings, the end of the last line."""
    bom = b"\xef\xbb\xbf"
    if before.startswith(bom) != after.startswith(bom):
        yield "the BOM is not what it was"
    if _cookie(before) != _cookie(after):
        yield f"the encoding is not what it was: {_cookie(before)}, now {_cookie(after)}"
    new = set(_endings(after)) - set(_endings(before))
    if new:
        yield f"a kind of line ending that was not there: {sorted(new)}"
    if len(_endings(before)) > 1:
        left = set(before.splitlines(keepends=True))
        fresh = [line for line in after.splitlines(keepends=True) if line not in left]
        if any(line.rstrip(b"\r\n") in {one.rstrip(b"\r\n") for one in left} for line in fresh):
            yield "in a file of mixed line endings, a line changed its own"
    if before.endswith((b"\n", b"\r")) != after.endswith((b"\n", b"\r")):
        yield "the last line does not end as it did"


def _cookie(data: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as why:
        return f"none: {why}"


def _endings(data: bytes) -> Counter[bytes]:
    return Counter(re.findall(rb"\r\n|\n|\r", data))


def _hunks(before: bytes, after: bytes, may: set[int], old: ast.Module | None, new: ast.Module | None) -> Iterator[str]:
    """Runs of lines that differ, away from every cure, and that are not imports and the blank lines around them."""
    a, b = before.splitlines(keepends=True), after.splitlines(keepends=True)
    imports_a, imports_b = _import_lines(old), _import_lines(new)
    for first_a, last_a, first_b, last_b in _differing(a, b):
        near = range(first_a, last_a + 2) if last_a < first_a else range(first_a, last_a + 1)
        if any(line in may for line in near):
            continue
        strange = [n for n in range(first_a, last_a + 1) if a[n - 1].strip() and n not in imports_a]
        strange += [n for n in range(first_b, last_b + 1) if b[n - 1].strip() and n not in imports_b]
        if strange and not _only_moved(a, b, first_a, last_a, first_b, last_b, imports_a, imports_b):
            yield f"lines {first_a} to {last_a} changed, and no cure is there"


def _only_moved(
    a: Sequence[bytes],
    b: Sequence[bytes],
    first_a: int,
    last_a: int,
    first_b: int,
    last_b: int,
    imports_a: set[int],
    imports_b: set[int],
) -> bool:
    """Without the imports and blank lines, the same lines: difflib may put a whole block on the other side of one."""
    left = [a[n - 1] for n in range(first_a, last_a + 1) if n not in imports_a and a[n - 1].strip()]
    right = [b[n - 1] for n in range(first_b, last_b + 1) if n not in imports_b and b[n - 1].strip()]
    return left == right


def _differing(a: list[bytes], b: list[bytes]) -> Iterator[tuple[int, int, int, int]]:
    """(first, last) of both sides, from 1; last < first for nothing. What is common at both ends is not compared."""
    top = 0
    while top < min(len(a), len(b)) and a[top] == b[top]:
        top += 1
    tail = 0
    while tail < min(len(a), len(b)) - top and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    middle = difflib.SequenceMatcher(None, a[top : len(a) - tail], b[top : len(b) - tail], autojunk=False)
    for tag, i, j, k, m in middle.get_opcodes():
        if tag != "equal":
            yield top + i + 1, top + j, top + k + 1, top + m


def _import_lines(tree: ast.Module | None) -> set[int]:
    if tree is None:
        return set()
    found = (node for node in ast.walk(tree) if isinstance(node, _IMPORTS))
    return {line for node in found for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


# --- statements ----------------------------------------------------------------------------------------------------------


def _statements(old: list[ast.stmt], new: list[ast.stmt], may: set[int]) -> Iterator[str]:
    """The smallest statements whose trees differ and that no cure touches."""
    a = [node for node in old if not isinstance(node, _IMPORTS)]
    b = [node for node in new if not isinstance(node, _IMPORTS)]
    if len(a) == len(b):
        pairs: list[tuple[list[ast.stmt], list[ast.stmt]]] = [([x], [y]) for x, y in zip(a, b, strict=True)]
    else:
        same = difflib.SequenceMatcher(None, [ast.dump(x) for x in a], [ast.dump(y) for y in b], autojunk=False)
        pairs = [(a[i:j], b[k:m]) for tag, i, j, k, m in same.get_opcodes() if tag != "equal"]
    for left, right in pairs:
        if len(left) == len(right):
            for x, y in zip(left, right, strict=True):
                yield from _statement(x, y, may)
        elif not any(may.intersection(_lines(x)) for x in left) and not (not left and may):
            yield f"{len(left)} statements became {len(right)}, and no cure is there"


def _statement(x: ast.stmt, y: ast.stmt, may: set[int]) -> Iterator[str]:
    if ast.dump(x) == ast.dump(y):
        return
    if type(x) is not type(y) or len(_bodies(x)) != len(_bodies(y)) or not _bodies(x):
        if not may.intersection(_lines(x)):
            yield f"the statement on line {x.lineno} changed, and no cure is there"
        return
    if _header(x) != _header(y):
        inside = {line for body in _bodies(x) for node in body for line in _lines(node)}
        own = set(_lines(x)) - (inside - {x.lineno})
        if not may.intersection(own):
            yield f"the head of the statement on line {x.lineno} changed, and no cure is there"
    for left, right in zip(_bodies(x), _bodies(y), strict=True):
        yield from _statements(left, right, may)


def _lines(node: ast.stmt) -> range:
    decorators = getattr(node, "decorator_list", ())
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return range(first, (node.end_lineno or node.lineno) + 1)


def _bodies(node: ast.stmt) -> list[list[ast.stmt]]:
    """All lists of statements inside a statement, handlers and cases included, in order."""
    found = []
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value:
            if isinstance(value[0], ast.stmt):
                found.append(value)
            elif isinstance(value[0], (ast.excepthandler, ast.match_case)):
                found += [part.body for part in value]
    return found


def _header(node: ast.stmt) -> str:
    """The tree of a statement without the statements inside."""
    parts = [type(node).__name__, str(len(_bodies(node)))]
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            for item in value:
                if isinstance(item, ast.excepthandler):
                    parts.append(f"except {item.type and ast.dump(item.type)} {item.name}")
                elif isinstance(item, ast.match_case):
                    parts.append(f"case {ast.dump(item.pattern)} {item.guard and ast.dump(item.guard)}")
                elif isinstance(item, ast.AST) and not isinstance(item, ast.stmt):
                    parts.append(f"{name} {ast.dump(item)}")
        else:
            parts.append(f"{name} {ast.dump(value) if isinstance(value, ast.AST) else value!r}")
    return "\n".join(parts)


# --- comments ------------------------------------------------------------------------------------------------------------


def _comments(before: bytes, after: bytes, old: ast.Module) -> Iterator[str]:
    """Comments that are gone. Those beside an import are not counted: a directive goes with the import it is for."""
    imports = _import_lines(old)
    had, have = _comments_of(before), Counter(text for text, _ in _comments_of(after))
    for text, line in had:
        if have[text]:
            have[text] -= 1
        elif line not in imports:
            yield f"the comment on line {line} is gone: {text[:60]}"


def _comments_of(data: bytes) -> list[tuple[str, int]]:
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(data).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return []
    return [(token.string, token.start[0]) for token in tokens if token.type == tokenize.COMMENT]
