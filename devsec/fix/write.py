"""How does a proved text get onto the disk? Whole or not at all, and never over somebody's work.

The new text goes to a temporary file beside the old one, is flushed, and takes its place in one rename: whoever is
killed at any moment leaves the old file or the new one. A symlink is written through: its target is replaced, never
the link. A file with several hard links is refused, since a rename would cut them apart and writing in place could be
interrupted half way.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress

from devsec.errors import FixError
from devsec.fix.plan import Patch
from devsec.sources.guard import Guard

_AGAIN = "Run the command again: it will look at the file as it is now."
_HINTS = {
    errno.ENOSPC: "The disk is full: make room, then run the command again.",
    errno.EDQUOT: "Your disk quota is used up: make room, then run the command again.",
    errno.EROFS: "The file system is mounted read-only.",
    errno.EACCES: "devsec needs to write to the file and to create a file beside it: check the permissions of both.",
    errno.EPERM: "devsec needs to write to the file and to create a file beside it: check the permissions of both.",
    errno.ELOOP: "The symlink goes in circles: mend it.",
}


def write(path: str, patch: Patch, guard: Guard | None = None) -> None:
    """Puts `patch.after` where `patch.before` stands. FixError when that cannot be done: the file is as it was.

    `guard` clears away the temporary file when we are killed before it is in place.
    """
    if patch.after == patch.before:
        return
    target = os.path.realpath(path)
    try:
        before = os.stat(target)
        _may_be_replaced(path, before)
        _is_still(path, target, patch.before)
        _replace(path, target, before, patch, guard)
    except OSError as error:
        raise _refusal(path, error) from error


def _may_be_replaced(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise FixError(f"{path} is not a regular file", "devsec only writes regular files.")
    if status.st_nlink > 1:
        raise FixError(
            f"{path} has {status.st_nlink} hard links, and a fix would cut them apart",
            "Give it a content of its own (copy it, then move the copy over it), or apply the patch of --diff by hand.",
        )
    # A rename asks the folder, not the file: without this a read-only file would be replaced.
    if not status.st_mode & 0o222:
        raise FixError(f"{path} is read-only", "Make it writable (chmod u+w) if it is yours to change.")


def _is_still(path: str, target: str, expected: bytes) -> None:
    with open(target, "rb") as file:
        if file.read() != expected:
            raise FixError(f"{path} has changed since it was read", _AGAIN)


def _replace(path: str, target: str, old: os.stat_result, patch: Patch, guard: Guard | None) -> None:
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
    folder = os.path.dirname(target)
    made = guard.file if guard is not None else _new_file
    handle, temporary = made(folder, ".devsec-", ".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(patch.after)
            file.flush()
            _like_the_old(file.fileno(), target, old)
            os.fsync(file.fileno())
        now = os.stat(target)
        if (now.st_dev, now.st_ino) != (old.st_dev, old.st_ino):
            raise FixError(f"{path} was replaced by another file meanwhile", _AGAIN)
        _is_still(path, target, patch.before)  # an editor may have saved while we wrote: look as late as can be
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C included: nothing may be left behind
        with suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        if guard is not None:
            guard.done(temporary)
    _flush_folder(folder)


def _new_file(folder: str, prefix: str, suffix: str) -> tuple[int, str]:
    return tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=folder)


def _like_the_old(handle: int, target: str, old: os.stat_result) -> None:
    """Owner, mode and extended attributes. Not the times: byte-code caches tell by them that a file changed."""
    if not hasattr(os, "fchown"):  # Windows has no owners of this kind and keeps its own permissions
        return
    new = os.fstat(handle)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        os.fchown(handle, old.st_uid, old.st_gid)
    if hasattr(os, "listxattr"):
        with suppress(OSError):  # a file system without them, or labels only the system may set
            for name in os.listxattr(target):
                os.setxattr(handle, name, os.getxattr(target, name))
    os.fchmod(handle, stat.S_IMODE(old.st_mode))  # last: changing the owner clears set-id bits


def _flush_folder(folder: str) -> None:
    """So that the rename survives a power cut. The new text is in place already, so trouble here is not the author's."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refusal(path: str, error: OSError) -> FixError:
    reason = error.strerror or str(error)
    return FixError(f"{path} cannot be written: {reason}", _HINTS.get(error.errno or 0, "The file is as it was."))
