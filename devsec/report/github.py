"""Annotations on GitHub: one workflow command a finding, which the runner reads from the log of a step.

The runner shows ten errors, ten warnings and ten notices of a step; what blocks comes first.
"""

from __future__ import annotations

from devsec.outcome import Report
from devsec.policy.judge import Verdict
from devsec.report.closing import Page, closing
from devsec.report.plain import printable
from devsec.report.terminal import last_line
from devsec.report.told import Told, all_told, words

_LEVELS = {Verdict.BLOCK: "error", Verdict.WARN: "warning", Verdict.NOTE: "notice"}


def render(report: Report) -> str:
    """What was not checked, the findings by level, remarks; then the line that says what it comes to."""
    out = [
        _command(
            "error",
            f"Not checked: {printable(skipped.reason)}",
            **({"file": skipped.path} if skipped.path else {}),
            title="devsec: not checked",
        )
        for skipped in report.skipped
    ]
    every = list(all_told(report))
    for verdict in _LEVELS:
        out += [_finding(one) for one in every if one.judged.verdict is verdict]
    about = [(checked.path, remark.line, remark.text) for checked in report.checked for remark in checked.remarks]
    for path, line, text in (*about, *((one.path, one.line, one.text) for one in report.remarks)):
        out.append(_command("notice", printable(text), file=path, line=str(line), title="devsec: a remark"))
    return "".join(line + "\n" for line in [*out, closing(report.total, Page(), report.passed)])


def _finding(one: Told) -> str:
    finding = one.finding
    where = {"file": finding.path, "line": str(finding.start.line), "endLine": str(last_line(finding))}
    if finding.start.line == finding.end.line:  # columns of a place over several lines mean nothing to the runner
        where |= {"col": str(finding.start.column + 1), "endColumn": str(finding.end.column + 1)}
    return _command(
        _LEVELS[one.judged.verdict], printable(words(one)), **where, title=f"devsec: {printable(finding.rule)}"
    )


def _command(level: str, message: str, **properties: str) -> str:
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {said}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    # A line of the log is one command: what could end it, or the property, is escaped; what is no text is spelled out.
    shown = "".join(c if c in "\r\n" else printable(c) for c in text) if not text.isprintable() else text
    return _data(shown).replace(":", "%3A").replace(",", "%2C")
