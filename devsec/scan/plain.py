"""What can be asked of a constant or an identifier by itself? No syntax tree here, so that CPython's tree, LibCST's and a
line of text are asked the same."""

from __future__ import annotations

import re
from functools import lru_cache

from devsec.catalog.rule import Literal, Test
from devsec.scan.formats.by_name import long_enough

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any


Value = str | bytes | int | float | bool | None


def holds(test: Test, value: Value) -> bool:
    """Whether what a test asks of a constant (`is`, `in`, `less_than`, `more_than`, `literal`) holds for this one."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if test.equals is not None and not any(_same(value, wanted) for wanted in test.equals):
        return False
    if test.less_than is not None and not (number and value < test.less_than):  # type: ignore[operator]
        return False
    if test.more_than is not None and not (number and value > test.more_than):  # type: ignore[operator]
        return False
    if test.literal:
        kinds = {"text"} if isinstance(value, str) else {"bytes"} if isinstance(value, bytes) else set()
        kinds |= {"string", "any"} if kinds else {"number", "any"} if number else set()
        return test.literal in kinds
    return True


def asks_constant(test: Test) -> bool:
    """Whether only a constant can pass the test."""
    return bool(test.equals is not None or test.less_than is not None or test.more_than is not None or test.literal)


def _same(value: Value, wanted: object) -> bool:
    if isinstance(value, bytes) and isinstance(wanted, str):
        return value == wanted.encode()
    return type(value) is type(wanted) and value == wanted


def text_of(value: Value) -> str | None:
    """A constant as text: bytes read as latin-1, so that a regex can look at them; None for other constants."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return None


def is_like(literal: Literal, text: str) -> bool:
    """Whether a text is like a rule's literal. The cheap parts are asked first."""
    if literal.length and len(text) < literal.length:
        return False
    if literal.regex and regex(literal.regex).search(text) is None:
        return False
    if literal.entropy and entropy(text) < literal.entropy:
        return False
    return not literal.strength or _is_strong(literal.strength, text)


def _is_strong(wanted: str, text: str) -> bool:
    if wanted == "strong" and not long_enough(text):
        return False
    from devsec.scan.strength import judge  # asks this module about words, and has regexes that take 15 ms to get ready

    return judge(text, "secret").at_least(wanted)  # the rule has asked where it stands


def entropy(text: str) -> float:
    """Shannon entropy in bits a character; 0.0 for the empty text."""
    import math  # asked only of literals that passed the regex
    from collections import Counter

    if not text:
        return 0.0
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values())


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=4096)
def words(identifier: str) -> str:
    """`userPassword`, `USER-PASSWORD`, `user.password` -> `user_password`."""
    return "_".join(part for part in re.split(r"[^0-9A-Za-z]+", _HUMP.sub("_", identifier)) if part).lower()


def words_match(source: str, identifier: str) -> bool:
    """Whether a regex over words finds whole words of the identifier."""
    return regex(f"(?:^|_)(?:{source})(?:_|$)").search(words(identifier)) is not None


@lru_cache(maxsize=4096)
def regex(source: str) -> Any:
    """A rule's regex, on RE2: linear time whatever the rule or the scanned text does."""
    import re2  # loaded by the gate already, where there is one

    options = re2.Options()
    options.log_errors = False
    return re2.compile(source, options)
