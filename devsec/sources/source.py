"""A text to look at, or the reason there is none."""

from __future__ import annotations

from typing import NamedTuple

# NamedTuple and not dataclass, here and in all else that every commit loads: making a dataclass takes a third of a
# millisecond, and the module that makes them brings inspect along.

PYTHON_SUFFIXES = (".py", ".pyi", ".pyw")


class Source(NamedTuple):
    """The bytes of one file as they stand in the index, on disk or in a commit.

    `path` is relative to the repository's root (or as the user gave it), with forward slashes; bytes that are not
    UTF-8 are held as surrogate escapes.
    """

    path: str
    data: bytes


class Skipped(NamedTuple):
    """A file that should have been looked at and was not. `reason` is a sentence for the person at the keyboard."""

    path: str
    reason: str


def is_python(path: str, data: bytes) -> bool:
    """By suffix, or by a first line that names Python."""
    if path.endswith(PYTHON_SUFFIXES):
        return True
    return data.startswith(b"#!") and b"python" in data[:128].split(b"\n", 1)[0]
