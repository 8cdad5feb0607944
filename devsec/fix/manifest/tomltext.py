"""Where in a TOML text does a value stand, and where does a new one go?

tomlkit knows where things are, in every way TOML has of writing tables: each plain value of a table is replaced by a
mark, and the marks are looked for in the text it writes. The change itself is an insertion into the old text, so that
comments and layout stay without tomlkit having to keep them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from devsec.fix.manifest.target import Facts, Insertion, ending, place_among
from devsec.record import Record

_MARK = "devsec-marks-this-place-"
_STRING = r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\r\n])*"|' + r"'[^'\r\n]*'"
_TOKEN = re.compile(rf"{_STRING}|#[^\r\n]*|[ \t\r\n]+|[\[\]{{}},]|[^\s\"'\[\]{{}},#]+", re.DOTALL)
_STRANGE = "its layout is not one devsec can add to"


class Place(Record):
    """Characters [start, end) of a text."""

    start: int
    end: int


def loads(text: str) -> dict[str, Any] | None:
    """None when it is not TOML."""
    if sys.version_info >= (3, 11):
        import tomllib  # only when there is a manifest to read
    else:
        import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]
    try:
        return dict(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def facts(text: str) -> Facts | None:
    """All that a TOML text says."""
    document = loads(text)
    if document is None:
        return None
    found: Facts = Facts()
    todo: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while todo:
        where, value = todo.pop()
        if isinstance(value, dict):
            todo += [((*where, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            todo += [((*where, "[]"), inner) for inner in value]
        else:
            found[fact(where, value)] += 1
    return found


def fact(where: Sequence[str], value: object) -> tuple[str, str]:
    return json.dumps(list(where)), repr(value)


def table(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The table by these keys; an empty one when there is none."""
    found: Any = document
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def values(text: str, *keys: str) -> dict[str, Place]:
    """Where the plain values of a table stand, in their order. Empty when that cannot be known."""
    import tomlkit  # 20 ms, and only a manifest that is to be changed needs it
    from tomlkit.exceptions import TOMLKitError
    from tomlkit.items import AoT, Table

    try:
        document = tomlkit.parse(text)
        found: Any = document
        for key in keys:
            found = found[key]
        old: dict[str, str] = {}
        for key, value in list(found.items()):
            if not isinstance(value, (Table, AoT)) and hasattr(value, "as_string"):
                old[key] = value.as_string()
                found[key] = f"{_MARK}{len(old)}-"
        marked = document.as_string()
    except (TOMLKitError, KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return {}
    places: dict[str, Place] = {}
    at = before = 0
    rebuilt = ""
    for number, (key, source) in enumerate(old.items(), 1):
        mark = f'"{_MARK}{number}-"'
        here = marked.find(mark, at)
        if here < 0:
            return {}
        rebuilt += marked[at:here]
        before = len(rebuilt)
        rebuilt += source
        places[key] = Place(before, len(rebuilt))
        at = here + len(mark)
    # A table in several pieces may come in another order, or tomlkit may have changed more than we asked for.
    return places if rebuilt + marked[at:] == text else {}


# --- a new line in a table -------------------------------------------------------------------------------------------------


def new_line(text: str, keys: Sequence[str], line: str, after: str = "", name: str = "", apart: Sequence[str] = ()) -> (
    list[Insertion] | str
):  # fmt: skip
    """A line of its own in the table by `keys`: after the value of `after` where that is there, with a `name` where it
    keeps the names sorted (those in `apart` do not count), else after the last value."""
    places = values(text, *keys)
    if not places:
        return _after_heading(text, keys, line)
    order = [key for key in places if key not in apart]
    if after in places:
        previous = after
    else:
        index = place_among(order, name) if name else len(order)
        previous = order[index - 1] if index else ""
    if not previous:
        first = [key for key in places if key in apart]
        if not first:
            return _after_heading(text, keys, line)
        previous = first[-1]
    place = places[previous]
    start = max(text.rfind("\n", 0, place.start), text.rfind("\r", 0, place.start)) + 1
    indent = re.compile(r"[ \t]*").match(text, start)
    rest = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\Z)").match(text, place.end)
    if rest is None or indent is None:
        return _STRANGE
    return [Insertion(rest.end(), ending(text, place.end) + indent.group() + line)]


