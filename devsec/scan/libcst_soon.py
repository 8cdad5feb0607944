"""How is LibCST imported in less than half the time? By leaving out what nobody here calls, or until somebody does.

LibCST has 200 classes of nodes, all dataclasses, and `dataclasses` compiles five functions for each from text (three of which it then
throws away, for the classes have their own). Here each is compiled when it is called first. Which function it is, and what it does, is
decided by `dataclasses` as ever. CPython 3.10 to 3.12 (Lib/dataclasses.py, `_create_fn`); 3.13 compiles them all at once, and is left
alone, as is what has another form than is known here.

Two modules that it imports for those who write visitors or ask for metadata take 20 ms, and devsec does neither: `libcst._typed_visitor`
gives CSTVisitor and CSTTransformer four methods for each class of nodes, all of which do nothing (a visitor is asked for those it has:
`_visitors.py`); `libcst.metadata` imports every provider. The first is stood in for, the second is executed when something of it
is asked for. Where LibCST does not come up like this, it is imported as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any


_KNOWN = ("name", "args", "body", "globals", "locals", "return_type")


def load() -> None:
    """Imports LibCST, and the modules built on it, which have dataclasses, too. Nothing happens the second time."""
    if "libcst" in sys.modules:
        return
    with _compiled_on_first_call():
        _import_less()
        import devsec.scan.match
        import devsec.scan.rewrite  # noqa: F401


def _import_less() -> None:
    try:
        later = _stand_in()
        import libcst

        setattr(libcst, "metadata", later)  # noqa: B010  # as importing it would have done
    except Exception:  # whatever a LibCST of another form makes of it
        for name in [name for name in sys.modules if name == "libcst" or name.startswith("libcst.")]:
            del sys.modules[name]


def _stand_in() -> ModuleType:
    """Puts two modules in place, and gives the second."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    package = PathFinder.find_spec("libcst")
    spec = PathFinder.find_spec("libcst.metadata", package.submodule_search_locations) if package else None
    if spec is None:
        raise ImportError("no libcst.metadata")
    typed = ModuleType("libcst._typed_visitor")
    for name in ("CSTTypedVisitorFunctions", "CSTTypedTransformerFunctions"):
        setattr(typed, name, type(name, (), {}))
    later = module_from_spec(spec)
    later.__class__ = _Later
    sys.modules["libcst._typed_visitor"] = typed
    sys.modules["libcst.metadata"] = later
    return later


class _Later(ModuleType):
    """A package whose modules can be imported; it is executed when it is asked for anything else."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]
        assert self.__spec__
        assert self.__spec__.loader
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


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
