"""`devsec check`: what do the lines just written leave the road with?"""

from __future__ import annotations

import os

import click

from devsec.cli.surroundings import colour, columns, compare_with, from_here, lasting_index
from devsec.outcome import exit_code, summary


@click.command(
    "check",
    short_help="Look at what is staged (or at PATHS).",
    help="Look at what is staged: new findings only, HEAD is the baseline. With PATHS: everything in these files.",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=str))
@click.option("--all", "everything", is_flag=True, help="All files of the repository, known findings included.")
@click.option("--since", metavar="REF", default="", help="What changed since this branched off REF. For CI.")
@click.option("--format", "form", type=click.Choice(["text", "lines", "json"]), default="text", show_default=True)
@click.option("--no-config", is_flag=True, help="Ignore devsec.toml and [tool.devsec].")
def command(paths: tuple[str, ...], everything: bool, since: str, form: str, no_config: bool) -> int:
    from devsec.desk import Request
    from devsec.run import check

    request = Request(
        start=".",
        paths=paths,
        everything=everything,
        since=since,
        compare_with="" if everything or since else compare_with(os.environ),
        configured=not no_config,
        lasting_index=lasting_index(os.environ),
    )
    report = check(request)
    total = summary(report.outcomes)
    if form == "json":
        from devsec.report import json

        click.echo(json.render(report), nl=False)
    elif form == "lines":
        from devsec.report import lines

        click.echo(lines.render(report, from_here(report.root)), nl=False)
    else:
        from devsec.report.closing import Page, closing

        painted = colour()
        page = Page(columns(), painted, from_here(report.root))
        if total.skipped or any(checked.judged or checked.remarks for checked in report.checked):
            from devsec.report.terminal import render  # frames, cures, redaction

            click.echo(render(report, page), nl=False, color=painted)
        else:
            click.echo(closing(total, page), color=painted)
    return exit_code(total)
