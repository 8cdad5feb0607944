"""In which forms can a report be had? Each is loaded when it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from devsec.outcome import Report
from devsec.report.closing import Page, in_words

if TYPE_CHECKING:
    from devsec.catalog.rule import Rule

FORMS = ("text", "lines", "json", "sarif", "github", "gitlab", "junit")


def render(form: str, report: Report, page: Page, rules: Callable[[], Mapping[str, Rule]], quiet: bool = False) -> str:
    """The report in one of FORMS. `rules` are asked for when the form tells of them and there is something to tell.

    `quiet` leaves out of text and lines what does not block, and of SARIF what is not new.
    """
    if form == "json":
        from devsec.report import json

        return json.render(report)
    if form == "sarif":
        from devsec.report import sarif

        return sarif.render(report, rules() if any(checked.judged for checked in report.checked) else {}, quiet)
    if form == "github":
        from devsec.report import github

        return github.render(report)
    if form == "gitlab":
        from devsec.report import gitlab

        return gitlab.render(report)
    if form == "junit":
        from devsec.report import junit

        return junit.render(report)
    if form == "lines":
        from devsec.report import lines

        return lines.render(report, page.shown, quiet)
    return in_words(report, page, quiet)
