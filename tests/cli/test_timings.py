"""`devsec check --timings` tells how much each step left, on stderr, and changes nothing else."""

from __future__ import annotations

import re

import pytest

from devsec import watch
from devsec.cli.timings import text
from devsec.run import MANY
from devsec.watch import Watch
from tests.conftest import Repo


def funnel(told: str) -> dict[str, int]:
    """The numbers of the second part."""
    rows = told.partition("what each step left\n")[2].splitlines()
    found = (re.match(r"  (\D+?) +([\d,]+) ", row + " ") for row in rows)
    return {row[1]: int(row[2].replace(",", "")) for row in found if row}


def test_of_a_commit(repo: Repo) -> None:
    repo.write("a.py", "import requests\nrequests.get(u, verify=False, timeout=3)\n")
    repo.write("b.py", "x = 1\n")
    repo.write("c.py", "import requests\nrequests.get(u, verify=True, timeout=3)  # False\n")
    repo.git("add", "-A")
    plain = repo.devsec("check")
    timed = repo.devsec("check", "--timings")
    assert (timed.returncode, timed.stdout) == (plain.returncode, plain.stdout)
    assert "LibCST: does it match" in timed.stderr
    numbers = funnel(timed.stderr)
    assert numbers["past the gate"] < numbers["read"]
    assert (numbers["with candidates"], numbers["found"]) == (1, 1)
    assert repo.devsec("check").stderr == ""


def test_of_many_files(repo: Repo) -> None:
    for number in range(MANY + 10):
        repo.write(f"src/m{number}.py", f"x = {number}\n")
    repo.write("src/bad.py", "import requests\nrequests.get(u, verify=False, timeout=3)\n")
    repo.git("add", "-A")
    numbers = funnel(repo.devsec("check", "--all", "--timings").stderr)
    assert numbers["read"] >= MANY + 11
    assert (numbers["with candidates"], numbers["found"]) == (1, 1)


def test_a_step_within_another_counts_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([1.0, 2.0, 5.0, 5.5])
    monkeypatch.setattr("devsec.watch.time.perf_counter", lambda: next(clock))
    kept = watch.begin()
    try:
        with watch.step("outer"), watch.step("inner"):
            watch.count("files", 100)
            watch.count("files", 20, 2)
    finally:
        watch.end()
    assert kept.seconds == {"outer": 1.5, "inner": 3.0}
    assert kept.amounts["files"] == (3, 120)
    watch.count("files", 1)
    with watch.step("outer"):
        assert watch.taken() is None
    assert kept.amounts["files"] == (3, 120)


def test_what_children_kept_is_added_up() -> None:
    whole, part = Watch(), Watch()
    for one in (whole, part):
        one.count(watch.READ, 2, 1000)
        one.seconds[watch.READ] = 0.25
    whole.add(part)
    assert "  read                          4 files         2.0 KB" in text(whole, 0.01, 2.0)
    assert re.search(r"read it +500\.0\n", text(whole, 0.01, 2.0))
    assert "shared over cores" in text(whole, 0.01, 0.3)