def _after_heading(text: str, keys: Sequence[str], line: str) -> list[Insertion] | str:
    dotted = r"[ \t]*\.[ \t]*".join(rf"(?:{re.escape(key)}|\"{re.escape(key)}\"|'{re.escape(key)}')" for key in keys)
    found = list(re.finditer(rf"(?m)^[ \t]*\[[ \t]*{dotted}[ \t]*\][ \t]*(?:#[^\r\n]*)?(?=\r?\n|\Z)", text))
    if len(found) != 1:
        return _STRANGE
    return [Insertion(found[0].end(), ending(text, found[0].start()) + line)]


# --- a new item in an array ------------------------------------------------------------------------------------------------


def new_item(text: str, place: Place, names: Sequence[str], name: str, item: str) -> list[Insertion] | str:
    """`item` in the array at `place`, whose items have the `names`, laid out the way the array is."""
    array = text[place.start : place.end]
    items = _items(array)
    if items is None or len(items) != len(names):
        return _STRANGE
    nl = ending(text, place.start)
    new = quoted(item, [array[one.start : one.end] for one in items])
    if not items:
        made = _into_empty(array, new, nl)
    else:
        index = place_among(names, name)
        made = _before_all(array, items[0], new, nl) if not index else _after(array, items[index - 1], new, nl)
    return [Insertion(place.start + at, piece) for at, piece in made]


def _items(array: str) -> list[Place] | None:
    """The items of an array by their place in it. None when it is none that we can read."""
    items: list[Place] = []
    depth, at = 0, 0
    start = end = -1
    while at < len(array):
        token = _TOKEN.match(array, at)
        if token is None:
            return None
        word = token.group()
        depth -= word in ("]", "}")
        if depth == 0 and word == "]" and token.end() != len(array):
            return None
        if (depth == 1 and word == ",") or (depth == 0 and word == "]"):
            if start >= 0:
                items.append(Place(start, end))
            start = -1
        elif at > 0 and not word.startswith("#") and word.strip():
            start, end = (at if start < 0 else start), token.end()
        depth += word in ("[", "{")
        at = token.end()
    return items if depth == 0 and array.startswith("[") else None


def _into_empty(array: str, item: str, nl: str) -> list[tuple[int, str]]:
    last = max(array.rfind("\n"), array.rfind("\r"))
    if last < 0:
        return [(1, item)]
    above = re.search(r"[\r\n]([ \t]+)[^ \t\r\n]", array[: last + 1])
    indent = above.group(1) if above else re.sub(r"[^ \t].*", "", array[last + 1 :]) + "    "
    start = last - 1 if array[last - 1 : last + 1] == "\r\n" else last
    return [(start, nl + indent + item + ",")]


def _before_all(array: str, first: Place, item: str, nl: str) -> list[tuple[int, str]]:
    indent = _own_line(array, first)
    if indent is None:
        return [(first.start, item + ", ")]
    opening = re.match(r"\[[ \t]*(?:#[^\r\n]*)?", array)
    assert opening is not None
    return [(opening.end(), nl + indent + item + ",")]  # above the comments of the first item


def _after(array: str, previous: Place, item: str, nl: str) -> list[tuple[int, str]]:
    indent = _own_line(array, previous)
    rest = re.compile(r"[ \t]*(,)?[ \t]*(?:#[^\r\n]*)?(?=\r?\n)").match(array, previous.end)
    if indent is None:
        return [(previous.end, ", " + item)]
    if rest is None:
        return [(previous.end, "," + nl + indent + item)]
    if rest.group(1):
        return [(rest.end(), nl + indent + item + ",")]
    if re.compile(r"(?:[ \t\r\n]|#[^\r\n]*[\r\n])*,").match(array, previous.end):
        return [(previous.end, "," + nl + indent + item)]  # commas lead the lines
    line = nl + indent + item
    if rest.end() == previous.end:
        return [(previous.end, "," + line)]
    return [(previous.end, ","), (rest.end(), line)]


def _own_line(array: str, item: Place) -> str | None:
    """What indents the item, when it begins its line."""
    found = re.search(r"(?:\n|\r)([ \t]*)\Z", array[: item.start])
    return found.group(1) if found else None


def quoted(text: str, beside: Sequence[str] = ()) -> str:
    """A TOML string, in the quotes that most of those beside it have."""
    single = sum(one.startswith("'") for one in beside) * 2 > len(beside)
    for quote in ("'", '"') if single else ('"', "'"):
        if quote not in text and "\\" not in text:
            return quote + text + quote
    return json.dumps(text, ensure_ascii=False)
