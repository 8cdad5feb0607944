"""`devsec fix --staged`: what is staged is cured in the index and on disk, or nothing happens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Repo

BAD = "import legacy\n\n\ndef f(secret):\n    legacy.old(password=secret)\n\n\nTAIL = 1\n"
GOOD = BAD.replace("import legacy\n", "import modern\n").replace("legacy.old", "modern.old")
KILL = Path(__file__).parents[2] / "bench" / "kill.py"


def staged(repo: Repo, path: str = "app.py") -> str:
    return repo.git("show", f":{path}")


def nothing_changed(repo: Repo, disk: str, index: str, path: str = "app.py") -> None:
    assert repo.read(path) == disk
    assert staged(repo, path) == index
    assert not [p for p in repo.root.rglob("*") if "devsec-" in p.name or p.name == "index.lock"]


def test_cures_the_index_and_the_disk(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    done = repo.devsec("fix", "--staged")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fixed  app.py:5  old: Call the new one\n" in done.stdout
    assert "staged, and the same on disk" in done.stdout
    nothing_changed(repo, GOOD, GOOD)
    assert repo.git("diff", "--name-only") == ""
    assert repo.devsec("check").returncode == 0


def test_a_half_staged_file_keeps_its_other_half(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.write("app.py", "# more above\n" + BAD + "MORE = 2\n")
    assert repo.devsec("fix", "--staged").returncode == 0
    nothing_changed(repo, "# more above\n" + GOOD + "MORE = 2\n", GOOD)


def test_what_is_not_staged_is_not_cured(repo: Repo) -> None:
    repo.commit(("app.py", "import legacy\n"))
    repo.stage("app.py", BAD)
    second = BAD + "\n\ndef g(secret):\n    legacy.old(password=secret)\n"
    repo.write("app.py", second)
    repo.write("other.py", BAD)
    done = repo.devsec("fix", "--staged")
    assert done.returncode == 0
    assert staged(repo) == GOOD
    assert repo.read("other.py") == BAD
    left = repo.read("app.py")
    # The second call still needs the import that the first one lost: the merge would leave it unbound.
    assert "legacy.old" in left
    compile(left, "app.py", "exec")


def test_the_same_lines_changed_on_disk(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    other = BAD.replace("legacy.old(password=secret)", "legacy.old(password=secret, again=True)")
    repo.write("app.py", other)
    done = repo.devsec("fix", "--staged")
    assert done.returncode == 1
    assert "not fixed  app.py: the file on disk differs from what is staged in the very lines" in done.stdout
    nothing_changed(repo, other, BAD)


def test_a_change_that_would_not_hold_on_disk(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    other = BAD.replace("TAIL = 1\n", "TAIL = 1\n\n\ndef g(modern):\n    return legacy.f(\n")
    repo.write("app.py", other)
    done = repo.devsec("fix", "--staged")
    assert done.returncode == 1
    assert "on disk it would not hold" in done.stdout or "cannot be looked at" in done.stdout
    nothing_changed(repo, other, BAD)


def test_one_file_that_cannot_follow_does_not_stop_the_others(repo: Repo) -> None:
    repo.stage("a.py", BAD)
    repo.stage("b.py", BAD)
    repo.write("a.py", BAD.replace("password=secret", "password=secret, x=1"))
    assert repo.devsec("fix", "--staged").returncode == 1
    assert staged(repo, "a.py") == BAD
    assert (staged(repo, "b.py"), repo.read("b.py")) == (GOOD, GOOD)


def test_deleted_on_disk(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    (repo.root / "app.py").unlink()
    assert repo.devsec("fix", "--staged").returncode == 0
    assert staged(repo) == GOOD
    assert not (repo.root / "app.py").exists()


def test_a_symlink_took_its_place_on_disk(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.write("real.py", BAD)
    (repo.root / "app.py").unlink()
    (repo.root / "app.py").symlink_to("real.py")
    done = repo.devsec("fix", "--staged")
    assert "something else stands on disk" in done.stdout
    assert (repo.root / "app.py").is_symlink()
    assert staged(repo) == BAD


def test_a_hard_link_is_refused_and_not_staged(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    os.link(repo.root / "app.py", repo.root / "twin.py")
    done = repo.devsec("fix", "--staged")
    assert (done.returncode, "hard links" in done.stdout) == (1, True)
    nothing_changed(repo, BAD, BAD)


def test_a_read_only_file_is_refused_and_not_staged(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    (repo.root / "app.py").chmod(0o444)
    done = repo.devsec("fix", "--staged")
    assert (done.returncode, "read-only" in done.stdout) == (1, True)
    nothing_changed(repo, BAD, BAD)


def test_a_locked_index(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    lock = repo.root / ".git" / "index.lock"
    lock.touch()
    done = repo.devsec("fix", "--staged")
    assert (done.returncode, "the index is locked" in done.stdout) == (1, True)
    assert lock.exists(), "somebody else's"
    lock.unlink()
    nothing_changed(repo, BAD, BAD)


def test_the_mode_and_the_marks_of_an_entry_stay(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.git("update-index", "--chmod=+x", "app.py")
    repo.stage("away.py", BAD)
    repo.git("update-index", "--skip-worktree", "away.py")
    (repo.root / "away.py").unlink()
    repo.stage("same.py", BAD)
    repo.git("update-index", "--assume-unchanged", "same.py")
    assert repo.devsec("fix", "--staged").returncode == 0
    assert staged(repo) == staged(repo, "away.py") == staged(repo, "same.py") == GOOD
    entries = {line.split()[-1]: line.split()[:2] for line in repo.git("ls-files", "-s", "-v").splitlines()}
    assert entries["app.py"] == ["H", "100755"]
    assert entries["away.py"] == ["S", "100644"]
    assert entries["same.py"] == ["h", "100644"]


def test_a_sparse_checkout(repo: Repo) -> None:
    repo.commit(("rules/a.txt", "A\n"), ("out/b.py", "B = 1\n"))
    repo.git("sparse-checkout", "set", "--cone", "rules")
    assert not (repo.root / "out").exists()
    stored = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=repo.root, input=BAD.encode(), capture_output=True
    )
    repo.git("update-index", "--cacheinfo", f"100644,{stored.stdout.decode().strip()},out/b.py")
    repo.git("update-index", "--skip-worktree", "out/b.py")
    assert repo.devsec("fix", "--staged").returncode == 0
    assert staged(repo, "out/b.py") == GOOD
    assert not (repo.root / "out").exists()
    assert repo.git("ls-files", "-v", "out/b.py").startswith("S ")


@pytest.mark.parametrize("autocrlf", ["true", "input"])
def test_line_endings_that_git_converts(repo: Repo, autocrlf: str) -> None:
    repo.git("config", "core.autocrlf", autocrlf)
    crlf = BAD.replace("\n", "\r\n")
    repo.stage("app.py", crlf)
    assert staged(repo) == BAD
    repo.write("app.py", crlf + "MORE = 2\r\n")
    done = repo.devsec("fix", "--staged")
    assert staged(repo) == (GOOD if autocrlf == "true" else BAD), done.stdout
    if autocrlf == "true":
        assert repo.read("app.py") == GOOD.replace("\n", "\r\n") + "MORE = 2\r\n"
    else:  # git would check it out with \n: nothing says how the change is to be written here
        nothing_changed(repo, crlf + "MORE = 2\r\n", BAD)


def test_another_encoding(repo: Repo) -> None:
    latin = "# -*- coding: latin-1 -*-\n# é\n" + BAD
    repo.stage("app.py", latin.encode("latin-1"))
    repo.write("app.py", (latin + "# ü\n").encode("latin-1"))
    assert repo.devsec("fix", "--staged").returncode == 0
    assert b"modern.old" in (repo.root / "app.py").read_bytes()
    assert (repo.root / "app.py").read_bytes().endswith("# ü\n".encode("latin-1"))


def test_in_the_middle_of_a_merge_and_of_a_rebase(repo: Repo) -> None:
    repo.commit(("app.py", "A = 1\n"), ("both.py", "B = 1\n"))
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(("both.py", "B = 2\n"))
    repo.git("checkout", "-q", "main")
    repo.commit(("both.py", "B = 3\n"))
    for begin in (("merge", "side"), ("rebase", "side")):
        repo.git(*begin, check=False)
        assert "UU both.py" in repo.git("status", "--porcelain")
        repo.stage("app.py", BAD)
        done = repo.devsec("fix", "--staged")
        assert (done.returncode, staged(repo), repo.read("app.py")) == (2, GOOD, GOOD), done.stdout
        assert "not checked  both.py: It is in conflict" in done.stdout
        assert "UU both.py" in repo.git("status", "--porcelain"), "the conflict is still there"
        repo.git(begin[0], "--abort")


def test_a_linked_work_tree(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.stage("app.py", BAD)
    assert linked.devsec("fix", "--staged").returncode == 0
    assert (staged(linked), linked.read("app.py")) == (GOOD, GOOD)
    assert repo.git("status", "--porcelain") == ""


def test_an_index_in_two_files(repo: Repo) -> None:
    repo.git("update-index", "--split-index")
    repo.stage("app.py", BAD)
    assert repo.devsec("fix", "--staged").returncode == 0
    assert (staged(repo), repo.read("app.py")) == (GOOD, GOOD)
    repo.git("fsck", "--strict")


def test_only_below_a_path(repo: Repo) -> None:
    repo.stage("a/app.py", BAD)
    repo.stage("b/app.py", BAD)
    repo.devsec("fix", "--staged", "a")
    assert (staged(repo, "a/app.py"), staged(repo, "b/app.py")) == (GOOD, BAD)


def test_diff_is_for_the_index(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.write("app.py", "# more\n" + BAD)
    done = repo.devsec("fix", "--staged", "--diff")
    nothing_changed(repo, "# more\n" + BAD, BAD)
    subprocess.run(["git", "apply", "--cached", "-"], cwd=repo.root, input=done.stdout.encode(), check=True)
    assert staged(repo) == GOOD


def test_in_a_plain_commit_hook_the_cure_is_committed(repo: Repo) -> None:
    hook = repo.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m devsec fix --staged\n", encoding="utf-8")
    hook.chmod(0o755)
    repo.stage("app.py", BAD)
    repo.git("commit", "-q", "-m", "cured on the way")
    assert repo.git("show", "HEAD:app.py") == repo.read("app.py") == GOOD
    assert repo.git("status", "--porcelain") == ""
    repo.write("app.py", GOOD + BAD)
    done = subprocess.run(["git", "commit", "-am", "x"], cwd=repo.root, capture_output=True, text=True)
    assert done.returncode != 0
    assert "lasts only as long as the commit" in done.stderr
    assert repo.read("app.py") == GOOD + BAD


def test_not_under_pre_commit_and_not_outside_a_repository(repo: Repo, tmp_path: Path) -> None:
    repo.stage("app.py", BAD)
    done = repo.devsec("fix", "--staged", "app.py", PRE_COMMIT="1")
    assert (done.returncode, "does not work under pre-commit" in done.stderr) == (2, True)
    (tmp_path / "plain").mkdir()
    done = Repo(tmp_path / "plain").devsec("fix", "--staged")
    assert (done.returncode, "not a git repository" in done.stderr) == (2, True), done.stderr
    nothing_changed(repo, BAD, BAD)


def test_killed_at_many_points_it_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(KILL), "--every", "7", "--random", "0"],
        capture_output=True, text=True, check=False, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    points = int(done.stdout.split(" of the things")[0].rsplit(" ", 1)[1])
    assert points > 10, done.stdout
