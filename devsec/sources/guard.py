"""What stays behind when we are killed? Nothing: a second process waits for our end and clears away.

No handler runs on SIGKILL. But a pipe closes with whoever held it, however that one died: the guard reads until then
and removes what is still named. It is in a session of its own, so that what is sent to our group does not reach it.

Run as a file: it imports nothing of devsec, so that it is ready in the time Python needs to start.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

TYPE_CHECKING = False  # typing's own takes as long to load as all the rest of this
if TYPE_CHECKING:
    import subprocess


class Guard:
    """Removes the files it was told of, unless it is told that they are done with. Starts with the first one.

    Where no process can be started it guards nothing: leftovers are untidy, and no reason to stop.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._deaf = False

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
            self._process.wait()

    def watch(self, path: str, inode: int = 0) -> None:
        """`path` must not survive us; with `inode`, only when it is that file and not another by the same name."""
        self._say(b"+", path, inode)

    def done(self, path: str) -> None:
        """`path` is gone, or is to stay."""
        self._say(b"-", path, 0)

    def file(self, folder: str, prefix: str, suffix: str = "") -> tuple[int, str]:
        """A new file that only its owner may read, and that does not survive us: its handle and its path."""
        while True:
            path = os.path.join(folder, f"{prefix}{os.urandom(6).hex()}{suffix}")
            self.watch(path)  # first: there is no moment at which it exists and nobody knows
            try:
                return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), path
            except FileExistsError:
                self.done(path)
            except BaseException:
                self.done(path)
                raise

    def _say(self, sign: bytes, path: str, inode: int) -> None:
        process = self._started()
        if process is not None and process.stdin is not None:
            try:
                process.stdin.write(b"%s%d %s\0" % (sign, inode, os.fsencode(os.path.abspath(path))))
                process.stdin.flush()
            except OSError:
                self._deaf = True

    def _started(self) -> subprocess.Popen[bytes] | None:
        import subprocess  # not for the guard itself

        if self._process is None and not self._deaf:
            try:
                self._process = subprocess.Popen(
                    (sys.executable, "-I", "-S", os.path.abspath(__file__)),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=os.sep,
                    start_new_session=True,
                )
            except (OSError, ValueError):
                self._deaf = True
        return None if self._deaf else self._process


def clear(said: bytes) -> None:
    """Removes what is still watched after all that was said. A message that broke off half way counts for nothing."""
    watched: dict[bytes, int] = {}
    for message in said.split(b"\0")[:-1]:
        inode, _, path = message[1:].partition(b" ")
        if message.startswith(b"+"):
            watched[path] = int(inode)
        else:
            watched.pop(path, None)
    for path, number in watched.items():
        with suppress(OSError):
            if not number or os.lstat(path).st_ino == number:
                os.unlink(path)


if __name__ == "__main__":
    clear(sys.stdin.buffer.read())
