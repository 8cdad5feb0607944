"""A name near a literal that looks strong: asked of a commit and of a repository, in two ways with one answer."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.scan.formats import by_name, strong_in_many
from devsec.scan.formats.by_name import LARGEST, LITERAL, NAMES, REACH

# Both at once, as it would be asked if that were quick.
BOTH = re.compile(b"(?:" + b"|".join(NAMES) + rb")[^\0]{0,%d}?" % REACH + LITERAL)
PIECES = [
    *("pass", "Key", "PW", "conn", "auth", "credsn", '"', "'", "\n", "\0", " ", "=", "\v", "-", "é"),
    *("abcdefg1", "1", "a1", "abcd efgh ijkl mnop", "abcdefghijklmnop", "https://", "a:b@", "Bearer ", "x" * 81, "\\"),
    *(" " * 140, "." * 297, " " * 301),
]


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_two_ways_to_ask(text: str) -> None:
    data = text.encode()
    expected = BOTH.search(data.lower()) is not None
    assert by_name.could_be_strong(data) is expected
    assert strong_in_many.could_be_strong(data) is expected


@pytest.mark.parametrize("could_be_strong", [by_name.could_be_strong, strong_in_many.could_be_strong])
@pytest.mark.parametrize(
    ("text", "passes"),
    [
        pytest.param(b"key = 'abcdefg1'", True, id="a digit"),
        pytest.param(b"key = 'abcdef1'", False, id="seven characters"),
        pytest.param(b"key = '1abcdefg'", True, id="a digit first"),
        pytest.param(b"key = '" + b"-" * 80 + b"1'", True, id="a digit after eighty"),
        pytest.param(b"key = '" + b"-" * 81 + b"1'", False, id="a digit too far behind"),
        pytest.param(b"key = 'one two three 4'", False, id="a digit in a sentence"),
        pytest.param(b"key = 'abcdefghijklmnop'", True, id="sixteen letters"),
        pytest.param(b"key = '://a@'", False, id="an address too short"),
        pytest.param(b"dsn = 'x://abc:d@'", True, id="an address"),
        pytest.param(b"key" + b" " * REACH + b"'abcdefg1'", True, id="as far as it may be"),
        pytest.param(b"key" + b" " * (REACH + 1) + b"'abcdefg1'", False, id="too far"),
        pytest.param(b"key \0 'abcdefg1'", False, id="no text between"),
        pytest.param(b"'abcdefg1' key", False, id="the wrong way round"),
        pytest.param(b"name = 'abcdefg1' or 'abcdefg2', key = 'abcdefg3'", True, id="not the first one"),
        pytest.param(b"x" * (LARGEST + 1), True, id="too large to ask"),
    ],
)
def test_what_passes(could_be_strong: object, text: bytes, passes: bool) -> None:
    assert callable(could_be_strong)
    assert could_be_strong(text) is passes


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_every_literal_is_seen_by_the_engine_that_looks_nowhere_ahead(text: str) -> None:
    lower = text.encode().lower()
    perhaps, seen = strong_in_many._perhaps().search, set()
    found = perhaps(lower)
    while found is not None:
        seen.add(found.start())
        found = perhaps(lower, found.start() + 1)
    assert seen >= {at for at in range(len(lower)) if re.compile(LITERAL).match(lower, at)}
