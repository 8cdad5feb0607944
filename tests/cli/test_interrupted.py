"""Ctrl-C while many files are looked at: it stops, says so, and leaves nobody and nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Repo

from devsec.crew import cores

HANG = 60  # seconds: no test of how fast it is
# A shell starts what runs in the background without Ctrl-C.
STARTS = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from devsec.cli import program; program()"
)
STATEMENT = "legacy.old(password=x{0} + y{0}({0}))\n"


def below(process: int) -> list[int]:
    """Children of a process."""
    try:
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds children in /proc; runs where that is (Linux)")
@pytest.mark.skipif(cores() < 2, reason="one core has no helpers to leave behind; runs with two")
@pytest.mark.parametrize("whom", ["the terminal's processes", "one of them"])
def test_ctrl_c_leaves_nobody_and_nothing_behind(repo: Repo, tmp_path: Path, whom: str) -> None:
    for number in range(400):
        repo.write(f"app/m{number}.py", "import legacy\n" + "".join(STATEMENT.format(line) for line in range(60)))
    (tmp_path / "tmp").mkdir()
    cache = tmp_path / "cache"
    assert repo.devsec("check", "devsec.toml").returncode == 0  # what is kept of the rules is kept
    time.sleep(2.1)  # they have an age at which they count as settled
    assert repo.devsec("check", "devsec.toml").returncode == 0
    before = files_in(cache)
    process = subprocess.Popen(
        [sys.executable, "-c", STARTS, "check", "app"],
        cwd=repo.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
    )
    try:
        until = time.monotonic() + HANG
        while len(helpers := below(process.pid)) < 2 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        assert len(helpers) >= 2, "it was done before it could be stopped"
        if whom == "one of them":
            os.kill(process.pid, signal.SIGINT)
        else:
            os.killpg(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=HANG)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert (process.returncode, said, complained) == (130, "", "devsec: stopped\n")
    assert not [one for one in helpers if is_alive(one)]
    assert files_in(cache) == before
    assert files_in(tmp_path / "tmp") == set()
