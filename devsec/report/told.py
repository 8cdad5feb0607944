"""What do the formats for other programs tell of a finding? The same words in all of them, never a secret."""

from __future__ import annotations

from collections.abc import Iterator

from devsec.finding import Finding
from devsec.outcome import Checked, Origin, Report
from devsec.policy.judge import Judged, Verdict, not_silent
from devsec.record import Record
from devsec.report.redact import Redactor
from devsec.report.terminal import best, first_sentence
from devsec.text import Lines

NEW = (Verdict.BLOCK, Verdict.WARN, Verdict.NOTE)
OTHERS = (Verdict.KNOWN, Verdict.SUPPRESSED)


class Told(Record):
    """A finding, and what it takes to show something of the text it stands in."""

    judged: Judged
    text: bytes
    lines: Lines
    redactor: Redactor
    origin: Origin | None

    @property
    def finding(self) -> Finding:
        return self.judged.finding


def told(checked: Checked, verdicts: tuple[Verdict, ...] = NEW) -> Iterator[Told]:
    """The findings of one file that have one of these verdicts."""
    if not any(judged.verdict in verdicts for judged in checked.judged):
        return
    lines = Lines(checked.text)
    # Every finding's secrets, also those of findings that are not told.
    redactor = Redactor(checked.text, [judged.finding for judged in checked.judged])
    for judged in checked.judged:
        if judged.verdict in verdicts:
            yield Told(judged, checked.text, lines, redactor, checked.origin)


def all_told(report: Report, verdicts: tuple[Verdict, ...] = NEW) -> Iterator[Told]:
    """Those of all files, in the order of the report."""
    for checked in report.checked:
        yield from told(checked, verdicts)


def words(one: Told) -> str:
    """What it is, why that matters, where it was leaked and what to do instead, in sentences."""
    finding = one.finding
    fix = best(finding.fixes)
    said = [
        _sentence(one.redactor.elsewhere(finding.title)),
        first_sentence(one.redactor.elsewhere(finding.message)),
        _sentence(unsilenced(one)) if one.judged.silence else "",
        when(one),
        _sentence("Instead: " + one.redactor.elsewhere(fix.title)) if fix is not None else "",
        f"Revoke it: {finding.revoke}" if finding.revoke else "",
    ]
    return " ".join(part for part in said if part)


def unsilenced(one: Told) -> str:
    """Of a finding that counts although somebody silenced it: why."""
    said = one.judged.silence
    if said is None or one.judged.verdict not in NEW:
        return ""
    return one.redactor.elsewhere(not_silent(said)).capitalize()


def when(one: Told) -> str:
    """Of the past: which commit brought it, and whether it is still there."""
    if one.origin is None:
        return ""
    still = one.origin.still.get(one.finding, "")
    return f"Commit {one.origin.commit} of {one.origin.date} brought it; " + (
        f"{still} still has it." if still else "it was removed since, and is to be rotated all the same."
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
