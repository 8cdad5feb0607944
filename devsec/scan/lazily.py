"""Regexes that are compiled when they are first asked: a module may have forty, of which one answer needs five, and all together take
17 ms."""

from __future__ import annotations

import re

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any, AnyStr


class _Later:
    """Has the methods of a pattern; each is looked up once."""

    def __init__(self, source: Any, flags: int) -> None:
        self._how = source, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(*self._how), name)
        setattr(self, name, found)
        return found


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, save that a source that is none is told when it is first asked."""
    later: Any = _Later(source, flags)
    return later  # type: ignore[no-any-return]
