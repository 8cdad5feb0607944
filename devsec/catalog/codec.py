"""A catalogue as JSON and back, by its named tuples. What decodes is as good as what was checked when it was read."""

from __future__ import annotations

import sys
from enum import Enum
from types import GenericAlias, NoneType, UnionType

from devsec.catalog import rule as model

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Reader = Callable[[Any], Any]

# What decoding data of another shape ends in.
UNSOUND = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def encode(value: Any) -> Any:
    """Lists, dicts and scalars. Fields that have their default are left out: most of a rule is."""
    if is_record(type(value)):
        defaults = value._field_defaults
        return {
            name: encode(part)
            for name, part in zip(value._fields, value, strict=True)
            if name not in defaults or part != defaults[name]
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def decode(data: Any, kind: type = model.Catalogue) -> Any:
    """The object of type `kind` that was encoded. Raises ValueError, TypeError, KeyError or AttributeError when the data
    is of another shape."""
    reader = _reader(kind)
    return data if reader is None else reader(data)


def is_record(kind: Any) -> bool:
    """Whether it is a class of named tuples."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


_readers: dict[Any, Reader | None] = {}


def _reader(kind: Any) -> Reader | None:
    """What makes an object of that kind; None where it is as JSON has it."""
    try:
        return _readers[kind]
    except KeyError:
        reader = _readers[kind] = _new_reader(kind)
        return reader


def _new_reader(kind: Any) -> Reader | None:
    if is_record(kind):
        return _of_record(kind)
    if isinstance(kind, GenericAlias):
        return _of_tuple(kind.__args__)
    if isinstance(kind, UnionType):  # of scalars, or something or None
        wide = [one for one in kind.__args__ if one is not NoneType]
        structured = [one for one in wide if is_record(one) or isinstance(one, GenericAlias)]
        one = _reader(structured[0]) if structured else None
        return None if one is None else lambda data: None if data is None else one(data)
    return kind if isinstance(kind, type) and issubclass(kind, Enum) else None


def _of_record(kind: type) -> Reader:
    fields: dict[str, Reader | None] = {}

    def read(data: dict[str, Any]) -> Any:
        named = {}
        for name, value in data.items():
            if name not in fields:
                fields[name] = _reader(_kind(kind, name))  # most fields of most records are not there
            reader = fields[name]
            named[name] = value if reader is None else reader(value)
        return kind(**named)

    return read


def _kind(record: type, field: str) -> Any:
    """What its class says a field is. (`typing.get_type_hints` reads all fields, and takes a commit 5 ms.) Raises KeyError."""
    for home in record.__mro__:
        written = getattr(home, "__annotations__", {}).get(field)
        if written is not None:
            return eval(written, vars(sys.modules[home.__module__]))  # devsec's own source
    raise KeyError(field)


def _of_tuple(kinds: tuple[Any, ...]) -> Reader:
    if len(kinds) != 2 or kinds[1] is not Ellipsis:
        each = [_reader(kind) for kind in kinds]
        return lambda data: tuple(
            item if reader is None else reader(item) for item, reader in zip(_list(data), each, strict=True)
        )
    one = _reader(kinds[0])
    if one is None:
        return lambda data: tuple(_list(data))
    return lambda data: tuple(map(one, _list(data)))


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise TypeError("a list was expected")
    return data
