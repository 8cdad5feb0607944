"""Is a file one of those that a `file` shape names, and does it begin as one?

Asked of every staged file: the last part of its path tells nearly always that it is none, before a glob is compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from devsec.globs import matches
from devsec.record import Record


class Quick(Record):
    """What the last part of a path has to be for any of some globs to match: one of `whole`, or one that begins or ends
    so. `any` when a glob says less than that."""

    whole: frozenset[str]
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    any: bool

    @classmethod
    def of(cls, globs: Sequence[str]) -> Quick:
        pieces = [_pieces(glob) for glob in globs if not glob.startswith("!")]
        whole = frozenset(one[0] for one in pieces if len(one) == 1)
        ends = tuple(one[-1] for one in pieces if len(one) > 1 and one[-1])
        begins = tuple(one[0] for one in pieces if len(one) > 1 and one[0] and not one[-1])
        return cls(whole, begins, ends, any(len(one) > 1 and not one[0] and not one[-1] for one in pieces))

    def admits(self, path: str) -> bool:
        """`path` in lower case."""
        name = path.rpartition("/")[2]
        return name in self.whole or name.endswith(self.ends) or name.startswith(self.begins) or self.any


def is_named(path: str, globs: Sequence[str]) -> bool:
    """Whether the file itself, and not only a folder it is in, is named by the globs. `path` in lower case."""
    name = path.rpartition("/")[2]
    # Compiling the others would take longer than all else that is asked of a file.
    near = [glob for glob in globs if glob.startswith("!") or _could(name, _pieces(glob))]
    return any(not glob.startswith("!") for glob in near) and matches(path, near)


def _could(name: str, pieces: Sequence[str]) -> bool:
    if len(pieces) == 1:
        return name == pieces[0]
    return name.startswith(pieces[0]) and name.endswith(pieces[-1]) and all(piece in name for piece in pieces)


@lru_cache(maxsize=1024)
def _pieces(glob: str) -> tuple[str, ...]:
    """What stands between the stars and question marks of its last part."""
    return tuple(glob.rpartition("/")[2].replace("?", "*").split("*"))


def begins(data: bytes, starts: Sequence[str]) -> bool:
    """Whether the bytes begin like one of `starts`: pairs of hex digits, `??` for any byte. Nothing asked: yes."""
    return not starts or any(_begins(data, start) for start in starts)


def _begins(data: bytes, start: str) -> bool:
    if len(data) * 2 < len(start):
        return False
    head = data[: len(start) // 2].hex()
    return all(start[at : at + 2] in (head[at : at + 2], "??") for at in range(0, len(start), 2))
