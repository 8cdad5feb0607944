"""A program that is started, fed and heard out.

`subprocess` does all that, and what it brings along takes 5 ms to import, of the 70 a commit waits. This is the small part of it that
git needs, on the same system call; where the system has none, or a standard stream of ours is closed, it is `subprocess`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    import subprocess
    from typing import IO

_SIGPIPE = 13  # on all that have posix_spawn; Python ignores it, and whoever we start should not
_AT_ONCE = 512  # bytes a pipe that can be written to takes without blocking (POSIX: _POSIX_PIPE_BUF)


class Child:
    """A running program, as `subprocess.Popen` has it: binary streams, `stdin` only when it is fed, and `returncode` when it has
    ended, negative for a signal."""

    def __init__(self, pid: int, stdin: IO[bytes] | None, stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self.pid = pid
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.returncode: int | None = None

    def communicate(self, feed: bytes | None = None) -> tuple[bytes, bytes]:
        """Feeds it, and waits for its end: what it wrote to stdout and to stderr. Whichever pipe fills up first, nobody waits for
        somebody who waits."""
        import select

        left = memoryview(feed or b"")
        heard: dict[int, list[bytes]] = {stream.fileno(): [] for stream in (self.stdout, self.stderr)}
        open_ends = {stream.fileno(): stream for stream in (self.stdin, self.stdout, self.stderr) if stream is not None}
        poll = select.poll()
        for end in open_ends:
            poll.register(end, select.POLLIN if end in heard else select.POLLOUT)
        said = list(heard.values())
        while open_ends:
            for end, _ in poll.poll():
                if end in heard:
                    piece = os.read(end, 1 << 16)
                    heard[end].append(piece)
                    done = not piece
                else:
                    left = _written(end, left)
                    done = not left
                if done:
                    poll.unregister(end)
                    open_ends.pop(end).close()
        self.wait()
        return b"".join(said[0]), b"".join(said[1])

    def wait(self) -> int:
        if self.returncode is None:
            _, status = os.waitpid(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, 9)


def _written(end: int, data: memoryview) -> memoryview:
    """What is left to be written; nothing where nobody reads any more."""
    try:
        return data[os.write(end, data[:_AT_ONCE]) :]
    except BrokenPipeError:
        return data[:0]


def start(
    words: tuple[str, ...], env: Mapping[str, str] | None = None, fed: bool = False
) -> Child | subprocess.Popen[bytes]:
    """Starts a program in our folder. Raises OSError when it cannot be started."""
    pipes = [os.pipe() for _ in range(3)] if hasattr(os, "posix_spawnp") else []
    if not pipes or min(map(min, pipes)) <= 2:
        _close(pipes)
        return _by_subprocess(words, env, fed)
    (in_out, in_in), (out_out, out_in), (err_out, err_in) = pipes
    try:
        pid = os.posix_spawnp(
            words[0],
            words,
            os.environ if env is None else env,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, in_out, 0) if fed else (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, out_in, 1),
                (os.POSIX_SPAWN_DUP2, err_in, 2),
            ],
            setsigdef=[_SIGPIPE],
        )
    except BaseException:
        _close(pipes)
        raise
    for end in (in_out, out_in, err_in, *(() if fed else (in_in,))):
        os.close(end)
    return Child(pid, os.fdopen(in_in, "wb") if fed else None, os.fdopen(out_out, "rb"), os.fdopen(err_out, "rb"))


def _close(pipes: Sequence[tuple[int, int]]) -> None:
    for end in (end for pipe in pipes for end in pipe):
        os.close(end)


def _by_subprocess(words: tuple[str, ...], env: Mapping[str, str] | None, fed: bool) -> subprocess.Popen[bytes]:
    import subprocess

    return subprocess.Popen(
        words,
        env=env,
        stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
