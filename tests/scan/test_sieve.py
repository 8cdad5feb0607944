"""What is asked of thousands of files at once lets nothing go that would be found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.scan.gate import LOGIN
from devsec.scan.sieve import Sieve
from devsec.sources.source import Source
from tests.scan.kit import scanner

# Two words of which one holds the other, one that stands near another, one that may stand anywhere, and addresses.
FIND = """
- text: {regex: '(tokk_[0-9a-f]{12})', token: word}
- text: {regex: '(kk_[0-9a-f]{14})', token: dash}
- text: {regex: 'secret: ([0-9a-z]{20})', token: word, near: 'IDID[0-9A-Z]{16}'}
- text: {regex: 'plainly [0-9]{3}'}
- text: {regex: 'https?://[^\\s@]+:([^\\s@]+)@'}
"""
SCANNER = scanner(FIND)
LARGE = scanner(FIND).gate
LARGE._seen = 1 << 30
TOKENS = ["tokk_7f3a9c1e5b2d", "kk_7f3a9c1e5b2d84", "secret: 0a1b2c3d4e5f6g7h8i9j", "IDID0123456789ABCDEF"]
PIECES = [
    *(
        "tokk_",
        "kk_",
        "0123456789ab",
        "01",
        "secret: ",
        "plainly 123",
        "plainly ",
        "https://",
        "a:b",
        "@",
        "\n",
        " ",
        "-",
    ),
    *(
        '"',
        "'",
        '" "',
        '"\n    "',
        "' + '",
        '"""',
        'b"',
        '"x" + ',
        "x = (",
        ")",
        "\\n",
        "\\x20",
        "%3D",
        "é",
        "_",
        "a",
        "\\",
    ),
]


@given(st.lists(st.sampled_from(TOKENS + PIECES), max_size=14).map("".join), st.sampled_from(["a.py", "a.txt"]))
@pytest.mark.parametrize("around", ["", 'x = "%s"\n'])
def test_what_is_found_is_let_through(around: str, text: str, path: str) -> None:
    data = (around % text if around else text).encode()
    found = SCANNER.scan(Source(path, data), ("probe",))
    if isinstance(found, tuple) and found:
        assert LARGE.hits(data, path) == ("probe",)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'x = "tokk_7f3a" "9c1e5b2d"', id="goes on in the next literal"),
        pytest.param(b'x = "tokk_7f3a" \\\n  "9c1e5b2d"', id="on the next line"),
        pytest.param(b'x = "tokk_7f3a" "" \'\' "9c1e5b2d"', id="after an empty one"),
        pytest.param(b'x = "tokk_7f3a" """9c1e5b2d"""', id="in three quotes"),
        pytest.param(b'x = "tokk_7f3a" "\\x39c1e5b2d"', id="with an escape"),
        pytest.param(b'x = "\\x20tokk_7f3a" + "9c1e5b2d"', id="after an escape"),
        pytest.param(b"x = 'a%3Dtokk_7f3a9c1e5b2d'", id="after an escape of an address"),
        pytest.param(b"\xe9tokk_7f3a9c1e5b2d", id="after a letter that is no UTF-8"),
        pytest.param(
            "# coding: cp932\nx = '\u30a2tokk_7f3a9c1e5b2d'".encode("cp932"), id="after a character with an A in it"
        ),
        pytest.param("# coding: iso2022_jp\nx = '\u30a2tokk_7f3a9c1e5b2d'".encode("iso2022_jp"), id="after a switch"),
    ],
)
def test_odd_places_of_a_token(data: bytes) -> None:
    assert SCANNER.scan(Source("a.py", data), ("probe",)) or b"\xe9" in data
    assert LARGE.hits(data, "a.py") == ("probe",)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"import tokk_; tokk_.path(1)", id="a short word"),
        pytest.param(b"x = 'the tokk_path' ' that goes on'", id="the end of a line of text"),
        pytest.param(b'def f():\n    """The tokk_path."""\n    return 1', id="the end of a docstring"),
        pytest.param(b"atokk_7f3a9c1e5b2d", id="the end of a word"),
        pytest.param(b"secret: 0a1b2c3d4e5f6g7h8i9j", id="nothing near it"),
        pytest.param(b"https://a\n:b@c", id="an address that ends in its line"),
    ],
)
def test_let_go(data: bytes) -> None:
    assert LARGE.hits(data, "a.py") == ()


WORDS = ["tokk_", "kk_", "secret", "IDID", "plainly "]


@given(st.lists(st.sampled_from([*WORDS, "0123456789abcdef", " ", "://", "@", "\n", '"']), max_size=10).map("".join))
def test_which_words_are_told(text: str) -> None:
    sieve = Sieve(WORDS[:2], [*WORDS[2:4], LOGIN], WORDS[4:])
    there = sieve.words_in(text.encode())
    assert there <= {word for word in WORDS if word in text} | {LOGIN}
    assert (LOGIN in there) is any("@" in line.partition("://")[2] for line in text.split("\n") if "://" in line)
    if any(word in text for word in WORDS[2:4]):
        assert there >= {word for word in WORDS[2:] if word in text}


def test_without_any_word_all_is_let_go() -> None:
    assert Sieve((), (), ()).words_in(b"anything") == set()
