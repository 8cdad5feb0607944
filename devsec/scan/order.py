"""In which order does a file keep its imports?

Nobody asks for isort's settings: the file shows them. The keys are those of isort and of ruff's rule I, which agree
(https://docs.astral.sh/ruff/settings/#lintisort): names as people count them (a2 before a10), small and capital letters
alike unless the file says otherwise.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from itertools import pairwise

from devsec.record import Record

Key = tuple[object, ...]


class Section(IntEnum):
    """The part of the imports a module belongs to."""

    STDLIB = 1
    THIRD = 2
    FIRST = 3
    LOCAL = 4


class Entry(Record):
    """An import statement as sorting sees it. `member` and `alias` are those of the first name, "" without."""

    section: Section
    plain: bool  # `import …`, not `from … import …`
    module: str
    member: str = ""
    alias: str = ""
    blank_above: bool = False
    comment_above: bool = False


class Style(Record):
    """`kinds`: which of `import` and `from` comes first within a section, or "mixed" for force-sort-within-sections."""

    sections: bool = True
    kinds: str = "import"
    capitals: bool = False  # capital letters before small ones

    def key(self, entry: Entry) -> Key:
        first = entry.plain == (self.kinds == "import")
        return (
            entry.section if self.sections else 0,
            0 if self.kinds == "mixed" or first else 1,
            _natural(entry.module, self.capitals),
            _natural(entry.module, True),
            member_key(entry.member, self.capitals) if entry.member else (),
            _natural(entry.alias, True),
        )


# The default first: where a file fits several, most files are of that kind.
_STYLES = [Style(s, k, c) for s in (True, False) for k in ("import", "mixed", "from") for c in (False, True)]


def style_of(run: Sequence[Entry], others: Iterable[Sequence[Entry]]) -> Style | None:
    """The style that the run of imports is sorted in, and most of the others; None when it is not sorted."""
    fitting = [style for style in _STYLES if _fits(run, style)]
    rest = list(others)
    return max(fitting, key=lambda style: sum(_fits(other, style) for other in rest), default=None)


def _fits(run: Sequence[Entry], style: Style) -> bool:
    if style.sections and not sections_apart(run):
        return False
    # Relative imports are sorted by their dots first, and ours never is one.
    keys = [style.key(entry) for entry in run if entry.section is not Section.LOCAL]
    return all(one <= other for one, other in pairwise(keys))


def sections_apart(run: Sequence[Entry]) -> bool:
    """Whether a blank line stands wherever the section changes."""
    return all(b.blank_above for a, b in pairwise(run) if a.section is not b.section)


def kinds_apart(run: Sequence[Entry]) -> bool:
    """Whether a blank line stands between `import` and `from` within a section (lines-between-types).

    Where a comment stands between them it may be the comment's."""
    pairs = [(a, b) for a, b in pairwise(run) if a.section is b.section and not b.comment_above]
    changes = [b.blank_above for a, b in pairs if a.plain is not b.plain]
    return bool(changes) and all(changes)


def is_stdlib(name: str) -> bool:
    return name.split(".", 1)[0] in sys.stdlib_module_names


def _natural(name: str, capitals: bool) -> Key:
    parts = re.split(r"(\d+)", name if capitals else name.lower())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts))


# --- names within a statement ------------------------------------------------------------------------------------------


def member_key(name: str, capitals: bool = False) -> Key:
    """CONSTANTS, then Classes, then the rest: order-by-type, the default."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return (kind, _natural(name, capitals), _natural(name, True))


_MEMBER_ORDERS: tuple[Callable[[str], Key], ...] = (
    member_key,
    lambda name: (_natural(name, False), _natural(name, True)),
    lambda name: _natural(name, True),
    lambda name: member_key(name, True),
)


def member_place(name: str, members: Sequence[str], lists: Iterable[Sequence[str]]) -> int:
    """Where `name` goes among the sorted `members` of a `from` import; behind them when they are not sorted. `lists`
    are all such lists of the file: they show how it sorts."""
    seen = list(lists)
    fitting = [key for key in _MEMBER_ORDERS if _sorted(members, key)]
    if not fitting:
        return len(members)
    key = max(fitting, key=lambda key: sum(_sorted(other, key) for other in seen))
    return sum(key(other) < key(name) for other in members)


def _sorted(members: Sequence[str], key: Callable[[str], Key]) -> bool:
    return all(key(one) <= key(other) for one, other in pairwise(members))


def one_name_a_statement(nodes: Sequence[ast.ImportFrom]) -> bool:
    """Whether the file writes a `from` import anew for each name (force-single-line)."""
    if any(len(node.names) > 1 for node in nodes):
        return False
    bare = [(node.level, node.module) for node in nodes if node.names[0].asname is None]
    return len(set(bare)) < len(bare)
