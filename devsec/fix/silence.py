"""Where does the comment go that silences a finding? On a line of its statement, or above; the code stays what it was.

Each place is tried and asked: is the code the same, and is the finding silent? A line's end may lie inside a string or
after a backslash, and only Python knows.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from devsec.errors import FixError
from devsec.finding import Finding
from devsec.fix.plan import ending_near
from devsec.policy.suppress import ignores
from devsec.sources.decode import decode, encode
from devsec.sources.source import Skipped, Source, is_python
from devsec.text import Edit, Lines, Span, apply

LONGEST = 100  # columns a line may have with the comment; a longer one goes above


def silenced(source: Source, wanted: Sequence[tuple[Finding, str]]) -> tuple[Source, dict[Finding, str]]:
    """The source with a comment for each finding and its reason, and those that could not be silenced, with why.

    No finding changes: the comments are all that is new.
    """
    text = decode(source)
    if isinstance(text, Skipped):
        return source, {finding: text.reason for finding, _ in wanted}
    if not is_python(source.path, source.data):
        return source, dict.fromkeys((finding for finding, _ in wanted), "only in Python is it clear where it goes")
    failed: dict[Finding, str] = {}
    edits: list[Edit] = []
    # By rule and line: two comments on one line would be one.
    together: dict[int, list[tuple[Finding, str]]] = {}
    for finding, reason in wanted:
        together.setdefault(finding.start.line, []).append((finding, reason))
    for line, group in sorted(together.items()):
        edit = _edit(source.path, text.text, line, group)
        if edit is None:
            failed.update(dict.fromkeys((f for f, _ in group), f"no comment can stand at line {line}"))
        else:
            edits.append(edit)
    try:
        return Source(source.path, encode(apply(text.text, edits), text)), failed
    except FixError as error:
        return source, dict.fromkeys((finding for finding, _ in wanted), error.message)


def _edit(path: str, text: bytes, line: int, group: Sequence[tuple[Finding, str]]) -> Edit | None:
    comment = words(group)
    for edit in _places(text, line, max(finding.end.line for finding, _ in group), comment):
        new = apply(text, [edit])
        if _same_code(text, new):
            lower = len(Lines(new)) - len(Lines(text)) if edit.span.start < group[0][0].span.start else 0
            silent = ignores(path, new)
            if all(any(it.covers(_moved(finding, lower)) for it in silent) for finding, _ in group):
                return edit
    return None


def words(group: Sequence[tuple[Finding, str]]) -> str:
    """The comment: one for each reason, with the rules it is given for."""
    rules: dict[str, list[str]] = {}
    for finding, reason in group:
        rules.setdefault(" ".join(reason.split()), []).append(finding.rule)
    return "  ".join(f"# devsec: ignore[{', '.join(dict.fromkeys(some))}] {reason}" for reason, some in rules.items())


def _places(text: bytes, first: int, last: int, comment: str) -> Iterator[Edit]:
    """At the end of its lines, then above; above first where the line would get too long."""
    lines = Lines(text)
    ends = []
    for number in range(first, min(last + 1, len(lines)) + 1):
        end = lines.start(number) + len(lines.line(number).encode())
        ends.append((len(lines.line(number)) + len(comment) + 2, Edit(Span(end, end), f"  {comment}")))
    yield from (edit for length, edit in ends[:1] if length <= LONGEST)
    for number in range(first, max(0, first - 30), -1):
        start = lines.start(number)
        indent = re.match(rb"[ \t\f]*", text[start:])
        assert indent is not None
        yield Edit(Span(start, start), indent.group().decode() + comment + ending_near(text, start))
        if number == first:
            yield from (edit for _, edit in ends)


def _moved(finding: Finding, lines: int) -> Finding:
    if not lines:
        return finding
    start, end = finding.start, finding.end
    return finding._replace(start=start._replace(line=start.line + lines), end=end._replace(line=end.line + lines))


def _same_code(old: bytes, new: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before, after = (ast.dump(ast.parse(text.decode("utf-8"), type_comments=True)) for text in (old, new))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return before == after
