"""What does a pack say? `pack.yaml` at the top of a folder: what it is called, and what it wants of rules and roads, its own
and others'. docs/packs.md is the reference."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from devsec import brought
from devsec.catalog.agreed import RULE_ID, TERMS_KEYS
from devsec.catalog.here import NAME, PACK, Installed
from devsec.catalog.scalars import mapping, optional, text, true
from devsec.catalog.yaml_read import Node, read
from devsec.errors import ConfigError, RuleError
from devsec.record import Record

_KEYS = ("pack", "title", "docs", "rules", "roads")
_RULE_KEYS = ("level", *TERMS_KEYS)
_ROAD_KEYS = ("final",)


class Pack(Record):
    """`rules` are the mapping about each rule, not read any further: what it means depends on what others said. `roads` are
    where each road that is locked is named. `installed` is None for a folder of the repository."""

    name: str
    title: str
    docs: str
    file: str
    rules: Mapping[str, Node]
    roads: Mapping[str, Node]
    installed: Installed | None = None


def pack_in(folder: Path, installed: Installed | None = None) -> Pack | None:
    """The pack a folder is; None when it is just a folder. Raises RuleError with the place of what is wrong."""
    file = folder / PACK
    if not os.path.lexists(file):
        if (folder / "pack.yml").exists():
            raise RuleError(f"{folder / 'pack.yml'}:1:1: a pack is told by pack.yaml", "call it pack.yaml")
        if installed is not None:
            raise ConfigError(f"{folder}: the pack {installed.name!r} has no {PACK}", "Install it anew.")
        return None
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
        raise RuleError(f"{file}:1:1: a link that leads out of {folder}", "put the file itself there")
    try:
        node = read(brought.read(str(file)), str(file))
    except OSError as error:
        raise RuleError(f"{file}:1:1: cannot be read: {error.strerror}", "put a file there that you may read") from None
    return _pack(node, installed)


def _pack(node: Node, installed: Installed | None) -> Pack:
    keys = mapping(node, _KEYS, ("pack", "title"), "a pack")
    name = text(keys["pack"])
    if not re.fullmatch(NAME, name):
        raise keys["pack"].wrong(f"`{name}` is no name for a pack", "lower-case words with dashes, such as acme")
    if installed is not None and name != installed.name:
        raise keys["pack"].wrong(
            f"the pack calls itself `{name}`, and its entry point in {installed.file} `{installed.name}`",
            "one name in both",
        )
    rules = {}
    for id, value in _entries(keys, "rules"):
        if not RULE_ID.fullmatch(id):
            raise value.wrong_key(f"`{id}` is no rule id", "such as weak-hash, or acme/no-raw-requests")
        said = mapping(value, _RULE_KEYS, (), "what is said about a rule")
        if not said:
            raise value.wrong("nothing is said about it", f"one of {', '.join(_RULE_KEYS)}")
        rules[id] = value
    roads = {}
    for road, value in _entries(keys, "roads"):
        true(mapping(value, _ROAD_KEYS, _ROAD_KEYS, "what is said about a road")["final"])
        roads[road] = value
    return Pack(name, text(keys["title"]), optional(keys, "docs"), node.source, rules, roads, installed)


def _entries(keys: Mapping[str, Node], key: str) -> list[tuple[str, Node]]:
    if key not in keys or keys[key].value is None:
        return []
    node = keys[key]
    if not isinstance(node.value, dict):
        raise node.wrong(f"`{key}` is a mapping", "from the name of each to what is said about it")
    return list(node.value.items())
