"""What do the names in a piece of Python refer to, as far as the piece itself says?"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable


class Names:
    """`imported` are local names and what they stand for, `made` names bound once and the expression they are bound to.
    `known` tells of a dotted name that nothing in the piece binds whether it is that of a module all the same; the modules
    found so are in `missing`: the piece lacks their imports."""

    def __init__(self, tree: ast.AST, known: Callable[[str], bool]) -> None:
        self.imported: dict[str, str] = {}
        self.made: dict[str, ast.expr] = {}
        self.missing: set[str] = set()
        self._known = known
        self._bound: dict[str, int] = {}
        for node in ast.walk(tree):
            self._see(node)

    def _see(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                self.imported[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            for alias in node.names:
                self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self._bind(node.id)
        elif isinstance(node, ast.arg):
            self._bind(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._bind(node.name)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            self.made[node.targets[0].id] = node.value
        elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            self.made[node.optional_vars.id] = node.context_expr

    def _bind(self, name: str) -> None:
        self._bound[name] = self._bound.get(name, 0) + 1

    def qualified(self, node: ast.expr) -> str:
        """`requests.get` for `r.get` after `import requests as r`; "" for what is no chain of names, or refers to nothing
        that is known."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self._bound:
            return ""
        rest = "".join(f".{part}" for part in reversed(parts))
        if node.id in self.imported:
            return self.imported[node.id] + rest
        if not rest and hasattr(builtins, node.id):
            return f"builtins.{node.id}"
        if rest and self._known(node.id + rest):
            self.missing.add(node.id)
            return node.id + rest
        return ""

    def origin(self, node: ast.expr) -> str:
        """What made a value, as `on` says it: `requests.Session`, `sqlite3.connect().cursor`; "" when it is not seen."""
        if isinstance(node, ast.Await):
            return self.origin(node.value)
        if isinstance(node, ast.Name) and self._bound.get(node.id) == 1 and node.id in self.made:
            return self.origin(self.made[node.id])
        if not isinstance(node, ast.Call):
            return ""
        name = self.qualified(node.func)
        if name or not isinstance(node.func, ast.Attribute):
            return name
        before = self.origin(node.func.value)
        return f"{before}().{node.func.attr}" if before else ""


def resolved(tree: ast.Module, names: Names) -> ast.Module:
    """The same without its imports, each chain of names that refers to something known written as that one name."""
    import copy

    out = _Resolved(names).visit(copy.deepcopy(tree))
    assert isinstance(out, ast.Module)
    return out


def is_known(node: ast.AST) -> bool:
    """Whether a name in a resolved tree is a qualified one."""
    return isinstance(node, ast.Name) and getattr(node, "devsec_known", False)


class _Resolved(ast.NodeTransformer):
    def __init__(self, names: Names) -> None:
        self._names = names

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._chain(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._chain(node)

    def _chain(self, node: ast.Name | ast.Attribute) -> ast.AST:
        name = self._names.qualified(node)
        if not name:
            return self.generic_visit(node)
        made = ast.Name(name, node.ctx)
        made.devsec_known = True  # type: ignore[attr-defined]
        return ast.copy_location(made, node)
