"""A catalogue as JSON and back, by its named tuples. What decodes is as good as what was checked when it was read."""

from __future__ import annotations

import sys
from enum import Enum
from types import GenericAlias, NoneType, UnionType

from devsec.catalog import rule as model

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any

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
    return _decode(data, kind)


def is_record(kind: Any) -> bool:
    """Whether it is a class of named tuples."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


_kinds: dict[type, dict[str, Any]] = {}


def _kind(record: type, field: str) -> Any:
    """What its class says a field is. (`typing.get_type_hints` reads all fields, and takes a commit 5 ms.)"""
    kinds = _kinds.setdefault(record, {})
    if field not in kinds:
        for home in record.__mro__:
            written = getattr(home, "__annotations__", {}).get(field)
            if written is not None:
                kinds[field] = eval(written, vars(sys.modules[home.__module__]))  # devsec's own source
                break
    return kinds[field]


def _decode(data: Any, kind: Any) -> Any:
    if is_record(kind):
        return kind(**{name: _decode(value, _kind(kind, name)) for name, value in data.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if isinstance(kind, GenericAlias):  # of tuple
        inner = kind.__args__
        if not isinstance(data, list):
            raise TypeError("a list was expected")
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_decode(item, inner[0]) for item in data)
        return tuple(_decode(item, each) for item, each in zip(data, inner, strict=True))
    if isinstance(kind, UnionType):  # of scalars, or something or None
        if data is None:
            return None
        wide = [one for one in kind.__args__ if one is not NoneType]
        structured = [one for one in wide if is_record(one) or isinstance(one, GenericAlias)]
        return _decode(data, structured[0]) if structured else data
    return data
