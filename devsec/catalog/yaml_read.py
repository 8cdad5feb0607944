"""One YAML file as a tree that remembers where everything stands.

`yaml.compose` keeps scalars as they were written (`no`, `0123`) and says where each node begins; types are then decided by
YAML 1.2's core schema, so that a country code stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from devsec.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterator

Scalar = str | int | float | bool | None
MAX_BYTES = 256 << 10
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Node:
    """A mapping, a sequence or a scalar, and where it begins (both from 1; 0 when it came from the cache)."""

    value: dict[str, Node] | list[Node] | Scalar
    source: str
    line: int
    column: int

    def wrong(self, message: str, hint: str = "") -> RuleError:
        """The error for this place."""
        return RuleError(f"{self.source}:{self.line}:{self.column}: {message}", hint)

    def plain(self) -> Any:
        """Without the places: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read(text: bytes, source: str) -> Node:
    """The one document in `text`. Raises RuleError with the place."""
    import yaml  # 30 ms; a commit whose rules are in the cache does not pay them

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if len(text) > MAX_BYTES:
        raise RuleError(f"{source}:1:1: larger than {MAX_BYTES >> 10} KiB", "a rule is a page; split the file")
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        raise RuleError(f"{source}:{line}:1: not UTF-8", "save the file as UTF-8") from None
    try:
        for event in yaml.parse(decoded, Loader=loader):
            # Aliases could make a small file a large tree, and a rule has no use for them.
            if isinstance(event, yaml.AliasEvent):
                raise RuleError(f"{source}:{_at(event.start_mark)}: an alias", "write the value out")
        composed = yaml.compose(decoded, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RuleError(f"{source}:{_at(mark)}: not YAML: {error.problem or error.context}", _YAML_HINT) from None
    except (yaml.YAMLError, ValueError) as error:
        raise RuleError(f"{source}:1:1: not YAML: {str(error).splitlines()[0]}", _YAML_HINT) from None
    except RecursionError:
        raise RuleError(f"{source}:1:1: nested too deeply") from None
    if composed is None:
        raise RuleError(f"{source}:1:1: empty", "a rule file holds one rule")
    return _node(composed, source, 0)


_YAML_HINT = "quote text that holds `: `, ` #`, or starts with one of * & ! % @ ` [ { | >"


def _at(mark: Any) -> str:
    return f"{mark.line + 1}:{mark.column + 1}" if mark is not None else "1:1"


def _node(composed: Any, source: str, depth: int) -> Node:
    line, column = composed.start_mark.line + 1, composed.start_mark.column + 1
    here = Node(None, source, line, column)
    if depth > 60:
        raise here.wrong("nested too deeply")
    if composed.tag not in _TAGS:
        raise here.wrong(
            f"the tag {composed.tag.replace('tag:yaml.org,2002:', '!!')} means nothing here", "leave it out"
        )
    kind = type(composed).__name__
    if kind == "MappingNode":
        return Node(dict(_pairs(composed, source, depth)), source, line, column)
    if kind == "SequenceNode":
        return Node([_node(item, source, depth + 1) for item in composed.value], source, line, column)
    plain = not composed.style  # None from the Python loader, "" from the C one
    return Node(_scalar(composed.value) if plain else composed.value, source, line, column)


_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ["map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value"]
)


def _pairs(composed: Any, source: str, depth: int) -> Iterator[tuple[str, Node]]:
    seen: dict[str, int] = {}
    for key, value in composed.value:
        at = Node(None, source, key.start_mark.line + 1, key.start_mark.column + 1)
        if type(key).__name__ != "ScalarNode":
            raise at.wrong("a key must be a plain word")
        if key.value in seen:
            raise at.wrong(
                f"`{key.value}` stands here a second time (first on line {seen[key.value]})", "keep one of them"
            )
        seen[key.value] = at.line
        yield key.value, _node(value, source, depth + 1)


def _scalar(text: str) -> Scalar:
    """A plain scalar by the core schema of YAML 1.2: `no` and `0123` are text."""
    if text.lower() in _CONSTANTS and (text.islower() or not text or text == "~"):
        return _CONSTANTS[text]
    if _INT.match(text):
        return int(text)
    if text.startswith(("0x", "0o")):
        try:
            return int(text, 0)
        except ValueError:
            return text
    return float(text) if _FLOAT.match(text) else text
