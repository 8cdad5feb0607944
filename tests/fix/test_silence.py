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
    raw = b"key: f(1)\n"
    found = finding(raw, "f(1)", path="a.yaml")
    after, failed = silenced(Source("a.yaml", raw), [(found, "why")])
    assert after.data == raw
    assert list(failed) == [found]


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
