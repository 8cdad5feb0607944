"""`devsec fix` as a process: what it changes, what it says, how it ends."""

from __future__ import annotations

import subprocess

import pytest
from conftest import Repo

from tests.devsec_process import devsec_bytes

BAD = "import legacy\n\nlegacy.old(password=secret)\n"


def test_cures_what_is_staged_on_disk_and_stages_nothing(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    staged = repo.git("ls-files", "-s")
    done = repo.devsec("fix")
    assert done.returncode == 0, done.stderr
    assert "modern.old(password=secret)" in repo.read("app.py")
    assert repo.git("ls-files", "-s") == staged
    assert "fixed  app.py:3  old: Call the new one\n" in done.stdout
    repo.git("add", "app.py")
    assert repo.devsec("check").returncode == 0
    assert "nothing to cure" in repo.devsec("fix").stdout


def test_only_what_is_new_without_paths_everything_with_them(repo: Repo) -> None:
    repo.commit(("app.py", BAD))
    repo.stage("app.py", BAD + "legacy.old(password=fresh)\n")
    assert repo.devsec("fix").returncode == 0
    text = repo.read("app.py")
    assert "legacy.old(password=secret)" in text
    assert "modern.old(password=fresh)" in text
    assert repo.devsec("fix", "app.py").returncode == 0
    assert "modern.old(password=secret)" in repo.read("app.py")


def test_unstaged_work_stays(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    repo.write("app.py", BAD + "mine = 1\n")
    repo.write("other.py", BAD)
    repo.devsec("fix")
    assert repo.read("app.py").endswith("mine = 1\n")
    assert repo.read("other.py") == BAD


def test_hardening_is_asked_for(repo: Repo) -> None:
    repo.stage("app.py", BAD.replace("old", "iffy"))
    before = repo.read("app.py")
    done = repo.devsec("fix")
    assert done.returncode == 0, "it only warns"
    assert "left  app.py:3  iffy: needs --hardening" in done.stdout
    assert "--hardening cures 1 more" in done.stdout
    assert repo.read("app.py") == before
    assert repo.devsec("fix", "--hardening").returncode == 0
    assert "modern.iffy(" in repo.read("app.py")


def test_what_still_blocks_ends_with_1(repo: Repo) -> None:
    repo.rule("old", safety="hardening")
    repo.stage("app.py", BAD)
    done = repo.devsec("fix")
    assert done.returncode == 1
    assert "1 left that blocks" in done.stdout


def test_only(repo: Repo) -> None:
    text = BAD + "legacy.iffy(password=secret)\nlegacy.quiet(password=secret)\n"
    repo.stage("app.py", text)
    assert repo.devsec("fix", "--hardening", "--only", "iffy").returncode == 1
    changed = repo.read("app.py")
    assert ("modern.iffy" in changed, "legacy.old" in changed, "legacy.quiet" in changed) == (True, True, True)
    repo.devsec("fix", "--only", "quiet", "--only", "old")
    assert "legacy." not in repo.read("app.py")


def test_a_note_is_silent_and_left_alone(repo: Repo) -> None:
    repo.stage("app.py", BAD.replace("old", "quiet"))
    done = repo.devsec("fix")
    assert (done.returncode, done.stdout) == (0, "devsec: nothing to cure\n")
    assert "legacy.quiet" in repo.read("app.py")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_diff_is_a_patch_that_git_applies(repo: Repo, ending: str) -> None:
    repo.stage("app.py", BAD.replace("\n", ending).encode())
    before = (repo.root / "app.py").read_bytes()
    done = devsec_bytes("fix", "--diff", cwd=repo.root)
    assert done.returncode == 0
    assert (repo.root / "app.py").read_bytes() == before
    subprocess.run(["git", "apply", "-"], cwd=repo.root, input=done.stdout, check=True)
    assert b"modern.old(password=secret)" + ending.encode() in (repo.root / "app.py").read_bytes()


def test_diff_hides_secrets_and_says_so(repo: Repo) -> None:
    repo.stage("app.py", BAD.replace("secret", '"canary-canary-canary"'))
    done = repo.devsec("fix", "--diff")
    assert "canary-canary" not in done.stdout + done.stderr
    assert "+modern.old(password=" in done.stdout
    assert "for reading only" in done.stderr
    done = repo.devsec("fix")
    assert "canary-canary" not in done.stdout + done.stderr
    assert 'modern.old(password="canary-canary-canary")' in repo.read("app.py")


def test_what_cannot_be_written_is_said(repo: Repo) -> None:
    repo.stage("app.py", BAD)
    (repo.root / "app.py").chmod(0o444)
    done = repo.devsec("fix")
    assert done.returncode == 1
    assert "not fixed  app.py" in done.stdout
    assert repo.read("app.py") == BAD


def test_not_checked_ends_with_2(repo: Repo) -> None:
    repo.stage("app.py", BAD + "def (\n")
    done = repo.devsec("fix")
    assert done.returncode == 2
    assert "not checked  app.py" in done.stdout


@pytest.mark.parametrize("text", ['[fix]\napply = ["iffy"]\n', '[fix]\napply = ["road:made.up"]\n'])
def test_an_organisation_says_which_stricter_cures_are_made(repo: Repo, text: str) -> None:
    repo.write("devsec.toml", 'rules = ["rules"]\n' + text)
    repo.stage("app.py", BAD.replace("old", "iffy"))
    done = repo.devsec("fix")
    if "road" in text:
        assert done.returncode == 2
        assert "there is no 'road:made.up'" in done.stderr
        assert "legacy.iffy(" in repo.read("app.py")
    else:
        assert done.returncode == 0, done.stderr
        assert "modern.iffy(" in repo.read("app.py")
