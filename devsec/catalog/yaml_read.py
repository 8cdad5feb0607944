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
    from collections.abc import Iterable, Iterator

Scalar = str | int | float | bool | None
MAX_BYTES = 256 << 10
MAX_DEPTH = 60
# Python refuses to turn thousands of digits into an int, and JSON to write them: what is that long stays text.
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})\Z")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})\.[0-9]+\Z")
_BASED = re.compile(r"0x[0-9a-fA-F]{1,99}\Z|0o[0-7]{1,99}\Z")
_CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Node:
    """A mapping, a sequence or a scalar, and where it begins (from 1). `key` is where the key before it begins."""

    value: dict[str, Node] | list[Node] | Scalar
    source: str
    line: int
    column: int
    key: tuple[int, int] = (0, 0)

    def wrong(self, message: str, hint: str = "") -> RuleError:
        """The error for this place."""
        return RuleError(f"{self.source}:{self.line}:{self.column}: {message}", hint)

    def wrong_key(self, message: str, hint: str = "") -> RuleError:
        """The error for the key it stands under."""
        return RuleError(f"{self.source}:{self.key[0]}:{self.key[1]}: {message}", hint)

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
        raise RuleError(
            f"{source}:{_after(error.object[: error.start].decode())}: not UTF-8", "save it as UTF-8"
        ) from None
    try:
        _refuse(yaml.parse(decoded, Loader=loader), source)  # before a tree is made: making one takes stack
        composed = yaml.compose(decoded, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if "nesting depth" in (error.problem or ""):  # a newer libyaml counts for itself, and reads ahead of its events
            raise RuleError(f"{source}:{_at(mark)}: nested too deeply") from None
        raise RuleError(f"{source}:{_at(mark)}: not YAML: {error.problem or error.context}", _YAML_HINT) from None
    except yaml.reader.ReaderError as error:
        before = decoded.partition(chr(error.character))[0]
        message = f"the character U+{error.character:04X} cannot stand in YAML"
        raise RuleError(f"{source}:{_after(before)}: {message}", "as an escape in double quotes it can") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # escapes that are no character, in Python's parser
        raise RuleError(f"{source}:1:1: not YAML: {str(error).partition(chr(10))[0]}", _YAML_HINT) from None
    if composed is None:
        raise RuleError(f"{source}:1:1: empty", "a rule file holds one rule")
    return _node(composed, source)


_YAML_HINT = "quote text that holds `: `, ` #`, or starts with one of * & ! % @ ` [ { | >"


def _at(mark: Any) -> str:
    return f"{mark.line + 1}:{mark.column + 1}" if mark is not None else "1:1"


def _after(before: str) -> str:
    """The place that follows this text."""
    lines = before.split("\n")
    return f"{len(lines)}:{len(lines[-1]) + 1}"


_DEPTH = {"SequenceStartEvent": 1, "MappingStartEvent": 1, "SequenceEndEvent": -1, "MappingEndEvent": -1}


def _refuse(events: Iterable[Any], source: str) -> None:
    """RuleError for what YAML allows and a rule has no use for. Aliases could make a small file a large tree; the depth
    that exhausts a parser's stack is far beyond any rule's."""
    depth = documents = 0
    for event in events:
        kind = type(event).__name__
        message, hint = "", ""
        depth += _DEPTH.get(kind, 0)
        documents += kind == "DocumentStartEvent"
        if kind == "AliasEvent":
            message, hint = f"an alias (*{event.anchor})", "write the value out; quote text that starts with *"
        elif getattr(event, "anchor", None):
            message, hint = f"an anchor (&{event.anchor})", "leave it out; quote text that starts with &"
        elif getattr(event, "tag", None):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            message, hint = f"the tag {tag} means nothing here", "leave it out; quote text that starts with !"
        elif depth > MAX_DEPTH:
            message = "nested too deeply"
        elif documents > 1:
            message, hint = "a second document", "a rule file holds one rule; several roads are a list"
        elif kind == "ScalarEvent" and not event.value.isascii() and re.search("[\ud800-\udfff]", event.value):
            message = "half a character (U+D800 to U+DFFF)"  # the C parser refuses such an escape by itself
        if message:
            raise RuleError(f"{source}:{_at(event.start_mark)}: {message}", hint)


def _node(composed: Any, source: str, key: tuple[int, int] = (0, 0)) -> Node:
    line, column = composed.start_mark.line + 1, composed.start_mark.column + 1
    kind = type(composed).__name__
    if kind == "MappingNode":
        return Node(dict(_pairs(composed, source)), source, line, column, key)
    if kind == "SequenceNode":
        return Node([_node(item, source) for item in composed.value], source, line, column, key)
    plain = not composed.style  # None from the Python loader, "" from the C one
    return Node(_scalar(composed.value) if plain else composed.value, source, line, column, key)


def _pairs(composed: Any, source: str) -> Iterator[tuple[str, Node]]:
    seen: dict[str, int] = {}
    for key, value in composed.value:
        at = Node(None, source, key.start_mark.line + 1, key.start_mark.column + 1)
        if type(key).__name__ != "ScalarNode":
            raise at.wrong("a key must be a plain word")
        if key.tag == "tag:yaml.org,2002:merge":
            raise at.wrong("a merge key (<<)", "write the keys out")
        if key.value in seen:
            raise at.wrong(
                f"`{key.value}` stands here a second time (first on line {seen[key.value]})", "keep one of them"
            )
        seen[key.value] = at.line
        yield key.value, _node(value, source, (at.line, at.column))


def _scalar(text: str) -> Scalar:
    """A plain scalar by the core schema of YAML 1.2: `no` and `0123` are text."""
    if text.lower() in _CONSTANTS and (text.islower() or not text or text == "~"):
        return _CONSTANTS[text]
    if _INT.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    return float(text) if _FLOAT.match(text) else text
