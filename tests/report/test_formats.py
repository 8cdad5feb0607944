"""Lines for editors, JSON for programs, a patch for git."""

from __future__ import annotations

import json as stdjson
import subprocess
from pathlib import Path

import pytest
from conftest import MakeFinding

from devsec.finding import Fix
from devsec.levels import Safety
from devsec.outcome import Checked, Remark, Report
from devsec.policy.judge import Judged, Verdict
from devsec.report import json, lines
from devsec.report.diff import unified
from devsec.report.redact import Redactor
from devsec.sources.source import Skipped
from devsec.text import Edit, Span

TEXT = "é = 1\nx = bad(1)\n".encode()


@pytest.fixture
def report(finding: MakeFinding) -> Report:
    at = TEXT.index(b"bad")
    fix = Fix("Better", Safety.SAFE, (Edit(Span(at, at + 3), "good"), Edit(Span(0, 0), "import é\n")))
    judged = [
        Judged(finding(TEXT, "bad(1)", fixes=(fix,)), v, "why") for v in (Verdict.BLOCK, Verdict.KNOWN, Verdict.OFF)
    ]
    return Report(
        (Checked("a\udcff.py", tuple(judged), (Remark(1, "hm"),), TEXT), Skipped("b\nc.py", "It is gone.")), staged=True
    )


def test_lines(report: Report) -> None:
    assert lines.render(report) == (
        "a\\xff.py:2:5: block a-rule Something leaves the road\n"
        "a\\xff.py:1:1: note remark hm\n"
        "b\\nc.py:1:1: error not-checked It is gone.\n"
    )
    assert lines.render(Report(())) == ""


def test_json(report: Report) -> None:
    text = json.render(report)
    text.encode("ascii")
    data = stdjson.loads(text)
    assert list(data) == ["version", "findings", "skipped", "passed", "remarks", "summary"]
    assert data["version"] == 1
    assert [f["verdict"] for f in data["findings"]] == ["block", "known"]
    one = data["findings"][0]
    assert list(one) == (
        [
            "rule",
            "title",
            "message",
            "path",
            "line",
            "column",
            "end_line",
            "end_column",
            "cwe",
            "severity",
            "confidence",
            "level",
            "verdict",
            "because",
            "road",
            "fingerprint",
            "snippet",
            "remark",
            "where",
            "revoke",
            "commit",
            "committed",
            "still_in",
            "fixes",
        ]
    )
    assert (one["line"], one["column"], one["end_line"], one["end_column"]) == (2, 4, 2, 10)
    assert one["fixes"] == [
        {
            "title": "Better",
            "safety": "safe",
            "edits": [
                {"start_line": 1, "start_column": 0, "end_line": 1, "end_column": 0, "text": "import é\n"},
                {"start_line": 2, "start_column": 4, "end_line": 2, "end_column": 7, "text": "good"},
            ],
            "ignore": "",
            "commands": [],
        }
    ]
    assert data["skipped"] == [{"path": "b\nc.py", "reason": "It is gone."}]
    assert data["summary"] == {
        "files": 2,
        "findings": 1,
        "blocking": 1,
        "warnings": 0,
        "notes": 0,
        "known": 1,
        "suppressed": 0,
        "skipped": 1,
        "passed": 0,
        "commits": 0,
        "shadow": 0,
    }
    assert json.render(report) == text


def test_docs_name_every_key(report: Report) -> None:
    docs = (Path(__file__).parents[2] / "docs/json.md").read_text()
    data = stdjson.loads(json.render(report))
    keys = {*data, *data["findings"][0], *data["summary"], *data["skipped"][0]}
    keys |= {*data["findings"][0]["fixes"][0], *data["findings"][0]["fixes"][0]["edits"][0]}
    assert not {key for key in keys if f"`{key}`" not in docs}


@pytest.mark.parametrize(
    "name", ["a.py", "with space.py", 'quote".py', "tab\t.py", "new\nline.py", "é.py", "byte\udcff.py", "deep/er/a.py"]
)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"a\nb\nc\n", b"a\nB\nc\n", id="plain"),
        pytest.param(b"a\r\nb\r\n", b"a\r\nB\r\n", id="CRLF"),
        pytest.param(b"a\nb", b"a\nB", id="no newline at the end"),
        pytest.param(b"a\nb", b"a\nb\n", id="newline added"),
        pytest.param(b"a\nb\n", b"a\nb", id="newline taken"),
        pytest.param(b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfb\n", id="BOM"),
        pytest.param(b"# -*- coding: latin-1 -*-\n\xe9 = 1\n", b"# -*- coding: latin-1 -*-\n\xe9 = 2\n", id="latin-1"),
        pytest.param(b"a\x0cb\x0bc\n\x1cd\n", b"a\x0cb\x0bC\n\x1cd\n", id="odd separators"),
        pytest.param(b"", b"a\n", id="was empty"),
    ],
)
def test_git_applies_the_patch(tmp_path: Path, name: str, before: bytes, after: bytes) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(before)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    patch = unified(name, before, after, Redactor(b"", []))
    assert not patch.masked
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch.data, check=True)
    assert file.read_bytes() == after


def test_no_change_no_patch() -> None:
    assert unified("a", b"x\n", b"x\n", Redactor(b"", [])).data == b""
