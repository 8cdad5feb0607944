"""Where does a `text` shape match? On the decoded text of any file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from devsec.catalog.rule import Literal
from devsec.scan import plain
from devsec.scan.drawn import is_drawn
from devsec.scan.proofs import PROOFS, Proof
from devsec.scan.spot import Place
from devsec.text import Span

_NEAR = 5  # lines above and below
_NEAR_BYTES = 2000  # of one side: lines of generated files are long


def places(literal: Literal, text: bytes) -> Iterator[Place]:
    """Each match of the regex that is all a rule asks for.

    The value is the group `secret`, else the first group, else all of the match.
    """
    regex = _compiled(literal.regex)
    group: int = regex.groupindex.get("secret", regex.groupindex.get(b"secret", 1 if regex.groups else 0))
    for found in regex.finditer(text):
        start, end = found.span(group)
        if start == -1:
            start, end = found.span(0)
        proof = judged(literal, text, start, end)
        if proof is not Proof.NOT_IT:
            yield Place(Span(*found.span(0)), Span(start, end), proof)


def judged(literal: Literal, text: bytes, start: int, end: int) -> Proof | None:
    """What is to be said of text[start:end], which the regex takes for a value: NOT_IT when it is none."""
    raw = text[start:end]
    value = raw.decode("utf-8", "replace")
    if len(value) < literal.length or (literal.entropy and plain.entropy(value) < literal.entropy):
        return Proof.NOT_IT
    if literal.token and not (_stands_alone(text, start, end, literal.token == "dash") and is_drawn(value)):
        return Proof.NOT_IT
    if literal.near and not _is_near(literal.near, text, start, end):
        return Proof.NOT_IT
    return PROOFS[literal.proof](raw) if literal.proof else None


def _stands_alone(text: bytes, start: int, end: int, dash: bool) -> bool:
    """Whether nothing beside it belongs to it: no letter, digit, underscore (dash). The `n` of an escaped line break does
    not, nor do the digits of an escaped character in a URL."""
    after = text[end : end + 1]
    if after.isalnum() or after == b"_" or (dash and after == b"-"):
        return False
    before = text[max(0, start - 3) : start]
    if not before or not (before[-1:].isalnum() or before.endswith((b"_", b"-"))):
        return True
    if before.endswith(b"-"):
        return not dash
    if before[-2:] in (b"\\n", b"\\r", b"\\t"):
        return True
    return len(before) == 3 and before.startswith(b"%") and all(c in b"0123456789abcdefABCDEF" for c in before[1:])


def _is_near(regex: str, text: bytes, start: int, end: int) -> bool:
    first = max(0, start - _NEAR_BYTES)
    above = text[first:start].splitlines(keepends=True)[-_NEAR - 1 :]
    below = text[end : end + _NEAR_BYTES].splitlines(keepends=True)[: _NEAR + 1]
    return any(_compiled(regex).search(b"".join(side)) is not None for side in (above, below))


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    return re2.compile(source.encode(), options)
