"""`devsec ignore FILE:LINE`: how is a finding silenced, so that somebody knows why in a year?"""

from __future__ import annotations

import re
import sys

import click

from devsec.outcome import CLEAN


@click.command("ignore", short_help="Silence a finding, with a reason.")
@click.argument("place", metavar="FILE:LINE")
@click.option("--rule", "rules", metavar="ID", multiple=True, help="Which finding, where there are several.")
@click.option(
    "--reason",
    metavar='"CLASS WHY"',
    default="",
    help="test, false-positive WHY, fix-later(2027-01-31) or accepted-risk(TICKET) WHY.",
)
@click.option("--diff", is_flag=True, help="Print a patch and change nothing.")
def command(place: str, rules: tuple[str, ...], reason: str, diff: bool) -> int:
    """Writes a comment that says why a finding stays, where it is proved to silence it and to change no code. For a file that can
    hold no comment: an entry in devsec.toml or [tool.devsec]."""
    from devsec.cli.surroundings import colour, columns, from_here
    from devsec.errors import UsageError
    from devsec.ignoring import ignore
    from devsec.report.closing import Page
    from devsec.report.plain import printable
    from devsec.report.redact import Redactor

    found = re.fullmatch(r"(.+?):(\d+)(?::(\d+))?:?", place, re.DOTALL)
    if found is None or int(found[2]) < 1:
        raise UsageError(f"{place}: which line?", "Write FILE:LINE, as devsec check prints it: app.py:12")
    done = ignore(found[1], int(found[2]), int(found[3] or 0), rules, reason, write=not diff)
    page = Page(columns(), colour(), from_here(done.root))
    redactor = Redactor(done.text, done.everything)
    if diff:
        from devsec.report.diff import unified

        patch = unified(done.patch.path, done.patch.before, done.patch.after, redactor)
        sys.stdout.buffer.write(patch.data)
        sys.stdout.buffer.flush()
    word = page.paint("would silence" if diff else "silenced", fg="cyan", bold=True)
    for one in done.findings:
        says = printable(redactor.elsewhere(done.reason.text))
        click.echo(f"{word}  {page.path(one.path)}:{one.start.line}  {one.rule}: {says}", err=diff, color=page.colour)
    where = page.path(done.patch.path)
    if done.entry:
        click.echo(f"devsec: no comment can stand there, so it is an entry of {where}", err=diff)
    elif not diff:
        click.echo("devsec: look at it with git diff, then git add")
    return CLEAN
