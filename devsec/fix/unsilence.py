"""How does a comment go that silences nothing any more? Or one rule of several in its brackets; every other byte stays.

What cannot be taken out for certain (what looks like a comment may be part of a string) is left, and said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from devsec.errors import FixError
from devsec.fix.margins import form_of
from devsec.fix.silence import same_code
from devsec.policy.suppress import Ignore, ignores
from devsec.record import Record
from devsec.scan.cells import mapped
from devsec.sources.decode import decode, encode
from devsec.sources.source import Skipped, Source, is_notebook, is_python
from devsec.text import Edit, Lines, Span, apply

Left = tuple[Ignore, tuple[str, ...]]  # a comment, and those of its rules that are left over
_CLOSED = re.compile(rb"[ \t]*(?:\*/|--\}\}|-->|#\}|--%>|%>|\}\})")
_OPEN = (b"/*", b"<!--", b"{#", b"<%--", b"{{!")


class Removed(Record):
    """The source without them: which went, which had to stay, and the lines (of the text as it was) that are no more."""

    source: Source
    gone: tuple[Left, ...] = ()
    kept: tuple[Left, ...] = ()
    lines: tuple[int, ...] = ()

    def was(self, line: int) -> int:
        """On which line stood what stands on this one now?"""
        for taken in self.lines:
            line += taken <= line
        return line


def without(source: Source, left: Sequence[Left]) -> Removed:
    """Takes out what is left over. Each one by itself is proved to change nothing but comments."""
    text = decode(source)
    if isinstance(text, Skipped) or not left:
        return Removed(source, (), tuple(left))
    edits: list[Edit] = []
    gone: list[Left] = []
    kept: list[Left] = []
    lines: list[int] = []
    for one in left:
        made = _edits(source.path, text.text, *one)
        if made is None or any(edit.span.overlaps(other.span) for edit in made for other in edits):
            kept.append(one)
            continue
        edits += made
        gone.append(one)
        new = apply(text.text, made)
        if len(Lines(new)) < len(Lines(text.text)):
            lines.append(one[0].line)
    after = apply(text.text, edits)
    try:
        if _as_meant(source.path, text.text, after, gone):
            return Removed(Source(source.path, encode(after, text)), tuple(gone), tuple(kept), tuple(sorted(lines)))
    except FixError:
        pass
    return Removed(source, (), tuple(left))


def _edits(path: str, text: bytes, comment: Ignore, rules: Sequence[str]) -> Sequence[Edit] | None:
    if comment.script >= 0:
        from devsec.fix.cells import differs
        from devsec.scan.notebook import notebook  # json behind it

        book = notebook(text)
        if isinstance(book, str):
            return None
        script = book.scripts[comment.script]
        edit = _edit(script.text, comment, rules)
        if edit is None or not same_code(script.text, apply(script.text, [edit])):
            return None
        made = mapped([edit], script, text)
        return None if made is None or differs(text, apply(text, made)) else made
    if is_notebook(path):
        return None  # in its JSON, where there are no comments
    edit = _edit(text, comment, rules)
    if edit is None:
        return None
    new = apply(text, [edit])
    if is_python(path, text):
        return [edit] if same_code(text, new) else None
    form = form_of(path)
    at = len(text[: comment.place.start].decode("utf-8", "replace"))
    try:
        return [edit] if form is not None and form.may(text.decode(), new.decode(), at) else None
    except UnicodeDecodeError:
        return None


def _edit(text: bytes, comment: Ignore, rules: Sequence[str]) -> Edit | None:
    place = comment.place
    if set(rules) < set(comment.rules):
        inside = re.search(rb"\[([^\]]*)\]", text[place.start : place.end])
        if inside is None:
            return None
        named = inside[1].decode("utf-8", "replace").split(",")
        stay = [name for name in named if name.strip() and name.strip() not in rules]
        words = ",".join([stay[0].lstrip() if not named[0].strip() or named[0] != stay[0] else stay[0], *stay[1:]])
        return Edit(Span(place.start + inside.start(1), place.start + inside.end(1)), words)
    lines = Lines(text)
    number = lines.place(place.start).line
    first, end = lines.start(number), lines.start(number) + len(lines.line(number).encode())
    stop = place.end
    if text.startswith(_OPEN, place.start):
        closed = _CLOSED.match(text, stop)
        if closed is None:
            return None
        stop = closed.end()
    elif text.startswith((b"*", b"devsec"), place.start):
        return None  # inside of something longer
    before, after = text[first : place.start], text[stop:end]
    if not after.strip() and not before.strip():
        return Edit(Span(first, lines.start(number + 1)), "")
    if not after.strip():
        return Edit(Span(first + len(before.rstrip()), end), "")
    return Edit(Span(place.start, stop + len(after) - len(after.lstrip())), "")


def _as_meant(path: str, before: bytes, after: bytes, gone: Sequence[Left]) -> bool:
    """Whether all other comments say what they did."""
    taken = {(comment.place, comment.script): frozenset(rules) for comment, rules in gone}
    wanted = []
    for comment in ignores(path, before):
        rules = tuple(r for r in comment.rules if r not in taken.get((comment.place, comment.script), frozenset()))
        if rules or not comment.rules:
            wanted.append((rules, comment.reason))
    return wanted == [(comment.rules, comment.reason) for comment in ignores(path, after)]
