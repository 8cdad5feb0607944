"""Files and index go together: when one cannot be had, the other is as it was."""

from __future__ import annotations

import pytest
from conftest import Repo

from devsec.errors import FixError
from devsec.fix.plan import Patch
from devsec.fix.stage import Pair, stage
from devsec.sources.git import Repository
from devsec.sources.guard import Guard
from devsec.sources.index import Draft

OLD, NEW = b"old = 1\n", b"new = 1\n"


def pairs(repo: Repo, *paths: str) -> list[Pair]:
    made = []
    for path in paths:
        repo.stage(path, OLD)
        blob = repo.git("rev-parse", f":{path}").strip()
        made.append(Pair(blob, Patch(path, OLD, NEW), Patch(path, OLD, NEW)))
    return made


def run(repo: Repo, wanted: list[Pair]) -> dict[str, str]:
    with Guard() as guard:
        return dict(stage(wanted, Repository.discover(str(repo.root)), guard))


def state(repo: Repo, path: str) -> tuple[str, str]:
    return repo.read(path), repo.git("show", f":{path}")


def test_both(repo: Repo) -> None:
    assert run(repo, pairs(repo, "a.py", "b.py")) == {}
    assert state(repo, "a.py") == state(repo, "b.py") == (NEW.decode(), NEW.decode())


@pytest.mark.parametrize("step", ["put", "publish"])
def test_without_the_index_the_files_get_their_old_texts_back(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    wanted = pairs(repo, "a.py", "b.py")
    seen = []

    def refuse(*_: object) -> None:
        seen.append(repo.read("a.py"))
        raise FixError("no room", "make some")

    monkeypatch.setattr(Draft, step, refuse)
    assert run(repo, wanted) == {"a.py": "no room. make some", "b.py": "no room. make some"}
    assert seen == [NEW.decode()], "the file was written by then"
    assert state(repo, "a.py") == state(repo, "b.py") == (OLD.decode(), OLD.decode())


def test_a_file_that_somebody_saved_meanwhile_keeps_that(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = pairs(repo, "a.py")

    def save_and_refuse(*_: object) -> None:
        repo.write("a.py", "mine = 1\n")
        raise FixError("no room")

    monkeypatch.setattr(Draft, "publish", save_and_refuse)
    failed = run(repo, wanted)
    assert "a.py has changed since" in failed["a.py"]
    assert state(repo, "a.py") == ("mine = 1\n", OLD.decode())


def test_staged_anew_meanwhile(repo: Repo) -> None:
    wanted = pairs(repo, "a.py", "b.py")
    repo.stage("a.py", "newer = 1\n")
    assert run(repo, wanted) == {"a.py": "it was staged anew meanwhile. Run the command again."}
    assert state(repo, "a.py") == ("newer = 1\n", "newer = 1\n")
    assert state(repo, "b.py") == (NEW.decode(), NEW.decode())


def test_changed_on_disk_meanwhile(repo: Repo) -> None:
    wanted = pairs(repo, "a.py", "b.py")
    repo.write("a.py", "newer = 1\n")
    assert "has changed since it was read" in run(repo, wanted)["a.py"]
    assert state(repo, "a.py") == ("newer = 1\n", OLD.decode())
    assert state(repo, "b.py") == (NEW.decode(), NEW.decode())
