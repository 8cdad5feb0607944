"""The look at the bytes near the name of a secret never passes over what the readers of settings find."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.scan import near_name
from devsec.scan.formats.by_name import long_enough
from devsec.scan.near_name import could_hold_secret
from devsec.scan.settings import Unreadable, settings
from devsec.scan.strength import judge

STRONG = "qZ7fX2mB9vKd4LwRt6HsJ1nPc8Yg3GuE"
PASSWORD = "kT7-vmQ2xw"


@pytest.mark.parametrize(
    "source",
    [
        f'password = "{PASSWORD}"',
        f"password = b'{PASSWORD}'",
        f'password = """{PASSWORD}"""',
        f'password = "\\x6b{PASSWORD[1:]}"',
        f'password = "{STRONG[:16]}" \\\n    "{STRONG[16:]}"',
        f'password = (\n    "{STRONG[:6]}"  # one "half"\n    r"{STRONG[6:12]}" # and\n    "{STRONG[12:18]}"\n)',
        'password = "a\'b" "kT7-vmQ2xw"',
        f'password = "{PASSWORD}\\\\"',
        f'password = r"{PASSWORD}\\\n"',
        f'password = "{STRONG[:16]}\\\r\n{STRONG[16:]}"',
        'connect("it\'s", password="kT7-vmQ2\\"xw")',
        f'auth = "Bearer {STRONG}"',
        'token = "xkqz wvbt jhfm plrd"',
        'dsn = "host=db user=app password=kT7-vmQ2xw"',
        'conn = "Server=db;Database=x;Pwd=kT7-vmQ2xw;"',
        f'dsn = "postgres://app:{PASSWORD}@db.corp/x"',
        f'key = """-----BEGIN RSA PRIVATE KEY-----\n{STRONG * 6}\n-----END RSA PRIVATE KEY-----"""',
        'password = "unterminated\nx = "kT7-vmQ2xw"',
    ],
)
def test_found(source: str) -> None:
    assert could_hold_secret(source.encode())


@pytest.mark.parametrize(
    "source",
    [
        f'name = "{STRONG}"',
        'password = "hunter"',
        'key = "sha256_crypt", "utf-8 text"',
        'raise AuthError("the token expired in 2019, ask for another one")',
        'KEY = re.compile(r"^[\\w/:+-]+$")',
        f'password = f"{PASSWORD}{{x}}"'.replace(PASSWORD, "ab1"),
        f'password = {" " * 400}"{PASSWORD}"',
        '"""Keys.\n\nA docstring about tokens, of 3 lines.\n"""\nimport x',
        'password = "\\x41\\n 12 lines of text"',
    ],
)
def test_passed_over(source: str) -> None:
    assert not could_hold_secret(source.encode())


# Of any characters hardly a text in a hundred is strong; of these most are.
DRAWN = st.text(string.ascii_letters + string.digits + "-_+/=.!@#%", min_size=8, max_size=40)
ODD = st.text("\\\"'{} \t\n\u00e9" + string.ascii_letters + string.digits, max_size=40)
WRITTEN: list[Callable[[str], str]] = [
    repr,
    lambda value: f'r"{value}"',
    lambda value: f'("{value[:9]}"\n    "{value[9:]}")',
]


@given(st.one_of(DRAWN, st.builds(str.__add__, DRAWN, ODD), st.builds(str.__add__, ODD, DRAWN)), st.sampled_from(WRITTEN))  # fmt: skip
def test_what_is_strong_is_never_passed_over(value: str, written: Callable[[str], str]) -> None:
    source = f"import os\nsecret = {written(value)}\n"
    read = settings("a.py", source.encode())
    found = () if isinstance(read, Unreadable) else read
    # What is no Python is read by its lines, and a value without quotes is not asked for there (formats/by_name.py).
    values = [one for one in found if one.format == "python" and long_enough(one.value)]
    if any(judge(one.value, one.name).at_least("strong") for one in values):
        assert could_hold_secret(source.encode())


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("password = " + '"" ' * 60_000, id="empty literals"),
        pytest.param("password = " + '"key" ' * 60_000, id="literals side by side"),
        pytest.param("password = '" + "\\'" * 60_000, id="quotes that are none"),
        pytest.param("".join(f'"key{i}": "abcd{i}efgh",\n' for i in range(6_000)), id="thousands of literals"),
    ],
)
def test_what_would_take_longer_than_a_tree_is_read_by_one(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    follows = near_name._FOLLOWS

    class Counted:
        def match(self, *args: Any) -> Any:
            nonlocal steps
            steps += 1
            assert steps < 100_000, "read for longer than anybody waits"
            return follows.match(*args)

    monkeypatch.setattr(near_name, "_FOLLOWS", Counted())
    assert could_hold_secret(source.encode())


PIECES = [
    *("key", "\"", "'", '"""', "abcdefg1", "x", " ", "    ", "\n", "\r\n", "\\", "\\\n", "#", ",", ")", "+", "b", "rb", "f", "f'", "in ", "and"),
    *("é", "\t", "\f", "\0", "%"),
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_a_simple_literal_is_read_as_any_other(text: str) -> None:
    data = f"key = {text}".encode()
    quick = near_name._literals(data)
    with patch.object(near_name, "_SIMPLE", re.compile(rb"[^\s\S]")):
        assert quick == near_name._literals(data)
