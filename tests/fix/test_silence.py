"""Where a comment goes that silences a finding."""

from __future__ import annotations

import pytest
from conftest import MakeFinding

from devsec.fix.silence import silenced
from devsec.policy.suppress import ignores
from devsec.sources.source import Source

IGNORE = "# devsec: ignore[a-rule] test reason"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("x = f(1)\n", f"x = f(1)  {IGNORE}\n", id="on the line"),
        pytest.param("x = f(1)", f"x = f(1)  {IGNORE}", id="no newline at the end"),
        pytest.param("x = f(1)\r\ny = 2\r\n", f"x = f(1)  {IGNORE}\r\ny = 2\r\n", id="crlf"),
        pytest.param("x = f(1)  # noqa: X1\n", f"x = f(1)  # noqa: X1  {IGNORE}\n", id="beside a comment"),
        pytest.param("x = f(1) + \\\n    2\n", f"{IGNORE}\nx = f(1) + \\\n    2\n", id="a backslash: above"),
        pytest.param("if a:\n    x = f(1) + \\\n        2\n", f"if a:\n    {IGNORE}\n    x = f(1) + \\\n        2\n", id="indented"),
        pytest.param('x = (f(1), """\n  """)\n', f'{IGNORE}\nx = (f(1), """\n  """)\n', id="a string goes on: above"),
        pytest.param('x = ("""\n""", f(1))\n', f'x = ("""\n""", f(1))  {IGNORE}\n', id="a string ended before"),
        pytest.param("x = [\n    f(1),\n]\n", f"x = [\n    f(1),  {IGNORE}\n]\n", id="in brackets"),
        pytest.param("x = f(1); y = 2\n", f"x = f(1); y = 2  {IGNORE}\n", id="two statements"),
        pytest.param(f"y = 1\nx = f(1, {'a' * 70})\n", f"y = 1\n{IGNORE}\nx = f(1, {'a' * 70})\n", id="a long line: above"),
        pytest.param("\tx = f(1)\n".replace("\t", "if a:\n\t"), f"if a:\n\tx = f(1)  {IGNORE}\n", id="tabs"),
    ],
)  # fmt: skip
def test_the_comment_silences_and_the_code_is_the_same(finding: MakeFinding, text: str, expected: str) -> None:
    raw = text.encode()
    meant = "f(1, " if "f(1, " in text else "f(1)"
    found = finding(raw, meant)
    after, failed = silenced(Source("a.py", raw), [(found, "test reason")])
    assert (after.data.decode(), failed) == (expected, {})


def test_two_rules_on_one_line_share_a_comment(finding: MakeFinding) -> None:
    raw = b"x = f(g(1))\n"
    one, two = finding(raw, "f(g(1))"), finding(raw, "g(1)", rule="b-rule")
    after, failed = silenced(Source("a.py", raw), [(one, "test why"), (two, "test why")])
    assert after.data == b"x = f(g(1))  # devsec: ignore[a-rule, b-rule] test why\n"
    assert failed == {}
    assert all(any(c.covers(it) for c in ignores("a.py", after.data)) for it in (one, two))


def test_where_it_cannot_stand_that_is_said(finding: MakeFinding) -> None:
    raw = b'{"key": "f(1)"}\n'
    found = finding(raw, "f(1)", path="a.json")
    after, failed = silenced(Source("a.json", raw), [(found, "test why")])
    assert after.data == raw
    assert list(failed) == [found]


def test_different_reasons_stand_side_by_side(finding: MakeFinding) -> None:
    raw = b"x = f(g(1))\n"
    one, two = finding(raw, "f(g(1))"), finding(raw, "g(1)", rule="b-rule")
    after, failed = silenced(Source("a.py", raw), [(one, "test"), (two, "false-positive why")])
    assert after.data == b"x = f(g(1))  # devsec: ignore[a-rule] test  # devsec: ignore[b-rule] false-positive why\n"
    assert failed == {}


