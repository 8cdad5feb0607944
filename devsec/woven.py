"""What was found in a text, kept without that text: wherever a finding repeats it, the place is kept instead. Whoever has the cache
and not the file can read nothing of it; whoever has the file reads what was found at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from devsec.catalog.codec import UNSOUND, decode, encode
from devsec.finding import Finding

_SHORTEST = 4  # characters that are kept as a place; what is kept as it is has no such piece of the text in it
_PIECES = "="  # no field of a finding is called so
MOST = 100  # findings of a file; one with more is looked at again


def weave(findings: Sequence[Finding], text: bytes) -> Any:
    """What JSON can hold, without the path; None when it is not kept: of what has a secret in it nothing is."""
    if not findings or len(findings) > MOST or any(finding.secrets for finding in findings):
        return None
    source = text.decode("utf-8", "replace")
    return [_woven(encode(finding._replace(path="")), source) for finding in findings]


def unwoven(data: Any, path: str, text: bytes) -> tuple[Finding, ...]:
    """What was woven with that same text of a file; () for anything that was not."""
    source = text.decode("utf-8", "replace")
    try:
        found = tuple(decode(_spelled_out(one, source), Finding)._replace(path=path) for one in data)
    except (*UNSOUND, IndexError):  # no place in a text
        return ()
    return found


def _woven(data: Any, source: str) -> Any:
    if isinstance(data, str):
        pieces = list(_pieces(data, source))
        return data if pieces == [data] else {_PIECES: pieces}
    if isinstance(data, dict):
        return {name: _woven(part, source) for name, part in data.items()}
    return [_woven(part, source) for part in data] if isinstance(data, list) else data


def _pieces(text: str, source: str) -> Iterator[str | tuple[int, int]]:
    """Places in the source (start, length), and between them what does not stand there."""
    own = at = 0
    while at < len(text):
        length = _longest(text, at, source)
        if length < _SHORTEST:
            at += 1
            continue
        if own < at:
            yield text[own:at]
        yield source.index(text[at : at + length]), length
        own = at = at + length
    if own < at:
        yield text[own:at]


def _longest(text: str, at: int, source: str) -> int:
    """How many characters from there on stand in the source as they are."""
    least, most = 0, len(text) - at
    if text[at : at + _SHORTEST] not in source:
        return 0
    while least < most:  # what begins what is there is there
        middle = (least + most + 1) // 2
        if text[at : at + middle] in source:
            least = middle
        else:
            most = middle - 1
    return least


def _spelled_out(data: Any, source: str) -> Any:
    if isinstance(data, dict):
        if _PIECES in data:
            parts = (p if isinstance(p, str) else source[p[0] : p[0] + p[1]] for p in data[_PIECES])
            return "".join(parts)
        return {name: _spelled_out(part, source) for name, part in data.items()}
    return [_spelled_out(part, source) for part in data] if isinstance(data, list) else data
