"""Real git repositories for tests, untouched by the configuration of whoever runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import devsec

WHO = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
}


def isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    """For this test git sees no user, no system and no hook: the tests may themselves run inside a hook."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    for name, value in {**WHO, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}.items():
        monkeypatch.setenv(name, value)


class Repo:
    """A work tree at `root`. Call `isolate` first."""

    def __init__(self, root: Path, *init: str) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.run("init", "-q", "-b", "main", *init)

    def run(self, *args: str, fails: bool = False) -> str:
        """git's answer. `fails` for the commands that are meant to."""
        done = subprocess.run(("git", *args), cwd=self.root, capture_output=True, stdin=subprocess.DEVNULL)
        if not fails:
            assert done.returncode == 0, done.stderr.decode(errors="replace")
        else:
            assert done.returncode != 0, "was meant to fail"
        return os.fsdecode(done.stdout).rstrip("\n")

    def write(self, path: str, data: str | bytes) -> Path:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(data.encode() if isinstance(data, str) else data)
        return full

    def add(self, path: str, data: str | bytes) -> None:
        self.write(path, data)
        self.run("--literal-pathspecs", "add", "--", path)

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "x") -> str:
        """Writes and stages `files`, commits what is staged, and returns the commit."""
        for path, data in (files or {}).items():
            self.add(path, data)
        self.run("commit", "-q", "--allow-empty", "--no-verify", "-m", message)
        return self.run("rev-parse", "HEAD")

    def hook(self, script: str) -> None:
        """Installs a pre-commit hook that runs `script` with this Python, and with devsec to import."""
        probe = self.root / ".git" / "probe.py"
        probe.write_text(script, encoding="utf-8")
        hook = self.root / ".git" / "hooks" / "pre-commit"
        hook.parent.mkdir(exist_ok=True)
        home = Path(devsec.__file__).parent.parent
        hook.write_text(f"#!/bin/sh\nPYTHONPATH='{home}' exec '{sys.executable}' '{probe}'\n", encoding="utf-8")
        hook.chmod(0o755)
