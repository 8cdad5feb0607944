"""Named tuples that cost nothing until one is made.

`typing.NamedTuple` compiles each annotation and a constructor when a class is defined: 0.2 ms each, and a commit defines sixty
classes to make objects of twenty. To a type checker Record is `typing.NamedTuple`, and its classes do what those do.
"""

from __future__ import annotations

__all__ = ["Record"]

TYPE_CHECKING = False  # as type checkers read it: typing itself takes 4 ms
if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    from collections import _tuplegetter  # what the fields of a namedtuple are

    class _Fields(type):
        """Makes a named tuple of what stands in the body of a class right below Record."""

        def __new__(meta, name, bases, body):
            if not any(type(base) is _Fields and base.__bases__ == (tuple,) for base in bases):
                return super().__new__(meta, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            if fields[len(fields) - len(defaults) :] != tuple(defaults):
                raise TypeError(f"{name}: a field without a default comes after one that has one")
            body.update((field, _tuplegetter(index, "")) for index, field in enumerate(fields))
            body |= {"__slots__": (), "__match_args__": fields, "_fields": fields, "_field_defaults": defaults}
            return super().__new__(meta, name, bases, body)

    class Record(tuple, metaclass=_Fields):
        __slots__ = ()

        def __new__(cls, /, *args, **kwargs):
            """Of the first one of its class, which gets its constructor by that."""
            home = next(base for base in cls.__mro__ if Record in base.__bases__)
            home.__new__ = staticmethod(_constructor(home))
            return cls(*args, **kwargs)

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **changes):
            made = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"Got unexpected field names: {list(changes)!r}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            said = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({said})"

        def __getnewargs__(self):
            return tuple(self)

    def _constructor(home):
        given = "".join(f", {field}" for field in home._fields)
        made = eval(f"lambda _cls{given}: _new(_cls, ({given[1:]},))", {"_new": tuple.__new__, "__builtins__": {}})
        made.__name__, made.__qualname__ = "__new__", f"{home.__qualname__}.__new__"
        made.__defaults__ = tuple(home._field_defaults.values())
        return made
