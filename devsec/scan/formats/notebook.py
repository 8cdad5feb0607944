"""What stands in the cells and outputs of a notebook, and where?

A notebook is JSON whose sources are strings in lists, a line each. Cells are read as lines of code, outputs as lines of
text; images and what else is no text are left out. Offsets lead back into the file, through the escapes of JSON.
"""

from __future__ import annotations

from collections.abc import Iterator

from devsec.record import Record
from devsec.scan.formats.found import Found
from devsec.scan.formats.json_text import offsets, strings
from devsec.scan.formats.lines import any_line


class Cell(Record):
    """The text of a cell or an output. `places[i]` is where its i-th character stands in the file (and one more: the end)."""

    kind: str  # "source", or "output"
    text: str
    places: tuple[int, ...]


def cells(text: str) -> Iterator[Cell]:
    """Sources and outputs that are text, in order. NotThisFormat when the file is no JSON."""
    parts: list[str] = []
    places: list[int] = []
    current: tuple[str, ...] = ()
    last = -1
    for keys, start, end in strings(text):
        kind = _kind(keys)
        # the lines of one list stand one behind the other, with nothing but a comma and blanks between them
        joined = kind and keys == current and last != -1 and not text[last:start].strip('", \t\r\n')
        if not joined and parts:
            yield Cell(_kind(current), "".join(parts), (*places, last))
            parts, places = [], []
        if kind:
            meant, at = offsets(text[start:end])
            parts.append(meant)
            places.extend(start + one for one in at[:-1])
        current, last = keys, end
    if parts:
        yield Cell(_kind(current), "".join(parts), (*places, last))


def _kind(keys: tuple[str, ...]) -> str:
    if keys[:1] not in (("cells",), ("worksheets",)):
        return ""
    if keys[-1] in ("source", "input"):
        return "source"
    if "outputs" in keys and keys[-1] in ("text", "text/plain", "traceback", "evalue"):
        return "output"
    return ""


def read(text: str) -> Iterator[Found]:
    """Assignments and pairs in cells and outputs."""
    for cell in cells(text):
        for one in any_line(cell.text):
            yield one._replace(start=cell.places[one.start], end=cell.places[one.end], format=f"notebook {cell.kind}")
