"""How is a cure of a cell written into the notebook? Through the escapes of the JSON, and a line of code a string where the
cell is held so.

What cannot be put there for sure (it reaches over two cells, or into what IPython alone understands) is shown, and not
written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from devsec.finding import Fix
from devsec.levels import Safety
from devsec.scan.notebook import Part, Script
from devsec.text import Edit, Span

_BY_HAND = "the change cannot be written into the cells for sure, so make it by hand: {}"


def in_file(fix: Fix, script: Script, file: bytes) -> Fix:
    """A cure of a script as a cure of the notebook's `file`; advice that shows it where that is not possible."""
    if not fix.edits:
        return fix
    edits = mapped(fix.edits, script, file)
    if edits is not None:
        return fix._replace(edits=edits)
    shown = "; ".join(" ".join(edit.text.split()) or "delete it" for edit in fix.edits)
    note = " ".join(part for part in (_BY_HAND.format(shown), fix.note) if part)
    return fix._replace(safety=Safety.ADVICE, edits=(), names=(), note=note)


def mapped(edits: Sequence[Edit], script: Script, file: bytes) -> tuple[Edit, ...] | None:
    """Edits of a script as edits of the file; None when one of them cannot be written there for sure."""
    found = [_mapped(edit, script, file) for edit in edits]
    return None if None in found else tuple(edit for edit in found if edit is not None)


def _mapped(edit: Edit, script: Script, file: bytes) -> Edit | None:
    placed = _in_one_cell(edit, script)
    if placed is None:
        return None
    part, span, text = placed
    code = script.text[part.span.start : part.span.end]
    if "\n" in text and (
        b"\r" in code or any(made.start == made.end for made in part.made[bool(part.head > part.span.start) :])
    ):
        return None  # other line breaks, or a margin that was taken away
    if span.start == span.end:
        at = _place(span.start, part, script)
        if at is None:
            return None
        where = Span(at, at)
    else:
        where = Span(script.starts[span.start], script.ends[span.end - 1])
    return _tidied(where, text, part, file)


def _in_one_cell(edit: Edit, script: Script) -> tuple[Part, Span, str] | None:
    """The cell an edit changes, where, and with what."""
    start, end, text = edit.span.start, edit.span.end, edit.text
    part = script.part(start)
    if start == end == part.span.start and text.endswith("\n"):
        above = script.parts[script.parts.index(part) - 1] if part is not script.parts[0] else None
        if text.startswith(("import ", "from ")) and above is not None and above.span.start < above.span.end:
            # Behind the last line of a cell, which has no line break: beside the imports it belongs to.
            part, start = above, above.span.end
            text = text[:-1] if script.text[start - 1 : start] == b"\n" else "\n" + text[:-1]
            end = start
        elif part.head > part.span.start:
            start = end = part.head  # below the magic of the cell
    if end == part.span.end + 1 and start < end:
        end -= 1  # the line break between two cells is in neither
        text = text.removesuffix("\n")
    if not part.head <= start <= end <= part.span.end:
        return None
    if any(_cuts(Span(start, end), made) for made in part.made):
        return None
    return part, Span(start, end), text


def _cuts(span: Span, made: Span) -> bool:
    if span.start == span.end or made.start == made.end:
        return span.start < made.start < span.end or made.start < span.start < made.end
    return span.overlaps(made)


def _place(at: int, part: Part, script: Script) -> int | None:
    if at < part.span.end:
        return script.starts[at]
    return script.ends[at - 1] if part.span.start < part.span.end else None


def _tidied(where: Span, text: str, part: Part, file: bytes) -> Edit | None:
    whole = [n for n, one in enumerate(part.strings) if where.start <= one.start and one.end <= where.end]
    if not text and part.listed and whole and where == Span(part.strings[whole[0]].start, part.strings[whole[-1]].end):
        # Whole lines go with their strings.
        if whole[-1] + 1 < len(part.strings):
            return Edit(Span(where.start, part.strings[whole[-1] + 1].start), "")
        if whole[0]:
            return Edit(Span(part.strings[whole[0] - 1].end, where.end), "")
    ascii_only = file.isascii() and b"\\u" in file
    lines = [json.dumps(line, ensure_ascii=ascii_only)[1:-1] for line in text.split("\n")]
    if not part.listed or len(lines) == 1:
        return Edit(where, "\\n".join(lines))
    between = _between(part, file)
    if between is None:
        return None
    new = f'\\n"{between}"'.join(lines)
    at_end = any(where.end == one.end for one in part.strings)
    if at_end and lines[-1] == "":
        new = new.removesuffix(f'"{between}"')  # the next string begins there anyway
    return Edit(where, new)


def _between(part: Part, file: bytes) -> str | None:
    """What stands between two strings of the list: a comma, and how its lines are broken."""
    if len(part.strings) > 1:
        between = file[part.strings[0].end + 1 : part.strings[1].start - 1]
    else:
        first = part.strings[0].start - 1
        between = b"," + file[file.rfind(b"[", 0, first) + 1 : first]
    text = between.decode("utf-8", "replace")
    return text if text.replace(",", "", 1).strip() == "" else None
