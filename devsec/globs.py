"""Does a path match a list of globs? Later globs win, `!` excludes, as in CODEOWNERS and .gitignore."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any


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
    if not path.isprintable():  # RE2 knows no half characters, as which Python gives a name's bytes that are no UTF-8
        path = _HALF.sub("\N{REPLACEMENT CHARACTER}", path)
    return _compiled(glob).fullmatch(path) is not None


LONGEST = 4096  # characters of a glob: no path is longer
_HALF = re.compile("[\ud800-\udfff]")
_SPECIAL = frozenset("*?/")
_FEW = 2  # stars, with which the standard library's engine is sure to be quick


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> Any:
    # The expression is made here from escaped pieces. With few stars the standard library's engine is fast enough and
    # already imported; with many it can take for ever, and a glob may be a stranger's.
    anchored = "/" in glob.rstrip("/")
    parts: list[str] = []
    rest = re.sub(r"(?:\*\*/)+", "**/", glob.removeprefix("/").rstrip("/"))
    few = rest.count("*") - rest.count("**") + (not anchored) <= _FEW
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
    whole = "(?s)" + head + "".join(parts) + "(?:/.*)?"
    if few:
        return re.compile(whole)
    import re2  # where files are looked at it is loaded anyhow

    options = re2.Options()
    options.log_errors = False
    return re2.compile(whole, options)
