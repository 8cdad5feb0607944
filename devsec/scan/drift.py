"""Where does a place in what LibCST would print stand in what it has read? Nearly always in the same place.

LibCST (1.9.0) loses form feeds in an indentation, or repeats them on the next line, and loses comment lines at the end of
a block that are indented less and less. Its byte spans count in what it would print, so everything behind would be off,
and a cure would be written into the middle of a word.
"""

from __future__ import annotations

import difflib
from bisect import bisect_right
from itertools import accumulate

from devsec.record import Record

_BLANKS = b" \t\x0c"


class Drift(Record):
    """From the start of each printed line on, its places stand so many bytes further on in the text that was read."""

    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def start(self, offset: int) -> int:
        """Where that stands which begins at the printed `offset`."""
        return offset + self.shifts[bisect_right(self.starts, offset) - 1]

    def end(self, offset: int) -> int:
        """Where that ends which ends at the printed `offset`: what was lost behind it does not belong to it."""
        return offset + self.shifts[bisect_right(self.starts, offset - 1) - 1]


def drift_of(read: bytes, printed: bytes) -> Drift | str | None:
    """None when both are the same; a reason when more differs than the layout that is known to be lost."""
    if read == printed:
        return None
    old, new = read.splitlines(True), printed.splitlines(True)
    bare_old, bare_new = ([line.lstrip(_BLANKS) for line in lines] for lines in (old, new))
    matcher = difflib.SequenceMatcher(None, bare_old, bare_new, autojunk=False)
    shifts: list[int] = []
    behind = 0
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "delete" and all(line[:1] in (b"#", b"\r", b"\n", b"") for line in bare_old[a:b]):
            behind += sum(map(len, old[a:b]))
        elif kind == "equal":
            for was, now in zip(old[a:b], new[c:d], strict=True):
                if was != now and b"\x0c" not in was + now:
                    return "its indentation differs"
                behind += len(was) - len(now)  # in the indentation, and so before everything on the line
                shifts.append(behind)
        else:
            return "its lines differ"
    return Drift(tuple(accumulate(map(len, new), initial=0)), (*shifts, behind))
