"""Which of the known words was meant?"""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence for a hint: the nearest known word, or else all of them when they are few."""
    import difflib  # only when something was misspelt

    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    if near:
        return f"Did you mean {near[0]!r}?"
    if 0 < len(words) <= 8:
        return "Known: " + ", ".join(words) + "."
    return ""
