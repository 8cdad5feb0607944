"""`devsec context`: what is a path, and what could be said of it?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from devsec.suggest.propose import Suggested


@click.group("context", short_help="What paths are: show it, or have it suggested.")
def command() -> None:
    """What the configuration says of paths: who can reach them, what they handle, where they are in their life."""


@command.command("show", short_help="What a path is, and where that is said.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=str))
def show(paths: tuple[str, ...]) -> int:
    """What counts for each PATH (it need not be there), with the file and line that says it."""
    from devsec.explaining import context_of_path
    from devsec.report.plain import printable

    for number, path in enumerate(paths):
        name, values = context_of_path(path)
        if number:
            click.echo()
        click.echo(printable(name) or ".")
        if not values:
            click.echo("  no context names it")
        for value, where in values:
            key = "label" if value.key == "labels" else value.key
            why = f"  ({value.entry.because})" if value.entry.because else ""
            click.echo(printable(f"  {key:<9}  {value.word:<12}  {where}{why}"))
    return 0


@command.command("suggest", short_help="Contexts from Backstage, CODEOWNERS, .gitattributes and folders of tests.")
@click.option("--write", is_flag=True, help="Append them to the configuration; every other byte stays.")
def suggest_(write: bool) -> int:
    """Prints what the configuration would be if it said what catalog-info.yaml (Backstage), CODEOWNERS, .gitattributes and the
    names of tests say: a diff that `git apply` takes. What the configuration says already is never contradicted."""
    from devsec.report.plain import printable
    from devsec.suggest.propose import suggest

    suggested = suggest()
    for remark in suggested.remarks:
        click.echo(f"devsec: {printable(remark)}", err=True)
    if not suggested.entries:
        click.echo("devsec: nothing to suggest that the configuration does not say", err=True)
        return 0
    _print_diff(suggested)
    count = f"{len(suggested.entries)} context{'s' * (len(suggested.entries) != 1)}"
    if write:
        _write(suggested)
        click.echo(f"devsec: {count} written to {suggested.file}: look at it with git diff", err=True)
    else:
        click.echo(f"devsec: {count} suggested for {suggested.file}; --write appends what fits", err=True)
    return 0


def _print_diff(suggested: Suggested) -> None:
    from devsec.report.diff import unified
    from devsec.report.redact import Redactor

    data = unified(suggested.file, suggested.before or b"", suggested.after, Redactor(b"", [])).data
    if suggested.before is None:
        data = data.replace(b"--- a/" + suggested.file.encode() + b"\n", b"--- /dev/null\n", 1)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _write(suggested: Suggested) -> None:
    import os

    from devsec.errors import FixError
    from devsec.fix.plan import Patch
    from devsec.fix.write import write

    path = os.path.join(suggested.root, suggested.file)
    if suggested.before is not None:
        write(path, Patch(suggested.file, suggested.before, suggested.after))
        return
    try:
        with open(path, "xb") as file:
            file.write(suggested.after)
    except OSError as error:
        raise FixError(f"{suggested.file} cannot be written: {error.strerror}", "Nothing was changed.") from error
