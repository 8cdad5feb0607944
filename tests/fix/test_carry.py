"""The same change in a text that went on meanwhile."""

from __future__ import annotations

import pytest

from devsec.fix.carry import differences, side_by_side
from devsec.text import apply

BEFORE = b"import a\n\nx = a.f(1)\ny = 2\n"
AFTER = b"import b\n\nx = b.f(1)\ny = 2\n"


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        pytest.param(b"# c\nimport a\n\nx = a.f(1)\ny = 2\n", b"# c\nimport b\n\nx = b.f(1)\ny = 2\n", id="above"),
        pytest.param(b"import a\nimport z\n\nx = a.f(1)\ny = 3\n", b"import b\nimport z\n\nx = b.f(1)\ny = 3\n", id="below"),
        pytest.param(b"import a\n\nx = a.f(1)", None, id="a line that lost its end is another"),
        pytest.param(b"import a\n\nx = a.f(2)\ny = 2\n", None, id="the same line"),
        pytest.param(b"", None, id="nothing left"),
    ],
)  # fmt: skip
def test_neighbours_may_differ(disk: bytes, expected: bytes | None) -> None:
    assert side_by_side(BEFORE, AFTER, disk) == expected


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        pytest.param(b"one\ntwo\n", b"one\nnew\ntwo\n", id="as it was"),
        pytest.param(b"zero\none\ntwo\nthree\n", b"zero\none\nnew\ntwo\nthree\n", id="around it"),
        pytest.param(b"one\nmine\ntwo\n", None, id="in its place"),
    ],
)
def test_an_insertion_needs_both_its_neighbours(disk: bytes, expected: bytes | None) -> None:
    assert side_by_side(b"one\ntwo\n", b"one\nnew\ntwo\n", disk) == expected


def test_at_both_ends() -> None:
    assert side_by_side(b"one\n", b"zero\none\ntwo\n", b"one\n") == b"zero\none\ntwo\n"
    assert side_by_side(b"one\n", b"zero\none\ntwo\n", b"mine\none\n") is None


def test_a_text_that_is_not_utf8_is_left_to_git() -> None:
    assert side_by_side(b"a\n\xe9\n", b"b\n\xe9\xe8\n", b"a\n\xe9\n") is None


@pytest.mark.parametrize("new", [b"", b"a\nc\n", b"x\na\nb\nc\nd", b"c\nb\na\n", b"a\r\nb\nc\n"])
def test_differences_lead_there(new: bytes) -> None:
    assert apply(b"a\nb\nc\n", differences(b"a\nb\nc\n", new)) == new
