"""Where does a configuration say something? Compared with what a TOML parser reads."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from devsec.config_lines import lines, prefix

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

TEXT = '''rules = ["a"]  # [not, this]
exclude = [
  "one",  # [nor this]
  "two",
]
[levels]
"acme/x" = "warn"
y.z = 3
[[context]]
paths = ["a/**",
 "b"]
exposure = "public"
[[context]]
because = """two
lines"""
labels = ["q"]
[context.more]
x = 1
[fix]
apply = [["k"], {a = 1, b = [2, {c = 3}]}, "z"]
d = 2027-03-01
'''


def paths(value: Any, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {at} if at else set()
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found |= paths(one, (*at, key))
    return found


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_place(ending: str) -> None:
    found = lines(TEXT.replace("\n", ending))
    assert set(found) | {("context",)} == paths(tomllib.loads(TEXT))
    assert found["exclude", 1] == 4
    assert found["levels", "acme/x"] == 7
    assert (found["context", 0], found["context", 0, "paths", 1], found["context", 0, "exposure"]) == (9, 11, 12)
    assert (found["context", 1, "labels", 0], found["context", 1, "more", "x"]) == (16, 18)
    assert found["fix", "apply", 1, "b", 1, "c"] == 20


def test_tables_in_one_line() -> None:
    text = 'context = [\n {paths = ["x"], data = "none"},\n {paths = ["y"],\n exposure = "public"}]\n'
    found = lines(text)
    assert (found["context", 0, "data"], found["context", 1], found["context", 1, "exposure"]) == (2, 3, 4)


def test_what_is_no_toml_gives_what_was_read() -> None:
    assert lines('a = "b\nc = 1') == {("a",): 1}
    assert lines("]]}}[[\n,=") is not None


def test_under_which_keys() -> None:
    assert (prefix("devsec.toml"), prefix("pyproject.toml")) == ((), ("tool", "devsec"))
