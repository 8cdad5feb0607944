"""The gate: never stricter than the matcher, and as quiet as words allow."""

from __future__ import annotations

import pytest

from devsec.scan.gate import Gate, restore_or_none
from tests.scan.kit import scanner

GET = "call: requests.get\nargs: {verify: {is: false}}"


@pytest.mark.parametrize(
    ("find", "source", "passes"),
    [
        pytest.param(GET, b"import requests\nrequests.get(u, verify=False)", True, id="all words"),
        pytest.param(GET, b"import requests\nrequests.get(u)", False, id="no keyword"),
        pytest.param(GET, b"import requests\nrequests.get(u, verify=True)", False, id="no False"),
        pytest.param(GET, b"get(u, verify=False)", False, id="no import"),
        pytest.param(
            "call: m.f",
            b"import m\n# the f of m\nx = m.f.g\ny = 'f, and f: f'",
            False,
            id="spoken of, and never called",
        ),
        pytest.param("call: m.f", b"import m\nx = m.f\nx()", True, id="called by another name"),
        pytest.param("call: m.f", b"from m import f as x\nx()", True, id="imported by another name"),
        pytest.param(
            "call: m.f", b"import m\nprint(x := m.f, x())", True, id="called by a name that is given on the way"
        ),
        pytest.param("method: go\nimports: m", b"import m\nwe(go.to, 'go to')", False, id="method that is not called"),
        pytest.param("method: go\nimports: m", b"import m\n(x.go\n)()", True, id="method in brackets"),
        pytest.param("call: builtins.eval", b"eval(x)", True, id="builtins need no import"),
        pytest.param("call: 'm.{f,g}'", b"import m\nm.g()", True, id="any of the names"),
        pytest.param(
            "call: m.f\nargs: {t: {missing: true}}", b"import m\nm.f()", True, id="a missing argument is no word"
        ),
        pytest.param(
            "call: m.f\nargs: {n: {at: 0, is: true}}", b"import m\nm.f(True)", True, id="positional is no word"
        ),
        pytest.param("call: m.f\nargs: {n: [{is: true}, {is: 'x'}]}", b"import m\nm.f(n='x')", True, id="either value"),
        pytest.param("method: go\non: m.C", b"from m import C\nC().go()", True, id="method"),
        pytest.param("method: go\non: m.C", b"x.go()", False, id="method without its maker"),
        pytest.param("string: {regex: 'tok_[a-z]+'}", b"x = 'tok_ab'", True, id="string"),
        pytest.param("string: {regex: 'tok_[a-z]+'}", b"x = 'token'", False, id="string, near miss"),
        pytest.param("string: {regex: '[a-z]+'}", b"x = 1", True, id="a regex that says nothing lets all in"),
        pytest.param("assign: '[\"KEY\"]'\nvalue: {literal: true}", b"c['KEY'] = 'a'", True, id="subscript"),
        pytest.param("text: {regex: 'a[0-9]'}", b"x = a7", True, id="text"),
        pytest.param("text: {regex: 'a[0-9]'}", b"x = ab", False, id="text, near miss"),
        pytest.param("text: {regex: 'a[0-9]'}", b"\0\0a7", False, id="text in a binary file"),
        pytest.param("text: {regex: 'a[0-9]'}", "a7".encode("utf-16"), True, id="text in UTF-16"),
        pytest.param("pattern: 'm.f($X, ...)'", b"from m import f\nf(1)", True, id="pattern"),
        pytest.param("pattern: 'm.f($X, ...)'", b"f(1)", False, id="pattern, no import"),
    ],
)
def test_gate(find: str, source: bytes, passes: bool) -> None:
    gate = scanner(find).gate
    assert bool(gate.hits(source, "a.py")) is passes
    again = restore_or_none(gate.dump())
    assert again is not None
    assert bool(again.hits(source, "a.py")) is passes


def test_a_large_repository_is_asked_in_another_way_with_the_same_answer() -> None:
    finds = ["call: requests.get\nargs: {verify: {is: false}}", "string: {regex: 'tok_[a-z]+'}"]
    texts = [b"import requests\nrequests.get(u, verify=False)", b"x = 'a tok_ab'", b"x = 'token'", b"x = 1"]
    for find in finds:
        small, large = scanner(find).gate, scanner(find).gate
        large.hits(b"x = 1\n" * 100_000, "large.py")
        assert [small.hits(text, "a.py") for text in texts] == [large.hits(text, "a.py") for text in texts]


def test_words_of_a_large_text_are_found_in_one_pass_with_the_same_answer() -> None:
    find = "- text: {regex: 'abcd_[0-9]{4}'}\n- text: {regex: 'wxyz_[0-9]{4}'}\n- text: {regex: 'bcd_1'}"
    for text in (b"abcd_1234", b"wxyz_1234", b"bcd_1", b"abcd_ wxyz_", b"nothing", b"xabcd_1234wxyz_1"):
        small, large = scanner(find).gate, scanner(find).gate
        large._seen = 1 << 30
        assert small.hits(text, "a.txt") == large.hits(text, "a.txt"), text


TOKEN = "text: {regex: '(tokk_[0-9a-f]{20})', token: word}"


@pytest.mark.parametrize("before", ["", " ", '"', "=", "/", "-", "\\n", "\\t", "%3D", "a.", "é", "(", "x-"])
def test_a_token_is_seen_wherever_it_stands_alone(before: str) -> None:
    text = f"a{before}{'tokk_'}0123456789abcdef0123" if before else "tokk_0123456789abcdef0123"
    assert scanner(TOKEN).gate.hits(text.encode(), "a.txt") == ("probe",)


def test_escapes_of_both_kinds_in_one_text() -> None:
    text = rb"a%20long-token-with-n%3D and \n and n/aaaaaaaaaaaaaaaaaaaa-n " + b"%3Dtokk_0123456789abcdef0123"
    assert scanner(TOKEN).gate.hits(text, "a.txt") == ("probe",)


@pytest.mark.parametrize(
    "text", ["a_tokk_0123456789abcdef0123", "tokk_ 0123456789abcdef0123", "tok_0123456789abcdef0123", "TOKK_0123456789"]
)
def test_the_word_by_itself_is_no_token(text: str) -> None:
    assert scanner(TOKEN).gate.hits(text.encode(), "a.txt") == ()


def test_words_that_must_stand_near_are_asked_for_too() -> None:
    gate = scanner("text: {regex: 'secret: ([0-9a-z]{30})', token: word, near: 'IDID[0-9A-Z]{16}'}").gate
    secret = "secret: 0123456789abcdefghijklmnopqrst"
    assert gate.hits(secret.encode(), "a.txt") == ()
    assert gate.hits(f"IDID0123456789ABCDEF\n{secret}".encode(), "a.txt") == ("probe",)


def test_python_shapes_look_at_python_only() -> None:
    gate = scanner(GET).gate
    source = b"import requests\nrequests.get(u, verify=False)"
    assert gate.hits(source, "a.txt") == ()
    assert gate.hits(b"#!/usr/bin/env python3\n" + source, "bin/tool") != ()


@pytest.mark.parametrize(
    "data",
    [
        None,
        3,
        [[1, 2]],
        [["a", "no", [], []]],
        {"a": 1},
        [[], [[3]], [], []],
        [[[]], [["w"]], [["id", 0, [1]]], []],
        [[], [], [["id", 0, []]], []],
    ],
)
def test_a_broken_cache_is_no_gate(data: object) -> None:
    assert restore_or_none(data) is None


def test_no_rules_no_hits() -> None:
    assert Gate([]).hits(b"anything", "a.py") == ()
