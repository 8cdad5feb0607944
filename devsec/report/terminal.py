"""What does a person want to read at six in the evening?

Where it is, the line, why in one sentence, what to do instead, and the one command that does it.
"""

from __future__ import annotations

from collections.abc import Iterable

from devsec.finding import Finding, Fix
from devsec.levels import Safety
from devsec.outcome import Checked, Origin, Report
from devsec.policy.judge import Judged, Verdict, not_silent
from devsec.report.closing import Page, closing, count
from devsec.report.cure import changes
from devsec.report.plain import cut, printable, width
from devsec.report.redact import Redactor
from devsec.text import Lines, Span

LEAKED = "Rotate it if it was ever pushed: taking it out here does not take it back."
LONGEST_SPAN = 4  # lines of a finding that are shown
LONGEST_CURE = 12  # lines of a cure that are shown
_PLAIN = "the rule's level is "  # said of most findings, and not worth a line
SHORT = 12  # of a commit's name


def render(report: Report, page: Page, quiet: bool = False) -> str:
    """The whole report, ending in a newline; `quiet` leaves out what does not block."""
    blocks = [block for checked in report.checked for block in _file(checked, report, page, quiet)]
    for skipped in report.skipped:
        blocks.append(
            page.paint("not checked", fg="magenta", bold=True)
            + (f"  {page.path(skipped.path)}: " if skipped.path else "  ")
            + f"{printable(skipped.reason)}\n"
        )
    total = report.total
    if total.blocking and report.past is None:
        more = "devsec explain RULE says more; devsec ignore FILE:LINE silences one, with a reason."
        blocks.append(page.paint(more, dim=True) + "\n")
    if quiet:
        total = total._replace(warnings=0, notes=0, known=0, suppressed=0, shadow=0)
    blocks.append(closing(total, page, () if quiet else report.passed) + "\n")
    return "\n".join(blocks)


def _file(checked: Checked, report: Report, page: Page, quiet: bool) -> Iterable[str]:
    told = (Verdict.BLOCK,) if quiet else (Verdict.BLOCK, Verdict.WARN)
    shown = [judged for judged in checked.judged if judged.verdict in told]
    if shown:
        lines = Lines(checked.text)
        # Every finding's secrets, also those of findings that are not shown: their lines may be.
        redactor = Redactor(checked.text, [judged.finding for judged in checked.judged])
        for judged in shown:
            out = [*head(judged, checked.text, lines, redactor, page)]
            if checked.origin is not None:
                out.append("  " + page.paint("when  ", dim=True) + _when(checked.origin, judged.finding, page))
            fix = best(judged.finding.fixes)
            if fix is not None:
                out += cure(fix, checked.text, lines, redactor, page)
                out += untrack(fix, judged.finding, page)
                out += _what_to_do(judged.finding, fix, report, page)
            yield "\n".join(out) + "\n"
    for remark in () if quiet else checked.remarks:
        yield (
            f"{page.path(checked.path)}:{remark.line}: "
            + page.paint("note", fg="cyan")
            + f"  {printable(remark.text)}\n"
        )


def head(judged: Judged, text: bytes, lines: Lines, redactor: Redactor, page: Page) -> list[str]:
    """Where it is, what it is, and why that matters, in lines."""
    finding = judged.finding
    colour = "red" if judged.verdict is Verdict.BLOCK else "yellow"
    word = {Verdict.BLOCK: "blocks", Verdict.NOTE: "notes"}.get(judged.verdict, "warns")
    place = f"{page.path(finding.path)}:{finding.start.line}:{finding.start.column + 1}"
    out = [
        f"{page.paint(place, bold=True)}  {page.paint(word, fg=colour, bold=True)}  {printable(finding.rule)}",
        "  " + page.paint(printable(finding.title), bold=True),
    ]
    if not finding.whole:  # it is about the file: nothing of its text says more
        out += frame(finding, text, lines, redactor, colour, page)
    out.append("  " + page.paint("why   ", dim=True) + printable(first_sentence(finding.message)))
    because = judged.because
    if judged.silence is not None:
        silent = not_silent(judged.silence)
        because = because.removesuffix(f"; {silent}")
        out.append("  " + page.paint("but   ", dim=True) + printable(redactor.elsewhere(silent)))
    if because.startswith(_PLAIN) and because != _PLAIN + finding.level.value:
        out.append("  " + page.paint("level ", dim=True) + printable(because.removeprefix(_PLAIN)))
    if finding.where:
        out.append("  " + page.paint("where ", dim=True) + printable(finding.where))
    if finding.remark:
        out.append("  " + page.paint("proof ", dim=True) + printable(finding.remark))
    if finding.secrets:
        out.append("  " + page.paint("leaked", dim=True) + " " + printable(f"{LEAKED} {finding.revoke}".rstrip()))
    return out


def _when(origin: Origin, finding: Finding, page: Page) -> str:
    """Which commit brought it, and whether it went again."""
    still = origin.still.get(finding, "")
    now = f"still in {page.path(still)}" if still else "removed since: it is in the history, so rotate it all the same"
    return f"commit {origin.commit[:SHORT]} of {origin.date}, {now}"


def first_sentence(text: str) -> str:
    """Up to the first full stop that a new sentence follows."""
    words = " ".join(text.split()).split(" ")
    for number, word in enumerate(words[:-1]):
        after = words[number + 1].lstrip("\"'`(")[:1]
        if word.endswith((".", "!", "?")) and word not in ("e.g.", "i.e.", "cf.", "vs.") and not after.islower():
            return " ".join(words[: number + 1])
    return " ".join(words)


