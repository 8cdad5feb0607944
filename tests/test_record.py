"""A Record does what a `typing.NamedTuple` does."""

from __future__ import annotations

import copy
import pickle
from functools import cached_property
from typing import Any, NamedTuple

import pytest

from devsec.record import Record


class Plain(NamedTuple):
    """Words."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()

    def double(self) -> int:
        return 2 * self.size


class Ours(Record):
    """Words."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()

    def double(self) -> int:
        return 2 * self.size


class OnlyOne(Record):
    value: int


class Named(Record):
    cls: str
    self: str = ""
    home: str = ""


class Below(Ours):
    @cached_property
    def long(self) -> str:
        return self.name * self.size


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}),
    (("a", 4), {"parts": ("x",)}),
    ((), {"size": 1, "name": "b"}),
    ((), {}),
    (("a", 1, (), 2), {}),
    (("a",), {"name": "b"}),
    (("a",), {"other": "b"}),
]


def outcome(call: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return call(*args, **kwargs)
    except (TypeError, ValueError, AttributeError) as error:
        return type(error)


@pytest.mark.parametrize(("args", "kwargs"), CALLS)
def test_it_is_made_in_the_same_ways(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    assert outcome(Ours, *args, **kwargs) == outcome(Plain, *args, **kwargs)


def test_it_can_do_the_same() -> None:
    theirs, ours = Plain("a", 2), Ours("a", 2)
    assert repr(ours) == repr(theirs).replace("Plain", "Ours")
    assert (ours.name, ours.size, ours.parts, ours.double()) == (theirs.name, theirs.size, theirs.parts, 4)
    assert ours == theirs == ("a", 2, ())
    assert hash(ours) == hash(theirs)
    assert ours._asdict() == theirs._asdict()
    assert ours._replace(size=9) == theirs._replace(size=9)
    assert type(ours._replace(size=9)) is Ours
    assert Ours._make(["a", 1, ()]) == Plain._make(["a", 1, ()])
    for name in ("_fields", "_field_defaults", "__match_args__", "__slots__", "__doc__"):
        assert getattr(Ours, name) == getattr(Plain, name)
    assert set(Ours.__annotations__) == set(Plain.__annotations__)
    assert OnlyOne(7).value == 7
    match ours:
        case Ours(name, size):
            assert (name, size) == ("a", 2)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda record: record._replace(other=1),
        lambda record: record._make([1]),
        lambda record: setattr(record, "size", 1),
        lambda record: setattr(record, "other", 1),
        lambda record: record.other,
    ],
)
def test_it_refuses_the_same(wrong: Any) -> None:
    refused = outcome(wrong, Ours("a"))
    assert isinstance(refused, type)
    assert refused is outcome(wrong, Plain("a"))


def test_it_travels() -> None:
    for one in (Ours("a", 2), Below("a", 2), OnlyOne(1)):
        for other in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one), copy.copy(one)):
            assert other == one
            assert type(other) is type(one)


def test_a_class_below_it_has_the_same_fields() -> None:
    one = Below("ab", size=2)
    assert type(one) is Below
    assert one.long == "abab"
    assert one._replace(size=1).long == "ab"
    assert (Below._fields, Below._field_defaults) == (Ours._fields, Ours._field_defaults)


def test_a_field_may_be_called_what_its_constructor_calls_things() -> None:
    assert Named(cls="a", self="b", home="c") == ("a", "b", "c")
    assert Named("a")._replace(cls="b", self="c") == ("b", "c", "")


def test_a_field_with_a_default_comes_last() -> None:
    with pytest.raises(TypeError, match="without a default"):

        class Wrong(Record):
            size: int = 1
            name: str  # type: ignore[misc]
