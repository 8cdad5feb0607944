"""What do the lines just written leave the road with? `devsec check`, once its options are read.

This runs on every commit: no click here (25 ms, twice what all of ours takes) unless there is something to paint.
"""

from __future__ import annotations

import os
import sys

from devsec import watch
from devsec.cli.surroundings import colour, columns, compare_with, from_here, lasting_index
from devsec.errors import OutputError
from devsec.outcome import Report, exit_code

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from devsec.catalog.rule import Rule
    from devsec.cli.outputs import Output


_WORDS = ("", "text")
_BRIEF = (*_WORDS, "lines")  # forms that show no notes


def _all_in(forms: tuple[str, ...], form: str, files: tuple[Output, ...]) -> bool:
    return form in forms and all(file.form in forms for file in files)


def is_plain(args: list[str]) -> bool:
    """Whether these arguments are `check` and names of files, as in a hook: nothing that needs a parser of options."""
    return args[:1] == ["check"] and not any(arg.startswith("-") for arg in args) and sys.platform != "win32"


def look(
    paths: tuple[str, ...],
    everything: bool = False,
    since: str = "",
    form: str = "",
    configured: bool = True,
    history: str | None = None,
    outputs: tuple[str, ...] = (),
    quiet: bool = False,
    timings: bool = False,
) -> int:
    """Checks, prints, and gives the exit code. `form` is one of report/forms.py, `outputs` are as in cli/outputs.py. `timings`:
    says in the end, on stderr, where the time went."""
    if timings:
        from devsec.cli.timings import told  # not for a commit

        with told():
            return look(paths, everything, since, form, configured, history, outputs, quiet)
    from devsec.desk import Request
    from devsec.run import check

    files: tuple[Output, ...] = ()
    if outputs:
        from devsec.cli.outputs import read

        files = read(outputs, form)  # what cannot be written is said before anything is looked at
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
        only_news=_all_in(_WORDS, form, files) and not (everything or since or history is not None),
        brief=_all_in(_BRIEF, form, files),
    )
    report = check(request)
    with watch.step(watch.TELL):
        return _tell(report, form, files, configured, quiet)


def _tell(report: Report, form: str, files: tuple[Output, ...], configured: bool, quiet: bool) -> int:
    from devsec.report.closing import Page, closing, in_words

    here = from_here(report.root)
    if any(file.instead for file in files):
        page = Page(columns(), colour(), here)
        _print("" if quiet else closing(report.total, page, report.passed) + "\n", page.colour)
    elif form in ("", "text"):
        page = Page(columns(), colour(), here)
        _print(in_words(report, page, quiet), page.colour)
    else:
        from devsec.report.forms import render

        _print(render(form, report, Page(shown=here), lambda: _rules(configured), quiet), painted=False)
    if files:
        from devsec.cli.outputs import write
        from devsec.report.forms import render

        for file in files:
            write(file, render(file.form, report, Page(shown=here), lambda: _rules(configured), quiet))
    return exit_code(report.total)


def _rules(configured: bool) -> dict[str, Rule]:
    from devsec.run import catalogue  # all rules in full, for the one form that tells of them

    return {rule.id: rule for rule in catalogue(".", configured).rules}


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
