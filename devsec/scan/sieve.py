"""Which words of the `text` shapes stand in a text? Asked of thousands of files: RE2 takes some ms to get ready, and then a
nanosecond a byte.

Most words that tokens begin with are short and stand in every other file (`pat`, `re_`); what a token needs around them
does not. A text without that is let go in one pass, and only of the others is asked which words they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import re2

from devsec.scan.gate import LOGIN, LONG, automaton, going_on, quote, rest_in_next, token_byte

# As lines.py has it, nothing that belongs to a token stands before it but the rest of an escape. Python makes one string of
# `"\x20" "…"`, too; and what is no UTF-8 may hold letters of ASCII in a character, or in what switches between its halves.
_BEFORE = r"(?:^|[^0-9A-Za-z_]|\\[0-9A-Za-z]{1,9}|%[0-9A-Fa-f]{2}|[\x80-\xff][0-9A-Za-z_]|\x1b[ -/]+[0-~])"
_NOTHING = r"[^\s\S]"


class Sieve:
    """`starts` are words that long tokens begin with, `others` may stand anywhere. A text without any of both is let go; of
    one that is not, `more` are told as well."""

    def __init__(self, starts: Sequence[str], others: Sequence[str], more: Sequence[str]) -> None:
        self._every = [*starts, *others, *more]
        self._starts = frozenset(starts)
        tokens = _tokens(starts)
        self._tokens = _compiled("|".join(tokens))
        self._any = _compiled("|".join([*tokens, *map(_word, others)]))
        self._set: Any = None
        self._next: Any = None

    def words_in(self, text: bytes) -> set[str]:
        """Those that stand in a text that may hold what is looked for, or a part of it that goes on in the next literal; of
        `starts` none that only stand inside others."""
        if self._any.search(text) is None:
            return set()
        there = self._which(text)
        # Which of them it is would take an automaton for each; that it is any is rare.
        return there - self._starts if self._starts & there and self._tokens.search(text) is None else there

    def _which(self, text: bytes) -> set[str]:
        """One pass for all of them: one each takes half a minute for the 50 MB of a line that holds two."""
        if self._set is None:
            self._set = re2.Set.SearchSet(automaton(of_bytes=True))
            for word in self._every:
                self._set.Add(_word(word).encode())
            self._set.Compile()
        found: list[int] = self._set.Match(text)
        if not found:  # one is there: the automaton was too large
            return {word for word in self._every if _compiled(_word(word)).search(text)}
        return {self._every[number] for number in found}

    def any_goes_on(self, text: bytes) -> bool:
        """Whether a literal that has any of the words is followed by another one."""
        if self._next is None:
            self._next = _compiled(going_on(self._every))
        return self._next.search(text) is not None


def _word(word: str) -> str:
    return r"://[^\n]*@" if word == LOGIN else quote(word)


def _tokens(words: Sequence[str]) -> list[str]:
    """What may be a token that begins with one of the words, or the part of it that stands in one literal; [] for no words."""
    by_length: dict[int, list[str]] = {}
    for word in words:
        by_length.setdefault(len(word), []).append(word)
    out = []
    for length, alike in sorted(by_length.items()):
        rest = f"(?:{token_byte()}{{{LONG - length}}}|{rest_in_next()})" if length < LONG else ""
        out.append(f"(?:{'|'.join(map(quote, alike))}){rest}")
    # What stands before them is written once: RE2 is ready in half the time.
    return [f"{_BEFORE}(?:{'|'.join(out)})"] if out else []


def _compiled(source: str) -> Any:
    return re2.compile((source or _NOTHING).encode(), automaton(of_bytes=True))
