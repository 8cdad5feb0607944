"""How does this file say a qualified name at this place? Reuses what is imported; otherwise says which import to add."""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from devsec.scan.module import Module
from devsec.scan.names import Binding, Names, Scope, dotted
from devsec.scan.outline import Statement
from devsec.text import Edit, Span


class Unspeakable(Exception):
    """The name cannot be used here; the message says why, for the person who reads the demoted cure."""


@dataclass(frozen=True)
class Spelling:
    """What to write, and the import to add before it is true ("" when it is already)."""

    text: str
    import_line: str = ""


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
    root = module.split(".", 1)[0]
    if not _bound_to_other(root, module, scope, names):
        return Spelling(qualified, f"import {module}")
    alias = "_" + module.replace(".", "_")
    if alias.encode() in names.module.text:
        raise Unspeakable(f"`{root}` means something else here, and so does `{alias}`")
    return Spelling(alias + qualified[len(module) :], f"import {module} as {alias}")


def _existing(qualified: str, module: str, site: cst.CSTNode, scope: Scope, names: Names) -> str | None:
    """The shortest way the file already has of saying the name; what is imported by itself before what needs a dot."""
    found: list[str] = []
    for at in names.enclosing(scope):
        for local, binding in _imports_in(at, names):
            if names.bindings(local, scope)[0] != [binding] or not _usable(binding, site, at, names):
                continue
            if binding.qualified == qualified:
                found.append(local)
            elif qualified.startswith(binding.qualified + ".") and _covers(binding, module):
                found.append(local + qualified[len(binding.qualified) :])
    return min(found, key=lambda text: (text.count("."), len(text), text), default=None)


def _imports_in(scope: Scope, names: Names) -> Iterator[tuple[str, Binding]]:
    """Names bound by exactly one import in a scope."""
    if scope.node is not None:
        table = scope.bindings
    else:
        table = {}
        for statement in names.module.outline.statements:
            if any(isinstance(inner, (ast.Import, ast.ImportFrom)) for inner in _shallow(statement)):
                for name in sorted(statement.binds):
                    table[name] = names.bindings(name, scope)[0]
    for name, found in table.items():
        if len(found) == 1 and found[0].kind == "import":
            yield name, found[0]


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
    if harmless and optional and not _is_stdlib(module):
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


# --- where a new import goes ---------------------------------------------------------------------------------------------


def import_edit(line: str, site: cst.CSTNode, names: Names) -> Edit:
    """The edit that adds `line` (an `import …` statement) where the file keeps its imports, sorted as isort would, and
    before `site` when that runs on import."""
    module = names.module
    newline = newline_of(module.text)
    statements = module.outline.statements
    head = _head_length(statements)
    limit = len(module.text)
    if runs_on_import(site, names):
        limit = module.span(site).start
    block = _import_block(statements[head:], limit)
    if not block:
        return _first_import(line, module, head, newline)
    return _in_block(line, block, module, newline)


def newline_of(text: bytes) -> str:
    """The line ending of the file: that of its first line; `\\n` when there is none."""
    end = text.find(b"\n")
    if end == -1:
        return "\r" if b"\r" in text else "\n"
    return "\r\n" if text[end - 1 : end] == b"\r" else "\n"


def _head_length(statements: Sequence[Statement]) -> int:
    """How many statements must stay first: the docstring and `from __future__`."""
    count = 0
    for index, statement in enumerate(statements):
        node = statement.nodes[0]
        docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        docstring = docstring and isinstance(node.value.value, str)  # type: ignore[attr-defined]
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        count += 1
    return count


def _import_block(statements: Sequence[Statement], limit: int) -> list[Statement]:
    """The first run of import statements that ends before `limit`; assignments such as `__version__` may come first."""
    block: list[Statement] = []
    for statement in statements:
        if statement.span.end > limit:
            break
        if all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in statement.nodes):
            block.append(statement)
        elif block or not isinstance(statement.nodes[0], (ast.Assign, ast.AnnAssign, ast.Expr)):
            break
    return block


def _first_import(line: str, module: Module, head: int, newline: str) -> Edit:
    statements = module.outline.statements
    if head:
        at = statements[head - 1].span.end
        before = newline if not isinstance(statements[head - 1].nodes[0], ast.ImportFrom) else ""
        if not module.text[:at].endswith((b"\n", b"\r")):
            before = newline + before
        return Edit(Span(at, at), before + line + newline)
    if not statements:
        return Edit(Span(0, 0), line + newline)
    first = statements[0]
    at = _above_its_comments(first.span.start, module)
    blank = newline * (3 if isinstance(first.nodes[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else 2)
    return Edit(Span(at, at), line + blank)


def _above_its_comments(start: int, module: Module) -> int:
    """Before the comment lines that belong to the first statement, unless they begin the file (a licence, a cookie)."""
    line = module.lines.place(start).line
    above = line
    while above > 1 and module.lines.line(above - 1).lstrip().startswith("#"):
        above -= 1
    return start if above == 1 else module.lines.start(above)


def _in_block(line: str, block: Sequence[Statement], module: Module, newline: str) -> Edit:
    name = line.split()[1]
    ours = _section(name)
    same = [s for s in block if _section(_module_name(s)) == ours]
    plain = [s for s in same if isinstance(s.nodes[0], ast.Import)]
    if plain or same:
        later = [s for s in plain if _module_name(s).lower() > name.lower()]
        if later:
            at = later[0].span.start
        elif plain:
            at = plain[-1].span.end
        else:
            at = same[0].span.start
        return _line_at(at, line, module, newline)
    before = [s for s in block if _section(_module_name(s)) < ours]
    if before:
        at = before[-1].span.end
        blank = newline if _has_blank_sections(block, module) or len(before) == len(block) else ""
        return Edit(Span(at, at), ("" if _ends_line(at, module) else newline) + blank + line + newline)
    return Edit(Span(block[0].span.start, block[0].span.start), line + newline + newline)


def _line_at(at: int, line: str, module: Module, newline: str) -> Edit:
    if not _ends_line(at, module):
        return Edit(Span(at, at), newline + line)
    return Edit(Span(at, at), line + newline)


def _ends_line(at: int, module: Module) -> bool:
    return at == 0 or module.text[:at].endswith((b"\n", b"\r"))


def _has_blank_sections(block: Sequence[Statement], module: Module) -> bool:
    return any(
        not module.text[a.span.end : b.span.start].strip() and b.span.start > a.span.end
        for a, b in itertools.pairwise(block)
    )


def _module_name(statement: Statement) -> str:
    node = statement.nodes[0]
    if isinstance(node, ast.Import):
        return node.names[0].name
    assert isinstance(node, ast.ImportFrom)
    return "." * node.level + (node.module or "")


def _section(name: str) -> int:
    """0 the standard library, 1 installed packages, 2 this package."""
    if name.startswith("."):
        return 2
    return 0 if _is_stdlib(name) else 1


def _is_stdlib(name: str) -> bool:
    return name.split(".", 1)[0] in sys.stdlib_module_names
