"""From outcomes to numbers to an exit code."""

from __future__ import annotations

import pytest
from conftest import MakeFinding

from devsec.outcome import Checked, Outcome, exit_code, summary
from devsec.policy.judge import Judged, Verdict
from devsec.sources.source import Skipped


@pytest.mark.parametrize(
    ("verdicts", "skipped", "code"),
    [
        ([], 0, 0),
        ([Verdict.WARN, Verdict.NOTE, Verdict.KNOWN, Verdict.SUPPRESSED, Verdict.OFF], 0, 0),
        ([Verdict.BLOCK], 0, 1),
        ([], 1, 2),
        ([Verdict.WARN], 1, 2),
        ([Verdict.BLOCK], 1, 1),
    ],
)
def test_exit_code(finding: MakeFinding, verdicts: list[Verdict], skipped: int, code: int) -> None:
    judged = tuple(Judged(finding(b"f(1)", "f(1)"), verdict, "") for verdict in verdicts)
    outcomes: list[Outcome] = [Checked("a.py", judged), *(Skipped(f"{n}.py", "why") for n in range(skipped))]
    assert exit_code(summary(outcomes)) == code


def test_summary_counts_each_verdict_once(finding: MakeFinding) -> None:
    one = finding(b"f(1)", "f(1)")
    verdicts = [Verdict.BLOCK, Verdict.WARN, Verdict.WARN, Verdict.NOTE, Verdict.KNOWN, Verdict.SUPPRESSED, Verdict.OFF]
    total = summary(
        [Checked("a.py", tuple(Judged(one, v, "") for v in verdicts)), Checked("b.py"), Skipped("c", "why")]
    )
    assert (total.files, total.findings, total.blocking, total.warnings, total.notes) == (3, 4, 1, 2, 1)
    assert (total.known, total.suppressed, total.skipped) == (1, 1, 1)
