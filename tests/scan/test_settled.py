"""The shape `setting`: which names, which formats, which values; in Python with a cure, elsewhere with advice."""

from __future__ import annotations

import pytest

from devsec.catalog.rule import FORMATS, STRENGTHS
from devsec.errors import RuleError
from devsec.levels import Safety
from devsec.scan.formats import by_name
from devsec.scan.gate import Gate
from devsec.sources.source import Skipped, Source
from tests.scan.kit import cured, findings, found, scanner

FIND = "{setting: {names: true}, value: {strength: strong}}"
FIX = "{title: Read it, safety: hardening, take_out: {road: secret.get}}"
KEY = "qZ7fX2mB9vKd4" + "LwRt6HsJ1nPc8Yg3GuE"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015" + "a3bf4f1b2b0b822cd15d6c15b0f00a08"


def test_the_language_and_the_readers_know_the_same_formats() -> None:
    assert FORMATS == by_name.FORMATS
    assert STRENGTHS == ("strong", "weak")


@pytest.mark.parametrize(
    ("path", "source", "lines"),
    [
        pytest.param("a.yaml", f"a: 1\napi_key: {KEY}\n", [2], id="yaml"),
        pytest.param("a.yaml", f"a: 1\ncache_key: {KEY}\n", [], id="a name that only sounds so"),
        pytest.param("a.yaml", "api_key: ${API_KEY}\n", [], id="a reference"),
        pytest.param("a.yaml", "api_key: dreambox\n", [], id="a word"),
        pytest.param("a.txt", f"api_key: {KEY}\n", [], id="no settings"),
        pytest.param("package-lock.json", f'{{"api_key": "{KEY}"}}', [], id="a lock file"),
        pytest.param("a.py", f'f(api_key="{KEY}")\n', [1], id="keyword"),
        pytest.param("a.yaml", f"checksums:\n  auth_token: {DIGEST}\n", [], id="a digest among digests"),
        pytest.param("a.yaml", f"services:\n  auth_token: {DIGEST}\n", [2], id="hex digits among others"),
        pytest.param("a.yaml", f"checksums:\n  auth_token: {KEY}\n", [2], id="no digest among digests"),
        pytest.param("a.py", f'HASHES = {{"auth-token": "{DIGEST}"}}\n', [], id="a digest in a dict of digests"),
        pytest.param(
            "a.py", f'HASHES = {{"a": {{"auth-token": "{DIGEST}"}}}}\n', [1], id="deeper, where the name says less"
        ),
        pytest.param("a.py", f'x = {{"a": 1,\n "api_key": "{KEY}"}}\n', [2], id="dict"),
        pytest.param("script", f'#!/usr/bin/env python3\napi_key = "{KEY}"\n', [2], id="Python by its first line"),
        pytest.param("a.py", f'print "Python 2"\napi_key = "{KEY}"\n', [2], id="Python that does not parse"),
        pytest.param("a.py", f'# ü\r\napi_key = "{KEY}"\r\n', [2], id="CRLF, and a character of two bytes"),
    ],
)
def test_what_is_found(path: str, source: str, lines: list[int]) -> None:
    assert [line for line, _ in found(FIND, source, path=path, secret=["match"])] == lines


def test_it_is_never_shown() -> None:
    for path, source in (
        ("a.yaml", f"api_key: {KEY}\n"),
        ("a.py", f'f(api_key="{KEY}")\n'),
        ("a.json", f'{{"api_key": "{KEY}"}}'),
    ):
        (one,) = findings(FIND, source, path=path, fix=FIX, secret=["match"])
        assert KEY not in one.snippet
        assert source.encode()[one.secrets[0].start : one.secrets[0].end].decode() == KEY


def test_python_is_cured_other_files_are_told_how() -> None:
    (one,) = findings(FIND, f'f(api_key="{KEY}")\n', fix=FIX, secret=["match"])
    assert one.fixes[0].safety is Safety.HARDENING
    assert 'f(api_key=os.environ["API_KEY"])' in cured(FIND, FIX, f'f(api_key="{KEY}")\n').text
    (one,) = findings(FIND, f"api_key: {KEY}\n", path="a.yaml", fix=FIX, secret=["match"])
    assert one.fixes[0].safety is Safety.ADVICE


def test_names_and_formats_and_values_can_be_narrowed() -> None:
    find = "{setting: {names: 'pin|door_code', formats: [yaml]}, value: {regex: '^[0-9]{4}$', not: {is: '0000'}}}"
    assert found(find, "doorCode: '1234'\n", path="a.yaml") == [(1, "1234")]
    assert found(find, "doorCode: '0000'\n", path="a.yaml") == []
    assert found(find, "door: '1234'\n", path="a.yaml") == []
    assert found(find, '{"doorCode": "1234"}', path="a.json") == []


def test_weak_takes_words_as_well() -> None:
    find = "{setting: {names: true}, value: {strength: weak}}"
    assert found(find, "password: dreambox\n", path="a.yaml")
    assert found(find, f"password: {KEY}\n", path="a.yaml")
    assert not found(find, "password: changeme\n", path="a.yaml")


def test_strength_is_asked_in_python_shapes() -> None:
    find = "{call: acme.login, args: {password: {at: 1, strength: strong}}}"
    assert found(find, 'import acme\nacme.login("a", "Winter2024!")\n')
    assert not found(find, 'import acme\nacme.login("a", "dreambox")\n')
    assert not found(find, 'import acme\nacme.login("a", f"{x}-kT7vmQ2xw")\n')
    weak = find.replace("strong", "weak")
    assert found(weak, 'import acme\nacme.login("a", "dreambox")\n')


def test_a_file_that_is_too_large_is_not_checked_when_it_could_hold_one() -> None:
    scan = scanner(FIND, FIX, ["match"])
    large = b"a: b\n" * 300_000
    assert scan.scan(Source("a.yaml", large)) == ()
    skipped = scan.scan(Source("a.yaml", large + b"password: x\n"))
    assert isinstance(skipped, Skipped)
    assert "larger than 1024 KiB" in skipped.reason


def test_the_gate_survives_its_cache() -> None:
    scan = scanner(FIND, FIX, ["match"])
    again = Gate.restore(scan.gate.dump())
    assert (
        again.hits(f"api_key: {KEY}".encode(), "a.yaml") == scan.gate.hits(f"api_key: {KEY}".encode(), "a.yaml") != ()
    )
    with pytest.raises(TypeError):
        Gate.restore([*scan.gate.dump()[:5], [["rule", 0, [1], True, True]], []])


@pytest.mark.parametrize(
    "find",
    [
        "{setting: {formats: [yaml]}}",
        "{setting: {names: true, formats: [docx]}}",
        "{setting: {names: true}, value: {kind: string}}",
        "{setting: {names: true}, value: {not: {refers_to: a.b}}}",
        "{setting: {names: true}, value: {strength: medium}}",
        "{setting: {names: true}, target: {names: a}}",
        "{setting: {names: '('}}",
    ],
)
def test_what_makes_no_sense_is_refused(find: str) -> None:
    with pytest.raises(RuleError):
        scanner(find)
