"""Does what was cured in the index hold on disk, too? There the file may be ahead: half of it staged, half still at work.

The same change is carried over by a three-way merge and proved like a fix; lines that both sides changed are the
author's to settle.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

from devsec.fix.plan import Patch
from devsec.fix.verify import Scans, look, verify
from devsec.sources.decode import decode
from devsec.sources.source import Skipped, Source, is_python
from devsec.text import Edit, Span, apply

CONFLICT = (
    "the file on disk differs from what is staged in the very lines the fix changes: stage it, or mend it by hand"
)


def carried(patch: Patch, disk: bytes, merged: bytes, scanner: Scans) -> Patch | str:
    """The patch of the file on disk, from `disk` to `merged`, or why it is not to be written.

    `patch` is the one of the staged text that is carried over. Where the staged text is what stands on disk, its
    proof is proof enough.
    """
    theirs = replace(patch, before=disk, after=merged)
    if (disk, merged) == (patch.before, patch.after) or disk == merged:
        return theirs
    state = look(Source(patch.path, disk), scanner)
    if isinstance(state, Skipped):
        return f"the file on disk cannot be looked at: {state.reason}"
    text = decode(Source(patch.path, merged))
    if isinstance(text, Skipped):
        return f"on disk the result could not be read: {text.reason}"
    names = tuple(dict.fromkeys(name for applied in patch.applied for name in applied.names))
    if not is_python(patch.path, disk):
        names = ()
    proof = verify(state, (), scanner, differences(state.text.text, text.text), names)
    return f"on disk it would not hold: {proof}" if isinstance(proof, str) else theirs


def side_by_side(before: bytes, after: bytes, disk: bytes) -> bytes | None:
    """`disk` with the change from `before` to `after`, where every line it touches stands on disk as it was.

    git takes changes of neighbouring lines for a conflict, since it cannot know whether they belong together. Here the
    result is proved, so neighbours may differ: somebody adds an import beside the one that a fix replaces. None when
    a touched line is not there, or when something new stands in the very place of an insertion.
    """
    old, new = _lines(before), _lines(disk)
    here: dict[int, int] = {}
    for a, b, size in _matcher(old, new).get_matching_blocks():
        here.update((a + n, b + n) for n in range(size))
    here[-1], here[len(old)] = -1, len(new)
    starts = _starts(new)
    edits = []
    for start, end, text in _changed_lines(old, _lines(after)):
        first, last = here.get(start if end > start else start - 1), here.get(end - 1 if end > start else end)
        wanted = end - start - 1 if end > start else 1
        if first is None or last is None or last - first != wanted:
            return None
        at = first if end > start else last
        edits.append(Edit(Span(starts[at], starts[at + end - start]), text.decode("utf-8", "surrogateescape")))
    return _applied(disk, edits)


def _applied(text: bytes, edits: list[Edit]) -> bytes | None:
    try:
        return apply(text, edits)
    except UnicodeEncodeError:  # not UTF-8: git's merge is all there is for it
        return None


def differences(old: bytes, new: bytes) -> tuple[Edit, ...]:
    """Edits of whole lines that make `new` of `old`, both UTF-8."""
    lines = _lines(old)
    starts = _starts(lines)
    return tuple(
        Edit(Span(starts[start], starts[end]), text.decode("utf-8"))
        for start, end, text in _changed_lines(lines, _lines(new))
    )


def _lines(text: bytes) -> list[bytes]:
    return text.splitlines(keepends=True)


def _starts(lines: list[bytes]) -> list[int]:
    return [0, *accumulate(len(line) for line in lines)]


def _changed_lines(old: list[bytes], new: list[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """The runs of lines of `old` that differ in `new`, with what stands there instead."""
    for kind, a, b, c, d in _matcher(old, new).get_opcodes():
        if kind != "equal":
            yield a, b, b"".join(new[c:d])


def _matcher(old: list[bytes], new: list[bytes]) -> difflib.SequenceMatcher[bytes]:
    return difflib.SequenceMatcher(None, old, new, autojunk=False)
