"""Which names have to be set now, and does the project's example of an environment say so?

Offered, not written: what stands in `.env.example` is for people to read, and they word it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example")


def to_set(names: Iterable[str], root: str) -> list[str]:
    """Sentences about the names that cured code reads at run time; never a value."""
    wanted = sorted(set(names))
    if not wanted:
        return []
    file = next((name for name in EXAMPLES if os.path.isfile(os.path.join(root, name))), "")
    said = f"set {', '.join(wanted)} where the code runs"
    missing = [name for name in wanted if name not in _named(root, file)]
    if not missing:
        return [said]
    lines = ", ".join(f"`{name}=`" for name in missing)
    where = f"{file} has no line for it" if len(missing) == 1 else f"{file} has no lines for them"
    return [f"{said}; {where}: {lines}" if file else f"{said}; a .env.example with {lines} would tell others"]


def _named(root: str, file: str) -> set[str]:
    if not file:
        return set()
    try:
        with open(os.path.join(root, file), encoding="utf-8", errors="replace") as lines:
            return set(re.findall(r"^[ \t#]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", lines.read(1 << 20), re.MULTILINE))
    except OSError:
        return set()
