"""How is foreign text put on a terminal? So that it can neither move the cursor nor turn the reading direction."""

from __future__ import annotations

import unicodedata


def printable(text: str, tab: int = 4) -> str:
    """Control, format and undecodable characters spelled out; tabs as spaces (from column 0)."""
    if text.isprintable():
        return text
    out: list[str] = []
    width = 0
    for character in text:
        if character == "\t":
            shown = " " * (tab - width % tab)
        elif character.isprintable():
            shown = character
        elif "\udc80" <= character <= "\udcff":  # a byte of a file name that is not UTF-8
            shown = f"\\x{ord(character) - 0xDC00:02x}"
        else:
            shown = character.encode("unicode_escape", "backslashreplace").decode("ascii")
        out.append(shown)
        width += len(shown)
    return "".join(out)


def width(text: str) -> int:
    """Columns a terminal needs for printable text."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def cut(text: str, room: int) -> str:
    """At most `room` columns of it, with a sign where something is missing."""
    if width(text) <= room:
        return text
    kept: list[str] = []
    used = 1
    for character in text:
        used += _columns(character)
        if used > room:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
