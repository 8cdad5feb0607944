"""What did a trial of one rule show? The rule once, then each match with its frame and cure, then what it comes to."""

from __future__ import annotations

import json
from typing import Any

from devsec.fix.plan import Patch
from devsec.levels import Safety
from devsec.policy.judge import Verdict
from devsec.report.closing import Page, count
from devsec.report.diff import unified
from devsec.report.json import entry, name
from devsec.report.plain import printable
from devsec.report.redact import Redactor
from devsec.report.terminal import best, cure, first_sentence, frame
from devsec.text import Lines
from devsec.trying import Match, Tried

_WORDS = {
    Verdict.BLOCK: ("blocks", "red"),
    Verdict.WARN: ("warns", "yellow"),
    Verdict.NOTE: ("notes", "cyan"),
    Verdict.SUPPRESSED: ("silenced", "magenta"),
    Verdict.SHADOW: ("in shadow", "magenta"),
    Verdict.OFF: ("off", "magenta"),
}
_COUNTED = {"block": "blocking", "warn": "warning", "suppressed": "silenced", "shadow": "in shadow"}
_PLAIN = "the rule's level is "


def render(tried: Tried, page: Page) -> str:
    """For people; ends in a newline."""
    rule = tried.rule
    out = [
        page.paint(printable(rule.id), bold=True) + f"  {printable(rule.title)}",
        "  " + page.paint("why   ", dim=True) + printable(first_sentence(rule.why)),
        "",
    ]
    for match in tried.matches:
        out += _match(match, page)
    for skipped in tried.skipped:
        word = page.paint("not checked", fg="magenta", bold=True)
        out.append(f"{word}  {page.path(skipped.path)}: {printable(skipped.reason)}")
    return "\n".join([*out, _closing(tried, page)]) + "\n"


def _match(match: Match, page: Page) -> list[str]:
    lines, redactor = Lines(match.text), Redactor(match.text, match.every)
    out: list[str] = []
    for judged in match.judged:
        finding = judged.finding
        word, colour = _WORDS.get(judged.verdict, ("told", "cyan"))
        place = f"{page.path(finding.path)}:{finding.start.line}:{finding.start.column + 1}"
        out.append(f"{page.paint(place, bold=True)}  {page.paint(word, fg=colour, bold=True)}")
        if not finding.whole:
            out += frame(finding, match.text, lines, redactor, colour, page)
        if judged.because and not judged.because.startswith(_PLAIN):
            out.append("  " + page.paint("level ", dim=True) + printable(redactor.elsewhere(judged.because)))
        for label, said in (("where ", finding.where), ("proof ", finding.remark)):
            if said:
                out.append("  " + page.paint(label, dim=True) + printable(redactor.elsewhere(said)))
        fix = best(finding.fixes)
        if fix is not None and match.patch is None:
            out += cure(fix, match.text, lines, redactor, page)
        out.append("")
    if match.patch is not None:
        out += [*_patch(match, match.patch, redactor, page), ""]
    return out


def _patch(match: Match, patch: Patch, redactor: Redactor, page: Page) -> list[str]:
    out = []
    made = unified(match.path, patch.before, patch.after, redactor).data.decode("utf-8", "replace")
    for line in made.splitlines():
        colour = {"+": "green", "-": "red"}.get(line[:1]) if not line.startswith(("+++", "---")) else None
        out.append(page.paint(printable(line), fg=colour) if colour else printable(line))
    for one in patch.applied:
        how = " (stricter on purpose)" if one.safety is Safety.HARDENING else ""
        word = page.paint("would fix", fg="green", bold=True)
        out.append(f"{word}  line {one.place.line}: {printable(redactor.elsewhere(one.title))}{how}")
    for left in patch.refused:
        word = page.paint("left", fg="yellow", bold=True)
        out.append(f"{word}  line {left.place.line}: {printable(redactor.elsewhere(left.reason))}")
    return out


def _closing(tried: Tried, page: Page) -> str:
    total = tried.total
    if total:
        kinds = ", ".join(f"{number} {_COUNTED.get(kind, kind)}" for kind, number in tried.found.items())
        says = f"{total} match{'es' * (total != 1)} ({kinds}) in {count(tried.in_files, 'file')}"
        shown = sum(len(match.judged) for match in tried.matches)
        if shown < total:
            says += f", {shown} shown (--limit 0 shows all)"
    else:
        says = "no match"
    rest = [f"{count(tried.looked, 'file')} looked at, {tried.closely} of them closely, in {tried.seconds:.1f} s"]
    if tried.skipped:
        rest.append(page.paint(count(len(tried.skipped), "file") + " not checked", fg="magenta", bold=True))
    return "devsec: " + "; ".join([says, *rest, "nothing was changed"])


def document(tried: Tried) -> dict[str, Any]:
    """For programs. Without the time it took: same input, same bytes."""
    matches, diffs = [], []
    for match in tried.matches:
        lines, redactor = Lines(match.text), Redactor(match.text, match.every)
        matches += [entry(judged, lines, redactor, None) for judged in match.judged]
        if match.patch is not None:
            made = unified(match.path, match.patch.before, match.patch.after, redactor)
            diffs.append(
                {
                    "path": name(match.path),
                    "diff": made.data.decode("utf-8", "backslashreplace"),
                    "masked": made.masked,
                    "left": [
                        {"line": left.place.line, "reason": name(redactor.elsewhere(left.reason))}
                        for left in match.patch.refused
                    ],
                }
            )
    shown = len(matches)
    return {
        "version": 1,
        "rule": {"id": tried.rule.id, "title": tried.rule.title, "file": name(tried.rule.source)},
        "matches": matches,
        "diffs": diffs,
        "skipped": [{"path": name(one.path), "reason": name(one.reason)} for one in tried.skipped],
        "summary": {
            "matches": tried.total,
            "shown": shown,
            "files_with_matches": tried.in_files,
            "files": tried.looked,
            "looked_at_closely": tried.closely,
            "skipped": len(tried.skipped),
            "passed": tried.passed,
            "verdicts": tried.found,
        },
    }


def as_json(tried: Tried) -> str:
    return json.dumps(document(tried), indent=2, ensure_ascii=True) + "\n"
