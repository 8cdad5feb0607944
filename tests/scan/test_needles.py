"""Words that every match of a regex holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.scan.needles import needles

WORDS = [
    pytest.param(r"(gh[po]_[0-9A-Za-z]{36})", ("gho_", "ghp_"), True, id="a small class is spelled out"),
    pytest.param(r"(?:AKIA|ASIA)[A-Z2-7]{16}", ("AKIA", "ASIA"), True, id="alternatives"),
    pytest.param(r"SG\.[\w-]{22}\.[\w-]{43}", ("SG.",), True, id="a dot does not break the token"),
    pytest.param(r'key" [\w-]{22}', ('key" ',), False, id="a quote does"),
    pytest.param(r"-----BEGIN (?:RSA )?PRIVATE KEY-----", ("PRIVATE KEY-----",), False, id="the longest run"),
    pytest.param(r"abc_[0-9]{4}", ("abc_",), False, id="too short for a long token"),
    pytest.param(r"[\w-]{20,74}T3Blbk[\w-]{20}", ("T3Blbk",), True, id="infix"),
    pytest.param(r"(?i)abcdef", (), False, id="any case"),
    pytest.param(r"[a-z]+", (), False, id="no word"),
    pytest.param(r"(?:abc)?[0-9]+", (), False, id="a word that may be missing"),
    pytest.param(r"(?:abc|[0-9])x", (), False, id="an alternative without a word"),
    pytest.param(r"(?:tok_)+[0-9]", ("tok_",), False, id="a repeat that is there once"),
    pytest.param(r"(?=abc", (), False, id="what cannot be read says nothing"),
]


@pytest.mark.parametrize(("regex", "words", "in_token"), WORDS)
def test_words(regex: str, words: tuple[str, ...], in_token: bool) -> None:
    assert needles(regex)[:2] == (words, in_token)


STARTS = [
    pytest.param(r"(gh[po]_[0-9A-Za-z]{36})", True, id="all of the group"),
    pytest.param(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b", True, id="alternatives, after a boundary"),
    pytest.param(r"x(gh[po]_[0-9A-Za-z]{36})", False, id="something before the group"),
    pytest.param(r"[0-9A-Za-z]{14}\.atlasv1\.[0-9a-z]{60}", False, id="inside"),
    pytest.param(r"(ghp_[0-9a-z]{36}|[0-9a-z]{20}zzzz_)", False, id="one alternative of two"),
    pytest.param(r"(ghp_[0-9a-z]{36}|npm_[0-9a-z]{20})", True, id="each alternative"),
    pytest.param(r"ghp_([0-9a-z]{36})", False, id="the value comes after it"),
    pytest.param(r"(?:ghp_)?(?P<secret>[0-9a-z]{36}zzzz_)", False, id="the value holds it further on"),
]


@pytest.mark.parametrize(("regex", "starts"), STARTS)
def test_whether_the_value_begins_with_it(regex: str, starts: bool) -> None:
    assert needles(regex).starts is starts


PARTS = st.sampled_from(
    ["ab_", "cd-", "[xy]", "[0-9]{3}", "[a-z]{2,5}", "(?:foo|bar_)", "(?:foo)?", "k+", r"\.", "(abc)", "[A-F]"]
)


@given(regex=st.lists(PARTS, min_size=1, max_size=6).map("".join), data=st.data())
def test_each_match_holds_one(regex: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(regex, re.ASCII), fullmatch=True))
    words = needles(regex).words
    assert not words or any(word in text for word in words), (regex, text, words)
