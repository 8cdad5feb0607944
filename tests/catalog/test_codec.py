"""Is what comes out of the cache what went in, and is everything else refused?"""

from __future__ import annotations

import json
from enum import Enum
from random import Random
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from devsec.catalog import rule as model
from devsec.catalog.codec import decode, encode, is_record
from devsec.catalog.load import load
from devsec.catalog.rule import Catalogue, Rule, Shape
from devsec.catalog.rule import Test as Asked  # pytest would collect it under its own name
from devsec.levels import Confidence, Level, Severity

CLASSES = [kind for kind in vars(model).values() if is_record(kind) and not kind.__name__.startswith("_")]
SCALARS: dict[Any, list[Any]] = {
    str: ["", "a", "é\n\"'\\", "\0", "\U0001f511", "\udcff"],  # half a character: a path may hold it
    int: [0, 1, -7, 1 << 70],
    float: [0.0, 1.0, 3.5, 1e300, float("inf"), 2],
    bool: [True, False],
    NoneType: [None],
}


def through_json(value: Any) -> Any:
    return decode(json.loads(json.dumps(encode(value), separators=(",", ":"))), type(value))


def same(one: object, other: object) -> bool:
    """Not only equal: to Python 1, 1.0 and True are, to a rule they are not."""
    return one == other and repr(one) == repr(other)


def anything(kind: Any, random: Random, depth: int = 3) -> Any:
    """Some value of that type. Made from the annotations, so that a new field is in at once."""
    if is_record(kind):
        hints = get_type_hints(kind)
        return kind(**{name: anything(hints[name], random, depth - 1) for name in kind._fields})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return random.choice(list(kind))
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            inner = inner[:1] * (random.randrange(3) if depth > 0 else 0)
        return tuple(anything(each, random, depth) for each in inner)
    if get_origin(kind) is not None:
        choices = [arg for arg in get_args(kind) if depth > 0 or not is_record(arg)]
        return anything(random.choice(choices), random, depth)
    return random.choice(SCALARS[kind])


@pytest.mark.parametrize("kind", CLASSES)
def test_anything_comes_back(kind: Any) -> None:
    for seed in range(25):
        value = anything(kind, Random(seed))
        assert same(through_json(value), value), f"seed {seed}"


@pytest.mark.parametrize("kind", CLASSES)
def test_every_field_comes_back_by_itself(kind: Any) -> None:
    """One field at a time is other than its default: what is left out must be the default."""
    hints = get_type_hints(kind)
    least = kind(
        **{name: anything(hints[name], Random(1)) for name in kind._fields if name not in kind._field_defaults}
    )
    assert same(through_json(least), least)
    for field in kind._fields:
        values = {repr(v): v for v in (anything(hints[field], Random(seed)) for seed in range(12))}
        assert len(values) > 1, f"{field} is always the same"
        for value in values.values():
            changed = least._replace(**{field: value})
            assert same(through_json(changed), changed), field


def test_the_bundled_ones() -> None:
    catalogue = load()
    assert catalogue.rules
    assert catalogue.roads
    assert same(through_json(catalogue), catalogue)


def test_what_a_rule_does_not_say_takes_no_room() -> None:
    """The cache is read on every commit that has something to look at."""
    assert encode(Shape("call", ("m.f",))) == {"kind": "call", "names": ["m.f"]}
    assert encode(Asked(equals=(None, False))) == {"equals": [None, False]}
    assert encode(Asked(equals=())) == {"equals": []}
    assert encode(Catalogue((), ())) == {"rules": [], "roads": []}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "rules",
        1,
        {},
        {"rules": []},
        {"rules": {}, "roads": []},
        {"rules": None, "roads": None},
        {"rules": [1], "roads": []},
        {"rules": [{}], "roads": []},
        {"rules": [{"id": "a"}], "roads": []},
        {"rules": [], "roads": [], "more": 1},
        {"rules": [], "roads": [{"name": "q", "title": "T", "call": "f", "colour": "red"}]},
        {"rules": [], "roads": [{"name": "q", "title": "T", "call": "f", "imports": "os"}]},
    ],
)
def test_another_shape_is_an_error(data: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        decode(data)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("level", "blok"),
        ("severity", None),
        ("find", [{"names": []}]),
        ("find", [{"kind": "call", "args": [["x"]]}]),
        ("find", [{"kind": "call", "args": [["x", [], 1]]}]),
        ("find", {}),
        ("cures", [{"title": "C", "safety": "unsafe"}]),
    ],
)
def test_a_wrong_part_is_an_error(field: str, wrong: object) -> None:
    rule = Rule("a", "T", ("CWE-1",), Severity.HIGH, Confidence.HIGH, Level.BLOCK, "Why.", (Shape("import", ("m",)),))
    data = encode(Catalogue((rule,), ()))
    assert decode(data).rules == (rule,)
    data["rules"][0][field] = wrong
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        decode(data)
