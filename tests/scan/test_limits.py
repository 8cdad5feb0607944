"""Texts nobody writes by hand: an answer or a reason, never a crash, never a silent “clean”."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from devsec.sources.source import Skipped, Source
from tests.scan.kit import scanner

GET = "call: requests.get\nargs: {verify: {is: false}}"
HEAD = "import requests\nrequests.get(u, verify=False)\n"


@pytest.mark.parametrize(
    ("tail", "why"),
    [
        pytest.param("x = " + "(" * 3000 + ")" * 3000, "nested too deeply", id="brackets"),
        pytest.param("x = " + "-" * 50_000 + "1", "nested too deeply", id="unary operators"),
        pytest.param("x = " + "not " * 50_000 + "a", "nested too deeply", id="not not not"),
        pytest.param("requests.get(verify=False)" + ".b" * 50_000, "nested too deeply", id="attributes"),
        pytest.param(
            "requests.get(verify=False, x=" + " + ".join("a" * 50_000) + ")", "nested too deeply", id="a long sum"
        ),
        pytest.param("if a: pass\n" + "elif a: pass\n" * 50_000, "nested too deeply", id="elif after elif"),
        pytest.param("x = " + "lambda: " * 50_000 + "1", "nested too deeply", id="lambdas"),
        pytest.param("def f(:\n    pass", "line 3", id="a syntax error"),
        pytest.param("print 'hello'", "line 3", id="Python 2"),
        pytest.param("x = '\0'", "NUL", id="a NUL byte"),
        pytest.param(
            "requests.get(verify=False, x=" + " ".join(["'a'"] * 50_000) + ")", "read", id="a long literal in pieces"
        ),
    ],
)
def test_what_cannot_be_read_is_said(tail: str, why: str) -> None:
    result = scanner(GET).scan(Source("a.py", (HEAD + tail + "\n").encode()))
    assert isinstance(result, Skipped)
    assert why in result.reason


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param("def f(:", id="a syntax error"),
        pytest.param("x = '\0'", id="a NUL byte"),
        pytest.param("x = " + "(" * 3000 + ")" * 3000, id="brackets"),
    ],
)
def test_a_broken_file_no_rule_could_match_stays_quiet(tail: str) -> None:
    assert scanner(GET).scan(Source("a.py", f"import os\n{tail}\n".encode())) == ()


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param("x = '" + "a" * 1_000_000 + "'", id="a line of a million characters"),
        pytest.param("x = [" + "1, " * 20_000 + "]", id="a long list"),
        pytest.param("".join(f"import m{i}\n" for i in range(3000)), id="many imports"),
        pytest.param("".join(f"def f{i}(): pass\n" for i in range(3000)), id="many functions"),
        pytest.param("x = " + "(" * 80 + "1" + ")" * 80, id="brackets, not too deep"),
        pytest.param("\x0cy = 1", id="a form feed"),
        pytest.param("y = 1 \\\n + 2", id="a continued line"),
        pytest.param("", id="nothing more"),
    ],
)
def test_large_but_legal(tail: str) -> None:
    result = scanner(GET).scan(Source("a.py", (HEAD + tail).encode()))
    assert isinstance(result, tuple)
    assert [finding.start.line for finding in result] == [2]


def test_too_large_with_candidates_is_said_and_without_is_quiet() -> None:
    from devsec.scan.engine import MAX_BYTES

    filler = b"# " + b"x" * MAX_BYTES
    assert isinstance(scanner(GET).scan(Source("a.py", HEAD.encode() + filler)), Skipped)
    assert scanner(GET).scan(Source("a.py", filler)) == ()


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        pytest.param(b"\xef\xbb\xbf" + HEAD.encode(), 2, 0, id="BOM"),
        pytest.param(b"# -*- coding: latin-1 -*-\n" + HEAD.encode() + b"x = '\xe4'\n", 3, 0, id="latin-1 below"),
        pytest.param(
            b"# -*- coding: latin-1 -*-\nimport requests\nx = '\xe4\xe4'; requests.get(u, verify=False)\n",
            3,
            10,
            id="latin-1 before",
        ),
        pytest.param(HEAD.replace("\n", "\r\n").encode(), 2, 0, id="CRLF"),
        pytest.param(HEAD.replace("\n", "\r").encode(), 2, 0, id="CR"),
        pytest.param(HEAD.encode().rstrip(b"\n"), 2, 0, id="no final newline"),
        pytest.param("import requests\nä = 'ü'; requests.get(u, verify=False)\n".encode(), 2, 9, id="multi-byte"),
    ],
)
def test_places_are_right_whatever_the_encoding(data: bytes, line: int, column: int) -> None:
    result = scanner(GET).scan(Source("a.py", data))
    assert isinstance(result, tuple)
    assert [(f.start.line, f.start.column) for f in result] == [(line, column)]
    assert result[0].snippet == "requests.get(u, verify=False)"


@pytest.mark.parametrize("piece", ["it is long ", "it is long\\n"], ids=["plain", "an escape now and then"])
def test_a_long_string_in_json_takes_no_hundred_times_its_size(piece: str) -> None:
    settings = scanner("setting: {names: true}\nvalue: {strength: strong}")
    text = json.dumps({"password": piece * (800_000 // len(json.dumps(piece)))}).encode() + b"\n" * 500
    settings.scan(Source("a.json", b'{"password": "x"}'))  # what is made once
    tracemalloc.start()
    try:
        assert not isinstance(settings.scan(Source("a.json", text)), Skipped)
        assert tracemalloc.get_traced_memory()[1] / len(text) < 50
    finally:
        tracemalloc.stop()
