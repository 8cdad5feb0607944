"""How did it end? For one file, and for all of them: the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from devsec.record import Record
from devsec.sources.source import Passed, Skipped

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from devsec.finding import Finding
    from devsec.policy.judge import Judged

CLEAN, BLOCKED, NOT_CHECKED, FAULT, INTERRUPTED = 0, 1, 2, 3, 130


class Remark(Record):
    """Something the author should know about a line that is no finding."""

    line: int
    text: str


class About(Record):
    """Something the author of a configuration file should know about it."""

    path: str
    text: str
    line: int = 1


class Origin(Record):
    """Which commit brought a text, when (YYYY-MM-DD), and where HEAD has what was found in it: for each finding that it
    has, the path."""

    commit: str
    date: str
    still: dict[Finding, str]


class Checked(Record):
    """A file that was looked at. `text` is its decoded text in UTF-8, kept only where something was found. `origin` when
    it is a text of the past. `silent` are notes that are known by number alone. `aside` when nobody asked for it: there are remarks
    about it, and it is not counted."""

    path: str
    judged: tuple[Judged, ...] = ()
    remarks: tuple[Remark, ...] = ()
    text: bytes = b""
    origin: Origin | None = None
    silent: int = 0
    aside: bool = False


Outcome = Checked | Skipped | Passed


class Summary(Record):
    """`findings` are the new ones: blocking + warnings + notes. `passed` were left out on purpose; `shadow` are findings of
    rules that are being tried out.

    Of the past, `files` counts the texts of all `commits`.
    """

    files: int
    findings: int
    blocking: int
    warnings: int
    notes: int
    known: int
    suppressed: int
    skipped: int
    passed: int = 0
    commits: int = 0
    shadow: int = 0


class Report(Record):
    """All outcomes, sorted by path, which is relative to `root`.

    `staged` when they are what `devsec fix` without paths would look at, too. `applied` are the rules and `road:`s whose
    hardening cures that makes without being asked. `past` is how many commits and texts of them were looked at, when the
    past was; then only those with something to say are among the outcomes. `compared` when what was there before is known
    from what is new. `remarks` are about the configuration.
    """

    outcomes: tuple[Outcome, ...]
    root: str = "."
    staged: bool = True
    applied: tuple[str, ...] = ()
    past: tuple[int, int] | None = None
    compared: bool = False
    remarks: tuple[About, ...] = ()

    @property
    def total(self) -> Summary:
        found = summary(self.outcomes)
        return found if self.past is None else found._replace(commits=self.past[0], files=self.past[1])

    @property
    def checked(self) -> tuple[Checked, ...]:
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Checked))

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Skipped))

    @property
    def passed(self) -> tuple[Passed, ...]:
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Passed))


def summary(outcomes: Iterable[Outcome]) -> Summary:
    verdicts: Counter[str] = Counter()
    files = skipped = passed = 0
    for outcome in outcomes:
        if isinstance(outcome, Checked) and outcome.aside:
            continue
        files += 1
        if isinstance(outcome, Skipped):
            skipped += 1
            continue
        if isinstance(outcome, Passed):
            passed += 1
            continue
        verdicts["note"] += outcome.silent
        for judged in outcome.judged:
            verdicts[judged.verdict.value] += 1
    block, warn, note = verdicts["block"], verdicts["warn"], verdicts["note"]
    return Summary(
        files=files,
        findings=block + warn + note,
        blocking=block,
        warnings=warn,
        notes=note,
        known=verdicts["known"],
        suppressed=verdicts["suppressed"],
        skipped=skipped,
        passed=passed,
        shadow=verdicts["shadow"],
    )


def exit_code(total: Summary) -> int:
    """0 looked at everything and nothing blocks; 1 something blocks; 2 something was not checked.

    Both at once is 1: the author has something to do now, and what was not checked is printed beside it.
    """
    if total.blocking:
        return BLOCKED
    return NOT_CHECKED if total.skipped else CLEAN
