"""SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as code scanning on GitHub and editors read it.

docs/ci.md says what stands where. Lines and columns count from 1, columns in UTF-16 code units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from devsec import __version__
from devsec.catalog.rule import Rule
from devsec.finding import Finding, Fix
from devsec.levels import Safety
from devsec.outcome import Report, exit_code
from devsec.policy.judge import Verdict
from devsec.report.json import name
from devsec.report.redact import HIDDEN
from devsec.report.told import NEW, OTHERS, Told, all_told, unsilenced, when
from devsec.text import Lines, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
NOT_CHECKED, PASSED_OVER, REMARK = "not-checked", "passed-over", "remark"
LONGEST = 2000  # characters of a snippet

_LEVELS = {"block": "error", "warn": "warning", "note": "note", "off": "none"}
# GitHub: over 9 is critical, from 7 on high, from 4 on medium, below that low.
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
_NOTIFICATIONS = (
    (NOT_CHECKED, "This should have been looked at and was not."),
    (PASSED_OVER, "This was left out on purpose: it holds no text."),
    (REMARK, "Something to know about a line, which is no finding."),
)


def render(report: Report, rules: Mapping[str, Rule], quiet: bool = False) -> str:
    """Same report, same bytes. `rules` has those of the findings; one that is missing is told from its findings.

    `quiet` leaves out what was there before or is silenced: GitHub reads neither, and would show it as something to do.
    """
    return json.dumps(document(report, rules, quiet), indent=2, ensure_ascii=True) + "\n"


def document(report: Report, rules: Mapping[str, Rule], quiet: bool = False) -> dict[str, Any]:
    every = list(all_told(report, NEW if quiet else (*NEW, *OTHERS)))
    by_rule: dict[str, Finding] = {}
    for one in every:
        by_rule.setdefault(one.finding.rule, one.finding)
    order = {rule: number for number, rule in enumerate(sorted(by_rule))}
    driver = {
        "name": "devsec",
        "semanticVersion": __version__,
        "rules": [_descriptor(by_rule[rule], rules.get(rule)) for rule in order],
        "notifications": [{"id": id, "shortDescription": {"text": text}} for id, text in _NOTIFICATIONS],
    }
    # Of these two, the standard wants all results to have one or none to.
    silenced = any(one.judged.verdict is Verdict.SUPPRESSED for one in every)
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "utf16CodeUnits",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "redactionTokens": [HIDDEN],
        "results": [_result(one, order[one.finding.rule], report.compared, silenced) for one in every],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def uri(path: str) -> str:
    """A path as a relative reference, each byte that is none of its letters percent-encoded; an absolute one as file:."""
    encoded = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    if path.startswith("/"):
        return "file://" + encoded
    if path[1:3] == ":/":  # a drive of Windows
        return "file:///" + path[:2] + encoded[4:]
    return encoded


def region(text: bytes, lines: Lines, span: Span) -> dict[str, int]:
    """Where a span is; the end is the place after the last character."""
    first, start = _place(text, lines, span.start)
    last, end = _place(text, lines, span.end)
    return {"startLine": first, "startColumn": start, "endLine": last, "endColumn": end}


def _place(text: bytes, lines: Lines, offset: int) -> tuple[int, int]:
    line = lines.place(offset).line
    before = text[lines.start(line) : offset].decode("utf-8", "replace")
    return line, 1 + len(before.encode("utf-16-le")) // 2


def _location(path: str) -> dict[str, str]:
    found = uri(path)
    return {"uri": found} if found.startswith("file:") else {"uri": found, "uriBaseId": ROOT}


def _result(one: Told, rule: int, compared: bool, silenced: bool) -> dict[str, Any]:
    finding, verdict = one.finding, one.judged.verdict
    level = finding.level.value if verdict in OTHERS else verdict.value
    where = region(one.text, one.lines, finding.span)
    snippet = one.redactor.part(finding.span)
    physical = {"artifactLocation": _location(finding.path), "region": where}
    if len(snippet) <= LONGEST:
        physical["region"] = {**where, "snippet": {"text": snippet}}
    out: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "kind": "fail",
        "level": _LEVELS[level],
        "message": {"text": one.redactor.elsewhere(_message(one))},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": {"devsec/v1": finding.fingerprint},
    }
    if compared:
        out["baselineState"] = "unchanged" if verdict is Verdict.KNOWN else "new"
    if silenced:
        out["suppressions"] = [_suppression(one)] if verdict is Verdict.SUPPRESSED else []
    fixes = [_fix(fix, one) for fix in finding.fixes if _may_be_made(fix, one)]
    if fixes:
        out["fixes"] = fixes
    out["properties"] = _properties(one)
    return out


def _message(one: Told) -> str:
    """GitHub shows the first sentence above the rest."""
    finding = one.finding
    title = finding.title if finding.title.endswith(".") else finding.title + "."
    said = [title, " ".join(finding.message.split()), unsilenced(one), when(one), finding.remark]
    if finding.revoke:
        said.append(f"Revoke it: {finding.revoke}")
    return " ".join(name(part) for part in said if part)


def _suppression(one: Told) -> dict[str, str]:
    said = one.judged.silence
    reason = said.reason.text if said is not None else one.judged.because
    kind = "external" if said is not None and said.entry else "inSource"
    return {"kind": kind, "status": "accepted", "justification": name(one.redactor.elsewhere(reason))}


def _may_be_made(fix: Fix, one: Told) -> bool:
    """Half-masked edits would break a file when somebody made them: such a fix is left out, as advice is."""
    return (
        fix.safety is not Safety.ADVICE
        and bool(fix.edits)
        and not any(one.redactor.shows(edit.text) for edit in fix.edits)
    )


def _fix(fix: Fix, one: Told) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": region(one.text, one.lines, edit.span), "insertedContent": {"text": edit.text}}
        for edit in sorted(set(fix.edits))
    ]
    return {
        "description": {"text": one.redactor.elsewhere(fix.title)},
        "artifactChanges": [{"artifactLocation": _location(one.finding.path), "replacements": replacements}],
        "properties": {"safety": fix.safety.value},
    }


def _properties(one: Told) -> dict[str, str]:
    finding = one.finding
    said = {
        "verdict": one.judged.verdict.value,
        "because": one.redactor.elsewhere(one.judged.because),
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "road": finding.road,
    }
    if one.origin is not None:
        said |= {
            "commit": one.origin.commit,
            "committed": one.origin.date,
            "stillIn": name(one.origin.still.get(finding, "")),
        }
    return {key: value for key, value in said.items() if value}


def _descriptor(finding: Finding, rule: Rule | None) -> dict[str, Any]:
    level = finding.level if rule is None else rule.level
    title, why = (finding.title, finding.message) if rule is None else (rule.title, rule.why)
    out: dict[str, Any] = {
        "id": finding.rule,
        "shortDescription": {"text": title},
        "fullDescription": {"text": " ".join(why.split())},
        "help": {"text": "\n".join(_help(finding, rule)), "markdown": "\n\n".join(_markdown(finding, rule))},
        "defaultConfiguration": {"level": _LEVELS[level.value]},
        "properties": {
            "tags": ["security", *(f"external/cwe/{_cwe(cwe)}" for cwe in finding.cwe)],
            "precision": finding.confidence.value,
            "security-severity": _SCORES[finding.severity.value],
        },
    }
    page = next((page for page in (rule.references if rule else ()) if page.startswith("https://")), "")
    if page:
        out["helpUri"] = page.split()[0]
    return out


def _cwe(cwe: str) -> str:
    kind, _, number = cwe.lower().partition("-")
    return f"{kind}-{number.zfill(3)}"


def _help(finding: Finding, rule: Rule | None) -> list[str]:
    out = [" ".join(finding.message.split())]
    for cure in rule.cures if rule else ():
        out.append(f"Instead: {cure.title} ({cure.safety.value}). {' '.join(cure.note.split())}".rstrip())
    if finding.revoke:
        out.append(f"Revoke it: {finding.revoke}")
    out += [f"See {page}" for page in (rule.references if rule else ())]
    out.append(f"devsec explain {finding.rule} says more.")
    return out


def _markdown(finding: Finding, rule: Rule | None) -> list[str]:
    out = [" ".join(finding.message.split())]
    if rule is not None and rule.cures:
        out.append("## What to do")
        out.append(
            "\n".join(
                f"- **{cure.title}** ({cure.safety.value}). {' '.join(cure.note.split())}".rstrip()
                for cure in rule.cures
            )
        )
    # What stands in an example for a secret is made up, and would be taken for one all the same.
    shown = None if rule is None or rule.secret else next((e for e in rule.examples if e.good), None)
    if shown is not None:
        out += ["## Before", _code(shown.bad), "## After", _code(shown.good[0][1])]
    if finding.revoke:
        out.append(f"Revoke it: <{finding.revoke}>")
    if rule is not None and rule.references:
        out.append("\n".join(f"- <{page}>" if " " not in page else f"- {page}" for page in rule.references))
    out.append(f"`devsec explain {finding.rule}` says more.")
    return out


def _code(text: str) -> str:
    return f"```python\n{text.rstrip()}\n```"


def _invocation(report: Report) -> dict[str, Any]:
    """Not successful when something was not checked: no results does not mean clean then."""
    told = [
        _notification(NOT_CHECKED, "error", f"Not checked: {name(skipped.reason)}", skipped.path)
        for skipped in report.skipped
    ]
    told += [_notification(PASSED_OVER, "note", f"Passed over: {passed.what}", passed.path) for passed in report.passed]
    for checked in report.checked:
        told += [
            _notification(REMARK, "note", name(remark.text), checked.path, remark.line) for remark in checked.remarks
        ]
    told += [_notification(REMARK, "note", name(one.text), one.path, one.line) for one in report.remarks]
    out: dict[str, Any] = {
        "executionSuccessful": not report.skipped,
        "exitCode": exit_code(report.total),
    }
    if told:
        out["toolExecutionNotifications"] = told
    return out


def _notification(id: str, level: str, text: str, path: str, line: int = 0) -> dict[str, Any]:
    out: dict[str, Any] = {
        "descriptor": {"id": id, "index": [known for known, _ in _NOTIFICATIONS].index(id)},
        "level": level,
        "message": {"text": text},
    }
    if path:
        physical: dict[str, Any] = {"artifactLocation": _location(path)}
        if line:
            physical["region"] = {"startLine": line}
        out["locations"] = [{"physicalLocation": physical}]
    return out
