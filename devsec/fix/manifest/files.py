"""Which text does a manifest have here? The one on disk, or the staged one when the index is cured."""

from __future__ import annotations

import os
from typing import Protocol

from devsec.sources import tree
from devsec.sources.git import Repository
from devsec.sources.source import Passed, Skipped


class Files(Protocol):
    def read(self, path: str) -> bytes | Skipped | None:
        """The bytes of a file below the root; None when there is none."""

    def names(self, folder: str) -> list[str]:
        """What stands in a folder, sorted."""


class Disk:
    """The files as they stand on disk."""

    def __init__(self, root: str) -> None:
        self.root = root

    def read(self, path: str) -> bytes | Skipped | None:
        full = os.path.join(self.root, path)
        if not os.path.lexists(full) or os.path.isdir(full):
            return None
        if not _inside(os.path.realpath(full), os.path.realpath(self.root)):
            return Skipped(path, "It is a link out of the project.")
        source = tree.read(path, self.root)
        if isinstance(source, Passed):
            return Skipped(path, f"It is {source.what}, no text.")
        return source if isinstance(source, Skipped) else source.data

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(os.listdir(os.path.join(self.root, folder)))
        except OSError:
            return []


class Staged:
    """The staged texts of the files that git tracks, and those on disk of all others."""

    def __init__(self, repository: Repository) -> None:
        self._repository, self._disk = repository, Disk(repository.root)
        self._known: dict[str, bytes | Skipped | None] = {}
        self.blobs: dict[str, str] = {}  # of what was read and is tracked

    def read(self, path: str) -> bytes | Skipped | None:
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _read(self, path: str) -> bytes | Skipped | None:
        entry = self._repository.entries((path,)).get(path)
        if entry is None or not entry.mode.startswith("100"):
            return self._disk.read(path)
        self.blobs[path] = entry.blob
        return next((data for _, data in self._repository.read((entry.blob,))), None)

    def names(self, folder: str) -> list[str]:
        return self._disk.names(folder)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
