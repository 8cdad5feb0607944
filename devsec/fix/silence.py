"""Where does the comment go that silences a finding? On a line of its statement, or above; the code stays what it was.

Each place is tried and asked: is the code the same, and is the finding silent? A line's end may lie inside a string or
after a backslash, and only Python knows; margins.py knows of other files.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence

from devsec.errors import FixError
from devsec.finding import Finding
from devsec.fix.margins import Form, form_of
from devsec.fix.plan import ending_near
from devsec.policy.suppress import ignores
from devsec.scan.cells import mapped
from devsec.sources.decode import decode, encode
from devsec.sources.source import Skipped, Source, is_notebook, is_python
from devsec.text import Edit, Lines, Span, apply

LONGEST = 100  # columns a line may have with the comment; a longer one goes above
HIGHEST = 30  # lines that are tried above

Wanted = Sequence[tuple[Finding, str]]


def silenced(source: Source, wanted: Wanted) -> tuple[Source, dict[Finding, str]]:
    """The source with a comment for each finding and its reason, and those that could not be silenced, with why.

    No finding changes: the comments are all that is new.
    """
    text = decode(source)
    if isinstance(text, Skipped):
        return source, {finding: text.reason for finding, _ in wanted}
    failed: dict[Finding, str] = {}
    edits: list[Edit] = []
    # By line: of two edits at one place one would be lost.
    together: dict[int, list[tuple[Finding, str]]] = {}
    for finding, reason in wanted:
        together.setdefault(finding.start.line, []).append((finding, reason))
    for line, group in sorted(together.items()):
        made = _edits(source.path, text.text, line, group)
        if made is None:
            failed.update(dict.fromkeys((f for f, _ in group), f"no comment can stand at line {line} for sure"))
        else:
            edits += made
    try:
        return Source(source.path, encode(apply(text.text, edits), text)), failed
    except (FixError, ValueError) as error:
        return source, dict.fromkeys((finding for finding, _ in wanted), str(error))


def can_hold(path: str, data: bytes) -> bool:
    """Whether comments are known of such a file."""
    return is_python(path, data) or is_notebook(path) or form_of(path) is not None


def _edits(path: str, text: bytes, line: int, group: Wanted) -> Sequence[Edit] | None:
    if is_notebook(path):
        return _in_a_cell(path, text, group)
    last = max(finding.end.line for finding, _ in group)
    if is_python(path, text):
        for edit in _places(text, line, last, words(group)):
            if same_code(text, apply(text, [edit])) and _are_silent(path, text, edit, group):
                return [edit]
        return None
    form = form_of(path)
    if form is None:
        return None
    for edit, at in _margins(text, line, form, words(group, form)):
        new = apply(text, [edit])
        if form.may(text.decode(), new.decode(), len(text[:at].decode())) and _are_silent(path, text, edit, group):
            return [edit]
    return None


def _in_a_cell(path: str, text: bytes, group: Wanted) -> Sequence[Edit] | None:
    """As in Python, in the script that has the findings, and from there into the strings of the notebook."""
    from devsec.fix.cells import differs
    from devsec.scan.notebook import notebook  # json behind it

    book = notebook(text)
    for script in () if isinstance(book, str) else book.scripts:
        inside = [script.inside(finding.span) for finding, _ in group]
        if None in inside:
            continue
        lines = Lines(script.text)
        spans = [span for span in inside if span is not None]
        first = min(lines.place(span.start).line for span in spans)
        last = max(lines.place(span.end).line for span in spans)
        for edit in _places(script.text, first, last, words(group)):
            made = mapped([edit], script, text) if same_code(script.text, apply(script.text, [edit])) else None
            if made is None:
                continue
            new = apply(text, made)
            silent = [it for it in ignores(path, new) if it.problem == ""]
            if not differs(text, new) and all(
                any(f.rule in it.rules and _is(it.reason.text, reason) for it in silent) for f, reason in group
            ):
                return made
    return None


def words(group: Wanted, form: Form | None = None) -> str:
    """The comment: one for each reason, with the rules it is given for."""
    rules: dict[str, list[str]] = {}
    for finding, reason in group:
        rules.setdefault(" ".join(reason.split()), []).append(finding.rule)
    form = form or Form("#")
    return "  ".join(
        form.written(f"devsec: ignore[{', '.join(dict.fromkeys(some))}] {reason}") for reason, some in rules.items()
    )


def _places(text: bytes, first: int, last: int, comment: str) -> Iterator[Edit]:
    """At the end of its lines, then above; above first where the line would get too long."""
    lines = Lines(text)
    ends = []
    for number in range(first, min(last + 1, len(lines)) + 1):
        end = lines.start(number) + len(lines.line(number).encode())
        ends.append((len(lines.line(number)) + len(comment) + 2, Edit(Span(end, end), f"  {comment}")))
    yield from (edit for length, edit in ends[:1] if length <= LONGEST)
    for number in range(first, max(0, first - HIGHEST), -1):
        yield _above(text, lines, number, comment)
        if number == first:
            yield from (edit for _, edit in ends)


def _margins(text: bytes, first: int, form: Form, comment: str) -> Iterator[tuple[Edit, int]]:
    """The same for other files, with where the line of the comment begins. Above unless the format takes it behind."""
    lines = Lines(text)
    line = lines.line(first)
    if form.behind and len(line) + len(comment) + 2 <= LONGEST:
        end = lines.start(first) + len(line.encode())
        yield Edit(Span(end, end), f"  {comment}"), lines.start(first)
    for number in range(first, max(0, first - HIGHEST), -1):
        yield _above(text, lines, number, comment), lines.start(number)


def _above(text: bytes, lines: Lines, number: int, comment: str) -> Edit:
    start = lines.start(number)
    indent = re.match(rb"[ \t\f]*", text[start:])
    assert indent is not None
    return Edit(Span(start, start), indent.group().decode() + comment + ending_near(text, start))


def _are_silent(path: str, text: bytes, edit: Edit, group: Wanted) -> bool:
    new = apply(text, [edit])
    lower = len(Lines(new)) - len(Lines(text)) if edit.span.start < group[0][0].span.start else 0
    silent = ignores(path, new)
    return all(
        any(it.covers(_moved(finding, lower)) and _is(it.reason.text, reason) for it in silent)
        for finding, reason in group
    )


def _is(read: str, written: str) -> bool:
    """A reason that reads as another (it ends a comment, or begins one) would not say what was meant."""
    return read == " ".join(written.strip(" \t:-–—").split())


def _moved(finding: Finding, lines: int) -> Finding:
    if not lines:
        return finding
    start, end = finding.start, finding.end
    return finding._replace(start=start._replace(line=start.line + lines), end=end._replace(line=end.line + lines))


def same_code(old: bytes, new: bytes) -> bool:
    """Whether two texts are the same Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before, after = (ast.dump(ast.parse(text.decode("utf-8"), type_comments=True)) for text in (old, new))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return before == after
