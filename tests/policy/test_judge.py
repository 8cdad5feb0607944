"""One verdict, one reason, and which reason goes first."""

from __future__ import annotations

import pytest
from conftest import MakeFinding

from devsec.config import Config
from devsec.levels import Level
from devsec.policy.judge import Verdict, judge
from devsec.policy.suppress import ignores

TEXT = b"f(1)  # devsec: ignore[a-rule] test, it is\n"


@pytest.mark.parametrize(
    ("level", "configured", "known", "silenced", "verdict", "because"),
    [
        (Level.BLOCK, None, "", False, Verdict.BLOCK, "the rule's level is block"),
        (Level.WARN, None, "", False, Verdict.WARN, "the rule's level is warn"),
        (Level.NOTE, None, "", False, Verdict.NOTE, "the rule's level is note"),
        (Level.OFF, None, "", False, Verdict.OFF, "the rule's level is off"),
        (Level.BLOCK, Level.WARN, "", False, Verdict.WARN, "devsec.toml sets a-rule to warn"),
        (Level.NOTE, Level.BLOCK, "", False, Verdict.BLOCK, "devsec.toml sets a-rule to block"),
        (Level.BLOCK, None, "it was there before", False, Verdict.KNOWN, "it was there before"),
        (Level.BLOCK, None, "", True, Verdict.SUPPRESSED, "silenced on line 1: test, it is"),
        (Level.BLOCK, None, "it was there before", True, Verdict.KNOWN, "it was there before"),
        (Level.BLOCK, Level.OFF, "it was there before", True, Verdict.OFF, "devsec.toml sets a-rule to off"),
    ],
)
def test_verdict(
    finding: MakeFinding,
    level: Level,
    configured: Level | None,
    known: str,
    silenced: bool,
    verdict: Verdict,
    because: str,
) -> None:
    config = Config(levels=(("a-rule", configured),), file="devsec.toml") if configured else Config()
    judged = judge(finding(TEXT, "f(1)", level=level), ignores("a.py", TEXT) if silenced else (), known, config)
    assert (judged.verdict, judged.because) == (verdict, because)
