"""What must hold of any patch, whatever the file? Asked of bytes, tokens and syntax trees, not of devsec's own proof."""

from __future__ import annotations

import ast
import codecs
import difflib
import io
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence

from devsec.finding import Finding
from devsec.fix.plan import Patch, plan
from devsec.fix.verify import Scans
from devsec.levels import Safety
from devsec.sources.source import Skipped, Source

PRAGMA = re.compile(
    r"#\s*(?:noqa|nosec|nosemgrep|type:|pylint:|pragma:|devsec:|pyright:|ruff:|lgtm|noinspection)", re.I
)

# Cures that may also change the statement before, where the text is built.
BUILT_BEFORE = ("Pass the values beside the text",)


class Broken(AssertionError):
    """What does not hold. The texts are in it, to be read."""


def patched(source: Source, scanner: Scans, *, hardening: bool) -> tuple[tuple[Finding, ...], Patch] | None:
    """The patch of all that is found in the file, once it is sure that everything holds of it; None where the file is not
    looked at, and so nothing is said about it."""
    findings = scanner.scan(source)
    if isinstance(findings, Skipped):
        return None
    patch = plan(source, findings, scanner, hardening=hardening)
    if isinstance(patch, Skipped):
        return None
    try:
        holds(source, findings, patch, scanner, hardening=hardening)
    except Broken:
        raise
    except AssertionError as error:
        shown = "".join(difflib.unified_diff(_lines(patch.before), _lines(patch.after), "before", "after"))
        raise Broken(
            f"{error}\n{shown}\napplied: {patch.applied}\nrefused: {patch.refused}\n{source.data!r}"
        ) from error
    return findings, patch


def holds(source: Source, findings: Sequence[Finding], patch: Patch, scanner: Scans, *, hardening: bool) -> None:
    """AssertionError with the first thing that does not."""
    assert patch.before == source.data
    _nothing_is_lost(findings, patch)
    assert bool(patch.applied) == (patch.before != patch.after), "what is applied shows, and nothing else does"
    allowed = (Safety.SAFE, Safety.HARDENING) if hardening else (Safety.SAFE,)
    assert all(it.safety in allowed for it in patch.applied), "more was done than was allowed"
    again = scanner.scan(Source(source.path, patch.after))
    assert not isinstance(again, Skipped), f"the result is not looked at: {again}"
    before, after = Counter(f.rule for f in findings), Counter(f.rule for f in again)
    assert after <= before, f"new findings: {after - before}"
    assert after == Counter(r.rule for r in patch.refused), "what is left is what was refused"
    second = plan(Source(source.path, patch.after), again, scanner, hardening=hardening)
    assert isinstance(second, Patch)
    if not any(it.reason.startswith("it still overlaps") for it in patch.refused):  # those are named, to be run again
        assert second.after == patch.after, "a second run changes something"
        assert _said(second) == _said(patch), "a second run says something else"
    if patch.applied and compiles(patch.before):
        _same_file(patch)
        _same_code(patch)
        _same_lines(patch)
        _same_comments(patch)


def one_by_one(source: Source, scanner: Scans, *, hardening: bool) -> bytes:
    """The text after each finding was cured by itself, the last in the text first."""
    data = source.data
    for _ in range(200):
        now = Source(source.path, data)
        findings = scanner.scan(now)
        assert not isinstance(findings, Skipped)
        for finding in reversed(findings):
            patch = plan(now, [finding], scanner, hardening=hardening)
            assert isinstance(patch, Patch)
            if patch.applied:
                data = patch.after
                break
        else:
            return data
    raise AssertionError("it does not end")


