"""What does it come to? The last line, and all there is to print when nobody has to do anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from devsec.outcome import Report, Summary
from devsec.record import Record
from devsec.report.plain import printable
from devsec.sources.source import Passed


class Page(Record):
    """How wide it is, whether it takes colour, and how a path is written for whoever reads it."""

    width: int = 100
    colour: bool = False
    shown: Callable[[str], str] = str

    def paint(self, text: str, **how: object) -> str:
        if not self.colour:
            return text
        from click import style  # a clean commit paints nothing

        return style(text, **how)  # type: ignore[arg-type]

    def path(self, path: str) -> str:
        return printable(self.shown(path))


def in_words(report: Report, page: Page, quiet: bool = False) -> str:
    """The report for people. `quiet`: what blocks and what was not checked, nothing at all when there is neither."""
    total = report.total
    if quiet and not (total.blocking or total.skipped):
        return ""
    about = (
        ""
        if quiet
        else "".join(
            f"{page.path(one.path)}: {page.paint('note', fg='cyan')}  {printable(one.text)}\n" for one in report.remarks
        )
    )
    if total.skipped or any(checked.judged or checked.remarks for checked in report.checked):
        from devsec.report.terminal import render  # frames, cures, redaction

        return about + render(report, page, quiet)
    return about + closing(total, page, report.passed) + "\n"


NAMED = 3  # of the files that were passed over; the JSON report names all


def closing(total: Summary, page: Page, passed: Sequence[Passed] = ()) -> str:
    """The last line: what it comes to. `passed` are named, a few of them."""
    files = (
        count(total.commits, "commit") if total.commits else count(total.files - total.skipped - total.passed, "file")
    )
    if total.blocking or total.warnings:
        parts = []
        if total.blocking:
            parts.append(
                page.paint(
                    count(total.blocking, "finding") + (" blocks" if total.blocking == 1 else " block"),
                    fg="red",
                    bold=True,
                )
            )
        if total.warnings:
            parts.append(page.paint(count(total.warnings, "warning"), fg="yellow"))
        says = ", ".join(parts) + f" in {files}"
    elif total.commits:
        says = f"nothing to say about {files}"
    elif total.files == total.passed:
        says = "nothing to look at"
    elif total.files == total.skipped + total.passed:
        says = "nothing could be checked"
    else:
        says = f"nothing to say about {files}"
    rest = []
    if total.notes:
        rest.append(count(total.notes, "note"))
    if total.known:
        known = count(total.known, "known finding")
        rest.append(f"{known} not shown (devsec check --all shows {'it' if total.known == 1 else 'them'})")
    if total.suppressed:
        rest.append(f"{total.suppressed} silenced")
    if total.shadow:
        rest.append(f"{total.shadow} in shadow")
    if total.skipped:
        # Of the past, what was not checked may be commits that are not here.
        what = "not all was checked" if total.commits else count(total.skipped, "file") + " not checked"
        rest.append(page.paint(what, fg="magenta", bold=True))
    rest += _passed(passed, page)
    return "devsec: " + "; ".join([says, *rest])


def _passed(passed: Sequence[Passed], page: Page) -> list[str]:
    kinds: dict[str, list[str]] = {}
    for one in passed:
        kinds.setdefault(one.what, []).append(one.path)
    out = []
    for what, paths in sorted(kinds.items()):
        names = ", ".join(page.path(path) for path in paths[:NAMED])
        more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
        out.append(f"{count(len(paths), what)} passed over: {names}{more}")
    return out


def count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")
