"""What do the lines just written leave the road with? `devsec check`, once its options are read.

This runs on every commit: no click here (25 ms, twice what all of ours takes) unless there is something to paint.
"""

from __future__ import annotations

import os
import sys

from devsec.cli.surroundings import colour, columns, compare_with, from_here, lasting_index
from devsec.errors import OutputError
from devsec.outcome import exit_code


def is_plain(args: list[str]) -> bool:
    """Whether these arguments are `check` and names of files, as in a hook: nothing that needs a parser of options."""
    return args[:1] == ["check"] and not any(arg.startswith("-") for arg in args) and sys.platform != "win32"


def look(
    paths: tuple[str, ...],
    everything: bool = False,
    since: str = "",
    form: str = "text",
    configured: bool = True,
    history: str | None = None,
) -> int:
    """Checks, prints, and gives the exit code. `form` is text, lines or json."""
    from devsec.desk import Request
    from devsec.run import check

    request = Request(
        start=".",
        paths=paths,
        everything=everything,
        since=since,
        compare_with="" if everything or since or history is not None else compare_with(os.environ),
        configured=configured,
        lasting_index=lasting_index(os.environ),
        history=history,
        # A person wants to know what to do now. A program may want all there is.
        only_news=form == "text" and not (everything or since or history is not None),
    )
    report = check(request)
    total = report.total
    painted = False
    if form == "json":
        from devsec.report import json

        text = json.render(report)
    elif form == "lines":
        from devsec.report import lines

        text = lines.render(report, from_here(report.root))
    else:
        from devsec.report.closing import Page, closing

        painted = colour()
        page = Page(columns(), painted, from_here(report.root))
        if total.skipped or any(checked.judged or checked.remarks for checked in report.checked):
            from devsec.report.terminal import render  # frames, cures, redaction

            text = render(report, page)
        else:
            text = closing(total, page, report.passed) + "\n"
    _print(text, painted)
    return exit_code(total)


def _print(text: str, painted: bool) -> None:
    try:
        if painted:
            import click  # knows the terminals that need help with colours

            click.echo(text, nl=False, color=True)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"the report could not be written: {error.strerror}", "Nothing was changed.") from error