def frame(finding: Finding, text: bytes, lines: Lines, redactor: Redactor, colour: str, page: Page) -> list[str]:
    """The finding's lines, one line of context before and after, and a mark under what is meant."""
    first, last = finding.start.line, max(finding.start.line, last_line(finding))
    gutter = max(3, len(str(min(last + 1, len(lines)))))
    room = max(20, page.width - gutter - 7)
    out: list[str] = []

    def row(number: int, code: str, sign: str = " ") -> None:
        out.append(f"  {page.paint(sign, fg=colour)} {page.paint(f'{number:>{gutter}} |', dim=True)} {code}".rstrip())

    if first > 1:
        row(first - 1, cut(printable(_line(first - 1, lines, redactor)), room))
    for number in range(first, min(last, first + LONGEST_SPAN - 1) + 1):
        start, end = lines.start(number), lines.start(number + 1)
        while end > start and text[end - 1] in b"\r\n":
            end -= 1
        left, right = max(start, min(finding.span.start, end)), max(start, min(finding.span.end, end))
        if number > first:  # indentation is not underlined
            while left < right and text[left] in b" \t":
                left += 1
        pieces = [printable(redactor.part(Span(a, b))) for a, b in ((start, left), (left, right), (right, end))]
        before, meant, after = _window(pieces, room)
        row(number, before + page.paint(meant, fg=colour) + after, ">")
        mark = "^" * max(1, width(meant))
        out.append(f"    {' ' * gutter} {page.paint('|', dim=True)} {' ' * width(before)}{page.paint(mark, fg=colour)}")
    if last > first + LONGEST_SPAN - 1:
        hidden = last - first - LONGEST_SPAN + 1
        out.append(f"    {' ' * gutter} {page.paint('|', dim=True)} … {count(hidden, 'more line')}")
    elif last < len(lines):
        row(last + 1, cut(printable(_line(last + 1, lines, redactor)), room))
    return out


def last_line(finding: Finding) -> int:
    """A finding that ends at the start of a line ends, for a reader, on the line before."""
    if finding.end.column == 0 and finding.end.line > finding.start.line:
        return finding.end.line - 1
    return finding.end.line


def _line(number: int, lines: Lines, redactor: Redactor) -> str:
    return redactor.part(Span(lines.start(number), lines.start(number + 1))).rstrip("\r\n")


def _window(pieces: list[str], room: int) -> tuple[str, str, str]:
    """Cuts a very long line around what is meant."""
    before, meant, after = pieces
    if width(before) + width(meant) + width(after) <= room:
        return before, meant, after
    keep = max(0, room - width(meant) - min(width(after), room // 4))
    keep = max(keep, room // 4)
    if width(before) > keep:
        before = "…" + before[len(before) - keep + 1 :]
    meant = cut(meant, max(8, room - width(before)))
    left = room - width(before) - width(meant)
    return before, meant, cut(after, left) if left > 1 else ""


def cure(fix: Fix, text: bytes, lines: Lines, redactor: Redactor, page: Page, word: str = "cure") -> list[str]:
    """What a fix would change, in lines."""
    label = {Safety.SAFE: "", Safety.HARDENING: " (stricter on purpose)", Safety.ADVICE: " (by hand)"}[fix.safety]
    out = ["  " + page.paint(f"{word:<6}", dim=True) + printable(redactor.elsewhere(fix.title)) + label]
    rows: list[str] = []
    for change in changes(fix, text, lines, redactor):
        room = max(20, page.width - 16)
        for number, code in enumerate(change.old, change.line):
            rows.append(f"        {number:>4} " + page.paint("- " + cut(printable(code), room), fg="red"))
        for number, code in enumerate(change.new, change.line):
            rows.append(f"        {number:>4} " + page.paint("+ " + cut(printable(code), room), fg="green"))
    out += rows[:LONGEST_CURE]
    if len(rows) > LONGEST_CURE:
        out.append(f"             … {count(len(rows) - LONGEST_CURE, 'more line')}")
    if fix.note:
        out.append("        " + printable(redactor.elsewhere(" ".join(fix.note.split()))))
    if fix.package:
        out.append("        needs " + printable(fix.package))
    return out


def untrack(fix: Fix, finding: Finding, page: Page) -> list[str]:
    """The commands that take the file out of git, to copy."""
    if not fix.ignore:
        return []
    from devsec.report.untrack import commands

    first, *more = (page.paint(printable(it), fg="cyan") for it in commands(fix.ignore, finding.path, page.path))
    return ["  " + page.paint("do    ", dim=True) + first, *("        " + command for command in more)]


def _what_to_do(finding: Finding, fix: Fix, report: Report, page: Page) -> list[str]:
    """The one command that makes the cure."""
    if not fix.edits or fix.safety is Safety.ADVICE:
        return []
    asked_for = finding.rule in report.applied or f"road:{fix.road}" in report.applied
    words = ["devsec", "fix"] + (["--hardening"] if fix.safety is Safety.HARDENING and not asked_for else [])
    if not report.staged:
        import shlex  # 2 ms that a commit with nothing to say does not pay

        words.append(shlex.quote(page.path(finding.path)))
    return ["  " + page.paint("do    ", dim=True) + page.paint(" ".join(words), fg="cyan")]


def best(fixes: Iterable[Fix]) -> Fix | None:
    """The first that devsec could write, else the first advice."""
    every = list(fixes)
    written = [fix for fix in every if fix.edits and fix.safety is not Safety.ADVICE]
    return (written or every or [None])[0]  # type: ignore[list-item]
