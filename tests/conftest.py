"""What several tests need: findings made by hand, and nobody's own git settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from devsec.finding import Finding, Fix
from devsec.levels import Confidence, Level, Severity
from devsec.text import Lines, Span
from tests import worked_out
from tests.devsec_process import devsec

worked_out.remember()

MakeFinding = Callable[..., Finding]


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's hook, colours or git configuration must not decide a test."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "PRE_COMMIT", "CLICOLOR")) or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A Test")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@example.org")


@pytest.fixture
def finding() -> MakeFinding:
    """A finding about `meant`, which stands in `text`: `finding(b"x = f(1)\\n", "f(1)")`."""

    def make(
        text: bytes,
        meant: str,
        *,
        rule: str = "a-rule",
        path: str = "app.py",
        level: Level = Level.BLOCK,
        fixes: tuple[Fix, ...] = (),
        secrets: tuple[str, ...] = (),
        nth: int = 0,
    ) -> Finding:
        start = -1
        for _ in range(nth + 1):
            start = text.index(meant.encode(), start + 1)
        span = Span(start, start + len(meant.encode()))
        lines = Lines(text)
        hidden = tuple(Span(text.index(s.encode()), text.index(s.encode()) + len(s.encode())) for s in secrets)
        return Finding(
            rule=rule,
            title="Something leaves the road",
            message="This is why. And this is more of it.",
            path=path,
            span=span,
            start=lines.place(span.start),
            end=lines.place(span.end),
            cwe=("CWE-1",),
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            level=level,
            road="",
            snippet=meant,
            key=meant,
            fingerprint="f" * 16,
            fixes=fixes,
            secrets=hidden,
        )

    return make


RULE = """\
id: {name}
title: The old {name} is called
cwe: CWE-1
severity: high
confidence: high
level: {level}
why: The old call leaves the road. It always did.
find:
  call: legacy.{name}
  args: {{password: {{present: true}}}}
fix:
  title: Call the new one
  safety: {safety}
  call: modern.{name}
secret: [password]
examples:
  - bad: |
      import legacy
      legacy.{name}(password="x")
    good: |
      import legacy
      import modern
      modern.{name}(password="x")
  - fine: |
      import modern
      modern.{name}(password="x")
"""


@dataclass(frozen=True)
class Repo:
    """A real repository with rules of its own, so that no test depends on what the bundled ones say."""

    root: Path

    def git(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(["git", *words], cwd=self.root, check=check, capture_output=True)
        return done.stdout.decode(errors="surrogateescape")

    def write(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def stage(self, path: str, text: str | bytes) -> None:
        self.write(path, text)
        self.git("add", "--", path)

    def commit(self, *files: tuple[str, str | bytes]) -> str:
        for path, text in files:
            self.stage(path, text)
        self.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "a commit")
        return self.git("rev-parse", "HEAD").strip()

    def rule(self, name: str, level: str = "block", safety: str = "safe") -> None:
        self.write(f"rules/{name}.yaml", RULE.format(name=name, level=level, safety=safety))

    def devsec(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """As tests/devsec_process.py runs it."""
        return devsec(*words, cwd=self.root, env={**os.environ, **environ})

    def started(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """The same, with a Python that starts for it."""
        return devsec(*words, cwd=self.root, env={**os.environ, **environ}, real=True)


@pytest.fixture(scope="session")
def as_read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that holds the bundled rules as they were read, a second of work that each test would do anew."""
    top = tmp_path_factory.mktemp("as-read")
    (top / "a.py").touch()
    devsec("check", "--no-config", "a.py", cwd=top, check=True, env={**os.environ, "XDG_CACHE_HOME": str(top)})
    return top / "devsec"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_read: Path) -> Repo:
    """After one commit, and the current folder of the test. Rules: old (blocks), iffy (warns), quiet (a note)."""
    made = Repo(tmp_path / "repo")
    made.root.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(as_read, tmp_path / "cache" / "devsec", copy_function=os.link)  # a megabyte in each of them
    monkeypatch.chdir(made.root)
    made.git("init", "-q", "-b", "main")
    made.rule("old")
    made.rule("iffy", level="warn", safety="hardening")
    made.rule("quiet", level="note")
    made.write("devsec.toml", 'rules = ["rules"]\nexclude = ["vendor/"]\n')
    made.git("add", ".")
    made.commit()
    return made
