"""How does a new text get into the index? All texts at once or none, and without a lock that outlives us.

As git does it, in another order: git prepares the new index in a copy, and `index.lock` is taken last, when all that is
left to do is to see that nobody was faster, and to put the copy in place by one rename. The copy and the lock are one
file by two names, so that the guard knows whose lock it is.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from devsec.errors import FixError, GitError
from devsec.sources.git import Entry, Repository
from devsec.sources.guard import Guard

_BUSY = "Another git process seems to be at work here: let it finish, or remove the lock if there is none."
_NO_LINKS = (errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_WHY = {
    errno.EACCES: "devsec needs to write to the folder the index is in: check its permissions.",
    errno.EPERM: "devsec needs to write to the folder the index is in: check its permissions.",
    errno.EROFS: "The file system is mounted read-only.",
    errno.ENOSPC: "The disk is full: make room, then run the command again.",
    errno.EDQUOT: "Your disk quota is used up: make room, then run the command again.",
}


class Draft:
    """A copy of the index, to be changed and then published. Leave the `with` block without that, and nothing happened.

    FixError from any of it: the index is as it was.
    """

    def __init__(self, repository: Repository, guard: Guard) -> None:
        self._repository, self._guard = repository, guard
        self._index = repository.index_file()
        self._lock = self._index + ".lock"
        self._copy = ""
        self._before = b""

    def __enter__(self) -> Draft:
        if os.path.lexists(self._lock):
            raise FixError(f"the index is locked: {self._lock} exists", _BUSY)
        try:
            with open(self._index, "rb") as file:
                self._before = file.read()
            folder, name = os.path.split(self._index)
            handle, self._copy = self._guard.file(folder, f"{name}.devsec-")
            self._guard.watch(self._copy + ".lock")  # git's, while it writes the copy
            with os.fdopen(handle, "wb") as file:
                file.write(self._before)
        except OSError as error:
            self.__exit__()
            raise _refusal(error) from error
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for path in (self._copy, self._copy + ".lock") if self._copy else ():
            with suppress(FileNotFoundError):
                os.unlink(path)
            self._guard.done(path)

    def entries(self, paths: tuple[str, ...]) -> dict[str, Entry]:
        """What it holds of these files."""
        return self._repository.entries(paths, self._copy)

    def put(self, path: str, data: bytes, old: Entry) -> None:
        """Stages `data` in place of `old`."""
        try:
            self._repository.put(path, data, old, self._copy)
        except GitError as error:
            raise FixError(f"{path} cannot be staged: {error.message}", error.hint) from error

    def publish(self) -> None:
        """Makes it the index: as long as nobody else changed that since."""
        self._repository.refresh(self._copy)
        try:
            with open(self._copy, "rb") as file:
                os.fsync(file.fileno())
                ours = os.fstat(file.fileno()).st_ino
            self._guard.watch(self._lock, ours)
            try:
                ours = self._take(ours)
                with open(self._index, "rb") as file:
                    if file.read() != self._before:
                        raise FixError("the index was changed by another process meanwhile", "Run the command again.")
                os.replace(self._lock, self._index)
            except BaseException:
                self._release(ours)
                raise
            self._guard.done(self._lock)
        except OSError as error:
            raise _refusal(error) from error

    def _take(self, inode: int) -> int:
        """Makes the copy the lock as well, and returns the inode it has. FixError when there is a lock already."""
        try:
            try:
                os.link(self._copy, self._lock)
            except FileExistsError:
                raise
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                inode = self._written_as_lock()
        except FileExistsError:
            raise FixError(f"the index is locked: {self._lock} exists", _BUSY) from None
        return inode

    def _written_as_lock(self) -> int:
        """The same where files have one name only: the guard learns whose lock it is a moment late."""
        with open(self._lock, "xb") as lock, open(self._copy, "rb") as copy:
            inode = os.fstat(lock.fileno()).st_ino
            self._guard.watch(self._lock, inode)
            lock.write(copy.read())
            lock.flush()
            os.fsync(lock.fileno())
        return inode

    def _release(self, ours: int) -> None:
        with suppress(OSError):
            if os.lstat(self._lock).st_ino == ours:
                os.unlink(self._lock)
        self._guard.done(self._lock)


def merged(repository: Repository, guard: Guard, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """git's three-way merge of three texts; None when both sides changed the same lines. FixError, GitError."""
    folder, files = os.path.dirname(repository.index_file()), []
    try:
        for text in (ours, base, theirs):
            handle, path = guard.file(folder, "devsec-merge-")
            files.append(path)
            with os.fdopen(handle, "wb") as file:
                file.write(text)
        return repository.merge(*files)
    except OSError as error:
        raise _refusal(error) from error
    finally:
        for path in files:
            with suppress(FileNotFoundError):
                os.unlink(path)
            guard.done(path)


def _refusal(error: OSError) -> FixError:
    reason = error.strerror or str(error)
    return FixError(f"the index cannot be written: {reason}", _WHY.get(error.errno or 0, "The index is as it was."))
