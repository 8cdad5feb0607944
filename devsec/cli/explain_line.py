"""`devsec explain FILE:LINE`: why does devsec say what it says about this line?"""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

_PLACE = re.compile(r"(.+?):([0-9]+)(?::[0-9]+)?")
_VERDICTS = {
    "block": "blocks",
    "warn": "warns",
    "note": "is a note: counted, not shown",
    "known": "is known: counted, not shown",
    "suppressed": "is silenced",
    "shadow": "is in shadow: counted, not shown",
    "off": "is off",
}


def place(asked: str) -> tuple[str, int] | None:
    """The file and the line of `FILE:LINE` or `FILE:LINE:COLUMN`, as devsec prints it; None for anything else."""
    found = _PLACE.fullmatch(asked)
    return (found[1], int(found[2])) if found else None


def told(file: str, line: int, configured: bool) -> int:
    """Prints the chain of every finding on the line, or what else is known of it."""
    from devsec.cli.surroundings import colour, columns, from_here
    from devsec.explaining import explain
    from devsec.report.closing import Page
    from devsec.report.plain import printable
    from devsec.report.redact import Redactor

    explained = explain(file, line, configured)
    page = Page(columns(), colour(), from_here(explained.root))
    redactor = Redactor(explained.text, list(explained.findings))
    where = f"{page.path(explained.path)}:{line}"
    out: list[str] = []
    for traced in explained.traced:
        finding = traced.judged.finding
        verdict = _VERDICTS[traced.judged.verdict.value]
        out.append(f"{page.paint(where, bold=True)}  {printable(finding.rule)}  {page.paint(verdict, bold=True)}")
        out.append("  " + printable(finding.title) + (f" ({printable(finding.where)})" if finding.where else ""))
        out.append(f"  severity {finding.severity.value}, whatever the context")
        out += _rows([(redactor.elsewhere(link.says), link.where, link.level) for link in traced.chain])
        out.append("")
    if not explained.traced:
        out.append(f"{page.paint(where, bold=True)}  nothing is found on this line")
        if explained.left_out:
            out.append("  " + printable(explained.left_out))
        out += _rows([(link.says, link.where, link.level) for link in explained.context])
        if not explained.context and not explained.left_out:
            out.append("  no context names the path")
        if explained.nearest is not None:
            near = explained.nearest
            out.append(f"  the nearest finding is on line {near.start.line}: {printable(near.rule)}")
        out.append("")
    click.echo("\n".join(out).rstrip("\n"), color=page.colour)
    return 0


def _rows(links: Iterable[tuple[str, str, str]]) -> list[str]:
    """Steps in one column, where they are said in the next."""
    from devsec.report.plain import printable, width

    rows = [
        (printable(says) + (f" -> {level}" if level and not says.endswith(f" {level}") else ""), printable(where))
        for says, where, level in links
    ]
    room = max((width(says) for says, where in rows if where), default=0)
    return [f"  - {says}{' ' * (room - width(says) + 2)}{where}" if where else f"  - {says}" for says, where in rows]
