from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devsec.errors import GitError
from devsec.sources import child, git
from devsec.sources.git import Change, Repository
from tests.gitrepo import Repo

BODY = "".join(f"line = {n}\n" for n in range(30))


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands started from here on."""
    started: list[tuple[str, ...]] = []
    start = child.start

    def counted(words: tuple[str, ...], *args: Any) -> Any:
        started.append(words)
        return start(words, *args)

    monkeypatch.setattr(git, "start", counted)
    return started


def at(repo: Repo) -> Repository:
    return Repository.discover(str(repo.root))


def texts(repository: Repository, changes: tuple[Change, ...]) -> dict[str, bytes]:
    """Path -> staged text."""
    data = dict(repository.read(c.blob for c in changes if c.blob))
    return {c.path: data[c.blob] for c in changes if c.blob}


def bases(repository: Repository, changes: tuple[Change, ...]) -> dict[str, bytes]:
    data = dict(repository.read(c.base_blob for c in changes if c.base_blob))
    return {c.base_path: data[c.base_blob] for c in changes if c.base_blob}


def shape(changes: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    return [(c.status, c.base_path, c.path) for c in changes]


class TestStaged:
    def test_nothing(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n"})
        repo.write("a.py", "edited, not staged\n")
        assert at(repo).staged() == ()

    def test_first_commit(self, repo: Repo) -> None:
        repo.add("a.py", "a\n")
        repository = at(repo)
        assert not repository.has_head()
        assert shape(repository.staged()) == [("A", "", "a.py")]
        assert texts(repository, repository.staged()) == {"a.py": b"a\n"}
        assert repository.staged()[0].base_blob == ""

    def test_partial_staging_is_the_staged_text(self, repo: Repo) -> None:
        repo.commit({"a.py": "old\n"})
        repo.add("a.py", "staged\n")
        repo.write("a.py", "on disk\n")
        repository = at(repo)
        staged = repository.staged()
        assert shape(staged) == [("M", "a.py", "a.py")]
        assert texts(repository, staged) == {"a.py": b"staged\n"}
        assert bases(repository, staged) == {"a.py": b"old\n"}

    def test_rename_with_edit(self, repo: Repo) -> None:
        repo.commit({"old.py": BODY})
        repo.run("mv", "old.py", "new.py")
        repo.add("new.py", BODY + "more = 1\n")
        repository = at(repo)
        staged = repository.staged()
        assert shape(staged) == [("R", "old.py", "new.py")]
        assert texts(repository, staged) == {"new.py": BODY.encode() + b"more = 1\n"}
        assert bases(repository, staged) == {"old.py": BODY.encode()}

    def test_copy_is_an_addition(self, repo: Repo) -> None:
        repo.run("config", "diff.renames", "copies")
        repo.commit({"a.py": BODY})
        repo.add("a.py", BODY + "x = 1\n")
        repo.add("b.py", BODY)
        assert shape(at(repo).staged()) == [("M", "a.py", "a.py"), ("A", "", "b.py")]

    def test_deleted_file_keeps_its_base(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n", "b.py": "b\n"})
        repo.run("rm", "-q", "a.py")
        repository = at(repo)
        staged = repository.staged()
        assert [(c.status, c.path, c.blob, c.base_path) for c in staged] == [("D", "a.py", "", "a.py")]
        assert bases(repository, staged) == {"a.py": b"a\n"}

    def test_mode_change(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n"})
        repo.run("update-index", "--chmod=+x", "a.py")
        (change,) = at(repo).staged()
        assert (change.status, change.mode, change.blob == change.base_blob) == ("M", "100755", True)

    def test_symlink_has_no_text(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n", "was_file.py": "w\n"})
        os.symlink("a.py", repo.root / "was_link.py")
        repo.run("add", "was_link.py")
        repo.commit()
        (repo.root / "was_link.py").unlink()
        (repo.root / "was_file.py").unlink()
        os.symlink("a.py", repo.root / "was_file.py")
        os.symlink("a.py", repo.root / "link.py")
        repo.write("was_link.py", "now a file\n")
        repo.run("add", ".")
        assert shape(at(repo).staged()) == [("D", "was_file.py", "was_file.py"), ("A", "", "was_link.py")]

    def test_submodule_has_no_text(self, repo: Repo, tmp_path: Path) -> None:
        Repo(tmp_path / "other").commit({"x.py": "x\n"})
        repo.commit({"a.py": "a\n"})
        repo.run("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "other"), "sub")
        assert shape(at(repo).staged()) == [("A", "", ".gitmodules")]
        repo.commit()
        inside = Repository.discover(str(repo.root / "sub"))
        assert inside.root == str(repo.root / "sub")
        (repo.root / "sub" / "x.py").write_text("edited\n")
        repo.run("-C", "sub", "add", "x.py")
        assert shape(inside.staged()) == [("M", "x.py", "x.py")]
        assert shape(at(repo).changes_from("HEAD")) == []
        assert at(repo).tracked() == (".gitmodules", "a.py")

    def test_intent_to_add_is_not_part_of_the_commit(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n"})
        repo.write("promised.py", "p\n")
        repo.run("add", "-N", "promised.py")
        assert at(repo).staged() == ()
        assert shape(at(repo).changes_from("HEAD")) == [("A", "", "promised.py")]

    def test_intent_to_add_before_the_first_commit(self, repo: Repo) -> None:
        repo.add("a.py", "a\n")
        repo.write("promised.py", "p\n")
        repo.run("add", "-N", "promised.py")
        assert shape(at(repo).staged()) == [("A", "", "a.py")]

    def test_unmerged_paths_are_not_silent(self, repo: Repo) -> None:
        conflict(repo)
        staged = at(repo).staged()
        assert [(c.status, c.path, c.blob, c.base_path) for c in staged] == [("U", "a.py", "", "a.py")]
        assert staged[0].base_blob == at(repo).blob_at("HEAD", "a.py")
        assert shape(at(repo).changes_from("HEAD")) == [("M", "a.py", "a.py")]

    def test_merge_commit(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n", "b.py": "b\n"})
        repo.run("checkout", "-q", "-b", "side")
        side = repo.commit({"a.py": "theirs\n"})
        repo.run("checkout", "-q", "main")
        repo.commit({"b.py": "ours\n"})
        assert at(repo).merge_heads() == ()
        repo.run("merge", "-q", "--no-commit", "--no-ff", "side")
        repo.add("c.py", "in the merge itself\n")
        repository = at(repo)
        assert repository.merge_heads() == (side,)
        assert shape(repository.staged()) == [("M", "a.py", "a.py"), ("A", "", "c.py")]
        assert shape(repository.staged(against=side)) == [("M", "b.py", "b.py"), ("A", "", "c.py")]
        blobs = repository.base_blobs(side, ["a.py", "c.py"])
        assert list(blobs) == ["a.py"]
        assert list(repository.read(blobs.values())) == [(blobs["a.py"], b"theirs\n")]

    @pytest.mark.parametrize(
        "name",
        [
            "with space.py",
            "new\nline.py",
            'tab\tquote".py',
            "-dash.py",
            ":(top)magic.py",
            "st*r[.py",
            "ünï.py",
            pytest.param(
                os.fsdecode(b"not-utf8-\xff\xe9.py"),
                marks=pytest.mark.skipif(sys.platform == "darwin", reason="its file system takes only UTF-8"),
            ),
        ],
    )
    def test_odd_names(self, repo: Repo, name: str) -> None:
        repo.commit({name: "old\n"})
        repo.add(name, "new\n")
        repository = at(repo)
        staged = repository.staged()
        assert shape(staged) == [("M", name, name)]
        assert texts(repository, staged) == {name: b"new\n"}
        assert repository.tracked() == (name,)
        assert repository.blob_at("HEAD", name) == staged[0].base_blob

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"a\r\nb\r\n", id="crlf"),
            pytest.param(b"\xef\xbb\xbfa = 1\n", id="bom"),
            pytest.param(b"# coding: latin-1\n# \xe9\n", id="latin1"),
            pytest.param(b"\0\1\2\n\n\0", id="binary"),
            pytest.param(b"no newline at the end", id="no-newline"),
            pytest.param(b"x = 1234567\n" * 450_000, id="5MB"),
        ],
    )
    def test_every_byte_arrives(self, repo: Repo, data: bytes) -> None:
        repo.commit({"other.py": "o\n"})
        repo.add("a.py", data)
        repo.add("b.py", "after it\n")
        repository = at(repo)
        assert texts(repository, repository.staged()) == {"a.py": data, "b.py": b"after it\n"}

    def test_sha256_repository(self, tmp_path: Path) -> None:
        try:
            repo = Repo(tmp_path / "repo", "--object-format=sha256")
        except AssertionError as error:
            pytest.skip(f"this git has no SHA-256 repositories: {error}")
        repo.add("a.py", "a\n")
        assert texts(at(repo), at(repo).staged()) == {"a.py": b"a\n"}
        assert shape(at(repo).changes_from("HEAD")) == [("A", "", "a.py")]
        repo.commit({"gone.py": BODY})
        repo.run("rm", "-q", "gone.py")
        (change,) = at(repo).staged()
        assert (change.blob, len(change.base_blob)) == ("", 64)

    def test_two_processes_for_the_usual_commit(self, repo: Repo, processes: list[tuple[str, ...]]) -> None:
        repo.commit({"a.py": "a\n", "b.py": "b\n"})
        repo.add("a.py", "x\n")
        repo.add("b.py", "y\n")
        processes.clear()
        repository = at(repo)
        assert repository.merge_heads() == ()
        assert len(texts(repository, repository.staged())) == 2
        assert [("diff" in p, "cat-file" in p) for p in processes] == [(True, False), (False, True)]


def conflict(repo: Repo) -> None:
    repo.commit({"a.py": "a\n"})
    repo.run("checkout", "-q", "-b", "side")
    repo.commit({"a.py": "theirs\n"})
    repo.run("checkout", "-q", "main")
    repo.commit({"a.py": "ours\n"})
    repo.run("merge", "-q", "side", fails=True)


PROBE = """
import json, os
from devsec.sources.git import Repository
repository = Repository.discover()
staged = repository.staged()
data = dict(repository.read(c.blob for c in staged if c.blob))
seen = {c.path: [c.status, data[c.blob].decode() if c.blob else ""] for c in staged}
with open(os.path.join(repository.git_dir, "seen.json"), "w") as file:
    json.dump({"root": repository.root, "index": os.environ.get("GIT_INDEX_FILE"), "seen": seen}, file)
