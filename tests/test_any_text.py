"""Whatever stands in a configuration or a pack.yaml: it is taken, or refused by a sentence. Never another exception."""

from __future__ import annotations

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from devsec.catalog.pack import _pack
from devsec.catalog.yaml_read import read
from devsec.config import KEYS, of_texts, parse
from devsec.contexts import KEYS as CONTEXT
from devsec.errors import ConfigError, RuleError
from devsec.ignored import KEYS as IGNORE

WORDS = st.sampled_from(
    [
        "",
        "old",
        "*",
        "../x",
        "/",
        "**/a",
        "public",
        "none",
        "test",
        "warn",
        "fix-later(2027-02-30)",
        "\x1b[31m",
        "\0",
        "a" * 5000,
    ]
)
LEAVES = st.one_of(
    WORDS, st.text(max_size=8), st.integers(), st.integers(10_000, 10_010).map(lambda n: 16**n), st.floats(), st.booleans(), st.dates(),
    st.just(datetime.datetime(2027, 1, 1)),
)  # fmt: skip
NAMES = st.one_of(st.sampled_from([*KEYS, *CONTEXT, *IGNORE, "apply"]), st.text(max_size=5))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)
ENTRY = st.dictionaries(
    st.sampled_from([*CONTEXT, *IGNORE]), st.one_of(VALUES, st.lists(WORDS, max_size=3)), max_size=4
)
TABLE = st.dictionaries(st.sampled_from(KEYS), st.one_of(VALUES, st.lists(ENTRY, max_size=2)), max_size=4)


@settings(max_examples=150, deadline=None)
@given(TABLE)
def test_any_table(table: dict[str, object]) -> None:
    try:
        parse(table, "devsec.toml", "")
    except ConfigError as error:
        assert error.message.startswith("devsec.toml")  # noqa: PT017  (it may also be taken)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes(data: bytes) -> None:
    for text in (data, b"[tool.devsec]\n" + data):
        try:
            of_texts({"devsec.toml": text}.get)
            of_texts({"pyproject.toml": text}.get)
        except ConfigError:
            pass


TEXTS = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(str.encode),
    st.lists(
        st.sampled_from(
            ["pack: acme\n", "title: T\n", "rules: {ecb-mode: {level: off}}\n", "rules:\n", "  ecb-mode:\n", "    when: []\n", "roads: {a.b: {final: true}}\n",
             "    final: yes\n", "- a\n", "docs: &a [*a]\n", "\0", "\ufeff", "? [a]\n", "{", "!!str x: y\n", "---\n"]
        ),
        max_size=6,
    ).map(lambda parts: "".join(parts).encode()),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_any_pack(data: bytes) -> None:
    try:
        _pack(read(data, "pack.yaml"), None)
    except RuleError as error:
        assert error.message.startswith("pack.yaml:")  # noqa: PT017  (it may also be taken)
