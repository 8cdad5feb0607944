"""How is LibCST imported in a third of the time? Half of it goes into compiling methods of its node classes that nobody calls.

LibCST has 200 classes of nodes, all dataclasses, and `dataclasses` compiles five functions for each from text (three of which it then
throws away, for the classes have their own). Here each is compiled when it is called first. Which function it is, and what it does, is
decided by `dataclasses` as ever. CPython 3.10 to 3.12 (Lib/dataclasses.py, `_create_fn`); 3.13 compiles them all at once, and is left
alone, as is what has another form than is known here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any


_KNOWN = ("name", "args", "body", "globals", "locals", "return_type")


def load() -> None:
    """Imports LibCST, and the modules built on it, which have dataclasses, too. Nothing happens the second time."""
    if "libcst" in sys.modules:
        return
    with _compiled_on_first_call():
        import devsec.scan.match
        import devsec.scan.rewrite  # noqa: F401


@contextmanager
def _compiled_on_first_call() -> Iterator[None]:
    import dataclasses

    compile_now: Any = getattr(dataclasses, "_create_fn", None)
    code = getattr(compile_now, "__code__", None)
    if code is None or code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] != _KNOWN:
        yield
        return
    try:
        setattr(dataclasses, "_create_fn", _later(compile_now))  # noqa: B010  # mypy does not know it
        yield
    finally:
        setattr(dataclasses, "_create_fn", compile_now)  # noqa: B010


def _later(compile_now: Callable[..., Callable[..., Any]]) -> Callable[..., Callable[..., Any]]:
    def create(name: str, args: Any, body: Any, **how: Any) -> Callable[..., Any]:
        compiled: Callable[..., Any] | None = None

        def method(self: Any, *given: Any, **named: Any) -> Any:
            nonlocal compiled
            if compiled is None:
                compiled = compile_now(name, args, body, **how)
                compiled.__qualname__ = method.__qualname__
                for owner in type(self).__mro__:
                    if owner.__dict__.get(name) is method:
                        setattr(owner, name, compiled)  # from now on it is called without us
                        break
            return compiled(self, *given, **named)

        method.__name__ = name
        return method

    return create