WORDS, LONG = "devsec: ignore[a-rule] test", "y" * 90


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param("a.yaml", "k: f(1)\n", f"k: f(1)  # {WORDS}\n", id="yaml: behind"),
        pytest.param("a.yml", f"k: f(1) {LONG}\n", f"# {WORDS}\nk: f(1) {LONG}\n", id="yaml: long"),
        pytest.param("a.yaml", "a:\n  k: |\n    f(1)\n", f"a:\n  # {WORDS}\n  k: |\n    f(1)\n", id="yaml: a block"),
        pytest.param("a.toml", 'k = "f(1)"\n', f'k = "f(1)"  # {WORDS}\n', id="toml"),
        pytest.param("a.toml", 'k = """\nf(1)\n"""\n', f'# {WORDS}\nk = """\nf(1)\n"""\n', id="toml: a long string"),
        pytest.param("a.ini", "[s]\nk = f(1)\n", f"[s]\n; {WORDS}\nk = f(1)\n", id="ini"),
        pytest.param(".env", "K=f(1)\n", f"# {WORDS}\nK=f(1)\n", id="env"),
        pytest.param(".env.local", "A=1\r\nK=f(1)\r\n", f"A=1\r\n# {WORDS}\r\nK=f(1)\r\n", id="env, crlf"),
        pytest.param("run.sh", "#!/bin/sh\n  f(1)\n", f"#!/bin/sh\n  # {WORDS}\n  f(1)\n", id="shell"),
        pytest.param("run.sh", "a \\\n  f(1)\n", f"# {WORDS}\na \\\n  f(1)\n", id="shell: a line that goes on"),
        pytest.param("Dockerfile", "RUN a \\\n  f(1)\n", f"# {WORDS}\nRUN a \\\n  f(1)\n", id="Dockerfile"),
        pytest.param("a.js", "  f(1);\n", f"  // {WORDS}\n  f(1);\n", id="javascript"),
        pytest.param(
            "a.ts", "a(`${b(`x`)}`);\nf(1);\n", f"a(`${{b(`x`)}}`);\n// {WORDS}\nf(1);\n", id="templates before"
        ),
        pytest.param("A.java", "/* a */\nf(1);\n", f"/* a */\n// {WORDS}\nf(1);\n", id="java"),
        pytest.param("a.css", "a { b: f(1) }\n", f"/* {WORDS} */\na {{ b: f(1) }}\n", id="css"),
        pytest.param("a.sql", "SELECT f(1);\n", f"-- {WORDS}\nSELECT f(1);\n", id="sql"),
        pytest.param("a.tf", 'k = "f(1)"\n', f'# {WORDS}\nk = "f(1)"\n', id="terraform"),
        pytest.param("a.html", "<p>\n<a>f(1)</a>\n", f"<p>\n<!-- {WORDS} -->\n<a>f(1)</a>\n", id="html"),
    ],
)
def test_other_files(finding: MakeFinding, path: str, text: str, expected: str) -> None:
    raw = text.encode()
    after, failed = silenced(Source(path, raw), [(finding(raw, "f(1)", path=path), "test")])
    assert (after.data.decode(), failed) == (expected, {})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.yaml", "k: [\n", id="no yaml"),
        pytest.param("a.yaml", "{{ if }}\nk: f(1)\n", id="a template"),
        pytest.param("run.sh", "#!/bin/sh f(1)\n", id="the first line"),
        pytest.param("run.sh", "cat <<E\nf(1)\nE\n", id="a here-document"),
        pytest.param("run.sh", "a='\nf(1)\n'\n", id="a string of the shell"),
        pytest.param("a.js", "a = `\nf(1)\n`\n", id="a template of javascript"),
        pytest.param("a.js", "a = `${b(`\nf(1)\n`)}`\n", id="a template in a template"),
        pytest.param("a.js", "a = <p>\nf(1)\n</p>\n", id="elements in javascript"),
        pytest.param("a.js", "a(); /*\nf(1)\n*/\n", id="a comment"),
        pytest.param("a.sql", "SELECT '\nf(1)\n'\n", id="a string of sql"),
        pytest.param("a.sql", "$f$\nf(1)\n$f$\n", id="a dollar string of sql"),
        pytest.param("a.html", "<script>\n<a>f(1)</a>\n</script>\n", id="a script"),
        pytest.param("a.html", "<p>\nf(1)\n</p>\n", id="text between elements"),
        pytest.param("a.html", "<!--\n<a>f(1)</a>\n-->\n", id="a comment of html"),
        pytest.param("a.ini", "[s]\nk = 1\n  f(1)\n", id="a value over lines"),
        pytest.param(".env", 'K="\nf(1)\n"\n', id="a value in quotes over lines"),
        pytest.param("a.rs", "f(1);\n", id="a language that is not read"),
        pytest.param("a.jsonl", '{"a": "f(1)"}\n', id="no comments"),
    ],
)
def test_where_it_is_not_certain_nothing_is_written(finding: MakeFinding, path: str, text: str) -> None:
    text = text if "f(1)" in text else text + "# f(1)\n"
    raw = text.encode()
    found = finding(raw, "f(1)", path=path)
    after, failed = silenced(Source(path, raw), [(found, "test")])
    assert after.data == raw
    assert list(failed) == [found]


def test_a_reason_that_ends_the_comment_is_refused(finding: MakeFinding) -> None:
    raw = b"a { b: f(1) }\n"
    found = finding(raw, "f(1)", path="a.css")
    after, failed = silenced(Source("a.css", raw), [(found, "test */ evil")])
    assert (after.data, list(failed)) == (raw, [found])


def test_another_encoding(finding: MakeFinding) -> None:
    text = "# coding: latin-1\nx = f('é')\n"
    found = finding(text.encode(), "f('é')")
    after, failed = silenced(Source("a.py", text.encode("latin-1")), [(found, "test warum nicht: ü")])
    assert (
        after.data.decode("latin-1") == "# coding: latin-1\nx = f('é')  # devsec: ignore[a-rule] test warum nicht: ü\n"
    )
    after, failed = silenced(Source("a.py", text.encode("latin-1")), [(found, "test because €")])
    assert after.data == text.encode("latin-1")
    assert "no character U+20AC" in failed[found]
