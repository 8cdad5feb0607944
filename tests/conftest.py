"""What several tests need: findings made by hand, and nobody's own git settings."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from devsec.finding import Finding, Fix
from devsec.levels import Confidence, Level, Severity
from devsec.text import Lines, Span

MakeFinding = Callable[..., Finding]


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's hook, colours or git configuration must not decide a test."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "PRE_COMMIT")) or name in ("NO_COLOR", "COLUMNS"):
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