"""


class TestInAHook:
    def seen(self, git_dir: Path) -> dict[str, list[str]]:
        told = json.loads((git_dir / "seen.json").read_text())
        assert told["index"], "git set no GIT_INDEX_FILE: this test proves nothing"
        seen: dict[str, list[str]] = told["seen"]
        return seen

    def test_plain_commit(self, repo: Repo) -> None:
        repo.hook(PROBE)
        repo.add("a.py", "staged\n")
        repo.write("a.py", "on disk\n")
        repo.run("commit", "-q", "-m", "x")
        assert self.seen(repo.root / ".git") == {"a.py": ["A", "staged\n"]}

    def test_commit_all(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n", "b.py": "b\n"})
        repo.hook(PROBE)
        repo.write("a.py", "never staged by hand\n")
        (repo.root / "b.py").unlink()
        repo.run("commit", "-q", "-a", "-m", "x")
        assert self.seen(repo.root / ".git") == {"a.py": ["M", "never staged by hand\n"], "b.py": ["D", ""]}

    def test_commit_path_leaves_out_what_else_is_staged(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n", "b.py": "b\n"})
        repo.hook(PROBE)
        repo.write("a.py", "this\n")
        repo.add("b.py", "staged, but not in this commit\n")
        repo.run("commit", "-q", "-m", "x", "a.py")
        assert self.seen(repo.root / ".git") == {"a.py": ["M", "this\n"]}

    def test_commit_path_from_a_subdirectory(self, repo: Repo) -> None:
        repo.commit({"sub/a.py": "a\n", "b.py": "b\n"})
        repo.hook("import os; os.chdir('sub')\n" + PROBE)
        repo.write("sub/a.py", "this\n")
        repo.add("b.py", "not in this commit\n")
        repo.run("-C", "sub", "commit", "-q", "-m", "x", "a.py")
        assert self.seen(repo.root / ".git") == {"sub/a.py": ["M", "this\n"]}

    def test_linked_worktree(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit({"sub/a.py": "a\n", "b.py": "b\n"})
        repo.hook("import os; os.chdir('sub')\n" + PROBE)
        linked = tmp_path / "linked"
        repo.run("worktree", "add", "-q", str(linked))
        (linked / "sub" / "a.py").write_text("in the linked one\n")
        repo.run("-C", str(linked), "commit", "-q", "-a", "-m", "x")
        assert self.seen(repo.root / ".git" / "worktrees" / "linked") == {"sub/a.py": ["M", "in the linked one\n"]}

    def test_blocked_commit_leaves_the_index(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n"})
        repo.hook(PROBE + "\nraise SystemExit(1)\n")
        repo.add("a.py", "b\n")
        before = repo.run("ls-files", "--stage")
        repo.run("commit", "-q", "-m", "x", fails=True)
        assert self.seen(repo.root / ".git") == {"a.py": ["M", "b\n"]}
        assert repo.run("ls-files", "--stage") == before


class TestDiscover:
    def test_subdirectory_without_a_process(
        self, repo: Repo, monkeypatch: pytest.MonkeyPatch, processes: list[tuple[str, ...]]
    ) -> None:
        repo.add("deep/er/a.py", "a\n")
        monkeypatch.chdir(repo.root / "deep" / "er")
        processes.clear()
        repository = Repository.discover()
        assert processes == []
        assert repository == Repository(str(repo.root), str(repo.root / ".git"))
        assert shape(repository.staged()) == [("A", "", "deep/er/a.py")]
        assert repository.tracked() == ("deep/er/a.py",)
        assert repository.relative("a.py") == "deep/er/a.py"
        assert repository.relative("../../..") is None
        assert repository.relative("../..") == ""
        assert repository.relative("..") == "deep"
        assert repository.relative(".") == "deep/er"
        assert repository.relative("./../er//a.py") == "deep/er/a.py"
        assert repository.relative("b/./c/a.py") == "deep/er/b/c/a.py"
        assert repository.relative("b/..") == "deep/er"

    def test_git_file_of_a_linked_worktree(self, repo: Repo, tmp_path: Path, processes: list[tuple[str, ...]]) -> None:
        repo.commit({"a.py": "a\n"})
        linked = tmp_path / "linked"
        repo.run("worktree", "add", "-q", str(linked))
        assert (linked / ".git").is_file()
        (linked / "a.py").write_text("b\n")
        repo.run("-C", str(linked), "add", "a.py")
        processes.clear()
        repository = Repository.discover(str(linked))
        assert processes == []
        assert repository.root == str(linked)
        assert shape(repository.staged()) == [("M", "a.py", "a.py")]
        assert at(repo).staged() == ()

    def test_merge_in_a_linked_worktree(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit({"a.py": "a\n"})
        repo.run("checkout", "-q", "-b", "side")
        side = repo.commit({"b.py": "b\n"})
        repo.run("checkout", "-q", "main")
        repo.run("worktree", "add", "-q", "-b", "third", str(tmp_path / "linked"))
        repo.run("-C", str(tmp_path / "linked"), "merge", "-q", "--no-commit", "--no-ff", "side")
        assert Repository.discover(str(tmp_path / "linked")).merge_heads() == (side,)
        assert at(repo).merge_heads() == ()

    def test_relative_git_dir_in_the_environment(self, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        repo.add("sub/a.py", "a\n")
        os.rename(repo.root / ".git", repo.root / "elsewhere")
        monkeypatch.chdir(repo.root / "sub")
        monkeypatch.setenv("GIT_DIR", "../elsewhere")
        monkeypatch.setenv("GIT_WORK_TREE", "..")
        repository = Repository.discover()
        assert repository == Repository(str(repo.root), str(repo.root / "elsewhere"))
        assert shape(repository.staged()) == [("A", "", "sub/a.py")]
        assert texts(repository, repository.staged()) == {"sub/a.py": b"a\n"}

    def test_work_tree_set_elsewhere(self, repo: Repo, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        repo.run("config", "core.worktree", str(tmp_path / "there"))
        assert at(repo).root == str(tmp_path / "there")

    def test_git_dir_in_the_environment_goes_before_the_folder(
        self, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = Repo(tmp_path / "other")
        other.add("o.py", "o\n")
        repo.add("a.py", "a\n")
        monkeypatch.chdir(repo.root)
        monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
        repository = Repository.discover()
        assert repository == Repository(str(repo.root), str(other.root / ".git"))
        assert shape(repository.staged()) == [("A", "", "o.py")]

    def test_through_a_symlink(self, repo: Repo, tmp_path: Path) -> None:
        repo.add("a.py", "a\n")
        os.symlink(repo.root, tmp_path / "alias")
        repository = Repository.discover(str(tmp_path / "alias"))
        assert repository.root == str(repo.root)
        assert repository.relative(str(tmp_path / "alias" / "a.py")) == "a.py"

    def test_bare_repository(self, tmp_path: Path) -> None:
        bare = Repo(tmp_path / "bare.git", "--bare")
        for place in (bare.root, bare.root / "objects"):
            with pytest.raises(GitError, match="bare repository") as caught:
                Repository.discover(str(place))
            assert "work tree" in caught.value.hint

    def test_bare_repository_below_a_work_tree(self, repo: Repo) -> None:
        bare = Repo(repo.root / "fixtures" / "bare.git", "--bare")
        with pytest.raises(GitError, match="bare repository"):
            Repository.discover(str(bare.root))

    def test_git_folder_that_says_it_is_bare(self, repo: Repo) -> None:
        repo.run("config", "core.bare", "true")
        with pytest.raises(GitError, match="bare repository"):
            at(repo)

    def test_not_a_repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        with pytest.raises(GitError, match="not a git repository") as caught:
            Repository.discover(str(tmp_path))
        assert "name the files" in caught.value.hint

    def test_broken_git_file(self, tmp_path: Path) -> None:
        (tmp_path / ".git").write_text("gitdir: nowhere\n")
        with pytest.raises(GitError, match="not a git repository"):
            Repository.discover(str(tmp_path))

    def test_git_missing(self, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        for ask in (at(repo).staged, lambda: Repository.discover(str(tmp_path))):
            with pytest.raises(GitError, match="git could not be started") as caught:
                ask()
            assert "Install git" in caught.value.hint

    def test_missing_folder(self, tmp_path: Path) -> None:
        with pytest.raises(GitError, match="no such folder"):
            Repository.discover(str(tmp_path / "nowhere"))

    def test_somebody_elses_repository(self, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(GitError, match=r"safe\.directory") as caught:
            at(repo).staged()
        assert "usage" not in caught.value.message
        assert "trust" in caught.value.hint


HOSTILE = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.renames": "false",
    "diff.renameLimit": "1",
    "diff.orderFile": "/nowhere/at/all",
    "diff.relative": "true",
    "diff.algorithm": "patience",
    "diff.external": "false",
    "diff.ignoreSubmodules": "all",
    "diff.loud.textconv": "false",
    "diff.colorMoved": "zebra",
    "core.quotePath": "true",
    "core.abbrev": "4",
    "core.pager": "false",
    "color.ui": "always",
    "color.diff": "always",
    "status.renames": "false",
    "status.showUntrackedFiles": "no",
    "status.relativePaths": "true",
}


class TestHostileConfiguration:
    @pytest.fixture
    def changed(self, repo: Repo, tmp_path: Path) -> Repo:
        repo.commit({".gitattributes": "*.py diff=loud\n", "sub/öld.py": BODY, "b.py": BODY.replace("line", "b")})
        repo.run("mv", "sub/öld.py", "new.py")
        repo.run("mv", "b.py", "sub/c.py")
        repo.add("new.py", BODY + "x = 1\n")
        repo.add("sub/c.py", BODY.replace("line", "b") + "y = 1\n")
        repo.write("sub/untracked.py", "u\n")
        return repo

    def answers(self, repo: Repo) -> Iterator[object]:
        repository = at(repo)
        staged = repository.staged()
        yield staged
        yield texts(repository, staged)
        yield repository.changes_from("HEAD")
        yield repository.tracked()
        yield repository.base_blobs("HEAD", ["b.py"])

    def test_changes_nothing(self, changed: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(changed.root / "sub")
        calm = list(self.answers(changed))
        assert shape(at(changed).staged()) == [("R", "sub/öld.py", "new.py"), ("R", "b.py", "sub/c.py")]
        hostile = tmp_path / "hostile"
        for key, value in HOSTILE.items():
            changed.run("config", "--file", str(hostile), key, value)
        monitor = tmp_path / "monitor"
        monitor.write_text(f"#!/bin/sh\ntouch '{tmp_path}/monitored'\n")
        monitor.chmod(0o755)
        changed.run("config", "--file", str(hostile), "core.fsmonitor", str(monitor))
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(hostile))
        monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
        assert changed.run("config", "diff.orderFile") == "/nowhere/at/all", "the settings do not reach git"
        assert list(self.answers(changed)) == calm
        assert not (tmp_path / "monitored").exists()
        changed.run("-c", "diff.orderFile=/dev/null", "status", "--short")
        assert (tmp_path / "monitored").exists(), "the monitor would not have been started by anybody"


class TestSince:
    def test_branch_and_work_tree(self, repo: Repo) -> None:
        fork = repo.commit({"a.py": "a\n", "moved.py": BODY, "gone.py": "g = 1\n"})
        repo.run("checkout", "-q", "-b", "topic")
        repo.commit({"committed.py": "c\n"})
        repo.run("mv", "moved.py", "here.py")
        repo.run("rm", "-q", "gone.py")
        repo.write("a.py", "not even staged\n")
        repo.write("untracked.py", "u\n")
        repo.run("branch", "-f", "main", repo.run("commit-tree", "-p", fork, "-m", "ahead", "HEAD^{tree}"))
        repository = at(repo)
        assert repository.merge_base("main") == fork
        changes = repository.changes_since("main")
        assert shape(changes) == [
            ("M", "a.py", "a.py"),
            ("A", "", "committed.py"),
            ("D", "gone.py", "gone.py"),
            ("R", "moved.py", "here.py"),
        ]
        assert {c.blob for c in changes} == {""}
        assert bases(repository, changes) == {"a.py": b"a\n", "gone.py": b"g = 1\n", "moved.py": BODY.encode()}

    def test_index_is_not_written(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n"})
        os.utime(repo.root / "a.py", (1, 1))
        before = (repo.root / ".git" / "index").read_bytes()
        at(repo).changes_from("HEAD")
        assert (repo.root / ".git" / "index").read_bytes() == before

    def test_before_the_first_commit(self, repo: Repo) -> None:
        repo.add("a.py", "a\n")
        assert shape(at(repo).changes_from("HEAD")) == [("A", "", "a.py")]
        assert at(repo).base_blobs("HEAD", ["a.py"]) == {}
        with pytest.raises(GitError):
            at(repo).changes_since("HEAD")

    @pytest.mark.parametrize("ref", ["nowhere", "--output=x", "", "HEAD~9", "a..b"])
    def test_unknown_ref(self, repo: Repo, ref: str) -> None:
        repo.commit({"a.py": "a\n"})
        with pytest.raises(GitError, match="no such commit") as caught:
            at(repo).changes_since(ref)
        assert "git fetch origin" in caught.value.hint
        assert not (repo.root / "x").exists()

    def test_a_remote_that_is_not_there(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n"})
        with pytest.raises(GitError) as caught:
            at(repo).changes_since("origin/main")
        assert caught.value.hint.startswith("There is no remote 'origin' here: git remote add origin URL")

    def test_shallow_clone(self, repo: Repo, tmp_path: Path) -> None:
        first = repo.commit({"a.py": "a\n"})
        repo.commit({"a.py": "b\n"})
        repo.run("clone", "-q", "--depth=1", f"file://{repo.root}", str(tmp_path / "clone"))
        with pytest.raises(GitError) as caught:
            Repository.discover(str(tmp_path / "clone")).changes_since(first)
        assert "--unshallow" in caught.value.hint

    def test_no_common_ancestor(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n"})
        repo.run("checkout", "-q", "--orphan", "island")
        repo.commit({"b.py": "b\n"})
        with pytest.raises(GitError, match="no common ancestor") as caught:
            at(repo).changes_since("main")
        assert "separate histories" in caught.value.hint
        assert "--unshallow" not in caught.value.hint


class TestRead:
    def test_thousands_of_blobs(self, repo: Repo) -> None:
        for n in range(5000):
            repo.write(f"d{n % 50}/f{n}.py", f"value = {n}\n")
        repo.run("add", ".")
        repository = at(repo)
        staged = repository.staged()
        assert len(staged) == 5000
        found = texts(repository, staged)
        assert all(found[f"d{n % 50}/f{n}.py"] == f"value = {n}\n".encode() for n in range(5000))
        repo.commit()
        assert len(repository.base_blobs("HEAD", [c.path for c in staged[:60]])) == 60

    def test_order_and_once_each(self, repo: Repo) -> None:
        repo.add("a.py", "a\n")
        repo.add("b.py", "b\n")
        repository = at(repo)
        a, b = (c.blob for c in repository.staged())
        assert list(repository.read([b, a, b])) == [(b, b"b\n"), (a, b"a\n")]

    def test_nothing_starts_nothing(self, repo: Repo, processes: list[tuple[str, ...]]) -> None:
        assert list(at(repo).read([])) == []
        assert processes == []

    def test_missing_object_is_named(self, repo: Repo) -> None:
        repo.add("a.py", "a\n")
        repository = at(repo)
        blob = repository.staged()[0].blob
        lost = "1" * 40
        with pytest.raises(GitError, match=lost):
            list(repository.read([blob, lost]))

    def test_reader_may_leave_early(self, repo: Repo) -> None:
        for n in range(50):
            repo.write(f"f{n}.py", f"{n}\n" * 50_000)
        repo.run("add", ".")
        repository = at(repo)
        reader = repository.read(c.blob for c in repository.staged())
        next(reader)
        reader.close()  # type: ignore[attr-defined]


class TestTracked:
    def test_what_a_person_would_call_the_repository(self, repo: Repo) -> None:
        repo.commit({"a.py": "a\n", "gone.py": "g\n", ".gitignore": "ignored.py\n", "sub/b.py": "b\n"})
        repo.write("untracked.py", "u\n")
        repo.write("ignored.py", "i\n")
        (repo.root / "gone.py").unlink()
        os.symlink("a.py", repo.root / "link.py")
        repo.run("add", "link.py")
        Repo(repo.root / "nested").commit({"n.py": "n\n"})
        assert at(repo).tracked() == (".gitignore", "a.py", "sub/b.py", "untracked.py")

    def test_unmerged_path_is_listed_once(self, repo: Repo) -> None:
        conflict(repo)
        assert at(repo).tracked() == ("a.py",)


def test_the_module_is_cheap_to_import() -> None:
    heavy = {"subprocess", "pathlib", "tempfile", "concurrent.futures", "importlib.metadata", "shutil"}
    script = (
        "import sys; before = set(sys.modules)\n"
        "import devsec.sources.git, devsec.sources.tree, devsec.sources.decode\n"
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True)
    assert git.__name__ in done.stdout.split()
    assert heavy & set(done.stdout.split()) == set()
