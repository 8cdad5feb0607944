"""Which cures does the person at the keyboard want? One finding at a time, with what would change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import click

from devsec.finding import Finding, Fix
from devsec.fix.silence import can_hold
from devsec.fixing import Answer
from devsec.levels import Safety
from devsec.outcome import Checked
from devsec.policy.judge import Judged
from devsec.reasons import CLASSES, read
from devsec.report.closing import Page
from devsec.report.plain import printable
from devsec.report.redact import Redactor
from devsec.report.terminal import cure, head, untrack
from devsec.text import Lines

KEYS = """\
y  make this cure (a number makes that one)
n  leave it
a  make this cure and the first one of all that follow
s  leave all of this rule
e  keep the line as it is, with a comment that says why
q  leave this and all that follow; what was chosen is done
?  this help"""


class Walk:
    """Asks, and remembers what was said for good; `firm` tells whether a rule cannot be silenced. What is read comes from standard input, a line an answer."""

    def __init__(self, page: Page, total: int, firm: Callable[[str], bool]) -> None:
        self._page, self._total, self._firm = page, total, firm
        self._number = 0
        self._all = self._ended = False
        self._never: set[str] = set()

    def __call__(self, checked: Checked, judged: Sequence[Judged]) -> dict[Finding, Answer]:
        lines = Lines(checked.text)
        redactor = Redactor(checked.text, [one.finding for one in checked.judged])
        answers: dict[Finding, Answer] = {}
        for one in judged:
            self._number += 1
            cures = writable(one.finding)
            if self._ended or one.finding.rule in self._never:
                continue
            if self._all:
                if cures:
                    answers[one.finding] = Answer(cures[0])
                continue
            click.echo("\n".join(["", *head(one, checked.text, lines, redactor, self._page)]))
            click.echo("\n".join(_choices(one.finding, cures, checked.text, lines, redactor, self._page)))
            answer = self._asked(
                one.finding, cures, can_hold(checked.path, checked.text) and not self._firm(one.finding.rule)
            )
            if answer is not None:
                answers[one.finding] = answer
        return answers

    def _asked(self, finding: Finding, cures: Sequence[int], silent: bool) -> Answer | None:
        keys = [*(("y",) if cures else ()), "n", "a", "s", *(("e",) if silent else ()), "q", "?"]
        numbers = f"1-{len(cures)}," if len(cures) > 1 else ""
        while True:
            question = "make this cure" if cures else "go on"
            said = self._line(f"({self._number}/{self._total}) {question} [{numbers}{','.join(keys)}]? ")
            if said is None or said == "q":
                self._ended = True
                return None
            if said == "n":
                return None
            if said == "s":
                self._never.add(finding.rule)
                return None
            if said == "e" and silent:
                reason = read(self._line(f"why does it stay ({', '.join(CLASSES)})? ") or "")
                if not reason.problem:
                    return Answer(reason=reason.text)
                click.echo(f"It would silence nothing: it {printable(reason.problem)}.")
                continue
            if said in ("y", "a") and (cures or said == "a"):
                self._all = said == "a"
                return Answer(cures[0]) if cures else None
            if said.isdecimal() and 1 <= int(said) <= len(cures):
                return Answer(cures[int(said) - 1])
            click.echo(KEYS)

    def _line(self, prompt: str) -> str | None:
        click.echo(self._page.paint(prompt, fg="cyan", bold=True), nl=False)
        line = sys.stdin.readline()
        if not line:
            click.echo()
            return None
        return line.strip()


def writable(finding: Finding) -> list[int]:
    """The cures that can be made, by their place among the finding's."""
    return [n for n, fix in enumerate(finding.fixes) if fix.edits and fix.safety is not Safety.ADVICE]


def _choices(
    finding: Finding, cures: Sequence[int], text: bytes, lines: Lines, redactor: Redactor, page: Page
) -> list[str]:
    """What each cure would change, or the advice where nothing can be written."""
    shown: list[Fix] = [finding.fixes[number] for number in cures] or list(finding.fixes[:1])
    out: list[str] = []
    for number, fix in enumerate(shown, 1):
        out += cure(fix, text, lines, redactor, page, f"{number}" if len(cures) > 1 else "cure")
        out += untrack(fix, finding, page)
    return out or [f"  {printable(finding.rule)} has no cure"]
