"""Does a document follow a JSON schema (draft 4)? As much of it as the schema of SARIF uses; any other word is an error, so
that nothing is passed because it was not understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_TYPES: dict[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}
_FORMATS = {
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*",
    "uri-reference": r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
}
_SAY_NOTHING = {"$schema", "id", "title", "description", "default", "definitions", "properties"}


def errors(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "") -> Iterator[str]:
    """`place: what is wrong`, one after the other."""
    if "$ref" in schema:
        named = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            named = named[part]
        yield from errors(value, named, root, at)
        return
    for word, want in schema.items():
        if word not in _SAY_NOTHING:
            yield from (f"{at}: {said}" for said in _word(word, want, value, schema, root, at))
    if isinstance(value, dict):
        for name, one in value.items():
            known = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if isinstance(known, dict):
                yield from errors(one, known, root, f"{at}/{name}")
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            yield from errors(one, schema["items"], root, f"{at}/{number}")


def _word(word: str, want: Any, value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    match word:
        case "type":
            kinds = want if isinstance(want, list) else [want]
            holds = any(_TYPES[kind](value) for kind in kinds)
        case "enum":
            holds = value in want
        case "required":
            holds = not isinstance(value, dict) or all(name in value for name in want)
        case "additionalProperties":
            known = schema.get("properties", {})
            holds = not isinstance(value, dict) or want is not False or not (set(value) - set(known))
        case "items":
            holds = True  # each is asked by itself
        case "minItems":
            holds = not isinstance(value, list) or len(value) >= want
        case "uniqueItems":
            holds = not (want and isinstance(value, list)) or not any(one in value[:n] for n, one in enumerate(value))
        case "minimum":
            holds = not isinstance(value, (int, float)) or value >= want
        case "maximum":
            holds = not isinstance(value, (int, float)) or value <= want
        case "pattern":
            holds = not isinstance(value, str) or re.search(want, value) is not None
        case "format":
            holds = not isinstance(value, str) or re.fullmatch(_FORMATS[want], value) is not None
        case "anyOf" | "oneOf":
            ways = sum(not list(errors(value, one, root, at)) for one in want)
            holds = ways == 1 if word == "oneOf" else ways > 0
        case _:
            raise NotImplementedError(f"{word} in the schema")
    if not holds:
        yield f"{word} {want!r} does not hold"
