"""Where does a repository say what it wants of devsec, and how is that written for the first time?

Nothing needs to be said, so nothing is written unless somebody says it: an empty file would only be one more.
"""

from __future__ import annotations

import re

from devsec.config import Config
from devsec.errors import UsageError
from devsec.setup.lines import MARK, apart, append, take

OWN, SHARED = "devsec.toml", "pyproject.toml"
_BY = "# Written by `devsec init`. All keys: docs/configuration.md of devsec.\n"
_LINE = r'[a-z]+ = \["(?:[^"\\]|\\.)*"(?:, "(?:[^"\\]|\\.)*")*\]'

Wishes = tuple[tuple[str, tuple[str, ...]], ...]  # keys with lists of strings


def add(wishes: Wishes, now: Config, shared: str | None) -> tuple[str, str] | None:
    """The file that says it, and its new text; None when it says so `now`. `shared` is the text of pyproject.toml.

    UsageError where there is a configuration already: its author knows where in it.
    """
    missing = {key: tuple(one for one in wanted if one not in getattr(now, key)) for key, wanted in wishes}
    if not any(missing.values()):
        return None
    if now.file:
        lines = "\n".join(f"{key} = {_strings((*getattr(now, key), *more))}" for key, more in missing.items() if more)
        raise UsageError(f"{now.file} has a configuration already", f"Say there:\n{lines}")
    lines = "\n".join(f"{key} = {_strings(wanted)}" for key, wanted in wishes if wanted)
    if shared is not None and re.search(r"(?m)^\[+tool\.", shared):
        return SHARED, append(shared, f"[tool.devsec]{MARK}\n{lines}")
    return OWN, f"{_BY}{lines}\n"


def taken(text: str, file: str) -> str | None:
    """The text without what `add` wrote; "" when that was all; None when it is not there as it was written."""
    if file == OWN:
        return "" if re.fullmatch(rf"{re.escape(_BY)}(?:{_LINE}\n)+", text) else None
    return take(text, apart(rf"\[tool\.devsec\]{MARK}(?:\n{_LINE})+(?!\n[^\[\n\r])"))


def has_table(text: str) -> bool:
    """Whether pyproject.toml says something to devsec."""
    return re.search(r"(?m)^\s*\[+tool\.devsec\b", text) is not None


def _strings(words: tuple[str, ...]) -> str:
    import json  # a JSON string in ASCII is a TOML one

    return "[" + ", ".join(json.dumps(word) for word in words) + "]"
