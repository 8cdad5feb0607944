"""The index changes in one step, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from gitrepo import Repo, isolate

from devsec.errors import FixError
from devsec.sources.git import Repository
from devsec.sources.guard import Guard
from devsec.sources.index import Draft, merged


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    isolate(monkeypatch)
    made = Repo(tmp_path / "r")
    made.add("a.py", "A = 1\n")
    made.add("b.py", "B = 1\n")
    return made


def staged(repo: Repo) -> list[str]:
    return [repo.run("show", f":{path}") for path in repo.run("ls-files").splitlines()]


def litter(repo: Repo) -> list[str]:
    return [p.name for p in (repo.root / ".git").iterdir() if "devsec-" in p.name or p.name.endswith(".lock")]


def change(repo: Repo, *paths: str) -> None:
    found = Repository.discover(str(repo.root))
    with Guard() as guard, Draft(found, guard) as draft:
        for path, entry in draft.entries(paths).items():
            draft.put(path, b"NEW = 2\n", entry)
        draft.publish()


def test_publishes_all_that_was_put(repo: Repo) -> None:
    change(repo, "a.py", "b.py")
    assert staged(repo) == ["NEW = 2", "NEW = 2"]
    assert litter(repo) == []


def test_unpublished_nothing_happened(repo: Repo) -> None:
    before = (repo.root / ".git" / "index").read_bytes()
    with Guard() as guard, Draft(Repository.discover(str(repo.root)), guard) as draft:
        draft.put("a.py", b"NEW = 2\n", draft.entries(("a.py",))["a.py"])
    assert (repo.root / ".git" / "index").read_bytes() == before
    assert litter(repo) == []


def test_somebody_else_was_faster(repo: Repo) -> None:
    with Guard() as guard, Draft(Repository.discover(str(repo.root)), guard) as draft:
        draft.put("a.py", b"NEW = 2\n", draft.entries(("a.py",))["a.py"])
        repo.add("c.py", "C = 1\n")
        with pytest.raises(FixError, match="changed by another process"):
            draft.publish()
    assert staged(repo) == ["A = 1", "B = 1", "C = 1"]
    assert litter(repo) == []


def test_a_lock_that_appears_at_the_last_moment_is_left_alone(repo: Repo) -> None:
    lock = repo.root / ".git" / "index.lock"
    with Guard() as guard, Draft(Repository.discover(str(repo.root)), guard) as draft:
        draft.put("a.py", b"NEW = 2\n", draft.entries(("a.py",))["a.py"])
        lock.write_bytes(b"theirs")
        with pytest.raises(FixError, match="locked"):
            draft.publish()
    assert lock.read_bytes() == b"theirs"
    lock.unlink()
    assert staged(repo) == ["A = 1", "B = 1"]


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP])
def test_where_files_have_one_name_only(repo: Repo, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    change(repo, "a.py")
    assert staged(repo) == ["NEW = 2", "B = 1"]
    assert litter(repo) == []


@pytest.mark.parametrize(
    ("number", "hint"),
    [(errno.EACCES, "check its permissions"), (errno.ENOSPC, "make room"), (errno.EROFS, "read-only")],
)
def test_a_folder_nobody_may_write_to(repo: Repo, monkeypatch: pytest.MonkeyPatch, number: int, hint: str) -> None:
    def refuse(*_: object) -> tuple[int, str]:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Guard, "file", refuse)
    with pytest.raises(FixError, match="the index cannot be written") as error:
        change(repo, "a.py")
    assert hint in error.value.hint
    assert staged(repo) == ["A = 1", "B = 1"]


def test_interrupted_while_it_holds_the_lock(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        assert "index.lock" in os.listdir(repo.root / ".git")
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        change(repo, "a.py")
    assert litter(repo) == []
    assert staged(repo) == ["A = 1", "B = 1"]


def test_a_conflict_is_not_in_the_draft(repo: Repo) -> None:
    repo.commit(message="base")
    for name in ("one", "two"):
        repo.run("checkout", "-q", "-b", name, "main")
        repo.commit({"a.py": f"{name.upper()} = 1\n"})
    repo.run("merge", "one", fails=True)
    with Guard() as guard, Draft(Repository.discover(str(repo.root)), guard) as draft:
        assert list(draft.entries(("a.py", "b.py", "none.py"))) == ["b.py"]


@pytest.mark.parametrize(
    ("ours", "expected"),
    [(b"0\na\nb\nc\n", b"0\na\nb\nC\n"), (b"a\nb\nx\n", None), (b"a\nb\nC\n", b"a\nb\nC\n")],
)
def test_merges(repo: Repo, ours: bytes, expected: bytes | None) -> None:
    with Guard() as guard:
        assert merged(Repository.discover(str(repo.root)), guard, ours, b"a\nb\nc\n", b"a\nb\nC\n") == expected
    assert litter(repo) == []
