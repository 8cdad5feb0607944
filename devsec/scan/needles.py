"""Which plain words does every match of a regex hold? Of a set of needles at least one stands in each match.

Read off the regex with the standard library's parser, which is used to read and never to match. What it does not read the
same way as RE2 it refuses, and then nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from devsec.record import Record
from devsec.scan.gate import LOGIN, LONG, TOKEN_BYTES

SHORTEST = 3  # of a needle: what is shorter stands everywhere
RARE, RARE_IN_TOKEN = 5, 4  # characters; what is shorter stands in many files by chance
_MOST = 100  # alternatives that are spelled out
_WIDEST = 16  # characters of a class that is spelled out: hexadecimal digits

_TOKEN = frozenset(map(chr, TOKEN_BYTES))


class Needles(Record):
    """One of `words` stands in every match; () when that cannot be said. `in_token` when it stands, each time, in a run of
    at least LONG characters of TOKEN_BYTES; `starts` when that is what the value of the match begins with."""

    words: tuple[str, ...] = ()
    in_token: bool = False
    starts: bool = False


def needles(regex: str) -> Needles:
    """What a file must hold for `regex` to match in it."""
    try:
        import re._parser as parser  # type: ignore[import-not-found,unused-ignore]  # Python 3.11 and later
    except ImportError:
        import sre_parse as parser  # type: ignore[no-redef,import-not-found,unused-ignore]
    try:
        parsed = parser.parse(regex)
    except (re.error, RecursionError, OverflowError):
        return Needles()
    if parsed.state.flags & re.IGNORECASE:
        return Needles()
    found = [Needles(tuple(sorted(words)), token) for words, token in _sets(list(parsed))]
    best = max(found, key=_worth, default=Needles())
    if best.in_token and _begins_with(best.words, parsed):
        return best._replace(starts=True)
    return Needles((LOGIN,)) if best.words == ("://",) and _has_login(_flattened(list(parsed))) else best


def _begins_with(words: Sequence[str], parsed: Any) -> bool:
    """Whether the value of each match (the group `secret`, else the first group, else all of it: see scan/lines.py) begins
    with one of the words."""
    items = [item for item in parsed if str(item[0]) != "AT"]
    if parsed.state.groups > 1:
        wanted = parsed.state.groupdict.get("secret", 1)
        if not items or str(items[0][0]) != "SUBPATTERN" or items[0][1][0] != wanted:
            return False
    spelled = _starts(_flattened(items))
    return bool(spelled) and set(spelled) <= set(words)


def _starts(flat: Sequence[Any]) -> list[str]:
    """The words that the items spell from the first on; of alternatives those of each."""
    words, end = _run(flat, 0)
    if end or not flat or str(flat[0][0]) != "BRANCH":
        return words if end else []
    each = [_starts(_flattened(list(branch))) for branch in flat[0][1][1]]
    return [word for words in each for word in words] if all(each) else []


def _has_login(flat: Sequence[Any]) -> bool:
    """Whether an `@` follows `://` in each match, and no line ends between them."""
    codes = [value if str(op) == "LITERAL" else 0 for op, value in flat]
    start = next((at for at in range(len(codes)) if codes[at : at + 3] == [58, 47, 47]), None)
    end = next((at for at in range(start or 0, len(codes)) if codes[at] == 64), None)
    return start is not None and end is not None and all(map(_stays_in_line, flat[start:end]))


def _stays_in_line(item: Any) -> bool:
    op, value = str(item[0]), item[1]
    if op in ("LITERAL", "NOT_LITERAL"):
        return (value == 10) is (op == "NOT_LITERAL")
    if op == "IN":
        kinds = [str(kind) for kind, _ in value]
        line_end = any(
            (kind == "LITERAL" and code == 10) or (kind == "CATEGORY" and str(code) == "CATEGORY_SPACE")
            for (_, code), kind in zip(value, kinds, strict=True)
        )
        spaces = any(kind == "RANGE" and code[0] <= 10 <= code[1] for (_, code), kind in zip(value, kinds, strict=True))
        return line_end if kinds[0] == "NEGATE" else not line_end and not spaces
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        return all(map(_stays_in_line, value[2]))
    if op == "SUBPATTERN":
        return all(map(_stays_in_line, value[3]))
    return op == "BRANCH" and all(_stays_in_line(part) for branch in value[1] for part in branch)


def _worth(found: Needles) -> tuple[bool, bool, int, int]:
    least = min(map(len, found.words))
    return least >= (RARE_IN_TOKEN if found.in_token else RARE), found.in_token, least, -len(found.words)


def _sets(items: Sequence[Any]) -> list[tuple[frozenset[str], bool]]:
    """Each a set of words of which every match of the sequence holds one, and whether that stands in a long token."""
    out: list[tuple[frozenset[str], bool]] = []
    flat = _flattened(items)
    at = 0
    while at < len(flat):
        words, end = _run(flat, at)
        if end == at:
            out += _inner(flat[at])
            at += 1
            continue
        good = frozenset(word for word in words)
        if good and min(map(len, good)) >= SHORTEST:
            out.append((good, _token_length(flat, at, end) >= LONG))
        at = end
    return out


def _flattened(items: Sequence[Any]) -> list[Any]:
    """Groups that are there once are read as what is in them."""
    flat: list[Any] = []
    for op, value in items:
        if str(op) == "SUBPATTERN" and not value[1] and not value[2]:
            flat += _flattened(list(value[3]))
        else:
            flat.append((op, value))
    return flat


def _run(flat: Sequence[Any], start: int) -> tuple[list[str], int]:
    """The words that the items from `start` on spell, and where that ends: literals, small classes, alternatives of
    literals."""
    words = [""]
    at = start
    while at < len(flat):
        choices = _choices(flat[at])
        if not choices or len(words) * len(choices) > _MOST:
            break
        words = [word + choice for word in words for choice in choices]
        at += 1
    if at > start and at < len(flat) and min(map(len, words)) < SHORTEST:  # `SK[0-9a-f]{32}`: one of the many is enough
        op, value = str(flat[at][0]), flat[at][1]
        choices = _choices(value[2][0]) if op == "MAX_REPEAT" and value[0] >= 1 and len(value[2]) == 1 else []
        if choices and len(words) * len(choices) <= _MOST:
            words = [word + choice for word in words for choice in choices]
    return ([], start) if at == start else (words, at)


def _choices(item: Any) -> list[str]:
    """What an item spells, when that is little; [] otherwise."""
    op, value = str(item[0]), item[1]
    if op == "LITERAL":
        return [chr(value)] if 32 <= value < 127 else []
    if op == "IN":
        spelled: list[str] = []
        for kind, code in value:
            if str(kind) == "LITERAL":
                spelled.append(chr(code))
            elif str(kind) == "RANGE":
                spelled += [chr(one) for one in range(code[0], min(code[1], code[0] + _WIDEST) + 1)]
            else:
                return []
        return spelled if len(spelled) <= _WIDEST and all(" " <= one <= "~" for one in spelled) else []
    if op == "BRANCH":
        spelled = []
        for branch in value[1]:
            flat = _flattened(list(branch))
            words, end = _run(flat, 0)
            if end < len(flat) or not words:
                return []
            spelled += words
        return spelled
    return []


def _inner(item: Any) -> list[tuple[frozenset[str], bool]]:
    """Of an item that spells nothing by itself: alternatives that each hold a word, repeats that are there at least once."""
    op, value = str(item[0]), item[1]
    if op == "BRANCH":
        best = []
        for branch in value[1]:
            sets = _sets(list(branch))
            if not sets:
                return []
            best.append(max(sets, key=lambda s: (s[1], min(map(len, s[0])))))
        return [(frozenset().union(*(words for words, _ in best)), all(token for _, token in best))]
    if op in ("MAX_REPEAT", "MIN_REPEAT") and value[0] >= 1:
        return _sets(list(value[2]))
    if op == "SUBPATTERN" and not value[1] and not value[2]:
        return _sets(list(value[3]))
    return []


def _token_length(flat: Sequence[Any], start: int, end: int) -> int:
    """At least how many characters of a token stand in a row around the items from `start` to `end`."""
    if any(not _in_token(item) for item in flat[start:end]):
        return 0
    first, last = start, end
    while first > 0 and _in_token(flat[first - 1]):
        first -= 1
    while last < len(flat) and _in_token(flat[last]):
        last += 1
    return sum(_least(item) for item in flat[first:last])


def _in_token(item: Any) -> bool:
    """Whether all that the item matches are characters of a token, and so it never breaks one."""
    op, value = str(item[0]), item[1]
    if op == "LITERAL":
        return chr(value) in _TOKEN
    if op == "IN":
        return all(_class_in_token(part) for part in value)
    if op == "BRANCH":
        return all(_in_token(part) for branch in value[1] for part in branch)
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        return all(_in_token(part) for part in value[2])
    if op == "SUBPATTERN":
        return not value[1] and not value[2] and all(_in_token(part) for part in value[3])
    return False


def _class_in_token(part: Any) -> bool:
    op, value = str(part[0]), part[1]
    if op == "LITERAL":
        return chr(value) in _TOKEN
    if op == "RANGE":
        low, high = value
        return high < 127 and all(chr(code) in _TOKEN for code in range(low, high + 1))
    return op == "CATEGORY" and str(value) in ("CATEGORY_DIGIT", "CATEGORY_WORD")


def _least(item: Any) -> int:
    op, value = str(item[0]), item[1]
    if op in ("LITERAL", "IN"):
        return 1
    if op == "BRANCH":
        return min(sum(map(_least, branch)) for branch in value[1])
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        return int(value[0]) * sum(map(_least, value[2]))
    return sum(map(_least, value[3])) if op == "SUBPATTERN" else 0
