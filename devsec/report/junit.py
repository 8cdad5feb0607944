"""JUnit's XML, which every CI draws: a test for each file that was looked at."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from devsec.outcome import Checked, Outcome, Report
from devsec.policy.judge import Verdict
from devsec.report.plain import printable
from devsec.report.told import Told, told, words
from devsec.sources.source import Passed, Skipped


def render(report: Report) -> str:
    """A file fails when something in it blocks, is an error when it was not checked, skipped when it holds no text."""
    cases = [_case(outcome) for outcome in report.outcomes]
    failures = sum(any(j.verdict is Verdict.BLOCK for j in checked.judged) for checked in report.checked)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{len(report.skipped)}" skipped="{len(report.passed)}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="devsec" {counts}>\n'
        f'  <testsuite name="devsec" {counts}>\n' + "".join(cases) + "  </testsuite>\n</testsuites>\n"
    )


def _case(outcome: Outcome) -> str:
    path = quoteattr(printable(outcome.path or "not a file"))
    inside = "".join(f"      {line}\n" for line in _inside(outcome))
    head = f'    <testcase classname="devsec" name={path}' + (f" file={path}" if outcome.path else "")
    return f"{head}>\n{inside}    </testcase>\n" if inside else f"{head}/>\n"


def _inside(outcome: Outcome) -> list[str]:
    if isinstance(outcome, Skipped):
        return [f'<error type="not-checked" message={quoteattr("Not checked: " + printable(outcome.reason))}/>']
    if isinstance(outcome, Passed):
        return [f"<skipped message={quoteattr(printable(outcome.what) + ' passed over')}/>"]
    every = list(told(outcome, (Verdict.BLOCK, Verdict.WARN)))
    blocks = [one for one in every if one.judged.verdict is Verdict.BLOCK]
    rest = [_line(one) for one in every if one.judged.verdict is Verdict.WARN] + _remarks(outcome)
    out = []
    if blocks:
        # One failure a file, with all there is: several readers keep the first only.
        more = f" (and {len(blocks) - 1} more)" if len(blocks) > 1 else ""
        head = printable(blocks[0].redactor.elsewhere(blocks[0].finding.title)) + more
        body = "\n".join(_line(one) for one in blocks)
        out.append(
            f"<failure type={quoteattr(printable(blocks[0].finding.rule))} message={quoteattr(head)}>"
            f"{escape(body)}</failure>"
        )
    if rest:
        out.append(f"<system-out>{escape(chr(10).join(rest))}</system-out>")
    return out


def _remarks(checked: Checked) -> list[str]:
    return [f"{printable(checked.path)}:{remark.line}: note {printable(remark.text)}" for remark in checked.remarks]


def _line(one: Told) -> str:
    finding = one.finding
    place = f"{printable(finding.path)}:{finding.start.line}:{finding.start.column + 1}"
    return f"{place}: {one.judged.verdict.value} {printable(finding.rule)}: {printable(words(one))}"
