"""A catalogue as JSON and back, by its named tuples. What decodes is as good as what was checked when it was read."""

from __future__ import annotations

from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from devsec.catalog import rule as model

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


_hints: dict[type, dict[str, Any]] = {}


def _decode(data: Any, kind: Any) -> Any:
    if is_record(kind):
        hints = _hints.get(kind)
        if hints is None:
            hints = _hints[kind] = get_type_hints(kind)
        return kind(**{name: _decode(value, hints[name]) for name, value in data.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    origin = get_origin(kind)
    if origin is tuple:
        inner = get_args(kind)
        if not isinstance(data, list):
            raise TypeError("a list was expected")
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_decode(item, inner[0]) for item in data)
        return tuple(_decode(item, each) for item, each in zip(data, inner, strict=True))
    if origin is not None:  # a union: of scalars, or something or None
        if data is None:
            return None
        wide = [arg for arg in get_args(kind) if arg is not NoneType]
        structured = [arg for arg in wide if is_record(arg) or get_origin(arg) is tuple]
        return _decode(data, structured[0]) if structured else data
    return data
