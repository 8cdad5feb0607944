"""Is this piece of YAML the text, the list, the word that is asked for? Each raises RuleError with the place otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from devsec.catalog.rule import Constant
from devsec.catalog.yaml_read import Node
from devsec.nearest import did_you_mean

E = TypeVar("E", bound=Enum)
T = TypeVar("T")


def mapping(node: Node, known: Sequence[str], required: Sequence[str], what: str) -> dict[str, Node]:
    """Its nodes by key: no key but those `known`, all that are `required`. `what` is "a rule"."""
    if not isinstance(node.value, dict):
        raise node.wrong(f"{what} is a mapping", f"with the keys {', '.join(known)}")
    for key, value in node.value.items():
        if key not in known:
            raise value.wrong_key(f"{what} has no key `{key}`", did_you_mean(key, known))
    for key in required:
        if key not in node.value:
            raise node.wrong(f"{what} needs `{key}`", f"required: {', '.join(required)}")
    return node.value


def list_of(node: Node, what: str) -> list[Node]:
    if not isinstance(node.value, list) or not node.value:
        raise node.wrong(f"`{what}` is a list", "with at least one entry")
    return node.value


def list_or_one(node: Node, what: str) -> list[Node]:
    return list_of(node, what) if isinstance(node.value, list) else [node]


def table(node: Node, each: Callable[[Node], T], what: str) -> tuple[tuple[str, T], ...]:
    if not isinstance(node.value, dict) or not node.value:
        raise node.wrong(f"`{what}` is a mapping", "with at least one entry")
    return tuple((key, each(value)) for key, value in node.value.items())


def text(node: Node) -> str:
    if not isinstance(node.value, str) or not node.value.strip():
        raise node.wrong("text is expected here", "quote it when it looks like a number or a constant")
    return node.value


def optional(keys: Mapping[str, Node], key: str) -> str:
    if key not in keys or keys[key].value in (None, ""):
        return ""
    return text(keys[key])


def texts(node: Node) -> tuple[str, ...]:
    return tuple(text(item) for item in list_or_one(node, "text"))


def integer(node: Node) -> int:
    if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 0:
        raise node.wrong("a whole number from 0 is expected here")
    return node.value


def number(node: Node) -> float:
    if not isinstance(node.value, (int, float)) or isinstance(node.value, bool):
        raise node.wrong("a number is expected here")
    return node.value


def true(node: Node) -> bool:
    if node.value is not True:
        raise node.wrong("only `true` means something here", "leave the key out otherwise")
    return True


def constant(node: Node) -> Constant:
    if isinstance(node.value, (dict, list)):
        raise node.wrong("a constant is expected here", "true, false, null, a number or text")
    return node.value


def enum(node: Node, kind: type[E]) -> E:
    return kind(one_of(node, [member.value for member in kind]))


def one_of(node: Node, known: Sequence[str]) -> str:
    value = node.plain()
    if value not in known:
        raise node.wrong(f"`{value}` is not one of {', '.join(known)}", did_you_mean(str(value), known))
    return str(value)
