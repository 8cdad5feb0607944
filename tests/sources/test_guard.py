"""What a killed process leaves behind is cleared away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devsec.sources import guard as module
from devsec.sources.guard import Guard, clear

KILLED = """
import os, signal, sys
from devsec.sources.guard import Guard
guard = Guard()
handle, path = guard.file(sys.argv[1], "mine-", ".tmp")
guard.watch(os.path.join(sys.argv[1], "lock"), int(sys.argv[2]))
guard.watch(os.path.join(sys.argv[1], "kept"))
guard.done(os.path.join(sys.argv[1], "kept"))
print(path, flush=True)
os.killpg(0, signal.SIGKILL)
"""


@pytest.mark.parametrize("ours", [True, False])
def test_clears_away_what_is_still_watched(tmp_path: Path, ours: bool) -> None:
    for name in ("lock", "kept"):
        (tmp_path / name).touch()
    inode = (tmp_path / "lock").stat().st_ino + (not ours)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(inode)],
        capture_output=True, text=True, check=False, start_new_session=True,
    )  # fmt: skip
    assert done.returncode == -9
    assert done.stdout.startswith(str(tmp_path / "mine-"))
    expected = ["kept"] if ours else ["kept", "lock"]
    deadline = time.monotonic() + 30
    while sorted(os.listdir(tmp_path)) != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sorted(os.listdir(tmp_path)) == expected


def test_at_a_regular_end_it_goes_and_touches_nothing(tmp_path: Path) -> None:
    with Guard() as guard:
        _, path = guard.file(str(tmp_path), "mine-")
        guard.done(path)
        process = guard._process
    assert process is not None
    assert process.returncode == 0
    assert os.path.exists(path)


def test_a_message_that_broke_off_counts_for_nothing(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.touch()
    two.touch()
    clear(b"+0 " + os.fsencode(one) + b"\0+0 " + os.fsencode(two))
    assert not one.exists()
    assert two.exists()


def test_where_no_process_can_be_started_the_work_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sys, "executable", str(tmp_path / "no-python"))
    with Guard() as guard:
        handle, path = guard.file(str(tmp_path), "mine-")
        os.close(handle)
        assert os.path.exists(path)
