"""Ctrl-C while many files are looked at: all who work stop at once, it is said in a word, and nothing half-done lies around."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Repo

from devsec.crew import cores

FILES = 400
OF_THE_PAST = 1600  # fewer are read before others have begun
# Minutes of work in all: it is never done before it is stopped.
FUNCTIONS = 200
HEAVY = "import legacy\n\n\n" + "".join(
    f"def f{number}(secret):\n    return legacy.old(password=secret, x={number})\n" for number in range(FUNCTIONS)
)
# What a shell starts in the background ignores a Ctrl-C, and so does all that is started from there.
START = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-m", "devsec", *sys.argv[1:]])
"""
GUARD = 30  # seconds; nobody waits that long unless it hangs
KEPT = r"(bundled|rules|brief|gate|law|packs|found)-[0-9a-f]{32}\.json|clean-[0-9a-f]{32}\.bin"


class Process(NamedTuple):
    pid: int
    parent: int
    command: bytes
    ticks: int  # of a clock, while it ran


def living(group: int) -> list[Process]:
    """The processes of a group that have not ended."""
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            words = Path(entry.path, "stat").read_text(errors="replace").rpartition(")")[2].split()
            command = Path(entry.path, "cmdline").read_bytes()
        except OSError:
            continue  # has just ended
        if int(words[2]) == group and words[0] not in "ZX":
            found.append(Process(int(entry.name), int(words[1]), command, int(words[11])))
    return found


def at_work(leader: int) -> list[Process]:
    """Its forks that have begun with something. git, which it starts as well, is called otherwise."""
    there = living(leader)
    (own,) = [one.command for one in there if one.pid == leader] or [b""]
    return [one for one in there if one.parent == leader and one.command == own and one.ticks > 0]


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + GUARD
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="sees who works in /proc; Linux has it")
@pytest.mark.skipif(cores() < 2, reason="one core shares nothing out; a second one would unskip it")
@pytest.mark.parametrize("send", [os.killpg, os.kill], ids=["to all, as a terminal", "to the first alone"])
@pytest.mark.parametrize("words", [("check", "."), ("check", "--all"), ("fix", "."), ("check", "--history")])
def test_interrupted(
    repo: Repo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    send: Callable[[int, int], None],
) -> None:
    history = "--history" in words
    for number in range(OF_THE_PAST if history else FILES):
        repo.write(f"src/f{number}.py", f"# {number}\n{HEAVY}")
    if history:
        repo.git("add", ".")
        repo.commit()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = state(repo)
    process = subprocess.Popen(
        [sys.executable, "-c", START, *words],
        cwd=repo.root,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert eventually(lambda: len(at_work(process.pid)) >= 2 or process.poll() is not None)
        send(process.pid, signal.SIGINT)
        process.wait(timeout=GUARD)
        assert eventually(lambda: living(process.pid) == [])
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        said = process.communicate(timeout=GUARD)
    out, err = said
    assert (process.returncode, out, err.lstrip("\n")) == (
        130,
        "",
        "devsec: stopped\n",
    )  # click ends the line of the ^C
    assert list(temporary.iterdir()) == []
    assert state(repo) == before
    cached = [file.name for file in (tmp_path / "cache" / "devsec").iterdir()]
    assert [name for name in cached if not re.fullmatch(KEPT, name)] == []
    # And afterwards all is as ever.
    assert repo.devsec("check", "src/f0.py", "--format", "lines").stdout.count("block old") == FUNCTIONS


def state(repo: Repo) -> dict[str, bytes]:
    """The files of the work tree and of git, by name. (Of git's index only that it is there: to look at it may renew it.)"""
    files = [path for path in repo.root.rglob("*") if path.is_file()]
    return {str(path): b"" if path.name == "index" else path.read_bytes() for path in files}
