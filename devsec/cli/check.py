"""`devsec check` and its options. What it does is in look.py."""

from __future__ import annotations

import click

from devsec.cli.look import look
from devsec.report.forms import FORMS


@click.command(
    "check",
    short_help="Look at what is staged (or at PATHS).",
    help="Look at what is staged: new findings only, HEAD is the baseline. With PATHS: everything in these files.",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=str))
@click.option("--all", "everything", is_flag=True, help="All files of the repository, known findings included.")
@click.option("--since", metavar="REF", default="", help="What changed since this branched off REF. For CI.")
@click.option(
    "--history",
    metavar="[RANGE]",
    is_flag=False,
    flag_value="",
    default=None,
    help="Secrets in what commits brought, deleted ones too: all commits of all refs, or a RANGE as git rev-list takes it "
    "(origin/main.., v1..v2). Paths narrow it: --history=RANGE PATHS.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default=None,
    help="What is printed, and written to FILE.  [default: text]",
)
@click.option(
    "--output",
    "outputs",
    metavar="[FORMAT:]FILE",
    multiple=True,
    help="Write the report to FILE instead of printing it; with FORMAT: (sarif:devsec.sarif), beside it. Repeatable.",
)
@click.option(
    "-q",
    "--quiet",
    is_flag=True,
    help="Only what blocks or was not checked, nothing when there is none; in SARIF, new findings only.",
)
@click.option(
    "--timings", is_flag=True, help="Say on stderr where the time went, and how much each step left to look at."
)
@click.option("--no-config", is_flag=True, help="Ignore devsec.toml and [tool.devsec].")
def command(
    paths: tuple[str, ...],
    everything: bool,
    since: str,
    history: str | None,
    form: str | None,
    outputs: tuple[str, ...],
    quiet: bool,
    timings: bool,
    no_config: bool,
) -> int:
    return look(
        paths,
        everything,
        since,
        form or "",
        configured=not no_config,
        history=history,
        outputs=outputs,
        quiet=quiet,
        timings=timings,
    )
