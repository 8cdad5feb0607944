"""How does a test run devsec in a process of its own, without waiting each time for the same imports?

A test of a command needs the whole of it: arguments, environment, current folder, what is printed, the exit code. Two
thirds of that time go into starting Python and importing LibCST, a thousand times over. So each worker of pytest keeps one
process that has imported all of devsec and knows the bundled rules (worked_out.py), and has run no command. For each run it
forks: the child gets the arguments, folder, environment and standard streams of the run, goes on as `python -m devsec`
does, and ends with it. Nothing a run leaves in memory is there for the next.

Not the same as a process of its own, so `real=True` or `subprocess` is for tests about these: which modules are imported
and in which order, what Python itself reads when it starts (its options, `sitecustomize`, a folder on the path with modules
named as ours), a terminal, closed streams, signals from outside, the seed of hashes (one for all runs of a worker). What can
be told from the environment is told: with other PYTHON… variables than the server's (but for PYTHONPATH, which is
followed), or another locale, the run is real without being asked for. So it is where there is no fork.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

HERE = Path(__file__).parents[1]
OURS = dict(os.environ)  # before a test changes it
HEAD = struct.Struct("!I")
NUMBER = struct.Struct("!i")
NEWLINE = "\n" if os.name == "posix" else None  # as Python has it for the standard streams
PIPE = 16384  # what a pipe holds anywhere
# What devsec imports when it needs it: seen by what its commands had imported when they ended.
LATER = """
    re2 libcst.native packaging.requirements packaging.tags packaging.utils packaging.version tomllib tomli logging decimal
    multiprocessing.connection multiprocessing.context multiprocessing.popen_fork encodings.utf_16_le encodings.utf_8_sig
    rich.console rich.markup rich.syntax rich.table pygments.lexers.python pygments.styles.monokai
