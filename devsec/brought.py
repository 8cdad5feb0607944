"""What stands in a file that a repository brings along? It may be anything: a link that leads elsewhere, a pipe nobody writes
to, a device without an end, a hundred megabytes of nothing. Those are not read."""

from __future__ import annotations

import errno
import os
import stat

MOST = 4 << 20  # bytes: more than anybody writes by hand


def read(path: str, top: str = "", most: int = MOST) -> bytes:
    """The bytes of a regular file; a link is followed where it stays below the folder `top` ("": wherever it leads).

    Raises OSError with a `strerror` that completes "cannot be read: …": FileNotFoundError when it is not there, and for all
    that is no regular file or has more than `most` bytes.
    """
    if top and os.path.islink(path):
        # Before it is opened: opening a device may do things.
        real, folder = os.path.realpath(path), os.path.realpath(top)
        if not real.startswith(folder.rstrip(os.sep) + os.sep):
            raise OSError(errno.EXDEV, "it is a link that leads out of its folder")
    # To open a pipe would otherwise wait for whoever writes to it.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        kind = os.fstat(handle)
        if not stat.S_ISREG(kind.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        data = file.read(most + 1) if kind.st_size <= most else b""
        if kind.st_size > most or len(data) > most:
            size = f"{most >> 20} MB" if most >= 1 << 20 else f"{most >> 10} KB"
            raise OSError(errno.EFBIG, f"it has more than {size}")
        return data
