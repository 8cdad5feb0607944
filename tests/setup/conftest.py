"""Commits as people make them, with the devsec under test within reach of their hooks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Repo

import devsec

BAD = "import legacy\n\nlegacy.old(password=secret)\n"
Commit = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _this_devsec(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks start the `devsec` that is installed beside this Python; it imports what is tested here."""
    monkeypatch.setenv("PYTHONPATH", str(Path(devsec.__file__).parents[1]))


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an activated virtual environment."""
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])


@pytest.fixture
def commit(repo: Repo) -> Commit:
    """`git commit` with these words, in the repository or in another folder."""

    def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["git", "commit", "-m", "try", *words], cwd=cwd or repo.root, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1, 2), done.stdout + done.stderr
        return done

    return run


def everything(root: Path) -> dict[str, tuple[bytes, int]]:
    """All files below a folder, with the hooks and settings of git, as bytes and modes."""
    mine = ("config", "hooks", "devsec")
    return {
        str(file.relative_to(root)): (file.read_bytes(), file.stat().st_mode)
        for file in sorted(root.rglob("*"))
        if file.is_file()
        and (".git" not in file.relative_to(root).parts or file.relative_to(root / ".git").parts[0] in mine)
    }
