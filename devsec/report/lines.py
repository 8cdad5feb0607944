"""One line a finding, for editors and grep: `path:line:column: level rule-id title`. Columns from 1."""

from __future__ import annotations

from collections.abc import Callable

from devsec.finding import Finding
from devsec.outcome import Checked, Origin, Report
from devsec.policy.judge import Verdict
from devsec.report.plain import printable
from devsec.sources.source import Passed


def render(report: Report, shown: Callable[[str], str] = str, quiet: bool = False) -> str:
    """New findings that block or warn, what was not checked or passed over, and remarks. "" when there is nothing to say.

    `quiet`: what blocks and what was not checked.
    """
    out: list[str] = []
    told = (Verdict.BLOCK,) if quiet else (Verdict.BLOCK, Verdict.WARN)
    for outcome in report.outcomes:
        # What is no file has no place to go to: an editor passes over this line, a reader does not.
        path = printable(shown(outcome.path)) if outcome.path else "devsec"
        if isinstance(outcome, Passed):
            if quiet:
                continue
            out.append(f"{path}:1:1: note passed-over {outcome.what}")
            continue
        if not isinstance(outcome, Checked):
            place = f"{path}:1:1" if outcome.path else path
            out.append(f"{place}: error not-checked {printable(outcome.reason)}")
            continue
        for judged in outcome.judged:
            if judged.verdict in told:
                finding = judged.finding
                place = f"{path}:{finding.start.line}:{finding.start.column + 1}"
                where = f" ({finding.where})" if finding.where else ""
                when = "" if outcome.origin is None else _when(outcome.origin, finding)
                out.append(
                    f"{place}: {judged.verdict.value} {printable(finding.rule)} {printable(finding.title)}{where}{when}"
                )
        for remark in () if quiet else outcome.remarks:
            out.append(f"{path}:{remark.line}:1: note remark {printable(remark.text)}")
    for about in () if quiet else report.remarks:
        out.append(f"{printable(shown(about.path))}:{about.line}:1: note remark {printable(about.text)}")
    return "".join(line + "\n" for line in out)


def _when(origin: Origin, finding: Finding) -> str:
    still = origin.still.get(finding, "")
    return f" (commit {origin.commit}, {origin.date}, {f'still in {printable(still)}' if still else 'removed since'})"
