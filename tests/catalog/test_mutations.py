"""Whatever is done to a rule's file, it loads or it is refused with a place in it; nothing else ever happens."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from devsec.catalog import schema
from devsec.catalog.bundled import bundled
from devsec.catalog.codec import decode, encode
from devsec.catalog.load import load
from devsec.catalog.rule import SHAPES, Rule
from devsec.catalog.schema import resolve_roads, roads_from, rule_from
from devsec.catalog.yaml_read import read
from devsec.errors import RuleError

quick = settings(max_examples=150, deadline=None, derandomize=True)

FILES = {
    str(file.relative_to(bundled())): file.read_bytes()
    for file in sorted(Path(bundled()).rglob("*.yaml"))
    if file.parent.name != "policy"
}
ROADS = {road.name: road for road in load().roads}
KEYS = sorted(
    {
        *schema._RULE_KEYS, *schema._CONTEXT_KEYS, *SHAPES, *schema._TEST_KEYS, *schema._SURROUNDING_KEYS,
        *schema._CURE_KEYS, *schema._CURE_ARGS, *schema._EXAMPLE_KEYS, *schema._ROAD_KEYS,
    }
)  # fmt: skip
ODD = [
    "", "-", ":", "|", ">-", "{", "}", "[", "]", "{}", "[]", ",", "'", '"', "#", "&a", "*a", "!t", "!!set", "%", "@", "`",
    "?", "---", "...", "<<", "\t", "\n", "\n\n", "\r", "\0", "\x85", "\ufeff", "\ufffe", "é", "true", "null", "~", "-1",
    "1.5", "9" * 5000, "0x" + "f" * 5000, "$x", "$", "a.b()", "a()b", "{a,b}", "{" * 30, "(", "(?=x)", "\\1", "(?P<n", "*",
    "!", "**", "..", "\\", '"\\ud800"', '"\\0"', "lambda: (yield)", "f(", "if x: pass", "not " * 300, "[" * 300,
]  # fmt: skip
TOKEN = re.compile(rb"\w+|\s+|.", re.DOTALL)

tokens = st.sampled_from([*ODD, *KEYS]).map(str.encode)


def loaded(text: bytes, file: str) -> Rule | RuleError | None:
    """The rule (None for roads), or why it is refused. Anything else is a fault, and fails the test."""
    try:
        node = read(text, file)
        if isinstance(node.value, list) or (isinstance(node.value, dict) and "road" in node.value):
            roads_from(node)
            return None
        rule = resolve_roads(rule_from(node), ROADS, node)
    except RuleError as error:
        return error
    return rule


def check(text: bytes, file: str) -> None:
    found = loaded(text, file)
    if isinstance(found, RuleError):
        said = re.match(re.escape(file) + r":(\d+):(\d+): .", found.message)
        assert said, found.message
        line, column = int(said[1]), int(said[2])
        # YAML ends lines at more characters than editors do
        lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text.decode("utf-8", "replace"))
        assert 1 <= line <= len(lines) + 1, found.message
        assert 1 <= column <= max(map(len, lines)) + 1, found.message
    elif found is not None:
        assert decode(json.loads(json.dumps(encode(found))), Rule) == found


def test_as_they_are_they_load() -> None:
    assert FILES
    for file, text in FILES.items():
        assert not isinstance(loaded(text, file), RuleError)


@quick
@given(st.data())
def test_a_line(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(FILES)))
    lines = FILES[file].splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(["delete", "twice", "from elsewhere", "swap", "indent", "cut off"]))
    if how == "delete":
        del lines[at]
    elif how == "twice":
        lines.insert(other, lines[at])
    elif how == "from elsewhere":
        strange = FILES[data.draw(st.sampled_from(sorted(FILES)))].splitlines(keepends=True)
        lines[at] = data.draw(st.sampled_from(strange))
    elif how == "swap":
        lines[at], lines[other] = lines[other], lines[at]
    elif how == "indent":
        lines[at] = b"  " + lines[at]
    else:
        del lines[at:]
    check(b"".join(lines), file)


@quick
@given(st.data())
def test_a_token(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(FILES)))
    parts = TOKEN.findall(FILES[file])
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(parts) - 1))
        how = data.draw(st.sampled_from(["delete", "twice", "replace", "insert"]))
        if how == "delete":
            parts[at] = b""
        elif how == "twice":
            parts[at] *= 2
        elif how == "replace":
            parts[at] = data.draw(tokens)
        else:
            parts[at] += data.draw(tokens)
    check(b"".join(parts), file)


@quick
@given(st.sampled_from(sorted(FILES)), st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_bytes(file: str, at: int, put: bytes) -> None:
    text = FILES[file]
    at %= len(text)
    check(text[:at] + put + text[at + len(put) :], file)


VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, -1, 1.5, "", "x", "a.b", "$x", "f(", "(", "CWE-1", "high", "*", "{a,b}"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


@quick
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), st.sampled_from(["find", "fix", "examples", ""]))
def test_known_keys_in_strange_places(pieces: dict[str, object], inside: str) -> None:
    """The shape is right so far that one gets deep into the schema."""
    base: dict[str, object] = {
        "id": "a-rule", "title": "T", "cwe": "CWE-1", "severity": "high", "confidence": "high", "level": "block",
        "why": "W", "find": {"call": "m.f", "args": {"x": {"is": 1}}},
        "fix": {"title": "C", "safety": "safe", "call": "m.g"},
        "examples": [{"bad": "x", "good": "y"}, {"fine": "z"}],
    }  # fmt: skip
    if inside == "examples":
        base["examples"] = [pieces, {"fine": "z"}]
    elif inside:
        here = base[inside]
        assert isinstance(here, dict)
        base[inside] = {**here, **pieces}
    else:
        base |= pieces
    check(json.dumps(base).encode(), "a-rule.yaml")  # JSON is YAML
