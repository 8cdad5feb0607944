"""`ignore`, put together from the parts: which finding is meant, can it be silenced, and where is that written?"""

from __future__ import annotations

import os
from collections.abc import Sequence

from devsec.desk import Desk, Request
from devsec.errors import FixError, UsageError
from devsec.finding import Finding
from devsec.fix.entry import put, with_entries
from devsec.fix.plan import Patch
from devsec.fix.silence import can_hold, silenced
from devsec.fix.write import write as write_file
from devsec.nearest import did_you_mean
from devsec.news import Found, judged_of, text_of
from devsec.policy.judge import Judged, Verdict
from devsec.policy.suppress import EXPIRED
from devsec.reasons import Reason, read
from devsec.record import Record
from devsec.run import choose, outcome_of
from devsec.sources.guard import Guard
from devsec.sources.source import Skipped, Source
from devsec.today import today


class Silenced(Record):
    """What was silenced, and the file that says so now: the finding's own, or the configuration. `text` and `everything` are
    what is needed to show it without showing a secret."""

    findings: tuple[Finding, ...]
    reason: Reason
    patch: Patch
    root: str
    text: bytes
    everything: tuple[Finding, ...]

    @property
    def entry(self) -> bool:
        return self.patch.path != self.findings[0].path


def reason_of(text: str) -> Reason:
    """UsageError where a reason would silence nothing."""
    reason = read(text)
    if reason.problem:
        says, _, hint = reason.problem.partition(". ")
        raise UsageError(f"--reason: it {says}", hint)
    if reason.expired(today()):
        raise UsageError(f"fix-later({reason.until}) is over already", "Name a day to come.")
    return reason


def ignore(path: str, line: int, column: int, rules: Sequence[str], text: str, write: bool = True) -> Silenced:
    """Silences what stands at a place of a file on disk: that of `rules`, or the one finding there is. `column` from 1, 0 for any."""
    reason = reason_of(text)
    if not os.path.isfile(path):
        raise UsageError(f"{path}: no such file", "Name a file and a line, as devsec check prints them: app.py:12")
    desk = Desk(Request(paths=(path,)))
    for rule in rules:
        if rule not in desk.gate.rules():
            raise UsageError(f"there is no rule {rule!r}", did_you_mean(rule, desk.gate.rules()))
    found = _looked_at(desk, path)
    judged = _meant(desk, found, line, column, rules)
    findings = tuple(one.finding for one in judged)
    name = found.source.path
    patch, why = _comment(desk, found, findings, reason) if can_hold(name, found.source.data) else (None, "")
    with Guard() as guard:
        if patch is not None:
            if write:
                write_file(os.path.join(desk.root, name), patch, guard)
        else:
            try:
                patch = with_entries(desk.root, desk.config.file, findings, reason.text)
            except FixError as error:
                raise UsageError(f"{why + '; ' if why else ''}{error.message}", error.hint) from error
            if write:
                put(desk.root, patch, guard)
    return Silenced(findings, reason, patch, desk.root, text_of(found.source), found.findings)


def _looked_at(desk: Desk, path: str) -> Found:
    _, wanted = choose(desk, Request(paths=(path,)), on_disk=True)
    for chosen, source in wanted.read(wanted.files):
        looked = outcome_of(desk, chosen, source) if isinstance(source, Source) else source
        if isinstance(looked, Found) and looked.findings:
            return looked
        if isinstance(looked, Skipped):
            raise UsageError(f"{path} is not checked: {looked.reason}", "Mend that first.")
        raise UsageError(f"{path}: nothing is found in it", "There is nothing to silence.")
    raise UsageError(f"{path} is left out by exclude", "There is nothing to silence.")


def _meant(desk: Desk, found: Found, line: int, column: int, rules: Sequence[str]) -> list[Judged]:
    every = [one for one in judged_of(desk, found, {}).judged if one.verdict not in (Verdict.OFF, Verdict.SHADOW)]
    path = found.source.path
    there = [one for one in every if one.finding.whole or one.finding.start.line <= line <= one.finding.end.line]
    exactly = [one for one in there if (one.finding.start.line, one.finding.start.column + 1) == (line, column)]
    there = exactly or there
    if rules:
        there = [one for one in there if one.finding.rule in rules]
    if not there:
        others = [one for one in every if one.verdict is not Verdict.SUPPRESSED]
        lines = sorted({one.finding.start.line for one in others if not rules or one.finding.rule in rules})
        which = f" of {', '.join(rules)}" if rules else ""
        hint = "There are some on line " + ", ".join(map(str, lines[:8])) + "." if lines else ""
        raise UsageError(f"{path}:{line}: there is no finding{which}", hint)
    ids = sorted({one.finding.rule for one in there})
    if len(ids) > 1 and not rules:
        raise UsageError(f"{path}:{line}: there are several findings", f"Say which with --rule: {', '.join(ids)}.")
    for one in there:
        rule = one.finding.rule
        if desk.terms(rule).unsilenceable:
            raise UsageError(f"{rule} cannot be silenced", f"devsec explain {rule} says what to do instead.")
        if one.verdict is Verdict.SUPPRESSED:
            raise UsageError(f"{path}:{line}: {rule} is {one.because}", "There is nothing to silence.")
        if one.silence is not None and one.silence.state == EXPIRED:
            raise UsageError(
                f"{path}:{line}: {rule} was silenced {one.silence.where()} until {one.silence.reason.until}",
                "Give that a new reason, or take it out.",
            )
    return there


def _comment(desk: Desk, found: Found, findings: Sequence[Finding], reason: Reason) -> tuple[Patch | None, str]:
    """The file with a comment that is proved to silence the findings and to change nothing else; or None, and why not."""
    source = found.source
    after, failed = silenced(source, [(finding, reason.text) for finding in findings])
    if failed:
        return None, next(iter(failed.values()))
    looked = outcome_of(desk, found.chosen, after)
    if not isinstance(looked, Found) or [f.rule for f in looked.findings] != [f.rule for f in found.findings]:
        return None, "a comment would change what is found"
    meant = {number for number, finding in enumerate(found.findings) if finding in findings}
    verdicts = judged_of(desk, looked, {}).judged
    quiet = {one.finding for one in verdicts if one.verdict is Verdict.SUPPRESSED}
    if not all(looked.findings[number] in quiet or looked.findings[number].whole for number in meant):
        return None, "a comment would not silence it"
    return Patch(source.path, source.data, after.data), ""