"""


def devsec(
    *words: str | Path,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    input: str | None = None,
    stdout: IO[Any] | int | None = None,
    check: bool = False,
    timeout: float | None = None,
    before: str = "",
    real: bool = False,
) -> subprocess.CompletedProcess[str]:
    """`python -m devsec` with these words, as `subprocess.run` would run it with `capture_output` and `text`. Bytes that are
    no text stay as surrogates. `env` is the whole environment. `stdout`: not caught, but sent there. `before`: Python that
    is run first in that process, to make something fail there. Raises as `subprocess.run` does."""
    given = None if input is None else input.encode(errors="surrogateescape")
    try:
        done = devsec_bytes(
            *words, cwd=cwd, env=env, input=given, stdout=stdout, check=check, timeout=timeout, before=before,
            real=real,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise subprocess.CalledProcessError(
            error.returncode, error.cmd, _text(error.stdout), _text(error.stderr)
        ) from None
    return subprocess.CompletedProcess(done.args, done.returncode, _text(done.stdout), _text(done.stderr))


def devsec_bytes(
    *words: str | Path,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    stdout: IO[Any] | int | None = None,
    check: bool = False,
    timeout: float | None = None,
    before: str = "",
    real: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """As `devsec`, with bytes in and out."""
    args = [os.fspath(word) for word in words]
    start = ["-c", f"{before}\nfrom devsec.cli import program\nprogram()"] if before else ["-m", "devsec"]
    command = [sys.executable, *start, *args]
    environ = dict(os.environ if env is None else env)
    if real or not hasattr(os, "fork") or len(input or b"") > PIPE or _of_python(environ) != _of_python(OURS):
        return subprocess.run(
            command, cwd=cwd, env=environ, input=input, stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE, check=check, timeout=timeout,
        )  # fmt: skip
    with _lock:
        status, out, err = _running().run(args, before, os.path.abspath(cwd or "."), environ, input, stdout, timeout)
    if check and status:
        raise subprocess.CalledProcessError(status, command, out, err)
    return subprocess.CompletedProcess(command, status, out, err)


def _text(data: bytes | None) -> str | None:
    if data is None:
        return None
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="surrogateescape").read()  # `\r\n` as `\n`, too


def _of_python(environ: Mapping[str, str]) -> dict[str, str]:
    """What Python reads once, when it starts."""
    return {
        name: value
        for name, value in environ.items()
        if (name.startswith("PYTHON") and name != "PYTHONPATH") or name.startswith("LC_") or name == "LANG"
    }


_lock = threading.Lock()
_server: _Server | None = None


def _running() -> _Server:
    global _server
    if _server is None or _server.process.poll() is not None:
        _server = _Server()
        atexit.register(_server.close)
    return _server


class _Server:
    """The process that forks, as a test sees it."""

    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair()
        code = (
            f"import sys; sys.path[0] = {str(HERE)!r}; from tests.devsec_process import serve; serve({theirs.fileno()})"
        )
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code], cwd="/", env=OURS, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )

    def close(self) -> None:
        self.socket.close()  # it ends by that
        self.process.wait()

    def run(
        self,
        args: list[str],
        before: str,
        cwd: str,
        env: dict[str, str],
        input: bytes | None,
        stdout: IO[Any] | int | None,
        timeout: float | None,
    ) -> tuple[int, bytes | None, bytes]:
        """Status, stdout (None when it went elsewhere) and stderr of one run. TimeoutExpired, when it was killed."""
        if not os.path.isdir(cwd):
            raise FileNotFoundError(cwd)
        mine: dict[str, int] = {}
        theirs: list[int] = []
        try:
            if input is None:
                given = os.dup(0)
            else:
                given, writing = os.pipe()
                os.write(writing, input)  # the pipe holds all of it
                os.close(writing)
            theirs.append(given)
            if stdout is None:
                mine["out"], out = os.pipe()
            else:
                out = os.dup(stdout if isinstance(stdout, int) else stdout.fileno())
            theirs.append(out)
            mine["err"], err = os.pipe()
            theirs.append(err)
            request = json.dumps({"args": args, "before": before, "cwd": cwd, "env": env}).encode()
            socket.send_fds(self.socket, [HEAD.pack(len(request))], theirs)
            self.socket.sendall(request)
            while theirs:
                os.close(theirs.pop())
            pid = self._number()
            try:
                texts = _read(list(mine.values()), timeout)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._number()
                raise subprocess.TimeoutExpired(args, timeout or 0) from None
            return self._number(), texts.get(mine.get("out", -1)), texts[mine["err"]]
        finally:
            for fd in (*theirs, *mine.values()):
                os.close(fd)

    def _number(self) -> int:
        try:
            number: int = NUMBER.unpack(_exactly(self.socket, NUMBER.size))[0]
        except (EOFError, ConnectionError) as error:
            raise RuntimeError(f"what forks devsec for the tests has ended with {self.process.wait()}") from error
        return number


def _read(fds: list[int], timeout: float | None) -> dict[int, bytes]:
    """What comes from each, until all have ended. TimeoutError when they have not in `timeout` seconds."""
    texts = dict.fromkeys(fds, b"")
    until = None if timeout is None else time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        for fd in fds:
            selector.register(fd, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(None if until is None else max(0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                data = os.read(key.fd, 65536)
                texts[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
    return texts


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


# What follows is done in the process that forks, and in its children.


def serve(number: int) -> None:
    """Reads runs from the socket of this number and forks for each. Returns in the server when the tests have ended."""
    _import_all()
    from tests import worked_out

    worked_out.remember()
    worked_out.fill()
    gc.collect()
    gc.freeze()  # collecting in a child would copy all of it
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever stops pytest stops us by that
    own_path = [os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    installed = [path for path in sys.path[1:] if path not in own_path]
    with socket.socket(fileno=number) as connection:
        while True:
            head, fds, _, _ = socket.recv_fds(connection, HEAD.size, 3)
            if not head:
                return
            head += _exactly(connection, HEAD.size - len(head))
            request = json.loads(_exactly(connection, HEAD.unpack(head)[0]))
            pid = os.fork()
            if not pid:
                connection.close()
                _become(request, fds, installed, interrupt)
                _go_on(request["before"])
            for fd in fds:
                os.close(fd)
            connection.sendall(NUMBER.pack(pid))
            connection.sendall(NUMBER.pack(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))


def _import_all() -> None:
    from devsec.scan import libcst_soon

    libcst_soon.load()  # first, for it is what imports LibCST in devsec
    import devsec

    for module in pkgutil.walk_packages(devsec.__path__, "devsec."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LATER.split():
        with suppress(ImportError):  # tomli is for Python 3.10
            importlib.import_module(name)


def _become(request: dict[str, Any], fds: list[int], installed: list[str], interrupt: Any) -> None:
    """Makes this process what Python has made when it starts with `-m devsec`. `interrupt` is what a Ctrl-C does: nothing where a
    shell runs the tests in the background."""
    import devsec.__main__ as start  # only now: it takes the first folder off the path, as it does off that of `-m`

    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None
    time.tzset()
    os.chdir(request["cwd"])
    asked = [os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = dict.fromkeys([*asked, *installed])
    sys.argv[:] = [str(start.__file__), *request["args"]]
    signal.signal(signal.SIGINT, interrupt)
    sys.stdin = sys.__stdin__ = _stream(0, "r", sys.stdin)
    sys.stdout = sys.__stdout__ = _stream(1, "w", sys.stdout)
    sys.stderr = sys.__stderr__ = _stream(2, "w", sys.stderr)
    gc.enable()


def _stream(fd: int, mode: str, like: Any) -> Any:
    """As Python makes it, for which there is no function (`create_stdio` in Python/pylifecycle.c)."""
    raw = io.FileIO(fd, mode, closefd=False)
    raw.name = like.name
    lines = raw.isatty() or fd == 2
    buffer: Any
    if isinstance(like.buffer, io.FileIO):  # PYTHONUNBUFFERED
        buffer, lines = raw, False
    else:
        buffer = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    stream = io.TextIOWrapper(
        buffer, like.encoding, like.errors, NEWLINE, line_buffering=lines, write_through=like.write_through
    )
    stream.mode = mode
    return stream


def _go_on(before: str) -> NoReturn:
    """What Python does with a program, here with what comes `before` and devsec: its exit code, a traceback for what is not
    caught, and the flush in the end."""
    from devsec.cli import program

    code = 0
    try:
        exec(before, {"__name__": "__main__"})
        program()
    except SystemExit as end:
        if end.code is not None:
            code = end.code if isinstance(end.code, int) else 1
            if code is not end.code:
                print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits for them
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = 120
    os._exit(code)
