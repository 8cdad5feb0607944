"""A catalogue as JSON and back, by its dataclasses. What decodes is as good as what was checked when it was read."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from devsec.catalog import rule as model

# What decoding data of another shape ends in.
UNSOUND = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def encode(value: Any) -> Any:
    """Lists, dicts and scalars. Fields that have their default are left out: most of a rule is."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(v) for f in fields(value) if (v := getattr(value, f.name)) != _default(f)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def decode(data: Any, kind: type = model.Catalogue) -> Any:
    """The object of type `kind` that was encoded. Raises ValueError, TypeError, KeyError or AttributeError when the data
    is of another shape."""
    return _decode(data, kind)


def _default(field: Any) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING


_hints: dict[type, dict[str, Any]] = {}


def _decode(data: Any, kind: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
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
        structured = [arg for arg in wide if is_dataclass(arg) or get_origin(arg) is tuple]
        return _decode(data, structured[0]) if structured else data
    return data
