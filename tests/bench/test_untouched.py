"""The checks of `make realfix` notice what they are there to notice: each kind of damage, and no cure is damage."""

from __future__ import annotations

import pytest
from untouched import compiles, complaints

BEFORE = b"""import hashlib
import json  # noqa: F401


# what it is for
def key(url):
    if url:  # never mind
        digest = hashlib.md5(url)
        return digest.hexdigest()
    return ""


class Cache:
    def get(self, url):
        return key(url)
"""


def said(after: bytes, before: bytes = BEFORE, cured: int = 8) -> str:
    return "; ".join(complaints(before, after, [(cured, cured)], python=True))


def test_a_cure_is_no_damage() -> None:
    assert said(BEFORE.replace(b"md5(url)", b"md5(url, usedforsecurity=False)")) == ""


def test_a_cure_with_its_imports_is_no_damage() -> None:
    after = BEFORE.replace(b"hashlib.md5(url)", b"digests.weak(url)").replace(b"import hashlib", b"import digests")
    assert said(after) == ""
    assert said(after.replace(b"import json  # noqa: F401\n", b"")) == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param(b"return key(url)", b"return key(url)  ", "lines 15 to 15 changed", id="spaces at an end"),
        pytest.param(b"key(url)\n", b"key(url)\n\n", "", id="a blank line more: only lines with words are asked about"),
        pytest.param(b"return key(url)", b"return key(self)", "the statement on line 15", id="an expression"),
        pytest.param(b'return ""', b"return ''", "lines 10 to 10 changed", id="quotes, which no tree knows of"),
        pytest.param(b"# what it is for\n", b"", "the comment on line 5 is gone", id="a comment on its own"),
        pytest.param(b"  # never mind", b"", "the comment on line 7 is gone", id="a comment at an end"),
        pytest.param(b"class Cache:", b"class Cache(dict):", "the head of the statement on line 13", id="a header"),
        pytest.param(
            b"if url:", b"if not url:", "the head of the statement on line 7", id="the test of an if around the cure"
        ),
        pytest.param(b'    return ""\n', b"", "lines 10 to 10 changed", id="a statement gone"),
        pytest.param(b"\nclass", b"print()\n\nclass", "changed, and no cure is there", id="a statement more"),
    ],
)
def test_damage(old: bytes, new: bytes, complaint: str) -> None:
    after = BEFORE.replace(old, new)
    assert after != BEFORE
    assert complaint in said(after)
    assert bool(complaint) == bool(said(after))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        pytest.param(b"\xef\xbb\xbfx = 1\n", b"x = 1\n", "BOM", id="BOM lost"),
        pytest.param(b"# coding: latin-1\nx = 1\n", b"# coding: utf-8\nx = 1\n", "encoding", id="cookie changed"),
        pytest.param(b"x = 1\r\ny = 2\r\n", b"x = 1\r\ny = 3\n", "line ending", id="CRLF lost"),
        pytest.param(b"x = 1\r\ny = 2\n", b"x = 1\ny = 2\n", "mixed line endings", id="one of two endings lost"),
        pytest.param(b"x = 1", b"x = 1\n", "last line", id="newline at the end gained"),
        pytest.param(b"x = 1\n", b"x = 1", "last line", id="newline at the end lost"),
    ],
)
def test_form(before: bytes, after: bytes, complaint: str) -> None:
    assert complaint in "; ".join(complaints(before, after, [(1, 2)], python=True))
    assert complaints(before, before, [], python=True) == []


def test_compiles_says_why_not() -> None:
    assert compiles(b"x = 1\n") == ""
    assert compiles(b"return 1\n") != ""
    assert compiles(b"x = '\xff'\n") != ""
