"""What would be changed, and shall it be? For commands that set up and take back."""

from __future__ import annotations

import sys

import click

from devsec.errors import UsageError
from devsec.report.plain import printable
from devsec.setup.steps import Plan, carry_out, shown
from devsec.sources.git import Repository


def offer(plan: Plan, repository: Repository, yes: bool, dry: bool, nothing: str) -> int:
    """Shows a plan, asks, and does it. The exit code. UsageError when there is nobody to ask."""
    for line in shown(plan.steps, repository.root).splitlines():
        click.echo(printable(line))
    for line in plan.told:
        click.echo(printable(line))
    if not plan.steps:
        click.echo(nothing)
        return 0
    if dry:
        return 0
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("nothing was written: there is nobody to ask", "Say --yes, or look only: --dry-run.")
        if not click.confirm("Write this?", default=True):
            click.echo("Nothing was written.")
            return 0
    carry_out(plan.steps, repository)
    click.echo("Done. `devsec doctor` says how it is.")
    return 0
