"""How does this file say a qualified name at this place? Reuses what is imported; otherwise says which import to add."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from devsec.scan.importing import NewImport
from devsec.scan.listed import extension, own_statement
from devsec.scan.names import Binding, Imported, Names, Scope, dotted
from devsec.scan.order import is_stdlib
from devsec.scan.outline import Statement
from devsec.text import Edit


class Unspeakable(Exception):
    """The name cannot be used here; the message says why, for the person who reads the demoted cure."""


@dataclass(frozen=True)
class Spelling:
    """What to write, and what makes it true where it is not already: a new statement, or an edit of one that is there."""

    text: str
    needs: NewImport | None = None
    extends: Edit | None = None


def spell(qualified: str, modules: Sequence[str], site: cst.CSTNode, names: Names) -> Spelling:
    """The spelling of `qualified` at `site`.

    `modules` are module paths the name may come from; without one that fits it is all but the last segment. Raises
    Unspeakable when the name is taken and no alias is free.
    """
    scope = names.scope(site)
    if "." not in qualified:
        if names.bindings(qualified, scope)[0]:
            raise Unspeakable(f"`{qualified}` means something else here")
        return Spelling(qualified)
    fitting = [m for m in modules if qualified == m or qualified.startswith(m + ".")]
    module = max(fitting, key=len) if fitting else qualified.rsplit(".", 1)[0]
    existing = _existing(qualified, module, site, scope, names)
    if existing is not None:
        return Spelling(existing)
    listed = _listed(qualified, module, site, scope, names)
    if listed is not None:
        return listed
    root = module.split(".", 1)[0]
    if not _bound_to_other(root, module, scope, names):
        return Spelling(qualified, NewImport(module))
    alias = "_" + module.replace(".", "_")
    if alias.encode() in names.module.text:
        raise Unspeakable(f"`{root}` means something else here, and so does `{alias}`")
    return Spelling(alias + qualified[len(module) :], NewImport(module, alias=alias))


def _existing(qualified: str, module: str, site: cst.CSTNode, scope: Scope, names: Names) -> str | None:
    """The shortest way the file already has of saying the name; what is imported by itself before what needs a dot."""
    found: list[str] = []
    segments = qualified.split(".")
    meanings = [".".join(segments[:length]) for length in range(1, len(segments) + 1)]
    for at in names.enclosing(scope):
        imported = _imports_in(at, names, segments[0])
        for meaning in meanings:
            for local, bindings in imported.by_meaning.get(meaning, ()):
                if names.bindings(local, scope)[0] != bindings:
                    continue
                usable = [binding for binding in bindings if _usable(binding, site, at, names)]
                if usable if meaning == qualified else any(_covers(binding, module) for binding in usable):
                    found.append(local + qualified[len(meaning) :])
                    break  # the others are longer
    return min(found, key=lambda text: (text.count("."), len(text), text), default=None)


# What is written `os.environ` everywhere is not written `environ` because a file has `from os import path`.
_READ_AS_MODULES = frozenset({"os", "sys"})
# Names that say nothing without their module.
_SAY_NOTHING = frozenset({"new"})
_BUILTINS = frozenset(dir(builtins))


def _listed(qualified: str, module: str, site: cst.CSTNode, scope: Scope, names: Names) -> Spelling | None:
    """The name with one more name in a `from` import of the module, where the file has one that has run by then."""
    name = qualified[len(module) + 1 :].split(".", 1)[0]
    if not name or module in _READ_AS_MODULES or name in _SAY_NOTHING or name in _BUILTINS or names.module.outline.star:
        return None
    if any(names.bindings(name, at)[0] for at in (scope, _module_scope(scope))):
        return None
    root = module.split(".", 1)[0]
    for at in names.enclosing(scope):
        for binding in _imports_in(at, names, root).of_module.get(module, ()):
            node = binding.node
            if isinstance(node, cst.ImportFrom) and _usable(binding, site, at, names):
                text = qualified[len(module) + 1 :]
                if at.node is None and own_statement(node, names.module):
                    return Spelling(text, NewImport(module, (name,)))
                edit = extension(node, name, names.module)
                if edit is not None:
                    return Spelling(text, extends=edit)
    return None


def _imports_in(scope: Scope, names: Names, root: str) -> Imported:
    """The imports of a scope; of a module those that speak of `root`. Worked out once for all cures."""
    key = (None, root) if scope.node is None else (scope, "")
    if key not in names.imports_of:
        imported = names.imports_of[key] = Imported({}, {})
        for local, bindings in _imports_bound_in(scope, names, root.encode()):
            imported.by_meaning.setdefault(bindings[0].qualified, []).append((local, bindings))
            for binding in bindings:
                node = binding.node
                if isinstance(node, cst.ImportFrom) and not node.relative and node.module is not None:
                    imported.of_module.setdefault(dotted(node.module), []).append(binding)
        for same in imported.by_meaning.values():
            same.sort(key=lambda one: (len(one[0]), one[0]))
    return names.imports_of[key]


def _imports_bound_in(scope: Scope, names: Names, root: bytes) -> Iterator[tuple[str, list[Binding]]]:
    """Names bound by imports only, all of them of the same thing: people import twice."""
    if scope.node is not None:
        table = scope.bindings
    else:
        table = {}
        for statement in names.module.outline.statements:
            there = root in names.module.text[statement.span.start : statement.span.end]
            if there and any(isinstance(inner, (ast.Import, ast.ImportFrom)) for inner in _shallow(statement)):
                for name in sorted(statement.binds):
                    table[name] = names.bindings(name, scope)[0]
    for name, found in table.items():
        if found and all(one.kind == "import" and one.qualified == found[0].qualified for one in found):
            yield name, found


def _shallow(statement: Statement) -> Iterator[ast.AST]:
    for node in statement.nodes:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from ast.walk(node)


def _usable(binding: Binding, site: cst.CSTNode, scope: Scope, names: Names) -> bool:
    """Whether the import has surely run when `site` does."""
    if binding.typing_only or binding.fallback:
        return False
    parent = names.module.parent.get(binding.node)
    while parent is not None and not isinstance(parent, (cst.Module, cst.FunctionDef, cst.ClassDef)):
        if isinstance(parent, (cst.If, cst.For, cst.While, cst.Match, cst.ExceptHandler, cst.ExceptStarHandler)):
            return False
        if isinstance(parent, (cst.Try, cst.TryStar)) and parent not in set(names.module.ancestors(site)):
            return False
        parent = names.module.parent.get(parent)
    same_time = scope.node is not None or runs_on_import(site, names)
    return not same_time or names.module.span(binding.node).start < names.module.span(site).start


def _covers(binding: Binding, module: str) -> bool:
    """Whether the import loads `module`: `import xml` does not load `xml.etree`, `import os.path` does load `os`."""
    if binding.qualified == module or binding.qualified.startswith(module + "."):
        return True
    if isinstance(binding.node, cst.Import):
        loaded = [dotted(alias.name) for alias in binding.node.names]
        return any(name == module or name.startswith(module + ".") for name in loaded)
    return False


def _bound_to_other(root: str, module: str, scope: Scope, names: Names) -> bool:
    """Whether `import module` at the top would not be what `root` means at the site, or would change what it means
    elsewhere."""
    found, where = names.bindings(root, scope)
    if where is not None and where.node is not None:
        return True
    top = names.bindings(root, _module_scope(scope))[0]
    harmless = all(b.kind == "import" and b.qualified == root and not b.fallback for b in [*found, *top])
    optional = [b for b in top if not b.typing_only and not _plain(b, names)]
    if harmless and optional and not is_stdlib(module):
        raise Unspeakable(f"`{root}` is imported only under a condition")
    return not harmless


def _plain(binding: Binding, names: Names) -> bool:
    line = names.module.parent.get(binding.node)
    return line is not None and isinstance(names.module.parent.get(line), cst.Module)


def _module_scope(scope: Scope) -> Scope:
    while scope.parent is not None:
        scope = scope.parent
    return scope


def runs_on_import(site: cst.CSTNode, names: Names) -> bool:
    """Whether the place is evaluated while the module is loaded, and not later in a function."""
    scope: Scope | None = names.scope(site)
    while scope is not None:
        if isinstance(scope.node, (cst.FunctionDef, cst.Lambda)):
            return False
        scope = scope.parent
    return True
