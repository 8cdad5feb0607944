"""What does a name of an installed package stand for? Read from its source: importing it would run it, and a rule is data.

Only the site-packages of the environment devsec runs in are looked at: never the current folder, the repository that is
scanned, or what `.pth` files add. Whatever is not plain to see (`__getattr__`, `globals()`, an extension module without a
stub beside it, a decorator) is unknown, and about the unknown nothing is said.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import os
import site
import sys
import sysconfig
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib import machinery
from typing import Any, Protocol, TypeAlias

from devsec.record import Record

HOPS = 40  # re-exports, aliases and bases on the way to one name
_MAKES_NAMES = frozenset({"globals", "locals", "vars", "exec", "setattr", "delattr"})
# Decorators that leave a function the arguments it has.
_HARMLESS = frozenset({"staticmethod", "classmethod", "overload", "abstractmethod", "final", "override"})

_SELF = frozenset({"self", "cls"})

_FunctionDef: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


class Binding(Record):
    """One way a name gets its value: a def, a class, the expression that is assigned, an import (with its alias).
    `node` is None when it is none of them."""

    node: ast.AST | None
    alias: ast.alias | None = None
    always: bool = False  # not inside an if, a try, a loop


@dataclass
class Scope:
    """What the statements of a module or a class bind. `free`: as they run, names are made that cannot be seen."""

    names: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[Binding] = field(default_factory=list)
    free: bool = False


@dataclass(eq=False)
class Module:
    """`tree` is None where there is nothing to read; `paths` are the folders its submodules stand in."""

    name: str
    paths: tuple[str, ...]
    package: bool = False
    tree: ast.Module | None = None
    stub: bool = False
    scope: Scope = field(default_factory=Scope)
    free: bool = False  # somewhere in it, functions too, names are made that cannot be seen
    loose: bool = False  # its classes may do the same with the attributes of their instances
    patched: frozenset[tuple[str, str]] = frozenset()  # (X, attribute) of every `X.attribute = …`
    strings: frozenset[str] = frozenset()  # what is written in it as a string may be a name that is made of it
    beside: Module | None = None  # the stub that stands beside the source


@dataclass(frozen=True)
class Function:
    """`bound`: its first parameter is given already (`Class.classmethod`, `instance.method`). `stub`: as its types say,
    not its code."""

    node: _FunctionDef
    kind: str = ""  # "staticmethod", "classmethod" or ""
    bound: bool = False
    stub: bool = False


@dataclass(eq=False)
class Class:
    node: ast.ClassDef
    module: Module
    scope: Scope


@dataclass(frozen=True)
class Instance:
    """What calling a class gives."""

    of: Class


@dataclass(frozen=True)
class Real:
    """Of the standard library."""

    value: Any


Thing: TypeAlias = "Module | Function | Class | Instance | Real"
# What a name may stand for (a `try` gives it several meanings); () when it is surely not there, None when nobody can tell.
Things: TypeAlias = "tuple[Thing, ...] | None"


def folders() -> tuple[str, ...]:
    """The site-packages in use, in the order Python searches them."""
    places = {*site.getsitepackages(), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    if site.ENABLE_USER_SITE:
        places.add(site.getusersitepackages())
    real = {os.path.realpath(place) for place in places}
    return tuple(dict.fromkeys(path for path in sys.path if os.path.isabs(path) and os.path.realpath(path) in real))


class Installed:
    """The packages in some folders. `library` finds names of the standard library, in the same three ways as here."""

    def __init__(self, places: Iterable[str], library: Callable[[str], tuple[Any, ...] | None]) -> None:
        self._places = tuple(places)
        self._library = library
        self._modules: dict[str, Module | None] = {}
        self._finders: dict[str, machinery.FileFinder] = {}
        self._busy: list[tuple[object, str]] = []

    def find(self, name: str) -> Things:
        """What a dotted name stands for. None for packages that are not installed."""
        first, *rest = name.split(".")
        top = self.module(first)
        found = self._along((top,), rest) if top else None
        if found == ():
            # `from a.b import c` goes through the module a.b, even where the package a has something else called b.
            for at in range(1, len(rest)):
                below = self.module(".".join([first, *rest[:at]]))
                if below and self._along((below,), rest[at:]) != ():
                    return None
        return found

    def members(self, things: Iterable[Thing], name: str) -> Things:
        """What `.name` of any of them may be."""
        found: list[Thing] = []
        lacking = False
        for thing in things:
            here = self._member(thing, name)
            if here is None:
                return None
            lacking |= not here
            found += here
        return None if found and lacking else tuple(found)  # one of several meanings lacks it: who knows

    def bases(self, one: Class) -> Things:
        """The classes it derives from, () for `object` alone; None when one of them is not to be seen."""
        found: list[Thing] = []
        for base in one.node.bases:
            expression = base.value if isinstance(base, ast.Subscript) else base  # Generic[T]
            here = self._value(one.module, expression)
            if not here or not all(isinstance(it, Class) or _is_class(it) for it in here):
                return None
            found += here
        return tuple(found)

    def ordinary(self, one: Class) -> bool:
        """Whether nothing but its __new__ and __init__ has a say in how it is made: no metaclass, no class that changes
        those that derive from it."""
        bases = self.bases(one)
        if bases is None or "__init_subclass__" in one.scope.names:
            return False
        if any(word.arg != "metaclass" or _last(word.value) != "ABCMeta" for word in one.node.keywords):
            return False
        return all(self.ordinary(base) if isinstance(base, Class) else _ordinary(base) for base in bases)

    def module(self, name: str) -> Module | None:
        """The module of that full name, found without importing the packages it is in."""
        if name not in self._modules:
            self._modules[name] = self._load(name)
        return self._modules[name]

    # --- names in what was found ---

    def _along(self, things: Sequence[Thing] | None, names: Iterable[str]) -> Things:
        for name in names:
            if not things:
                break
            things = self.members(things, name)
        return None if things is None else tuple(things)

    def _member(self, thing: Thing, name: str, inside: bool = False) -> Things:
        """`inside`: as the code of that module sees the name, without the module's __getattr__."""
        key = (thing.node if isinstance(thing, (Class, Function)) else thing, name)
        if key in self._busy or len(self._busy) >= HOPS:
            return None
        self._busy.append(key)
        try:
            if isinstance(thing, Module):
                found = self._of_module(thing, name, inside)
                return self._of_module(thing.beside, name, inside) if found is None and thing.beside else found
            if isinstance(thing, Class):
                return self._of_class(thing, name)
            if isinstance(thing, Instance):
                return self._of_instance(thing.of, name)
            if isinstance(thing, Real):
                return _of_real(thing, name)
            return None
        finally:
            self._busy.pop()

    def _of_module(self, module: Module, name: str, inside: bool) -> Things:
        scope = module.scope
        if scope.free:
            return None
        bound = scope.names.get(name, [])
        found: list[Thing] = []
        for binding in bound:
            here = self._meaning(module, binding, name)
            if not here:
                return None
            found += here
        settled = max((getattr(b.node, "lineno", 0) for b in bound if b.always), default=0)
        for star in scope.stars:
            if getattr(star.node, "lineno", 0) < settled:
                continue  # what it brought was replaced
            here = self._through_star(module, star, name)
            if here is None:
                return None
            found += here
        if found:
            return tuple(found)
        submodule = self.module(f"{module.name}.{name}") if module.package else None
        if submodule:
            return (submodule,)
        if inside and module.tree and not module.free:
            return ()
        blurred = module.free or module.stub or module.tree is None or "__getattr__" in scope.names
        blurred |= (
            name in module.strings or "__path__" in scope.names or (name.startswith("__") and name.endswith("__"))
        )
        return None if blurred else ()

    def _through_star(self, module: Module, star: Binding, name: str) -> Things:
        source = self._imported(module, star.node)
        if source is None:
            return None
        listed = source.scope.names.get("__all__")
        if listed:
            words = [_words(binding.node) for binding in listed]
            if len(words) != 1 or words[0] is None:
                return None
            if name not in words[0]:
                return ()
        elif name.startswith("_"):
            return ()
        return self._member(source, name)

    def _of_class(self, one: Class, name: str) -> Things:
        if one.scope.free or (one.node.name, name) in one.module.patched:
            return None
        if name in one.scope.names:
            found: list[Thing] = []
            for binding in one.scope.names[name]:
                here = self._meaning(one.module, binding, name, one.scope)
                if not here:
                    return None
                found += here
            return tuple(_bound(it, "classmethod") for it in found)
        bases = self.bases(one)
        if bases is None or _slot(one, name):
            return None
        inherited = [self._member(base, name) for base in bases]
        if None in inherited:
            return None
        # Which of several bases comes first is not worked out: all of them are what it may be.
        together = tuple(it for here in inherited for it in here or ())
        return None if not together and one.node.keywords else together  # a metaclass may have it

    def _of_instance(self, one: Class, name: str) -> Things:
        if not self.ordinary(one) or self._member(one, "__new__") != ():
            return None
        line = self._line(one)
        if any(attribute == name for each in line for _, attribute in each.module.patched):
            return None  # an attribute of its own before that of the class
        found = self._member(one, name)
        if found:
            return tuple(_bound(it, "") for it in found) if all(isinstance(it, Function) for it in found) else None
        if found is None or any(self._may_have(each, name) for each in line):
            return None
        return None if any(_is_class(base) for each in line for base in self.bases(each) or ()) else ()

    def _line(self, one: Class) -> list[Class]:
        """The class and those it derives from."""
        line = [one]
        for base in self.bases(one) or ():
            line += self._line(base) if isinstance(base, Class) else []
        return line

    def _may_have(self, one: Class, name: str) -> bool:
        """Whether its instances may have an attribute that the class has not."""
        if one.module.loose or _slot(one, name):
            return True
        return any(self._member(one, special) != () for special in ("__getattr__", "__getattribute__"))

    def _meaning(self, module: Module, binding: Binding, name: str, inside: Scope | None = None) -> Things:
        node = binding.node
        if isinstance(node, ast.ClassDef):
            # A decorator may make anything of it; a dataclass writes its own __init__.
            return None if node.decorator_list else (Class(node, module, _scope(node.body)),)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            decorators = [_last(it) for it in node.decorator_list]
            if not _HARMLESS.issuperset(decorators):
                return None
            kinds = [it for it in decorators if it in ("staticmethod", "classmethod")]
            return (Function(node, kinds[0] if kinds else "", stub=module.stub),)
        if isinstance(node, ast.Import) and binding.alias:
            return self._anything(binding.alias.name if binding.alias.asname else binding.alias.name.split(".")[0])
        if isinstance(node, ast.ImportFrom) and binding.alias:
            return self._from(module, node, binding.alias.name, name)
        if isinstance(node, ast.expr):
            return self._value(module, node, inside)
        return None

    def _from(self, module: Module, node: ast.ImportFrom, wanted: str, name: str) -> Things:
        where = _absolute(module, node)
        if not where:
            return None
        if where == module.name and wanted == name:  # `from . import x` in a package: the submodule
            submodule = self.module(f"{where}.{wanted}")
            return (submodule,) if submodule else None
        return self._along(self._anything(where), (wanted,))

    def _value(self, module: Module, node: ast.expr, inside: Scope | None = None) -> Things:
        """Of a chain of names or a call of one, as the module (or a class in it) sees them."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Call):
            made = self._value(module, node.func, inside) or ()
            classes = [it for it in made if isinstance(it, Class)]
            return self._along([*map(Instance, classes)], parts) if classes and len(classes) == len(made) else None
        if not isinstance(node, ast.Name) or (inside and node.id in inside.names):
            return None
        first = self._member(module, node.id, inside=True)
        if first == () and hasattr(builtins, node.id):
            first = (Real(getattr(builtins, node.id)),)
        return self._along(first, parts)

    def _anything(self, name: str) -> Things:
        """A module by its full name, of the standard library too."""
        if name.split(".")[0] in sys.stdlib_module_names:
            found = self._library(name)
            return (Real(found[0]),) if found else None
        module = self.module(name)
        return (module,) if module else None

    def _imported(self, module: Module, node: ast.AST | None) -> Module | None:
        where = _absolute(module, node) if isinstance(node, ast.ImportFrom) else ""
        found = self.module(where) if where and where.split(".")[0] not in sys.stdlib_module_names else None
        return found if found and found.tree else None

    # --- files ---

    def _load(self, name: str) -> Module | None:
        parent, _, last = name.rpartition(".")
        above = self.module(parent) if parent else None
        if parent and not above:
            return None
        portions: list[str] = []
        for folder in above.paths if above else self._places:
            spec = self._finder(folder).find_spec(name)
            if spec and spec.loader is None:  # a piece of a namespace package
                portions += spec.submodule_search_locations or ()
            elif spec:
                paths = tuple(spec.submodule_search_locations or ())
                stub = os.path.join(folder, last, "__init__.pyi") if paths else os.path.join(folder, last + ".pyi")
                file = spec.origin if isinstance(spec.loader, machinery.SourceFileLoader) else stub
                module = _read(name, paths, file or stub)
                if not module.stub and os.path.isfile(stub):
                    module.beside = _read(name, paths, stub)
                return module
        return Module(name, tuple(portions), package=True) if portions else None

    def _finder(self, folder: str) -> machinery.FileFinder:
        # Not through sys.path_hooks and sys.path_importer_cache: what others put there is code to run.
        if folder not in self._finders:
            self._finders[folder] = machinery.FileFinder(
                folder,
                (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
                (machinery.SourceFileLoader, machinery.SOURCE_SUFFIXES),
                (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
                (machinery.SourceFileLoader, [".pyi"]),
            )
        return self._finders[folder]


def _read(name: str, paths: tuple[str, ...], file: str) -> Module:
    module = Module(name, paths, package=bool(paths), stub=file.endswith(".pyi"))
    try:
        with open(file, "rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return module
    module.tree = tree
    module.scope = _scope(tree.body)
    patched: set[tuple[str, str]] = set()
    strings: set[str] = set()
    own: set[int] = set()  # `setattr(self, …)` and `self.__dict__` make no names of the module
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            for each in node.names:
                module.scope.names.setdefault(each, []).append(Binding(None))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            strings.add(node.value)
        elif isinstance(node, ast.Call) and node.args and _last(node.args[0]) in _SELF:
            own.add(id(node.func))
        elif isinstance(node, ast.Attribute):
            module.loose |= node.attr == "__dict__"
            module.free |= node.attr == "modules" or (node.attr == "__dict__" and _last(node.value) not in _SELF)
            if not isinstance(node.ctx, ast.Load):
                patched.add((_last(node.value), node.attr))
        elif isinstance(node, ast.Name):
            module.loose |= node.id in _MAKES_NAMES
            module.free |= node.id in _MAKES_NAMES and id(node) not in own
    module.patched = frozenset(patched)
    module.strings = frozenset(strings)
    return module


def _scope(body: Iterable[ast.stmt]) -> Scope:
    """What these statements bind, without what functions and classes in them do."""
    scope = Scope()
    top = list(body)
    always = {id(node) for node in top}
    stack: list[ast.AST] = [*top[::-1]]

    def bind(name: str, node: ast.AST | None, source: ast.AST | None, alias: ast.alias | None = None) -> None:
        scope.names.setdefault(name, []).append(Binding(node, alias, id(source) in always))

    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bind(node.name, node, node)
            if not isinstance(node, ast.ClassDef):  # `def f(a=(b := 1))` binds b out here
                stack += [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                bind(alias.asname or alias.name.split(".")[0], node, node, alias)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    scope.stars.append(Binding(node))
                else:
                    bind(alias.asname or alias.name, node, node, alias)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    bind(target.id, node.value, node)
                else:
                    stack.append(target)
            stack.append(node.value)
        elif isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                bind(node.id, None, None)
            scope.free |= node.id in _MAKES_NAMES
        elif not isinstance(node, ast.Lambda):
            scope.free |= isinstance(node, ast.Attribute) and node.attr in ("modules", "__dict__")
            for _, value in ast.iter_fields(node):
                # The names of `except … as name`, of patterns, which are plain words in the tree.
                if isinstance(value, str) and isinstance(node, (ast.ExceptHandler, ast.pattern)):
                    bind(value, None, None)
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
    return scope


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    """The full name of the module an import is from, "" when it leads out of its package."""
    if not node.level:
        return node.module or ""
    up = node.level - (1 if module.package else 0)
    parts = module.name.split(".")
    if up >= len(parts):
        return ""
    return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


def _words(node: ast.AST | None) -> tuple[str, ...] | None:
    """The strings of a list or tuple of nothing but strings."""
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    words = tuple(it.value for it in node.elts if isinstance(it, ast.Constant) and isinstance(it.value, str))
    return words if len(words) == len(node.elts) else None


def _last(node: ast.expr) -> str:
    """`c` of `a.b.c`, "" of what is no chain."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_class(thing: Thing) -> bool:
    return isinstance(thing, Real) and isinstance(thing.value, type)


def _slot(one: Class, name: str) -> bool:
    """Whether the class may have it by its __slots__."""
    slots = [_words(binding.node) for binding in one.scope.names.get("__slots__", ())]
    return any(words is None or name in words for words in slots)


def _ordinary(base: Thing) -> bool:
    if not isinstance(base, Real) or not isinstance(base.value, type) or base.value is Protocol:
        return False  # Protocol writes an __init__ into what derives from it
    kinds = type.mro(type(base.value))
    return all("__call__" not in vars(kind) for kind in kinds if kind not in (type, object))


def _bound(thing: Thing, kind: str) -> Thing:
    """A method reached through a class (`kind` "classmethod") or an instance."""
    if not isinstance(thing, Function) or thing.kind == "staticmethod" or (kind and thing.kind != kind):
        return thing
    return replace(thing, bound=True)


def _of_real(thing: Real, name: str) -> Things:
    try:
        value = inspect.getattr_static(thing.value, name)
    except AttributeError:
        return ()
    if value is inspect.getattr_static(object, name, None):
        return ()  # as if there were none: `object` takes what the other of __new__ and __init__ takes
    return (Real(getattr(thing.value, name)),)
