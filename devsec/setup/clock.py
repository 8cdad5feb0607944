"""How long does a commit wait for devsec, and which one is it? Asked of a devsec that is started as a hook starts it.

The only processes here are devsec's own; git is asked in sources/git.py.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from devsec.record import Record
from devsec.setup import native

# Not `-m devsec`: Python would look for it in the current folder first, and that is somebody's repository.
_MODULES = (
    "import sys\n"
    "if not getattr(sys.flags, 'safe_path', False): del sys.path[0]\n"
    "from devsec.cli import program\n"
    "program()\n"
)


class Run(Record):
    """How it ended; `said` is what it printed to people, `milliseconds` how long it took."""

    code: int
    said: str
    milliseconds: float


def this() -> tuple[str, ...]:
    """The words that start the devsec that runs now."""
    program = native.program()
    return (program,) if program else (sys.executable, "-c", _MODULES)


def first(path: str) -> tuple[str, ...]:
    """The words that start the one a hook would take that tries `path`, then the PATH; none when there is none."""
    for program in (path, shutil.which("devsec") or ""):
        if program and os.access(program, os.X_OK):
            return (program,)
    return ()


def version(words: Sequence[str], folder: str) -> str:
    """What a devsec calls itself; "" when it does not start."""
    run = _run((*words, "--version"), folder)
    return run.said.strip().rpartition(" ")[2] if run.code == 0 else ""


def check(words: Sequence[str], folder: str, times: int = 3) -> Run:
    """A check of what is staged: the run with the median time of several."""
    runs = sorted((_run((*words, "check"), folder) for _ in range(times)), key=lambda run: run.milliseconds)
    return runs[len(runs) // 2]


def _run(words: Sequence[str], folder: str) -> Run:
    import subprocess  # not for a commit
    import time

    began = time.perf_counter()
    try:
        done = subprocess.run(
            words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Run(127, str(error), 0.0)
    spent = (time.perf_counter() - began) * 1000
    return Run(done.returncode, (done.stderr or done.stdout).decode("utf-8", "replace"), spent)
