"""Does what was cured in the index hold on disk, too? There the file may be ahead: half of it staged, half still at work.

The same change is carried over by git's three-way merge and proved like a fix; lines that both sides changed are the
author's to settle.
"""

from __future__ import annotations

import difflib
from dataclasses import replace

from devsec.fix.plan import Patch
from devsec.fix.verify import Scans, look, verify
from devsec.sources.decode import decode
from devsec.sources.source import Skipped, Source, is_python
from devsec.text import Edit, Span

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


def differences(old: bytes, new: bytes) -> tuple[Edit, ...]:
    """Edits of whole lines that make `new` of `old`."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        Edit(Span(starts[a], starts[b]), b"".join(after[c:d]).decode("utf-8"))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    )