def compiles(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<after>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True


# --- one by one ----------------------------------------------------------------------------------------------------------


def _nothing_is_lost(findings: Sequence[Finding], patch: Patch) -> None:
    said = Counter(it.rule for it in (*patch.applied, *patch.refused))
    assert said == Counter(f.rule for f in findings), "a finding is lost, or there is one too many"
    places = Counter((f.rule, f.start) for f in findings)
    assert not Counter((a.rule, a.place) for a in patch.applied) - places, "cured, but never found"
    assert all(it.reason for it in patch.refused)


def _said(patch: Patch) -> list[tuple[object, ...]]:
    # Numbers aside: a reason may name a line, and imports that went move it.
    return [(r.rule, r.title, r.place, re.sub(r"\d+", "#", r.reason)) for r in patch.refused]


def _same_file(patch: Patch) -> None:
    """It compiles, and says what it is the way it did: BOM, encoding, line endings, the end."""
    assert compiles(patch.after), "the result does not compile"
    assert patch.after.startswith(codecs.BOM_UTF8) == patch.before.startswith(codecs.BOM_UTF8), "the BOM"
    assert _encoding(patch.after) == _encoding(patch.before), "the encoding"
    old, new = set(_ENDING.findall(patch.before)), set(_ENDING.findall(patch.after))
    assert new <= (old or {b"\n"}), f"line endings: {new - old}"
    assert _head(patch.after) == _head(patch.before), "the shebang"


_ENDING = re.compile(rb"\r\n|\n|\r")


def _head(data: bytes) -> bytes:
    return _ENDING.split(data, maxsplit=1)[0] if data.startswith(b"#!") else b""


def _encoding(data: bytes) -> str:
    # tokenize knows no lone \r: to it the cookie would be in a line as long as the file.
    return tokenize.detect_encoding(io.BytesIO(_ENDING.sub(b"\n", data)).readline)[0]


def text_of(data: bytes) -> str:
    """With \\n only, as Python's tokenizer reads it."""
    return re.sub("\r\n|\r", "\n", data.decode(_encoding(data)))


def _lines(data: bytes) -> list[str]:
    return text_of(data).split("\n") and [line + "\n" for line in text_of(data).split("\n")]


def _tree(data: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data)  # the bytes: what Python says of text differs from it at the end of a file


def _same_code(patch: Patch) -> None:
    """What changed are statements that a cured finding stands in, and imports."""
    old, new = _code(patch.before), _code(patch.after)
    touched = _touched(patch)
    matcher = difflib.SequenceMatcher(None, [it for _, it in old], [it for _, it in new], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        for node, dump in old[a:b]:
            assert touched.intersection(range(_first(node), _end(node) + 1)), f"changed: {dump}"
        assert d - c <= b - a, f"new statements: {[dump for _, dump in new[c:d]]}"


def _code(data: bytes) -> list[tuple[ast.AST, str]]:
    """Without imports: they come and go, and would hold together what does not belong together."""
    return [(node, dump) for node, dump in _statements(_tree(data)) if not _is_import(node)]


def _touched(patch: Patch) -> set[int]:
    """Lines (from 1) of the statements that the cured findings begin in, and of those just before: a query is built there.

    A line of the text before counts as in `Place`.
    """
    lines: set[int] = set()
    nodes = [node for node, _ in _statements(_tree(patch.before))]
    for applied in patch.applied:
        here = [node for node in nodes if _first(node) <= applied.place.line <= _end(node)]
        for node in here:
            lines.update(range(_first(node), _end(node) + 1))
        if applied.title in BUILT_BEFORE:
            start = min((_first(node) for node in here), default=0)
            before = [node for node in nodes if _end(node) < start]
            while before and isinstance(before[-1], (ast.With, ast.AsyncWith, ast.Try)):
                before.pop()
            if before:
                lines.update(range(_first(before[-1]), _end(before[-1]) + 1))
    return lines


def _statements(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Each statement with its code: of a compound one the head only, with how deep it stands."""

    def walk(body: Sequence[ast.AST], depth: int) -> Iterator[tuple[ast.AST, str]]:
        for node in body:
            blocks: list[Sequence[ast.AST]] = []
            head: list[str] = [type(node).__name__]
            for name, value in ast.iter_fields(node):
                if name in ("body", "orelse", "finalbody", "handlers", "cases") and isinstance(value, list):
                    blocks.append(value)
                elif isinstance(value, list):
                    head += [ast.dump(item) if isinstance(item, ast.AST) else repr(item) for item in value]
                else:
                    head.append(ast.dump(value) if isinstance(value, ast.AST) else repr(value))
            yield node, f"{depth} {' '.join(head)}"
            for block in blocks:
                yield from walk(block, depth + 1)

    return walk(tree.body, 0)


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _first(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([_start(node), *(_start(it) for it in decorators)])


def _start(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    return int(getattr(node, "lineno", 0))


def _end(node: ast.AST) -> int:
    """Of a compound statement the last line of its head."""
    if isinstance(node, ast.match_case):
        last = node.guard or node.pattern
        return max(last.end_lineno or 0, min(it.lineno for it in node.body) if node.body else 0) or 0
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        return max(_first(node), _first(body[0]) - 1, *(_ends_of_head(node)))
    return int(getattr(node, "end_lineno", 0) or 0)


def _ends_of_head(node: ast.AST) -> Iterator[int]:
    yield 0
    for name, value in ast.iter_fields(node):
        if name not in ("body", "orelse", "finalbody", "handlers", "cases"):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, ast.AST):
                    yield from (int(getattr(n, "end_lineno", 0) or 0) for n in ast.walk(item))


def _same_lines(patch: Patch) -> None:
    """Byte for byte: a line that differs is one of those statements or an import, and a new one is an import or blank."""
    old, new = patch.before.splitlines(True), patch.after.splitlines(True)
    allowed, fresh = _touched(patch), _changed(patch)
    imports = [node for node in ast.walk(_tree(patch.before)) if _is_import(node)]
    for node in imports:
        allowed.update(range(_start(node), _end(node) + 1))
    for node in ast.walk(_tree(patch.after)):
        if _is_import(node):  # a name may join a statement that goes on behind a backslash
            fresh.update(range(_start(node), _end(node) + 1))
    for number in range(1, len(old)):  # a statement that goes takes the backslash before the next one along
        if old[number - 1].rstrip(b"\r\n").endswith(b"\\") and allowed.intersection((number, number + 1)):
            allowed.update((number, number + 1))
    bom = codecs.BOM_UTF8
    if old and old[0].startswith(bom):
        old[0], new[0] = old[0][len(bom) :], new[0][len(bom) :]
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        changed = [number for number in range(a + 1, b + 1) if number not in allowed and old[number - 1].strip()]
        stays = {line.strip() for line in new[c:d]}
        # A last line without an ending gets one when an import follows it.
        changed = [number for number in changed if not (number == len(old) and old[-1].strip() in stays)]
        assert not changed, f"line {changed[0]} changed, and nothing there was to be cured"
        for number in range(c + 1, d + 1):
            line = new[number - 1].strip()
            known = number in fresh or not line or line in {it.strip() for it in old[a:b]}
            known = known or (line.startswith(b"#") and any(it.strip().endswith(line) for it in old[a:b]))
            assert known or re.match(rb"(?:import|from)\s", line), f"line {number} is new: {line!r}"


def _changed(patch: Patch) -> set[int]:
    """Lines of the text after in which statements differ, and the statements beside them: they may share a line."""
    old, new = _code(patch.before), _code(patch.after)
    lines: set[int] = set()
    matcher = difflib.SequenceMatcher(None, [it for _, it in old], [it for _, it in new], autojunk=False)
    for kind, _, _, c, d in matcher.get_opcodes():
        if kind != "equal":
            for node, _ in new[max(0, c - 1) : d + 1]:
                lines.update(range(_first(node), _end(node) + 1))
    return lines


def _same_comments(patch: Patch) -> None:
    imports = [node for node in ast.walk(_tree(patch.before)) if _is_import(node)]
    beside = {line for node in imports for line in range(_start(node), _end(node) + 1)}
    old, new = _comments(patch.before), _comments(patch.after)
    kept = Counter(comment for comment, line in old if line not in beside and not PRAGMA.match(comment))
    lost = kept - Counter(comment for comment, _ in new)
    assert not lost, f"comments lost: {lost}"


def _comments(data: bytes) -> list[tuple[str, int]]:
    lines = iter(text_of(data).splitlines(True)) if "\x0c" not in text_of(data) else iter(_lines(data))
    return [
        (token.string, token.start[0])
        for token in tokenize.generate_tokens(lambda: next(lines, ""))
        if token.type == tokenize.COMMENT
    ]
