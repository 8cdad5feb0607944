"""GitLab's code quality report: what a merge request shows beside its changes."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from devsec.finding import Finding
from devsec.outcome import Report
from devsec.policy.judge import Verdict
from devsec.report.json import name
from devsec.report.terminal import last_line
from devsec.report.told import Told, all_told, words

_SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def render(report: Report) -> str:
    """New findings, and an entry for what was not checked. Same report, same bytes."""
    seen: dict[str, int] = {}
    entries = [
        _entry(
            f"Not checked: {name(skipped.reason)}",
            "not-checked",
            _hash("not-checked", skipped.path or skipped.reason),
            "blocker",
            skipped.path or ".",  # an entry without a path would be refused
            1,
            1,
        )
        for skipped in report.skipped
    ]
    for one in all_told(report):
        entries.append(_finding(one, seen))
    return json.dumps(entries, indent=2, ensure_ascii=True) + "\n"


def _finding(one: Told, seen: dict[str, int]) -> dict[str, Any]:
    finding: Finding = one.finding
    note = one.judged.verdict is Verdict.NOTE
    return _entry(
        name(words(one)),
        finding.rule,
        _unique(finding, seen),
        "info" if note else _SEVERITIES[finding.severity.value],
        finding.path,
        finding.start.line,
        last_line(finding),
    )


def _unique(finding: Finding, seen: dict[str, int]) -> str:
    """GitLab wants one of its own for each entry; two versions of a file from the past may share one."""
    number = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
    return finding.fingerprint if number == 1 else _hash(finding.fingerprint, str(number))


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _entry(
    description: str, check: str, fingerprint: str, severity: str, path: str, begin: int, end: int
) -> dict[str, Any]:
    return {
        "description": description,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": name(path), "lines": {"begin": begin, "end": end}},
    }
