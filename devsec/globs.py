"""Does a path match a list of globs? Later globs win, `!` excludes, as in CODEOWNERS and .gitignore."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache


def matches(path: str, globs: Sequence[str]) -> bool:
    """`path` has forward slashes. An empty list, or one that only excludes, starts from everything.

    `**` crosses folders, `*` and `?` do not; a glob without `/` (other than at its end) matches at any depth; a glob
    that names a folder, with or without a final `/`, covers what is below it.
    """
    found = not any(not glob.startswith("!") for glob in globs)
    for glob in globs:
        wanted = not glob.startswith("!")
        if wanted != found and _is_one(glob.removeprefix("!"), path):
            found = wanted
    return found


def _is_one(glob: str, path: str) -> bool:
    if _SPECIAL.isdisjoint(glob):  # a name, at any depth: no expression has to be made for it
        return glob in path.split("/")
    return _compiled(glob).match(path) is not None


_SPECIAL = frozenset("*?/")


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    # The expression is made here from escaped pieces, at most one `.*` or `[^/]*` per star, and paths are short: the
    # standard library's engine is fast enough and already imported.
    anchored = "/" in glob.rstrip("/")
    parts: list[str] = []
    rest = glob.removeprefix("/").rstrip("/")
    while rest:
        if rest.startswith("**/"):
            parts.append("(?:.*/)?")
            rest = rest[3:]
        elif rest.startswith("**"):
            parts.append(".*")
            rest = rest[2:]
        elif rest.startswith("*"):
            parts.append("[^/]*")
            rest = rest.lstrip("*") if rest.startswith("***") else rest[1:]
        elif rest.startswith("?"):
            parts.append("[^/]")
            rest = rest[1:]
        else:
            parts.append(re.escape(rest[0]))
            rest = rest[1:]
    head = "" if anchored else "(?:.*/)?"
    return re.compile(head + "".join(parts) + r"(?:/.*)?\Z", re.DOTALL)
