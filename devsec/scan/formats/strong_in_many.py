"""`by_name.could_be_strong` for thousands of files: the same answer. RE2 takes some ms to get ready, and then a nanosecond a byte.

Names of secrets are everywhere, and literals that look strong are rare: they are looked for first, and then whether a name
stands before one.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import re2

from devsec.scan.formats.by_name import LARGEST, LITERAL, NAMES, REACH
from devsec.scan.gate import automaton

_LONGEST = max(map(len, NAMES))
# LITERAL as far as RE2 goes, which looks ahead nowhere: eight characters with a digit among them are spelled out.
_DIGIT = "|".join(
    [*(rf"""[^"'\s0-9]{{{n}}}[0-9][^"'\n]{{{7 - n},}}""" for n in range(7)), r"""[^"'\s0-9]{7,80}[0-9][^"'\n]*"""]
)
_PERHAPS = (
    rf"""["'](?:[^"'\s]{{0,80}}[a-z]{{16}}|(?:{_DIGIT})["']|[^"'\s]{{0,60}}://[^"'\s@]+@"""
    r"""|(?:bearer|basic|token) [^"'\n]{8}|[a-z0-9]{4,8}(?: [a-z0-9]{4,8}){3,4}["'])"""
)


def could_be_strong(data: bytes) -> bool:
    """As by_name.py has it."""
    if len(data) > LARGEST:
        return True
    lower = data.lower()
    perhaps, literal = _perhaps().search, re.compile(LITERAL).match
    found = perhaps(lower)
    while found is not None:
        at = found.start()
        if literal(lower, at) is not None and _is_named(lower, at):
            return True
        found = perhaps(lower, at + 1)
    return False


def _is_named(lower: bytes, at: int) -> bool:
    """Whether a name ends at most REACH before that place."""
    first = max(0, at - REACH - _LONGEST)
    near = lower[max(first, lower.rfind(b"\0", first, at)) : at]
    ends = [near.rfind(name) + len(name) for name in NAMES if name in near]
    return bool(ends) and len(near) - max(ends) <= REACH


@cache
def _perhaps() -> Any:
    return re2.compile(_PERHAPS.encode(), automaton(of_bytes=True))
