"""The report for programs. docs/json.md says what each key means; version 1 only ever gains keys."""

from __future__ import annotations

import json
from typing import Any

from devsec.finding import Finding, Fix
from devsec.outcome import Checked, Origin, Report
from devsec.policy.judge import Judged, Verdict
from devsec.policy.suppress import Silence
from devsec.report.redact import Redactor
from devsec.report.untrack import commands
from devsec.text import Lines

VERSION = 1


def render(report: Report) -> str:
    """Same report, same bytes: keys in a fixed order, ASCII only."""
    return json.dumps(document(report), indent=2, ensure_ascii=True) + "\n"


def document(report: Report) -> dict[str, Any]:
    findings = [one for outcome in report.outcomes if isinstance(outcome, Checked) for one in _findings(outcome)]
    return {
        "version": VERSION,
        "findings": findings,
        "skipped": [{"path": name(s.path), "reason": name(s.reason)} for s in report.skipped],
        "passed": [{"path": name(p.path), "what": p.what} for p in report.passed],
        "remarks": [
            {"path": name(path), "line": line, "text": name(text)}
            for path, line, text in (
                *((one.path, one.line, one.text) for one in report.remarks),
                *((checked.path, one.line, one.text) for checked in report.checked for one in checked.remarks),
            )
        ],
        "summary": report.total._asdict(),
    }


def name(path: str) -> str:
    """Text that any JSON reader takes: bytes of a path that are not UTF-8 read \\xNN."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _findings(checked: Checked) -> list[dict[str, Any]]:
    shown = [judged for judged in checked.judged if judged.verdict is not Verdict.OFF]
    if not shown:
        return []
    redactor = Redactor(checked.text, [judged.finding for judged in checked.judged])
    lines = Lines(checked.text)
    return [entry(judged, lines, redactor, checked.origin) for judged in shown]


def entry(judged: Judged, lines: Lines, redactor: Redactor, origin: Origin | None) -> dict[str, Any]:
    finding: Finding = judged.finding
    return {
        "rule": finding.rule,
        "title": finding.title,
        "message": finding.message,
        "path": name(finding.path),
        "line": finding.start.line,
        "column": finding.start.column,
        "end_line": finding.end.line,
        "end_column": finding.end.column,
        "cwe": list(finding.cwe),
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "level": finding.level.value,
        "verdict": judged.verdict.value,
        "because": redactor.elsewhere(judged.because),
        "silence": _silence(judged.silence, redactor),
        "road": finding.road,
        "fingerprint": finding.fingerprint,
        "snippet": redactor.elsewhere(finding.snippet),
        "remark": finding.remark,
        "where": finding.where,
        "revoke": finding.revoke,
        "commit": origin.commit if origin else "",
        "committed": origin.date if origin else "",
        "still_in": name(origin.still.get(finding, "")) if origin else "",
        "fixes": [_fix(fix, finding, lines, redactor) for fix in finding.fixes],
    }


def _silence(said: Silence | None, redactor: Redactor) -> dict[str, Any] | None:
    if said is None:
        return None
    reason = said.reason
    return {
        "state": said.state,
        "class": reason.kind,
        "reason": name(redactor.elsewhere(reason.text)),
        "until": reason.until,
        "ticket": name(redactor.elsewhere(reason.ticket)),
        "line": said.line,
        "file": name(said.file),
        "entry": said.entry,
    }


def _fix(fix: Fix, finding: Finding, lines: Lines, redactor: Redactor) -> dict[str, Any]:
    # Half-masked edits would break a file when somebody applied them: such a fix is shown without its edits.
    hidden = any(redactor.shows(edit.text) for edit in fix.edits)
    return {
        "title": redactor.elsewhere(fix.title),
        "safety": fix.safety.value,
        "edits": [
            {
                "start_line": lines.place(edit.span.start).line,
                "start_column": lines.place(edit.span.start).column,
                "end_line": lines.place(edit.span.end).line,
                "end_column": lines.place(edit.span.end).column,
                "text": edit.text,
            }
            for edit in (() if hidden else sorted(set(fix.edits)))
        ],
        "ignore": name(fix.ignore),
        "commands": [name(command) for command in commands(fix.ignore, finding.path)] if fix.ignore else [],
    }
