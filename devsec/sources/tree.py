"""Files on disk: one by path, or all below a folder. Knows nothing of git."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from devsec.errors import UsageError
from devsec.record import Record
from devsec.sources.real import real
from devsec.sources.source import MAX_BYTES, PEEK, Large, Passed, Skipped, Source, too_large

# Not anybody's own code. Left out below a folder, never when named.
TOOL_FOLDERS = frozenset(
    (
        *(".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules", "__pycache__"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", "build", "dist", ".eggs"),
    )
)


def read(path: str, root: str = "") -> Source | Skipped | Passed:
    """One file; the target where `path` is a symlink. `path` is looked up below `root` and names the result.

    With `root`, no symlink is followed out of it: what it leads to is not what the repository holds.
    """
    name = _name(path)
    full = os.path.join(root, path)
    try:
        # Asked before opening: opening a FIFO waits for ever, and opening a device may do things.
        there = os.stat(full)
        kind = stat.S_IFMT(there.st_mode)
        if root and not _stays_inside(full, root):
            return Skipped(name, "It is reached through a symlink that leads out of the repository.")
        if kind != stat.S_IFREG:
            return Skipped(name, f"It is {_KINDS.get(kind, 'not a regular file')}, not a file with a text.")
        with open(full, "rb", buffering=0) as file:  # all of it at once: a buffer would only be filled and copied
            if there.st_size > MAX_BYTES:
                return too_large(name, Large(there.st_size, file.read(PEEK)))
            return Source(name, file.read())
    except FileNotFoundError:
        if os.path.islink(full):
            return Skipped(name, "It is a symlink to a file that does not exist.")
        return Skipped(name, "It does not exist, or went away before it could be read.")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        return Skipped(name, f"It cannot be read: {_because(error)}.")


def walk(paths: Iterable[str]) -> Iterator[Source | Skipped | Passed]:
    """The files named and those below the folders named: sorted, each once.

    Below a folder, symlinks are not followed (what they point to is either below it too, or not part of it), and
    FIFOs, sockets and devices are no files. UsageError, before anything is read, when a path does not exist.
    """
    return read_all(names(paths))


class Name(Record):
    """A file that is to be read, or a folder that could not be listed, and why."""

    path: str
    trouble: Skipped | None = None


def names(paths: Iterable[str]) -> list[Name]:
    """What `walk` reads."""
    named = list(paths)
    for path in named:
        if not _exists(path):
            raise UsageError(f"{path}: no such file or folder", "Check the spelling, and the folder you are in.")
    found: dict[str, Skipped | None] = {}
    for path in named:
        if os.path.isdir(path):
            for name, trouble in _below(path):
                found[_name(name)] = trouble
        else:
            found[_name(path)] = None
    return [Name(name, found[name]) for name in sorted(found)]


def read_all(files: Iterable[Name]) -> Iterator[Source | Skipped | Passed]:
    """Each with its text, or with why there is none."""
    for file in files:
        yield file.trouble or read(file.path)


def _below(folder: str) -> Iterator[tuple[str, Skipped | None]]:
    """Paths of the regular files below `folder`, and of the folders that could not be listed, with the reason."""
    to_do = [folder]
    while to_do:
        here = to_do.pop()
        try:
            with os.scandir(here) as listing:
                entries = list(listing)
        except OSError as error:
            yield here, Skipped(_name(here), f"The folder cannot be listed: {_because(error)}.")
            continue
        if here != folder and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue  # a virtual environment by another name
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in TOOL_FOLDERS:
                    to_do.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry.path, None


def _stays_inside(full: str, root: str) -> bool:
    folder, name = os.path.split(full)
    there = os.path.realpath(full) if os.path.islink(full) else os.path.join(real(folder), name)
    return there.startswith(real(root).rstrip(os.sep) + os.sep)


def _exists(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a NUL in the path
        return False


def _name(path: str) -> str:
    """How the path is spelled in a report: `./a//b.py` is `a/b.py`. `..` is kept: it may lead through a symlink."""
    slashed = path.replace(os.sep, "/")
    plain = slashed.removeprefix("./")
    if _ODD.isdisjoint(plain.split("/")):
        return plain
    if ".." in slashed.split("/"):
        return slashed
    return os.path.normpath(path).replace(os.sep, "/")


_ODD = frozenset(["", ".", ".."])  # parts that say nothing, or go up; or the root


def _because(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
