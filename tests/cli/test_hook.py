"""The real pre-commit on a real repository: a bad commit is refused, the cured one goes through, no work is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Repo

BAD = "import legacy\n\nlegacy.old(password=secret)\n"
PROJECT = Path(__file__).parents[2]

LOCAL = """\
repos:
- repo: local
  hooks:
  - id: {id}
    name: {id}
    entry: {python} -m devsec {command}
    language: system
    types: [text]
    require_serial: true
    stages: [{stage}]
"""


@pytest.fixture
def hooked(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    pytest.importorskip("pre_commit")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    return repo


def install(repo: Repo, command: str, stage: str = "pre-commit") -> None:
    config = LOCAL.format(id=f"devsec-{command}", python=sys.executable, command=command, stage=stage)
    repo.commit((".pre-commit-config.yaml", config))
    pre_commit(repo, "install", "--hook-type", stage)


def pre_commit(repo: Repo, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "pre_commit", *words], cwd=repo.root, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done


def commit(repo: Repo, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "commit", "-m", "try", *words], cwd=repo.root, capture_output=True, text=True)


def test_refused_cured_accepted_and_unstaged_work_kept(hooked: Repo) -> None:
    hooked.commit(("other.py", "x = 1\n"))
    install(hooked, "check")
    head = hooked.git("rev-parse", "HEAD")
    hooked.stage("app.py", BAD)
    hooked.write("app.py", BAD + "mine = 1\n")
    hooked.write("other.py", "x = 1\nunstaged = 2\n")
    refused = commit(hooked)
    assert refused.returncode == 1
    assert "app.py:3:1  blocks  old" in refused.stdout + refused.stderr
    assert "do    devsec fix\n" in refused.stdout + refused.stderr
    assert hooked.git("rev-parse", "HEAD") == head

    assert hooked.devsec("fix").returncode == 0
    hooked.git("add", "app.py")
    accepted = commit(hooked)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert "modern.old(password=secret)" in hooked.git("show", "HEAD:app.py")
    assert hooked.read("app.py").endswith("mine = 1\n")
    assert hooked.read("other.py") == "x = 1\nunstaged = 2\n"


def test_only_the_staged_part_counts(hooked: Repo) -> None:
    install(hooked, "check")
    hooked.stage("app.py", "import legacy\n")
    hooked.write("app.py", BAD)
    assert commit(hooked).returncode == 0
    assert hooked.read("app.py") == BAD


def test_what_was_there_before_stops_nobody(hooked: Repo) -> None:
    hooked.commit(("app.py", BAD), ("gone.py", BAD.replace("secret", "moved")))
    install(hooked, "check")
    hooked.stage("app.py", BAD + "x = 1\n")
    assert commit(hooked).returncode == 0
    hooked.git("rm", "-q", "gone.py")
    hooked.stage("here.py", "import legacy\nname = 'here'\n\n\nlegacy.old(password=moved)\n")
    moved = commit(hooked)
    assert moved.returncode == 0, moved.stdout + moved.stderr
    hooked.stage("app.py", BAD + "legacy.old(password=fresh)\n")
    assert commit(hooked).returncode == 1


@pytest.mark.parametrize("words", [("-a",), ("app.py",), ("--only", "app.py")])
def test_commits_with_an_index_of_their_own(hooked: Repo, words: tuple[str, ...]) -> None:
    hooked.commit(("app.py", "x = 1\n"))
    install(hooked, "check")
    hooked.write("app.py", BAD)
    assert commit(hooked, *words).returncode == 1
    hooked.write("app.py", "x = 2\n")
    assert commit(hooked, *words).returncode == 0


def test_the_plain_command_sees_the_index_of_commit_a(hooked: Repo) -> None:
    """A hook that is no framework's: no paths, no PRE_COMMIT, only what git passes on."""
    hooked.commit(("app.py", "x = 1\n"))
    hook = hooked.root / ".git/hooks/pre-commit"
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m devsec check\n')
    hook.chmod(0o755)
    hooked.write("app.py", BAD)
    for words in (("-a",), ("app.py",)):
        refused = commit(hooked, *words)
        assert refused.returncode == 1
        assert "app.py:3:1  blocks" in refused.stdout + refused.stderr
        # Nothing is staged any more when the hook has ended, so the command has to name the file.
        assert "do    devsec fix app.py\n" in refused.stdout + refused.stderr
    assert hooked.devsec("fix", "app.py").returncode == 0
    assert commit(hooked, "-a").returncode == 0


def test_fix_as_a_hook_cures_and_stops_the_commit_once(hooked: Repo) -> None:
    install(hooked, "fix")
    hooked.stage("app.py", BAD)
    refused = commit(hooked)
    assert refused.returncode == 1
    assert "files were modified by this hook" in refused.stdout + refused.stderr
    assert "modern.old" in hooked.read("app.py")
    hooked.git("add", "app.py")
    assert commit(hooked).returncode == 0


def test_before_a_push(hooked: Repo, tmp_path: Path) -> None:
    hooked.commit(("app.py", BAD))
    install(hooked, "check", "pre-push")
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "there")], check=True)
    hooked.git("remote", "add", "origin", str(tmp_path / "there"))
    hooked.git("push", "-q", "--no-verify", "origin", "main")
    hooked.commit(("app.py", BAD + "x = 1\n"))
    hooked.git("push", "-q", "origin", "main")
    hooked.commit(("app.py", BAD + "legacy.old(password=fresh)\n"))
    refused = subprocess.run(["git", "push", "origin", "main"], cwd=hooked.root, capture_output=True, text=True)
    assert refused.returncode != 0
    assert "app.py:4:1  blocks  old" in refused.stdout + refused.stderr
    assert "app.py:3:1" not in refused.stdout + refused.stderr


@pytest.mark.skipif("DEVSEC_OFFLINE" in os.environ, reason="builds an environment from the package index")
def test_the_hooks_this_project_publishes(hooked: Repo, tmp_path: Path) -> None:
    """What users write: `repo: URL`, `rev`, `id`. The hook repository is this checkout as a commit of its own."""
    published = Repo(tmp_path / "published")
    published.root.mkdir()
    for name in ("devsec", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, published.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, published.root / name)
    published.rule("shipped")  # so that what comes with the package is seen, whatever the real rules say
    published.git("init", "-q", "-b", "main")
    published.git("add", ".")
    rev = published.commit()
    config = f"repos:\n- repo: {published.root.as_uri()}\n  rev: {rev}\n  hooks:\n  - id: devsec-check\n"
    hooked.commit((".pre-commit-config.yaml", config))
    pre_commit(hooked, "install")
    hooked.stage("app.py", BAD + "legacy.shipped(password=secret)\n")
    refused = commit(hooked)
    assert refused.returncode == 1
    assert "app.py:3:1  blocks  old" in refused.stdout + refused.stderr
    assert "app.py:4:1  blocks  shipped" in refused.stdout + refused.stderr
    hooked.stage("app.py", BAD.replace("legacy", "modern"))
    accepted = commit(hooked)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
