"""What GitHub, GitLab and readers of JUnit's XML are given."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import MakeFinding

from devsec.finding import Finding, Fix
from devsec.levels import Safety, Severity
from devsec.outcome import Checked, Origin, Remark, Report
from devsec.policy.judge import Judged, Verdict
from devsec.report import github, gitlab, junit
from devsec.report.closing import Page
from devsec.report.forms import FORMS, render
from devsec.sources.source import Passed, Skipped
from devsec.text import Edit, Span

TEXT = b"x = 1\ny = bad(\n  1)\nz = bad(2)\n"
FIX = Fix("Better", Safety.SAFE, (Edit(Span(10, 13), "good"),))


@pytest.fixture
def report(finding: MakeFinding) -> Report:
    def one(meant: str, rule: str) -> Finding:
        return finding(TEXT, meant, rule=rule, path="a,b:100%.py", fixes=(FIX,))._replace(fingerprint=rule)

    judged = (
        Judged(one("bad(2)", "third"), Verdict.NOTE, ""),
        Judged(one("bad(\n  1)", "first"), Verdict.BLOCK, ""),
        Judged(one("x", "second"), Verdict.WARN, ""),
        Judged(one("y", "old"), Verdict.KNOWN, ""),
        Judged(one("z", "silent"), Verdict.SUPPRESSED, ""),
        Judged(one("z", "off"), Verdict.OFF, ""),
    )
    return Report(
        (
            Checked("a,b:100%.py", judged, (Remark(1, "hm"),), TEXT),
            Skipped("b\n::error::c.py", "It is\rgone\x1b[31m."),
            Checked("clean.py"),
            Passed("d.bin", "binary file"),
        )
    )


SAID = "Something leaves the road. This is why. Instead: Better."


def test_annotations_on_github(report: Report) -> None:
    name = "a%2Cb%3A100%25.py"
    assert github.render(report).splitlines() == [
        "::error file=b%0A%3A%3Aerror%3A%3Ac.py,title=devsec%3A not checked::Not checked: It is\\rgone\\x1b[31m.",
        f"::error file={name},line=2,endLine=3,title=devsec%3A first::{SAID}",
        f"::warning file={name},line=1,endLine=1,col=1,endColumn=2,title=devsec%3A second::{SAID}",
        f"::notice file={name},line=4,endLine=4,col=5,endColumn=11,title=devsec%3A third::{SAID}",
        f"::notice file={name},line=1,title=devsec%3A a remark::hm",
        "devsec: 1 finding blocks, 1 warning in 2 files; 1 note; 1 known finding not shown (devsec check --all shows it); "
        "1 silenced; 1 file not checked; 1 binary file passed over: d.bin",
    ]


def test_nothing_but_commands_can_begin_a_line(finding: MakeFinding) -> None:
    """Whoever names a file or writes a reason must not give the runner a command."""
    one = finding(TEXT, "x", path="p\r\n::stop-commands::x")._replace(title="t\n::set-output name=a::b", message="100%")
    text = github.render(Report((Checked(one.path, (Judged(one, Verdict.BLOCK, ""),), (), TEXT),)))
    assert [line[:8] for line in re.split("[\r\n]+", text.rstrip())] == ["::error ", "devsec: "]
    assert "100%25" in text


def test_code_quality_on_gitlab(report: Report) -> None:
    text = gitlab.render(report)
    text.encode("ascii")
    data = json.loads(text)
    assert [(one["check_name"], one["severity"], one["location"]["lines"]) for one in data] == [
        ("not-checked", "blocker", {"begin": 1, "end": 1}),
        ("third", "info", {"begin": 4, "end": 4}),
        ("first", "critical", {"begin": 2, "end": 3}),
        ("second", "critical", {"begin": 1, "end": 1}),
    ]
    assert data[2] == {
        "description": SAID,
        "check_name": "first",
        "fingerprint": "first",
        "severity": "critical",
        "location": {"path": "a,b:100%.py", "lines": {"begin": 2, "end": 3}},
    }
    assert json.loads(gitlab.render(Report(()))) == []


def test_each_severity_has_its_word_on_gitlab(finding: MakeFinding) -> None:
    judged = tuple(Judged(finding(TEXT, "x")._replace(severity=severity), Verdict.BLOCK, "") for severity in Severity)
    data = json.loads(gitlab.render(Report((Checked("a.py", judged, (), TEXT),))))
    assert [one["severity"] for one in data] == ["minor", "major", "critical", "blocker"]
    # GitLab drops what has a fingerprint it has seen.
    assert len({one["fingerprint"] for one in data}) == 4


def test_junit(report: Report) -> None:
    text = junit.render(report)
    suite = ElementTree.fromstring(text)[0]
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    bad, unread, clean, passed = suite
    assert [case.get("name") for case in suite] == ["a,b:100%.py", "b\\n::error::c.py", "clean.py", "d.bin"]
    assert [[child.tag for child in case] for case in suite] == [["failure", "system-out"], ["error"], [], ["skipped"]]
    assert (bad[0].get("type"), bad[0].get("message")) == ("first", "Something leaves the road")
    assert bad[0].text == f"a,b:100%.py:2:5: block first: {SAID}"
    assert bad[1].text == f"a,b:100%.py:1:1: warn second: {SAID}\na,b:100%.py:1: note hm"
    assert unread[0].get("message") == "Not checked: It is\\rgone\\x1b[31m."
    assert len(clean) == 0
    assert passed[0].get("message") == "binary file passed over"


@pytest.mark.parametrize("odd", ["\0", "\x0b", "\x1b[0m", "\x85", "￾", "\udcff", "]]>", "&amp;<a>\"'", "😀"])
def test_xml_that_any_reader_takes(finding: MakeFinding, odd: str) -> None:
    one = finding(TEXT, "x", path=f"p{odd}.py")._replace(title=f"t{odd}", message=f"m{odd}.", revoke=odd)
    text = junit.render(
        Report((Checked(one.path, (Judged(one, Verdict.BLOCK, ""),), (Remark(1, odd),), TEXT), Skipped(odd, odd)))
    )
    suite = ElementTree.fromstring(text.encode("utf-8"))[0]
    assert len(suite) == 2
    if odd.isprintable():
        assert suite[0].get("name") == f"p{odd}.py"
        assert f"t{odd}" in str(suite[0][0].text)


def test_what_ends_at_the_start_of_a_line_ends_on_the_one_before(finding: MakeFinding) -> None:
    report = Report((Checked("a.py", (Judged(finding(TEXT, "x = 1\n"), Verdict.BLOCK, ""),), (), TEXT),))
    assert ",line=1,endLine=1,title=" in github.render(report)
    assert json.loads(gitlab.render(report))[0]["location"]["lines"] == {"begin": 1, "end": 1}


def test_of_the_past(finding: MakeFinding) -> None:
    one = finding(TEXT, "x")
    origin = Origin("c" * 40, "2026-01-31", {})
    report = Report((Checked("a.py", (Judged(one, Verdict.BLOCK, ""),), (), TEXT, origin),), past=(3, 9))
    for form in ("github", "gitlab", "junit"):
        assert "of 2026-01-31 brought it; it was removed since" in render(form, report, Page(), dict)


def test_every_form_can_be_had_and_says_what_was_not_checked() -> None:
    report = Report((Skipped("a.py", "It is gone."),))
    for form in FORMS:
        assert "It is gone." in render(form, report, Page(), dict)
        assert "It is gone." in render(form, report, Page(), dict, quiet=True)


def test_quiet(report: Report, finding: MakeFinding) -> None:
    text = render("text", report, Page(), dict, quiet=True)
    assert "first" in text
    assert not any(word in text for word in ("second", "third", "hm", "d.bin", "known", "silenced"))
    assert text.endswith("\ndevsec: 1 finding blocks in 2 files; 1 file not checked\n")
    assert render("lines", report, Page(), dict, quiet=True).count("\n") == 2
    warned = Report((Checked("a.py", (Judged(finding(TEXT, "x"), Verdict.WARN, ""),), (), TEXT), Passed("d.bin", "x")))
    for form in ("text", "lines"):
        assert render(form, warned, Page(), dict, quiet=True) == ""
        assert render(form, warned, Page(), dict) != ""


def test_docs_name_every_form() -> None:
    docs = (Path(__file__).parents[2] / "docs/ci.md").read_text("utf-8")
    assert not [form for form in FORMS if f"| `{form}` |" not in docs]
