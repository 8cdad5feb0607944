"""Is a file one of those that a `file` shape names, and does it begin as one?

Asked of every staged file: the last part of its path tells nearly always that it is none, before a glob is compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from devsec.globs import matches


class Quick(NamedTuple):
    """What the last part of a path has to be for any of some globs to match: one of `whole`, or one that begins or ends
    so. `any` when a glob says less than that."""

    whole: frozenset[str]
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    any: bool

    @classmethod
    def of(cls, globs: Sequence[str]) -> Quick:
        last = [glob.rpartition("/")[2] for glob in globs if not glob.startswith("!")]
        whole = frozenset(name for name in last if not _wild(name))
        ends = tuple(name[1:] for name in last if name[:1] == "*" and not _wild(name[1:]))
        begins = tuple(name[:-1] for name in last if name[-1:] == "*" and not _wild(name[:-1]))
        known = sum(map(len, (begins, ends))) + sum(name in whole for name in last)
        return cls(whole, begins, ends, known < len(last))

    def admits(self, path: str) -> bool:
        """`path` in lower case."""
        name = path.rpartition("/")[2]
        return name in self.whole or name.endswith(self.ends) or name.startswith(self.begins) or self.any


def is_named(path: str, quick: Quick, globs: Sequence[str]) -> bool:
    """Whether the file itself, and not only a folder it is in, is named by the globs, in whatever case."""
    lower = path.lower()
    return quick.admits(lower) and matches(lower, globs)


def begins(data: bytes, starts: Sequence[str]) -> bool:
    """Whether the bytes begin like one of `starts`: pairs of hex digits, `??` for any byte. Nothing asked: yes."""
    return not starts or any(_begins(data, start) for start in starts)


def _begins(data: bytes, start: str) -> bool:
    if len(data) * 2 < len(start):
        return False
    head = data[: len(start) // 2].hex()
    return all(start[at : at + 2] in (head[at : at + 2], "??") for at in range(0, len(start), 2))


def _wild(name: str) -> bool:
    return "*" in name or "?" in name
