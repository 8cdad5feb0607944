"""SARIF as the standard, its schema and code scanning on GitHub want it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeFinding
from schema_check import errors

from devsec.catalog.load import load
from devsec.finding import Fix
from devsec.levels import Safety
from devsec.outcome import Checked, Origin, Remark, Report
from devsec.policy.judge import Judged, Verdict
from devsec.policy.suppress import HOLDS, Silence
from devsec.reasons import read
from devsec.report import sarif
from devsec.sources.source import Passed, Skipped
from devsec.text import Edit, Span, apply

SCHEMA = json.loads((Path(__file__).parents[1] / "data/sarif/sarif-2.1.0-rtm.5.json").read_text("utf-8"))
# Before the finding: two characters of two code units each, one of one that takes two bytes.
TEXT = 'x = "😀𝒳é"; y = bad(1)\n'.encode()
AT = TEXT.index(b"bad")


@pytest.fixture
def report(finding: MakeFinding) -> Report:
    fix = Fix("Better", Safety.HARDENING, (Edit(Span(AT, AT + 3), "good"), Edit(Span(0, 0), "import é\n")))
    advice = Fix("By hand", Safety.ADVICE, (Edit(Span(0, 1), "z"),))
    judged = tuple(
        Judged(
            finding(TEXT, "bad(1)", path="a b/é\udcff:%.py", fixes=(fix, advice)),
            verdict,
            because,
            Silence(HOLDS, read("test: only"), 3) if verdict is Verdict.SUPPRESSED else None,
        )
        for verdict, because in (
            (Verdict.BLOCK, "the rule's level is block"),
            (Verdict.NOTE, "the rule's level is note"),
            (Verdict.KNOWN, "it was there before"),
            (Verdict.SUPPRESSED, "silenced on line 3: test: only"),
            (Verdict.OFF, "off"),
        )
    )
    return Report(
        (
            Checked("a b/é\udcff:%.py", judged, (Remark(1, "hm"),), TEXT),
            Skipped("b\nc.py", "It is gone."),
            Passed("d.bin", "binary file"),
        ),
        compared=True,
    )


def run_of(report: Report, quiet: bool = False) -> dict[str, Any]:
    document = json.loads(sarif.render(report, {}, quiet))
    assert not list(errors(document, SCHEMA, SCHEMA))
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def test_the_schema_is_applied() -> None:
    """Or the rest says nothing."""
    good = json.loads(sarif.render(Report(()), {}))
    assert not list(errors(good, SCHEMA, SCHEMA))
    for wrong in ({"version": "2.2.0"}, {"runs": [{}]}, {"more": 1}, {"runs": 1}):
        assert list(errors({**good, **wrong}, SCHEMA, SCHEMA)), wrong
    run = good["runs"][0]
    for wrong in (
        {"results": [{"ruleId": "a"}]},
        {"results": [{"message": {"text": "a"}, "level": "bad"}]},
        {"results": [{"message": {"text": "a"}, "locations": [{"physicalLocation": {"region": {"startLine": 0}}}]}]},
        {"results": [{"message": {"text": "a"}, "fixes": [{"artifactChanges": []}]}]},
        {"columnKind": "bytes"},
        {"invocations": [{}]},
    ):
        assert list(errors({**good, "runs": [{**run, **wrong}]}, SCHEMA, SCHEMA)), wrong


def test_places_count_utf16_code_units_from_1(report: Report) -> None:
    run = run_of(report)
    assert run["columnKind"] == "utf16CodeUnits"
    place = run["results"][0]["locations"][0]["physicalLocation"]
    column = 1 + len(TEXT[:AT].decode().encode("utf-16-le")) // 2
    assert column == 1 + len(TEXT[:AT].decode()) + 2
    assert place["region"] == {
        "startLine": 1,
        "startColumn": column,
        "endLine": 1,
        "endColumn": column + 6,
        "snippet": {"text": "bad(1)"},
    }
    # Bytes of a path as they are; a relative reference, whatever is in it.
    assert place["artifactLocation"] == {"uri": "a%20b/%C3%A9%FF%3A%25.py", "uriBaseId": "%SRCROOT%"}
    assert "%SRCROOT%" in run["originalUriBaseIds"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a.py", "a.py"),
        ("a\\b.py", "a%5Cb.py"),  # a name like any other where it is no separator
        ("/etc/x y", "file:///etc/x%20y"),
        ("C:/x y", "file:///C:/x%20y"),
        ("c:x", "c%3Ax"),
        ("#?.py", "%23%3F.py"),
    ],
)
def test_uris(path: str, uri: str) -> None:
    assert sarif.uri(path) == uri


def test_fixes(report: Report) -> None:
    first = run_of(report)["results"][0]
    (fix,) = first["fixes"]  # advice is not for a program to make
    assert fix["description"]["text"] == "Better"
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == first["locations"][0]["physicalLocation"]["artifactLocation"]
    start = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
    assert change["replacements"][0] == {"deletedRegion": start, "insertedContent": {"text": "import é\n"}}
    column = first["locations"][0]["physicalLocation"]["region"]["startColumn"]
    assert change["replacements"][1] == {
        "deletedRegion": {"startLine": 1, "startColumn": column, "endLine": 1, "endColumn": column + 3},
        "insertedContent": {"text": "good"},
    }


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_program_that_counts_in_utf16_makes_the_same_text(finding: MakeFinding, newline: str) -> None:
    text = newline.join(["# 😀", 's = "𝒳é"; y = bad(', '  "😀", 1); z = 2', ""]).encode()
    start, end = text.index(b"bad("), text.index(b"; z")
    edits = (Edit(Span(0, 0), "import é" + newline), Edit(Span(start, end), "good(😀)"), Edit(Span(end, end), "."))
    one = finding(text, "bad(", fixes=(Fix("Better", Safety.SAFE, edits),))
    run = run_of(Report((Checked("a.py", (Judged(one, Verdict.BLOCK, ""),), (), text),)))
    units = text.decode().encode("utf-16-le")
    starts = [0, *(2 * (at + len(newline)) for at in range(len(units) // 2) if _at(units, at, newline) == newline)]
    for one in reversed(run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"]):
        region = one["deletedRegion"]
        first = starts[region["startLine"] - 1] + 2 * (region["startColumn"] - 1)
        last = starts[region["endLine"] - 1] + 2 * (region["endColumn"] - 1)
        units = units[:first] + one["insertedContent"]["text"].encode("utf-16-le") + units[last:]
    assert units.decode("utf-16-le").encode() == apply(text, edits)


def _at(units: bytes, at: int, newline: str) -> str:
    return units[2 * at : 2 * (at + len(newline))].decode("utf-16-le", "replace")


def test_a_secret_is_in_no_snippet_and_no_fix(finding: MakeFinding) -> None:
    secret = "s3cr3t-" * 5
    text = f'bad("{secret}")\n'.encode()
    keeps = Fix("Move it", Safety.SAFE, (Edit(Span(0, 3), f'good("{secret}")'),))
    takes = Fix("Take it", Safety.SAFE, (Edit(Span(4, len(text) - 2), 'os.environ["X"]'),))
    one = finding(text, f'bad("{secret}")', secrets=(secret,), fixes=(keeps, takes))
    one = one._replace(title=f"About {secret}", snippet="")
    report = Report((Checked("a.py", (Judged(one, Verdict.SUPPRESSED, f"silenced on line 1: {secret}"),), (), text),))
    run = run_of(report)
    results = json.dumps(run["results"])
    assert secret not in results
    assert [fix["description"]["text"] for fix in run["results"][0]["fixes"]] == ["Take it"]
    assert run["redactionTokens"] == ["…"]
    assert "…" in run["results"][0]["locations"][0]["physicalLocation"]["region"]["snippet"]["text"]


def test_verdicts(report: Report) -> None:
    run = run_of(report)
    told = [(one["properties"]["verdict"], one["level"], one["baselineState"]) for one in run["results"]]
    assert told == [
        ("block", "error", "new"),
        ("note", "note", "new"),
        ("known", "error", "unchanged"),
        ("suppressed", "error", "new"),
    ]
    reasons = [one["suppressions"] for one in run["results"]]
    assert reasons == [
        [],
        [],
        [],
        [{"kind": "inSource", "status": "accepted", "justification": "test: only"}],
    ]
    quiet = run_of(report, quiet=True)
    assert [one["properties"]["verdict"] for one in quiet["results"]] == ["block", "note"]
    assert not any("suppressions" in one for one in quiet["results"])


def test_without_a_comparison_nothing_is_called_new(report: Report) -> None:
    run = run_of(report._replace(compared=False))
    assert not any("baselineState" in one for one in run["results"])


def test_what_was_not_checked_is_no_success(report: Report) -> None:
    (invocation,) = run_of(report)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 1
    told = [
        (one["descriptor"]["id"], one["level"], one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for one in invocation["toolExecutionNotifications"]
    ]
    assert told == [
        ("not-checked", "error", "b%0Ac.py"),
        ("passed-over", "note", "d.bin"),
        ("remark", "note", "a%20b/%C3%A9%FF%3A%25.py"),
    ]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "Not checked: It is gone."
    (clean,) = run_of(Report((Checked("a.py"),)))["invocations"]
    assert clean == {"executionSuccessful": True, "exitCode": 0}


def test_fingerprints_tell_findings_apart(report: Report) -> None:
    assert run_of(report)["results"][0]["partialFingerprints"] == {"devsec/v1": "f" * 16}


def test_of_the_past(finding: MakeFinding) -> None:
    one = finding(TEXT, "bad(1)")
    origin = Origin("c" * 40, "2026-01-31", {one: "now.py"})
    report = Report((Checked("a.py", (Judged(one, Verdict.BLOCK, "why"),), (), TEXT, origin),), past=(3, 9))
    (result,) = run_of(report)["results"]
    assert f"Commit {'c' * 40} of 2026-01-31 brought it; now.py still has it." in result["message"]["text"]
    assert result["properties"]["stillIn"] == "now.py"


def test_rules_as_github_reads_them(finding: MakeFinding) -> None:
    every = load()
    rules = {rule.id: rule for rule in every.rules}
    tls, token = rules["requests-verify-off"], next(rule for rule in every.rules if rule.secret and rule.revoke)
    judged = tuple(
        Judged(
            finding(TEXT, "bad(1)", rule=rule.id)._replace(
                title=rule.title,
                message=rule.why,
                cwe=rule.cwe,
                severity=rule.severity,
                revoke=rule.revoke,
            ),
            Verdict.BLOCK,
            "why",
        )
        for rule in (tls, token)
    )
    document = json.loads(sarif.render(Report((Checked("a.py", judged, (), TEXT),)), rules))
    assert not list(errors(document, SCHEMA, SCHEMA))
    run = document["runs"][0]
    told = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == sorted(told)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    one = told[tls.id]
    assert one["defaultConfiguration"] == {"level": "error"}
    assert one["properties"]["tags"] == ["security", "external/cwe/cwe-295"]
    assert 7 <= float(one["properties"]["security-severity"]) < 9
    assert one["helpUri"].startswith("https://")
    assert one["shortDescription"]["text"] == tls.title
    assert tls.cures[0].title in one["help"]["text"]
    assert "## Before\n\n```python\n" in one["help"]["markdown"]
    # A made-up token would be taken for one by whoever scans the report.
    assert "## Before" not in told[token.id]["help"]["markdown"]
    assert token.revoke in told[token.id]["help"]["text"]


def test_same_report_same_bytes(report: Report) -> None:
    text = sarif.render(report, {})
    text.encode("ascii")
    assert sarif.render(report, {}) == text
