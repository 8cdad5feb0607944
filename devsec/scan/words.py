"""How does a word stand in code? Of bytes alone, so that the gate can ask before anybody has parsed them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

ONLY_WORDS = bytes(byte if byte >= 128 or chr(byte).isalnum() or byte == ord("_") else 32 for byte in range(256))
_BLANK = 32
_FAR = 40  # bytes; who writes more blanks than that before a bracket is taken at his word
_SPACE = b" \t\r\n\f\\"
_CALLED = (b"(", b")", b"#", b"")  # `(x.f)()` is a call, and between the two a comment may stand
_ASSIGNED = (b"=", b":", b")", b"#", b"")  # `x: int = 1`, `(x) = 1`
_ENDED = frozenset([b"(", b")", b"#", b";", b"\r", b"\n", b"\\", b""])


def stands_alone(text: bytes, start: int, end: int) -> bool:
    """Whether these bytes are a word, and not a part of one."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before and ONLY_WORDS[before[0]] != _BLANK) and not (after and ONLY_WORDS[after[0]] != _BLANK)


def is_called(text: bytes, start: int, end: int) -> bool:
    """Whether these bytes are a word, and an attribute by that name may be called there."""
    return stands_alone(text, start, end) and text[end : end + _FAR].lstrip(_SPACE)[:1] in _CALLED


def ends(text: bytes, start: int, end: int) -> bool:
    """Whether these bytes are a word, and a name may end there that is called, or that is all of what another name is given: by an
    assignment, or by an import. Not what `:=` gives, which may go on in any way."""
    if not stands_alone(text, start, end):
        return False
    behind = text[end : end + _FAR].lstrip(b" \t\f")
    return behind[:1] in _ENDED or (behind[:2] == b"as" and stands_alone(behind, 0, 2))


def is_assigned(text: bytes, start: int, end: int) -> bool:
    """Whether these bytes are a word, and a name or an attribute may be given a value there by `=`."""
    if not stands_alone(text, start, end):
        return False
    behind = text[end : end + _FAR].lstrip(_SPACE)
    return behind[:1] in _ASSIGNED and behind[:2] != b"=="


def any_ends(words: Sequence[bytes], text: bytes) -> bool:
    """Whether one of the words `ends` somewhere; true of a text with `:=`."""
    return b":=" in text or _any(words, text, ends)


def any_assigned(words: Sequence[bytes], text: bytes) -> bool:
    """Whether one of the words `is_assigned` somewhere."""
    return _any(words, text, is_assigned)


def _any(words: Sequence[bytes], text: bytes, counts: Callable[[bytes, int, int], bool]) -> bool:
    for word in words:
        at = text.find(word)
        while at >= 0:
            if counts(text, at, at + len(word)):
                return True
            at = text.find(word, at + 1)
    return False
