"""Where does a `text` shape match? On the decoded text of any file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from devsec.catalog.rule import Literal
from devsec.scan import plain
from devsec.text import Span


def places(literal: Literal, text: bytes) -> Iterator[tuple[Span, Span]]:
    """(what matched, the part that is the value) for each match of the regex that is long and random enough.

    The value is the group `secret`, else the first group, else all of the match.
    """
    regex = _compiled(literal.regex)
    group: int = regex.groupindex.get("secret", regex.groupindex.get(b"secret", 1 if regex.groups else 0))
    for found in regex.finditer(text):
        start, end = found.span(group)
        if start == -1:
            start, end = found.span(0)
        value = text[start:end].decode("utf-8", "replace")
        if len(value) >= literal.length and (not literal.entropy or plain.entropy(value) >= literal.entropy):
            yield Span(*found.span(0)), Span(start, end)


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    return re2.compile(source.encode(), options)
