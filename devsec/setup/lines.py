"""How do lines get into somebody's text, and out of it again, with every other byte as it was?

What we write is marked where it begins, so that it is known again in any clone: no record is kept beside it.
"""

from __future__ import annotations

import re

MARK = "  # by devsec init"


def newline(text: str) -> str:
    """How this text ends its lines."""
    return "\r\n" if "\r\n" in text else "\n"


def insert(text: str, at: int, block: str) -> str:
    """`block` (lines, the last one without its end) before the line that begins at `at`. A text whose last line has no end
    still has none afterwards."""
    end = newline(text)
    block = block.replace("\n", end)
    if at == len(text) and text and not text.endswith(("\n", "\r")):
        return text + end + block
    return text[:at] + block + end + text[at:]


def append(text: str, block: str) -> str:
    """`block` at the end, after an empty line where something stands before it."""
    return insert(text, len(text), "\n" + block if text.strip("\ufeff") else block)


def take(text: str, pattern: str, nested: bool = True) -> str | None:
    """The text without the first block that `pattern` (of lines, `\\n` between them) describes; None when there is none.
    Undoes `insert` and `append`. `nested`: where what follows is indented more, somebody has added to the block, and it
    stays."""
    found = re.search(r"(?m)^(?:" + pattern.replace(r"\n", r"\r?\n") + r")(?=\r?$)", text)
    if found is None:
        return None
    start, end = found.span()
    if nested and _indented(text[end:].splitlines()[1:]) > _indented(found.group().splitlines()):
        return None
    if text.startswith("\r", end):
        end += 1
    if end < len(text):
        return text[:start] + text[end + 1 :]
    before = text[:start]
    return before[: -len("\r\n")] if before.endswith("\r\n") else before[:-1]


def _indented(lines: list[str]) -> int:
    """How far the first of the lines that says something is."""
    for line in lines:
        bare = line.lstrip(" \t")
        if bare and not bare.startswith("#"):
            return len(line) - len(bare)
    return 0


def apart(block: str) -> str:
    """The pattern of what `append` put there: with its empty line, where there is one before it."""
    return rf"(?:\n)?{block}"
