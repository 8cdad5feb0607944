"""Does a literal that could be a secret stand near the name of one? Asked of a piece of Python's bytes, before a tree is made
for the settings in it: nine of ten files that have such names and long literals end here.

What strength.py calls strong under any name is found; what is no literal and only reads as one may be, too.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from itertools import count

from devsec.scan.formats.by_name import LARGEST, REACH, long_enough, name_ends

_MOST = 4200  # bytes of a literal; what is longer is a document to strength.py
_SHORTEST = 8
# Real files of a megabyte have 2,000 literals near such names and take 6,000 steps; what is made to be slow takes any number.
_MOST_LITERALS, _MOST_STEPS = 5_000, 50_000
_QUOTES = re.compile(b"[\"']")
# Most literals are this: nothing odd in them, and behind them nothing that another one could follow.
_SIMPLE = re.compile(
    rb"""(["'])([^"'\\\r\n]{1,4000})\1(?=[ \t]{0,4}(?:[^ \t\f\r\n\\#a-zA-Z"']|[a-zA-Z]{1,2}[^a-zA-Z"']|[a-zA-Z]{3}))"""
)
_LINE_ENDS = re.compile(rb"(?:^|[^\\\r])(?:\\\\)*\r?\n")  # with no backslash before it
_FOLLOWS = re.compile(rb"(?:[ \t\f\r\n\\]|#[^\n]*\n)*([a-zA-Z]{0,2})([\"'])")


def could_hold_secret(text: bytes) -> bool:
    """Whether `strength.judge` finds any of its literals strong that stand near the name of a secret."""
    try:
        return len(text) > LARGEST or any(map(_could_be_strong, _literals(text)))
    except _TooMuch:
        return True


class _TooMuch(Exception):
    """A tree is quicker."""


def _literals(text: bytes) -> set[bytes]:
    """What stands in the quotes of what may be literals: each quote is read as the start of one. Raises _TooMuch."""
    found: set[bytes] = set()
    steps = count()
    done = 0
    for name in name_ends(text.lower()):
        at, end = max(name, done), name + REACH + 1
        for quote in _QUOTES.finditer(text, at, end) if at < end else ():
            inside = _read(text, quote.start(), steps)
            if len(inside) >= _SHORTEST:
                found.add(inside)
                if len(found) > _MOST_LITERALS:
                    raise _TooMuch
        done = end
    return found


def _read(text: bytes, quote: int, steps: Iterator[int]) -> bytes:
    """What stands in the quotes of the literal that starts here, and of those side by side with it; b"" when it cannot be a
    constant."""
    if (simple := _SIMPLE.match(text, quote)) is not None:
        return simple[2]
    parts: list[bytes] = []
    size = 0
    while size < _MOST:
        mark = text[quote : quote + 1]
        mark = mark * 3 if text.startswith(mark * 3, quote) else mark
        start = end = quote + len(mark)
        while True:
            if next(steps) > _MOST_STEPS:
                raise _TooMuch
            end = text.find(mark, end, start + _MOST)
            if end < 0 or not _is_escaped(text[start:end]):
                break
            end += 1
        if end < 0 or (len(mark) == 1 and _LINE_ENDS.search(text[start:end])):
            break
        parts.append(text[start:end])
        size += end - start
        last = end + len(mark)
        following = _FOLLOWS.match(text, last, last + _MOST)
        if following is None:
            break
        if b"f" in following[1].lower():
            return b""  # built of parts: no constant
        quote = following.start(2)
    return b"".join(parts)


def _is_escaped(before: bytes) -> bool:
    """Whether a backslash speaks of what follows: of two the second is spoken of itself."""
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1


# What has blanks in it and is no text for people starts like this (a header, an address, a key), is in groups, or
_SPACED = re.compile(
    r"(?:bearer|basic|token|apikey|api-key|digest|negotiate)\s|-----begin |[a-z][a-z0-9+.-]*:/?/|(?:\w{4,}\s+){3,4}\w{4,}\Z"
)
_PAIRS = ("password", "pwd", "accountkey", "sharedaccesskey", "sharedsecret")  # is a connection string


def _could_be_strong(inside: bytes) -> bool:
    text = inside.decode("utf-8", "replace").replace("\r\n", "\n")  # as CPython reads it
    if _is_strong(text):
        return True
    if "\\" not in text:
        return False
    try:  # a raw literal says what it shows, any other what its escapes say
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the scanned file's invalid escapes are not our user's news
            return _is_strong(text.encode("latin-1", "backslashreplace").decode("unicode_escape"))
    except ValueError:
        return True


def _is_strong(text: str) -> bool:
    if not long_enough(text) or (len(text.split(None, 1)) > 1 and not _is_spaced(text.strip().lower())):
        return False
    from devsec.scan.strength import is_strong  # its words take some ms to get ready

    return is_strong(text)


def _is_spaced(lower: str) -> bool:
    return _SPACED.match(lower) is not None or ("=" in lower and any(key in lower for key in _PAIRS))
