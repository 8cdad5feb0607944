from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.errors import FixError
from devsec.sources.decode import Text, decode, encode
from devsec.sources.source import Skipped, Source, is_binary

BOM = codecs.BOM_UTF8


def text_of(data: bytes, path: str = "a.py") -> Text:
    text = decode(Source(path, data))
    assert isinstance(text, Text), text
    return text


def reason(data: bytes, path: str = "a.py") -> str:
    skipped = decode(Source(path, data))
    assert isinstance(skipped, Skipped), skipped
    assert skipped.path == path
    return skipped.reason


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        pytest.param(b"", "", "utf-8", id="empty"),
        pytest.param(b"a = 1\r\nb\rc\n\x0c", "a = 1\r\nb\rc\n\x0c", "utf-8", id="line endings stay"),
        pytest.param("é = 1\n".encode(), "é = 1\n", "utf-8", id="utf-8"),
        pytest.param(BOM + b"a\n", "a\n", "utf-8", id="bom"),
        pytest.param(BOM + b"# coding: utf8\n", "# coding: utf8\n", "utf-8", id="bom and cookie agree"),
        pytest.param(b"# coding: latin-1\n# \xe9\r\n", "# coding: latin-1\n# é\r\n", "latin-1", id="latin-1"),
        pytest.param(
            b"# -*- coding: latin-1-unix -*-\n'\xe9'", "# -*- coding: latin-1-unix -*-\n'é'", "latin-1", id="emacs"
        ),
        pytest.param(
            b"#!/bin/x\n# coding=cp1252\n# \x80", "#!/bin/x\n# coding=cp1252\n# €", "cp1252", id="second line"
        ),
        pytest.param(b"\r# coding=cp1252\r# \x80", "\r# coding=cp1252\r# €", "cp1252", id="lone cr"),
        pytest.param(b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n", "utf-8", id="second line after code"),
        pytest.param(b"\n\n# coding: latin-1\n", "\n\n# coding: latin-1\n", "utf-8", id="third line"),
        pytest.param(b"x = '# coding: nope'\n", "x = '# coding: nope'\n", "utf-8", id="no comment"),
        pytest.param(b"# coding: utf-8-unix\n", "# coding: utf-8-unix\n", "utf-8", id="utf-8 by emacs"),
        pytest.param(
            "# coding: shift_jis\n# 日本".encode("shift_jis"), "# coding: shift_jis\n# 日本", "shift_jis", id="sjis"
        ),
        pytest.param("# coding: euc-jp\n日 = 1".encode("euc-jp"), "# coding: euc-jp\n日 = 1", "euc_jp", id="euc-jp"),
    ],
)
def test_python_and_back(data: bytes, text: str, encoding: str) -> None:
    found = text_of(data)
    assert (found.text.decode("utf-8"), found.encoding) == (text, encoding)
    assert encode(found.text, found) == data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"a = 1\nb = '\xe9'\n", "Line 2", id="not utf-8"),
        pytest.param(BOM + b"a\n\n'\xe9'\n", "Line 3", id="bom but not utf-8"),
        pytest.param(BOM + b"# coding: latin-1\n", "latin-1", id="bom and cookie disagree"),
        pytest.param(b"# coding: klingon\n", "klingon", id="unknown"),
        pytest.param(b"# coding: rot13\n", "rot13", id="no encoding of text"),
        pytest.param(b"# coding: hex\n", "hex", id="bytes to bytes"),
        pytest.param(b"# coding: utf-16\n", "utf-16", id="contradicts itself"),
        pytest.param(b"# -*- coding: punycode -*-\nx-", "punycode", id="punycode"),
        pytest.param(b"# coding: ascii\n#\xe9\n", "Line 2", id="not ascii"),
        pytest.param(b"# coding: cp1252\n\n#\x81\n", "Line 3", id="hole in the code page"),
        pytest.param(b"# coding: utf-7\n'+2AA-'\n", "utf-7", id="lone surrogate"),
        pytest.param(b"a\nb\0\n", "NUL byte on line 2", id="nul"),
        pytest.param(codecs.BOM_UTF16_LE + "a = 1\n".encode("utf-16-le"), "utf-16-le", id="utf-16"),
    ],
)
def test_python_that_python_cannot_read(data: bytes, said: str) -> None:
    assert said in reason(data)


