"""A token drawn at random from what somebody typed to have one; the chances stand beside each test in drawn.py."""

from __future__ import annotations

from random import Random
from string import ascii_lowercase, ascii_uppercase, digits

import pytest

from devsec.scan.drawn import is_drawn

WORD = ascii_lowercase + ascii_uppercase + digits + "-_"
RANDOM = Random(7)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("glpat-" + "python-gitlab-token_", id="words and dashes"),
        pytest.param("glpat-" + "a_token_of_a_runner_", id="words and underscores"),
        pytest.param("ghp_" + "abcdefghij" * 3 + "abcdef", id="the alphabet"),
        pytest.param("ghp_" + "x" * 36, id="one letter"),
        pytest.param("AIza" + "SyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI", id="in the address of every Chat webhook"),
    ],
)
def test_what_is_made_up_or_printed_is_not_drawn(token: str) -> None:
    assert not is_drawn(token)


@pytest.mark.parametrize(
    ("prefix", "alphabet", "length"),
    [
        ("glpat-", WORD, 20),
        ("mdb_sa_sk_", WORD, 40),
        ("oy2", ascii_lowercase + "234567", 43),
        ("glcbt-af_", WORD[:-2], 20),
    ],
)
def test_hardly_any_that_is_drawn_looks_made_up(prefix: str, alphabet: str, length: int) -> None:
    tokens = [prefix + "".join(RANDOM.choices(alphabet, k=length)) for _ in range(5000)]
    assert sum(not is_drawn(token) for token in tokens) <= 5
