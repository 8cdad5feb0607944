"""Do editors and the loader agree on what a rule is? Asked of a real validator."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Repo
from jsonschema import Draft202012Validator

from devsec.catalog import agreed, schema
from devsec.catalog.bundled import BY_DEVSEC, bundled
from devsec.catalog.json_schema import of_a_pack, of_a_rule, of_roads
from devsec.catalog.pack import _pack
from devsec.catalog.schema import roads_from, rule_from
from devsec.catalog.yaml_read import Node, read
from devsec.errors import RuleError

RULE, ROADS, PACK = (Draft202012Validator(made()) for made in (of_a_rule, of_roads, of_a_pack))
FILES = sorted(Path(bundled()).rglob("*.yaml"))
SMALL: dict[str, Any] = {
    "id": "a-rule", "title": "T", "cwe": "CWE-1", "severity": "high", "confidence": "high", "level": "block", "why": "Because.",
    "find": {"call": "m.f", "args": {"x": {"at": 0, "is": 1}}},
    "fix": {"title": "Cure", "safety": "safe", "call": "m.g", "args": {"drop": ["x"]}},
    "inside": {"function": "f"}, "when": {"exposure": "public", "level": "warn"},
    "examples": [{"bad": "x", "good": "y"}, {"fine": "z"}],
}  # fmt: skip
PACKED: dict[str, Any] = {
    "pack": "acme", "title": "T",
    "rules": {"weak-hash": {"level": "block", "final": True}, "acme/x": {"deprecated": "y", "when": [{"level": "note", "data": "none"}]}},
    "roads": {"secret.get": {"final": True}},
}  # fmt: skip


def node(value: Any) -> Node:
    """As the YAML of it would be read: JSON is YAML."""
    return read(json.dumps(value).encode(), "a-rule.yaml")


def refused(value: Any) -> bool:
    try:
        rule_from(node(value))
    except RuleError:
        return True
    return False


@pytest.mark.parametrize("made", [of_a_rule, of_roads, of_a_pack])
def test_they_are_schemas(made: Any) -> None:
    Draft202012Validator.check_schema(made())
    assert made()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_shipped_file_is_valid() -> None:
    assert len(FILES) > 200
    for file in FILES:
        read_as = read(file.read_bytes(), str(file))
        value = read_as.plain()
        of_road = isinstance(value, list) or "road" in value
        errors = [error.message for error in (ROADS if of_road else RULE).iter_errors(value)]
        if file.stem in BY_DEVSEC and "find" not in value:
            assert errors  # a rule of somebody else's without a `find` does not load either
        else:
            assert not errors, f"{file}: {errors}"


def test_what_is_small_is_valid_in_both() -> None:
    assert RULE.is_valid(SMALL)
    assert not refused(SMALL)
    assert PACK.is_valid(PACKED)
    assert _pack(node(PACKED), None).name == "acme"


def mappings(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where mappings stand whose keys are the language's, not the author's."""
    if isinstance(value, dict):
        if path[-1:] not in (("args",), ("rules",), ("roads",)) or "drop" in value:
            yield path
        for key, one in value.items():
            yield from mappings(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from mappings(one, (*path, number))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


@pytest.mark.parametrize("path", list(mappings(SMALL)), ids=str)
def test_an_unknown_key_is_refused_by_both(path: tuple[Any, ...]) -> None:
    changed = copy.deepcopy(SMALL)
    at(changed, path)["sevrity"] = "x"
    assert refused(changed)
    assert not RULE.is_valid(changed)


def test_an_unknown_key_in_every_shipped_rule_is_refused_by_both() -> None:
    for file in FILES:
        value = read(file.read_bytes(), str(file)).plain()
        if not isinstance(value, dict) or "road" in value or "find" not in value:
            continue
        find = value["find"]
        for changed in (
            {**value, "foo": 1},
            {**value, "find": [*(find if isinstance(find, list) else [find]), {"foo": 1}]},
        ):
            assert refused(changed), file
            assert not RULE.is_valid(changed), file


@pytest.mark.parametrize("key", ["id", "title", "cwe", "severity", "confidence", "level", "why", "find", "examples"])
def test_what_is_required_is_required_by_both(key: str) -> None:
    changed = {name: value for name, value in SMALL.items() if name != key}
    assert refused(changed)
    assert not RULE.is_valid(changed)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("id",), "A Rule"), (("cwe",), "295"), (("severity",), "hihg"), (("level",), True), (("title",), " "), (("why",), 5),
        (("find",), []), (("find",), {}), (("find",), {"call": "m.f", "method": "g"}), (("find",), {"call": "m.f", "left": {"is": 1}}),
        (("find",), {"compare": "="}), (("find",), {"text": {"entropy": 3}}), (("find",), {"string": {}}),
        (("find",), {"setting": {"formats": ["yaml"]}}), (("find",), {"setting": {"names": True}, "value": {"dynamic": True}}),
        (("find",), {"setting": {"names": True}, "value": {"not": {"kind": "list"}}}),
        (("find", "args", "x"), {}), (("find", "args", "x"), {"missing": False}), (("find", "args", "x"), {"at": -1, "is": 1}),
        (("find", "args", "x"), {"kind": "lst"}), (("find", "args"), {}), (("find",), {"text": {"regex": "abc", "proof": "nope"}}),
        (("fix", "safety"), "sure"), (("fix", "args"), {"set": {"x": {"with": {"a": "b"}}}}), (("fix", "delete"), False),
        (("examples",), []), (("examples", 0), {"bad": "x", "fine": "y"}), (("examples", 0), {"good": "x"}),
        (("when",), {"level": "warn"}), (("when",), {"exposure": "all", "level": "warn"}), (("final",), False), (("stage",), "on"),
        (("block_from",), "soon"), (("deprecated",), "Not An Id"), (("inside",), {}), (("inside",), {"scope": "file"}),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_wrong_for_both(path: tuple[Any, ...], value: Any) -> None:
    changed = copy.deepcopy(SMALL)
    at(changed, path[:-1])[path[-1]] = value
    assert refused(changed)
    assert not RULE.is_valid(changed)