def test_python_agrees_on_what_it_cannot_read() -> None:
    """The rows above are Python's rules, not ours: ask Python."""
    for data in (
        b"b = '\xe9'\n",
        BOM + b"# coding: latin-1\n",
        b"# coding: klingon\n",
        b"# coding: ascii\n#\xe9\n",
        b"b\0",
    ):
        with pytest.raises((SyntaxError, ValueError)):
            compile(data, "a.py", "exec")


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        pytest.param("clé: é\n".encode(), "clé: é\n", "utf-8", id="utf-8"),
        pytest.param(BOM + "é".encode(), "é", "utf-8", id="utf-8 bom"),
        pytest.param(b"\xe9\x80\n", "é\x80\n", "latin-1", id="latin-1"),
        pytest.param(BOM + b"\xe9", "é", "latin-1", id="bom but not utf-8"),
        pytest.param(codecs.BOM_UTF16_LE + "é\r\n".encode("utf-16-le"), "é\r\n", "utf-16-le", id="utf-16-le"),
        pytest.param(codecs.BOM_UTF16_BE + "é😀".encode("utf-16-be"), "é😀", "utf-16-be", id="utf-16-be"),
        pytest.param(codecs.BOM_UTF32_LE + "é".encode("utf-32-le"), "é", "utf-32-le", id="utf-32-le"),
        pytest.param(codecs.BOM_UTF32_BE + "é".encode("utf-32-be"), "é", "utf-32-be", id="utf-32-be"),
        pytest.param(b"# coding: klingon\n", "# coding: klingon\n", "utf-8", id="a cookie means nothing here"),
    ],
)
def test_other_text_and_back(data: bytes, text: str, encoding: str) -> None:
    found = text_of(data, "a.yaml")
    assert (found.text.decode("utf-8"), found.encoding) == (text, encoding)
    assert encode(found.text, found) == data


def test_broken_utf16_is_said() -> None:
    assert "utf-16-le" in reason(codecs.BOM_UTF16_LE + b"a", "a.txt")


def test_script_without_suffix_is_python() -> None:
    assert text_of(b"#!/usr/bin/env python3\n# coding: latin-1\n#\xe9", "bin/tool").encoding == "latin-1"


def test_an_edit_in_the_files_own_encoding() -> None:
    like = text_of(b"# coding: latin-1\n# \xe9\n")
    assert encode(like.text + "ü = 1\n".encode(), like) == b"# coding: latin-1\n# \xe9\n\xfc = 1\n"


def test_a_character_the_encoding_lacks() -> None:
    like = text_of(b"# coding: latin-1\n")
    with pytest.raises(FixError, match=r"U\+20AC"):
        encode(like.text + "€".encode(), like)


def test_a_file_that_would_not_come_back() -> None:
    data = b"# coding: utf-7\n'+AGE-'\n"  # an `a`, the long way round
    like = text_of(data)
    assert like.text.endswith(b"'a'\n")
    with pytest.raises(FixError, match=r"utf[-_]7"):
        encode(like.text, like)


@pytest.mark.parametrize("path", ["a.py", "a.txt"])
@given(
    data=st.binary(max_size=60),
    start=st.sampled_from([b"", BOM, b"# coding: cp1252\n", b"# coding: gbk\n", b"\xff\xfe", b"\xff\xfe\0\0"]),
)
def test_what_decodes_comes_back(path: str, data: bytes, start: bytes) -> None:
    found = decode(Source(path, start + data))
    if isinstance(found, Text):
        found.text.decode("utf-8")
        if found.exact:
            assert encode(found.text, found) == start + data


@pytest.mark.parametrize(
    ("data", "binary"),
    [
        pytest.param(b"", False, id="empty"),
        pytest.param(b"text \xe9", False, id="text"),
        pytest.param(b"\x89PNG\0", True, id="nul"),
        pytest.param(b"a" * 7999 + b"\0", True, id="nul at the edge"),
        pytest.param(b"a" * 8000 + b"\0", False, id="nul past the edge"),
        pytest.param(codecs.BOM_UTF16_LE + b"a\0", False, id="utf-16"),
        pytest.param(codecs.BOM_UTF32_BE + b"\0\0\0a", False, id="utf-32"),
        pytest.param(BOM + b"\0", True, id="utf-8 bom and nul"),
    ],
)
def test_is_binary(data: bytes, binary: bool) -> None:
    assert is_binary(data) is binary
