"""Objects from a git that stays are those that a git of its own gives."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from devsec.errors import GitError
from devsec.sources import child, git
from devsec.sources.git import Repository
from devsec.sources.objects import Objects
from devsec.sources.source import Large
from tests.gitrepo import Repo


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that are started."""
    there: list[Any] = []
    start = child.start

    def kept(*args: Any) -> Any:
        there.append(start(*args))
        return there[-1]

    monkeypatch.setattr(git, "start", kept)
    return there


@pytest.fixture
def blobs(repo: Repo) -> dict[str, bytes]:
    texts = {f"f{n}.txt": "x\n" * n for n in range(60)}
    repo.commit({**texts, "large": "y" * 100_000})
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=repo.root, capture_output=True, text=True, check=True).stdout
    return {line.split()[1]: (repo.root / line.split("\t")[1]).read_bytes() for line in listed.splitlines()}


@pytest.fixture
def objects(repo: Repo) -> Iterator[Objects]:
    objects = Objects(Repository.discover(str(repo.root)))
    yield objects
    objects.close()


def test_one_git_tells_all(objects: Objects, blobs: dict[str, bytes], started: list[Any]) -> None:
    some = list(blobs)[:20]
    for blob, data in objects.read(some[:3] * 2):
        assert data == blobs[blob]
        assert dict(objects.read(some)) == {one: blobs[one] for one in some}  # while others are read
    assert len(started) == 1


def test_the_beginning_of_a_large_one(objects: Objects, blobs: dict[str, bytes]) -> None:
    told = dict(objects.read_up_to(1000, [next(iter(blobs)), max(blobs, key=lambda one: len(blobs[one]))]))
    small, large = told.values()
    assert isinstance(small, bytes)
    assert isinstance(large, Large)
    assert large.size == 100_000
    assert dict(objects.read(blobs)) == blobs


def test_many_come_all_at_once(objects: Objects, blobs: dict[str, bytes], started: list[Any]) -> None:
    assert dict(objects.read(blobs)) == blobs
    assert len(blobs) > 50
    assert started[0].returncode is not None, "it has ended"


def test_something_else_can_be_done_while_git_looks(objects: Objects, blobs: dict[str, bytes]) -> None:
    done: list[str] = []
    for blob, _ in objects.read_up_to(0, list(blobs)[:3], lambda: done.append("so")):
        done.append(blob)
    assert done == ["so", *list(blobs)[:3]]


def test_what_was_asked_and_not_heard_is_not_taken_for_an_answer(objects: Objects, blobs: dict[str, bytes]) -> None:
    first, second = list(blobs)[1:3]
    with pytest.raises(ZeroDivisionError):
        list(objects.read_up_to(0, [first], lambda: 1 // 0))
    assert dict(objects.read([second])) == {second: blobs[second]}


def test_what_is_not_there(objects: Objects, blobs: dict[str, bytes]) -> None:
    with pytest.raises(GitError, match=f"object {'0' * 40} is missing"):
        list(objects.read(["0" * 40]))
    assert dict(objects.read(list(blobs)[:1]))  # it goes on


def test_a_git_that_has_gone(objects: Objects, blobs: dict[str, bytes], started: list[Any]) -> None:
    list(objects.read(list(blobs)[:1]))
    started[0].kill()
    started[0].wait()
    with pytest.raises(GitError):
        list(objects.read(list(blobs)[:1]))


def test_it_ends_with_the_last_who_has_it(repo: Repo, blobs: dict[str, bytes], started: list[Any]) -> None:
    before = sorted(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else []
    objects = Objects(Repository.discover(str(repo.root)))
    list(objects.read(list(blobs)[:1]))
    assert started[0].returncode is None
    del objects
    gc.collect()
    assert started[0].returncode is not None
    assert (sorted(os.listdir("/dev/fd")) if before else []) == before
