"""A text to look at, or the reason there is none."""

from __future__ import annotations

from devsec.record import Record

# Record and not dataclass, here and in all else that every commit loads: making a dataclass takes a third of a
# millisecond, and the module that makes them brings inspect along.

PYTHON_SUFFIXES = (".py", ".pyi", ".pyw")

# A larger file is not read into memory. What is pushed to the usual hosts is smaller: they refuse more.
MAX_BYTES = 100 << 20
PEEK = 8000  # how far git looks for a NUL byte before it calls a file binary
# UTF-32 first: its little-endian mark begins with the one of UTF-16.
WIDE_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# How files begin that hold other files; the ones that hold text like any other (a notebook, a tar of text) are not here.
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"\x28\xb5\x2f\xfd", b"Rar!\x1a\x07")


IGNORE = b"devsec: ignore"  # what a comment that silences begins with; a file without it pays nothing


class Source(Record):
    """The bytes of one file as they stand in the index, on disk or in a commit.

    `path` is relative to the repository's root (or as the user gave it), with forward slashes; bytes that are not
    UTF-8 are held as surrogate escapes.
    """

    path: str
    data: bytes


class Skipped(Record):
    """A file that should have been looked at and was not. `reason` is a sentence for the person at the keyboard. `path` is "" for what is
    no file (commits that a clone lacks): then the sentence says all there is to say."""

    path: str
    reason: str


class Passed(Record):
    """A file that was left out on purpose, since it holds no text: said, and no reason to stop. `what` it is."""

    path: str
    what: str


class Large(Record):
    """Instead of the bytes of a file that is too large to be read: how many they are, and the first of them."""

    size: int
    head: bytes


def is_binary(data: bytes) -> bool:
    """As git sees it: a NUL byte near the start. UTF-16 and UTF-32 that say so in a BOM are text all the same."""
    return b"\0" in data[:PEEK] and not any(data.startswith(bom) for bom, _ in WIDE_BOMS)


def no_text(data: bytes) -> str:
    """What a file is that holds no text to look at, from its first bytes; "" for any text."""
    if data.startswith(_ARCHIVES) or (data[4:10] == b"1AY&SY" and data.startswith(b"BZh")):
        return "archive"
    if not is_binary(data):
        return ""
    return "archive" if data[257:262] == b"ustar" else "binary file"


def too_large(path: str, large: Large) -> Skipped | Passed:
    """What is said about a file that was not read."""
    what = no_text(large.head)
    if what:
        return Passed(path, what)
    return Skipped(path, f"It has {large.size >> 20} MB; a file of more than {MAX_BYTES >> 20} MB is not read.")


def is_python(path: str, data: bytes) -> bool:
    """By suffix, or by a first line that names Python."""
    if path.endswith(PYTHON_SUFFIXES):
        return True
    return data.startswith(b"#!") and b"python" in data[:128].split(b"\n", 1)[0]


def is_notebook(path: str) -> bool:
    """Whether it is JSON with cells in it, which may be Python."""
    return path.endswith(".ipynb")