@pytest.mark.parametrize(
    "changed",
    [
        {**PACKED, "rule": {}}, {"pack": "acme"}, {**PACKED, "pack": "Acme"}, {**PACKED, "rules": {"weak-hash": {}}},
        {**PACKED, "rules": {"weak-hash": {"levle": "block"}}}, {**PACKED, "rules": {"Weak Hash": {"level": "block"}}},
        {**PACKED, "roads": {"secret.get": {"final": False}}}, {**PACKED, "roads": {"secret.get": {}}},
    ],
    ids=str,
)  # fmt: skip
def test_packs_are_refused_by_both(changed: Any) -> None:
    with pytest.raises(RuleError):
        _pack(node(changed), None)
    assert not PACK.is_valid(changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"road": "a.b", "title": "T"},
        {"road": "A b", "title": "T", "call": "f()"},
        {"road": "a", "title": "T", "call": "f()", "x": 1},
        [],
    ],
    ids=str,
)
def test_roads_are_refused_by_both(changed: Any) -> None:
    with pytest.raises(RuleError):
        roads_from(node(changed))
    assert not ROADS.is_valid(changed)


def test_every_key_is_described() -> None:
    """What an editor shows beside a key it offers."""

    def every(made: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(made, dict):
            yield from made.get("properties", {}).items()
        for one in made.values() if isinstance(made, dict) else made if isinstance(made, list) else ():
            yield from every(one)

    names = set()
    for made in (of_a_rule(), of_roads(), of_a_pack()):
        for key, one in every(made):
            names.add(key)
            assert "description" in one or key in ("name", "value"), key
    assert {*schema._RULE_KEYS, *schema._TEST_KEYS, *schema._CURE_ARGS, *agreed.TERMS_KEYS} <= names


def test_the_command_prints_them(repo: Repo) -> None:
    assert json.loads(repo.devsec("rules", "schema").stdout) == of_a_rule()
    assert json.loads(repo.devsec("rules", "schema", "--roads").stdout) == of_roads()
    assert json.loads(repo.devsec("rules", "schema", "--pack").stdout) == of_a_pack()
    done = repo.devsec("rules", "schema", "--packs")
    assert done.returncode == 2
    assert "--pack" in done.stderr
