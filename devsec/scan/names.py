"""What does a name refer to? Scopes, bindings and what they are bound to, over the pieces of one module.

Policy, measured on real code: a name *may* refer to an import when some binding is that import and every other one is a
fallback (`None`, or anything in an `except` beside it); it *surely* does when the import is the only binding. Rules
report on the first, cures are written on the second.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from devsec.scan.module import Module, Piece, children

if TYPE_CHECKING:
    from devsec.scan.values import Known

_BUILTINS = frozenset(dir(builtins))
_HOPS = 8  # how many assignments a value is followed through
_ORIGIN_WRAPPERS = frozenset({"contextlib.closing", "contextlib.aclosing"})


@dataclass(frozen=True, eq=False)
class Binding:
    """One place that gives a name a meaning.

    kind: import (to `qualified`) · value (to `value`) · with (to what entering `value` gives) · typed (declared as
    `value`, the annotation, without a value) · param (annotation in `value`, or None) · other.
    """

    kind: str
    node: cst.CSTNode
    qualified: str = ""
    value: cst.BaseExpression | None = None
    fallback: bool = False  # in an `except` handler
    typing_only: bool = False  # under `if TYPE_CHECKING:`


@dataclass(eq=False)
class Scope:
    """`node` is the function, lambda, class or comprehension; None for the module."""

    node: cst.CSTNode | None
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)  # name -> "global" | "nonlocal"

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, cst.ClassDef)

    def bind(self, name: str, binding: Binding) -> None:
        self.bindings.setdefault(name, []).append(binding)


@dataclass(frozen=True)
class Imported:
    """The names of a scope that only imports bind, each of them to one thing: with their bindings, by what they mean, the
    shortest first; and the bindings by `from` imports of a module, by that module."""

    by_meaning: dict[str, list[tuple[str, list[Binding]]]]
    of_module: dict[str, list[Binding]]


@dataclass(frozen=True)
class Referent:
    """A qualified name something may refer to; `sure` when it can refer to nothing else."""

    qualified: str
    sure: bool


class Names:
    """Answers for one module; parses further pieces when an answer needs them."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._top: dict[Piece, Scope] = {}
        self._scope_of: dict[cst.CSTNode, Scope] = {}  # scope-making node -> its scope
        self._module_names: dict[str, list[Binding]] = {}
        self.imports_of: dict[tuple[Scope | None, str], Imported] = {}  # see scan/spell.py
        # How deep scan/values.py looked, and what it found: names in names would be asked for more often than time allows.
        self.constants: dict[cst.BaseExpression, tuple[int, Known | None]] = {}
        self.parts: dict[cst.BaseExpression, tuple[int, list[str | cst.BaseExpression] | None]] = {}
        self._attributes: dict[cst.ClassDef, dict[str, list[Binding]]] = {}

    # --- scopes ----------------------------------------------------------------------------------------------------

    def scope(self, node: cst.CSTNode) -> Scope:
        """The scope in which `node` is evaluated."""
        top = self._scopes_of(self.module.piece_of(node))
        outside = False  # of the next scope-making node: what a default or a first iterable is evaluated in
        child, parent = node, self.module.parent.get(node)
        while parent is not None:
            if parent in self._scope_of:
                if not outside and _evaluated_inside(parent, child):
                    return self._scope_of[parent]
                outside = False
            elif isinstance(parent, cst.Param):
                outside = child is not parent.name
            elif isinstance(parent, cst.CompFor) and child is parent.iter:
                outside = isinstance(self.module.parent[parent], _COMPREHENSIONS)
            child, parent = parent, self.module.parent.get(parent)
        return top

    def bindings(self, name: str, scope: Scope, own_class: bool = True) -> tuple[list[Binding], Scope | None]:
        """What `name` is bound to as seen from `scope`, and the scope that binds it; ([], None) for builtins and
        unknown names."""
        at: Scope | None = scope
        first = True
        while at is not None:
            if at.node is None:
                found = self._module_bindings(name)
                return (found, at) if found else ([], None)
            if at.elsewhere.get(name) == "global":
                while at.parent is not None:
                    at = at.parent
                continue
            skip = (at.is_class and not (first and own_class)) or at.elsewhere.get(name) == "nonlocal"
            if not skip and name in at.bindings:
                return at.bindings[name], at
            first = False
            at = at.parent
        return [], None

    def enclosing(self, scope: Scope) -> Iterator[Scope]:
        """The scopes a name is looked up in from here, the nearest first, the module last."""
        at: Scope | None = scope
        while at is not None:
            if at is scope or not at.is_class:
                yield at
            at = at.parent

    def _module_bindings(self, name: str) -> list[Binding]:
        if name not in self._module_names:
            found: list[Binding] = []
            self._module_names[name] = found
            for piece in self.module.binders(name):
                found.extend(self._scopes_of(piece).bindings.get(name, ()))
        return self._module_names[name]

    def _scopes_of(self, piece: Piece) -> Scope:
        if piece not in self._top:
            top = Scope(None, None)
            self._top[piece] = top
            self._build(piece, top)
        return self._top[piece]

    def _build(self, piece: Piece, top: Scope) -> None:
        """One walk: make the scopes, note the bindings."""
        stack: list[tuple[cst.CSTNode, Scope, bool, bool]] = [(piece.tree, top, False, False)]
        while stack:
            node, scope, fallback, typing_only = stack.pop()
            self._note(node, scope, top, fallback, typing_only)
            inner = scope
            if _makes_scope(node):
                inner = self._scope_of[node] = Scope(node, scope)
            # By type: isinstance of an abstract class, as LibCST's are, costs ten times that, for each node of a file.
            now_fallback = fallback or type(node) in _HANDLERS
            typing_body = node.body if type(node) is cst.If and _is_type_checking(node.test) else None
            below = []
            for child in children(node):
                at = inner if inner is not scope and _evaluated_inside(node, child) else scope
                below.append((child, at, now_fallback, typing_only or child is typing_body))
            stack.extend(reversed(below))

    def _note(self, node: cst.CSTNode, scope: Scope, top: Scope, fallback: bool, typing_only: bool) -> None:
        if type(node) not in _BINDERS:
            return

        def bind(
            name: str, kind: str, where: cst.CSTNode, qualified: str = "", value: cst.BaseExpression | None = None
        ) -> None:
            at = scope
            while isinstance(where, cst.NamedExpr) and isinstance(at.node, _COMPREHENSIONS) and at.parent:
                at = at.parent  # PEP 572: a walrus binds outside the comprehension
            if at.elsewhere.get(name) == "global":
                at = top
            elif at.elsewhere.get(name) == "nonlocal":
                while at.parent is not None and name not in at.bindings:
                    at = at.parent
            at.bind(name, Binding(kind, where, qualified, value, fallback, typing_only))

        def bind_target(target: cst.CSTNode, kind: str, value: cst.BaseExpression | None) -> None:
            if isinstance(target, cst.Name):
                bind(target.value, kind, node, "", value)
            elif isinstance(target, (cst.Tuple, cst.List)):
                for element in target.elements:
                    bind_target(element.value, "other", None)

        if isinstance(node, cst.Import):
            for alias in node.names:
                full = dotted(alias.name)
                if alias.asname is not None:
                    bind_name = alias.asname.name
                    if isinstance(bind_name, cst.Name):
                        bind(bind_name.value, "import", node, full)
                else:
                    root = full.split(".", 1)[0]
                    bind(root, "import", node, root)
        elif isinstance(node, cst.ImportFrom):
            base = "." * len(node.relative) + (dotted(node.module) if node.module else "")
            if not isinstance(node.names, cst.ImportStar):
                for alias in node.names:
                    full = f"{base}.{dotted(alias.name)}" if not base.endswith(".") else base + dotted(alias.name)
                    local = alias.asname.name if alias.asname else alias.name
                    if isinstance(local, cst.Name):
                        bind(local.value, "import", node, full)
        elif isinstance(node, cst.Assign):
            for target in node.targets:
                bind_target(target.target, "value", node.value)
        elif isinstance(node, cst.AnnAssign):
            if node.value is not None:
                bind_target(node.target, "value", node.value)
            else:
                bind_target(node.target, "typed", node.annotation.annotation)
        elif isinstance(node, cst.AugAssign):
            bind_target(node.target, "other", None)
        elif isinstance(node, cst.NamedExpr):
            bind_target(node.target, "value", node.value)
        elif isinstance(node, (cst.For, cst.CompFor)):
            bind_target(node.target, "other", None)
        elif isinstance(node, cst.WithItem):
            if node.asname is not None:
                bind_target(node.asname.name, "with", node.item)
        elif isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            bind(node.name.value, "other", node)
        elif isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
            if node.name is not None and isinstance(node.name.name, cst.Name):
                bind(node.name.name.value, "other", node)
        elif isinstance(node, cst.Del):
            for name in _names_in(node.target):
                bind(name, "other", node)
        elif isinstance(node, (cst.Global, cst.Nonlocal)):
            kind = "global" if isinstance(node, cst.Global) else "nonlocal"
            for item in node.names:
                scope.elsewhere[item.name.value] = kind
                # What was bound in this scope before the declaration cannot be: Python forbids it.
        elif isinstance(node, (cst.MatchAs, cst.MatchStar)):
            if node.name is not None:
                bind(node.name.value, "other", node)
        elif isinstance(node, cst.MatchMapping):
            if node.rest is not None:
                bind(node.rest.value, "other", node)
        elif isinstance(node, cst.TypeAlias):
            bind(node.name.value, "other", node)
        elif isinstance(node, cst.Param):
            annotation = node.annotation.annotation if node.annotation else None
            bind(node.name.value, "param", node, "", annotation)

    # --- what things refer to ----------------------------------------------------------------------------------------

    def referents(self, node: cst.CSTNode, hops: int = _HOPS) -> tuple[Referent, ...]:
        """Qualified names a chain of names may refer to; () for anything else and for local things."""
        attributes: list[str] = []
        at = node
        while isinstance(at, cst.Attribute):
            attributes.append(at.attr.value)
            at = at.value
        if not isinstance(at, cst.Name):
            return ()
        tail = "".join("." + name for name in reversed(attributes))
        return tuple(Referent(r.qualified + tail, r.sure) for r in self._name_referents(at, hops))

    def _name_referents(self, name: cst.Name, hops: int) -> tuple[Referent, ...]:
        found, _ = self.bindings(name.value, self.scope(name))
        if not found:
            if name.value in _BUILTINS:
                return (Referent(f"builtins.{name.value}", not self.module.outline.star),)
            return ()
        imports = [b for b in found if b.kind == "import"]
        others = [b for b in found if b.kind != "import"]
        if not imports:
            if len(found) == 1 and found[0].kind == "value" and found[0].value is not None and hops > 0:
                value = found[0].value
                if isinstance(value, (cst.Name, cst.Attribute)):
                    return tuple(Referent(r.qualified, False) for r in self.referents(value, hops - 1))
            return ()
        if not all(b.fallback or (b.kind == "value" and _is_none(b.value)) for b in others):
            return ()
        sure = not others and len({b.qualified for b in imports}) == 1
        return tuple(Referent(q, sure) for q in dict.fromkeys(b.qualified for b in imports))

    def origins(self, node: cst.CSTNode, hops: int = _HOPS) -> frozenset[str] | None:
        """What made a value: qualified names of callables (or of the class it is declared as). None when any part of
        the answer is unknown."""
        if hops <= 0:
            return None
        if isinstance(node, cst.Await):
            return self.origins(node.expression, hops)
        if isinstance(node, cst.NamedExpr):
            return self.origins(node.value, hops)
        if isinstance(node, cst.IfExp):
            return _both(self.origins(node.body, hops - 1), self.origins(node.orelse, hops - 1))
        if isinstance(node, cst.BooleanOperation):
            return _both(self.origins(node.left, hops - 1), self.origins(node.right, hops - 1))
        if isinstance(node, cst.Call):
            return self._made_by_call(node, hops)
        if isinstance(node, cst.Name):
            return self._origins_of(self._in_force(node), hops)
        if isinstance(node, cst.Attribute):
            return self._origins_of(self.attribute_bindings(node), hops)
        return None

    def makers(self, node: cst.CSTNode, hops: int = _HOPS) -> list[cst.Call]:
        """The calls a value is made by, as far as they are seen in this file."""
        if hops <= 0:
            return []
        if isinstance(node, (cst.Await, cst.NamedExpr)):
            return self.makers(node.expression if isinstance(node, cst.Await) else node.value, hops)
        if isinstance(node, cst.Call):
            return [node]
        found: list[Binding] = []
        if isinstance(node, cst.Name):
            found = self._in_force(node)
        elif isinstance(node, cst.Attribute):
            found = self.attribute_bindings(node)
        values = [b.value for b in found if b.kind in ("value", "with") and b.value is not None]
        return [call for value in values for call in self.makers(value, hops - 1)]

    def _in_force(self, name: cst.Name) -> list[Binding]:
        """The bindings of a name that can hold at a place: within `with … as name`, that one alone, unless the body binds
        the name again."""
        found, _ = self.bindings(name.value, self.scope(name))
        if len(found) < 2:
            return found
        child: cst.CSTNode = name
        for parent in self.module.ancestors(name):
            if isinstance(parent, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
                break
            if isinstance(parent, cst.With) and child is parent.body:
                own = [binding for binding in found if binding.node in parent.items]
                below = [b for b in found if b not in own and parent in set(self.module.ancestors(b.node))]
                if len(own) == 1 and not below:
                    return own
            child = parent
        return found

    def _made_by_call(self, call: cst.Call, hops: int) -> frozenset[str] | None:
        referents = self.referents(call.func)
        if referents:
            names = frozenset(r.qualified for r in referents)
            if names & _ORIGIN_WRAPPERS and call.args:
                return self.origins(call.args[0].value, hops - 1)
            return names
        if isinstance(call.func, cst.Attribute):
            made = self.origins(call.func.value, hops - 1)
            if made is not None:
                return frozenset(f"{name}().{call.func.attr.value}" for name in made)
        return None

    def _origins_of(self, found: list[Binding], hops: int) -> frozenset[str] | None:
        union: frozenset[str] = frozenset()
        for binding in found:
            if binding.kind == "value" and _is_none(binding.value):
                continue
            if binding.kind in ("value", "with") and binding.value is not None:
                made = self.origins(binding.value, hops - 1)
            elif binding.kind in ("param", "typed") and binding.value is not None:
                made = self._declared(binding.value)
                if binding.kind == "typed" and made is None:
                    continue  # a bare declaration says nothing
            else:
                made = None
            if made is None:
                return None
            union |= made
        return union or None

    def _declared(self, annotation: cst.BaseExpression) -> frozenset[str] | None:
        """`C`, `"C"`, `Optional[C]`, `C | None`: what a value declared so is made by."""
        if isinstance(annotation, cst.SimpleString):
            text = annotation.evaluated_value
            if not isinstance(text, str) or not text.replace(".", "").isidentifier():
                return None
            root, _, rest = text.partition(".")
            found, _ = self.bindings(root, self.scope(annotation))
            imports = {b.qualified for b in found if b.kind == "import"}
            if len(imports) != 1 or len(imports) != len(found):
                return None
            return frozenset({imports.pop() + ("." + rest if rest else "")})
        if isinstance(annotation, cst.BinaryOperation) and isinstance(annotation.operator, cst.BitOr):
            sides = [side for side in (annotation.left, annotation.right) if not _is_none(side)]
            return self._declared(sides[0]) if len(sides) == 1 else None
        if isinstance(annotation, cst.Subscript):
            outer = {r.qualified for r in self.referents(annotation.value)}
            if outer <= {"typing.Optional", "typing.Annotated", "typing_extensions.Annotated"} and outer:
                first = annotation.slice[0].slice
                return self._declared(first.value) if isinstance(first, cst.Index) else None
            return None
        names = frozenset(r.qualified for r in self.referents(annotation))
        return names or None

    # --- attributes of the object at hand ------------------------------------------------------------------------------

    def attribute_bindings(self, node: cst.Attribute) -> list[Binding]:
        """What `self.x` or `cls.x` is assigned in its class; [] when `node` is nothing of the kind."""
        if not isinstance(node.value, cst.Name):
            return []
        owner = self.owner(node.value)
        if owner is None:
            return []
        return self._attributes_of(owner).get(node.attr.value, [])

    def owner(self, receiver: cst.Name) -> cst.ClassDef | None:
        """The class whose method has `receiver` as its first parameter."""
        found, scope = self.bindings(receiver.value, self.scope(receiver))
        if scope is None or len(found) != 1 or found[0].kind != "param" or not isinstance(scope.node, cst.FunctionDef):
            return None
        params = scope.node.params
        first = next(iter([*params.posonly_params, *params.params]), None)
        if first is None or first is not found[0].node:
            return None
        if any(
            isinstance(d.decorator, cst.Name) and d.decorator.value == "staticmethod" for d in scope.node.decorators
        ):
            return None
        body = self.module.parent.get(scope.node)
        while body is not None and not isinstance(body, (cst.ClassDef, cst.FunctionDef, cst.Lambda)):
            body = self.module.parent.get(body)
        return body if isinstance(body, cst.ClassDef) else None

    def _attributes_of(self, owner: cst.ClassDef) -> dict[str, list[Binding]]:
        if owner in self._attributes:
            return self._attributes[owner]
        table: dict[str, list[Binding]] = {}
        self._attributes[owner] = table
        self.scope(owner)
        for name, bindings in self._scope_of[owner].bindings.items():
            table.setdefault(name, []).extend(bindings)
        stack: list[cst.CSTNode] = [owner.body]
        while stack:
            node = stack.pop()
            stack.extend(children(node))
            targets: list[tuple[cst.CSTNode, str, cst.BaseExpression | None]] = []
            if isinstance(node, cst.Assign):
                targets = [(t.target, "value", node.value) for t in node.targets]
            elif isinstance(node, cst.AnnAssign):
                if node.value is not None:
                    targets = [(node.target, "value", node.value)]
                else:
                    targets = [(node.target, "typed", node.annotation.annotation)]
            elif isinstance(node, cst.AugAssign):
                targets = [(node.target, "other", None)]
            elif isinstance(node, cst.WithItem) and node.asname is not None:
                targets = [(node.asname.name, "with", node.item)]
            elif isinstance(node, (cst.For, cst.CompFor)):
                targets = [(node.target, "other", None)]
            for target, kind, value in targets:
                for part, part_kind, part_value in _unpacked(target, kind, value):
                    if (
                        isinstance(part, cst.Attribute)
                        and isinstance(part.value, cst.Name)
                        and self.owner(part.value) is owner
                    ):
                        table.setdefault(part.attr.value, []).append(Binding(part_kind, node, "", part_value))
        return table

    def value(self, node: cst.BaseExpression, hops: int = _HOPS) -> cst.BaseExpression:
        """The expression a name, `self.x` or walrus stands for when it has a single plain assignment, else `node`."""
        while hops > 0:
            hops -= 1
            if isinstance(node, cst.NamedExpr):
                node = node.value
                continue
            if isinstance(node, cst.Name):
                found, _ = self.bindings(node.value, self.scope(node))
            elif isinstance(node, cst.Attribute):
                found = self.attribute_bindings(node)
            else:
                return node
            if len(found) != 1 or found[0].kind != "value" or found[0].value is None or found[0].fallback:
                return node
            node = found[0].value
        return node


_BINDERS = frozenset(
    [
        cst.Import,
        cst.ImportFrom,
        cst.Assign,
        cst.AnnAssign,
        cst.AugAssign,
        cst.NamedExpr,
        cst.For,
        cst.CompFor,
        cst.WithItem,
        cst.FunctionDef,
        cst.ClassDef,
        cst.ExceptHandler,
        cst.ExceptStarHandler,
        cst.Del,
        cst.Global,
        cst.Nonlocal,
        cst.MatchAs,
        cst.MatchStar,
        cst.MatchMapping,
        cst.TypeAlias,
        cst.Param,
    ]
)
_HANDLERS = frozenset([cst.ExceptHandler, cst.ExceptStarHandler])
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_SCOPE_MAKERS = frozenset([cst.FunctionDef, cst.ClassDef, cst.Lambda, *_COMPREHENSIONS])


def _makes_scope(node: cst.CSTNode) -> bool:
    return type(node) in _SCOPE_MAKERS


def _evaluated_inside(maker: cst.CSTNode, child: cst.CSTNode) -> bool:
    """Whether `child` of the scope-making node is evaluated in the new scope (defaults of parameters and the first
    iterable of a comprehension, which are not, lie deeper: `Names.scope` sees to them)."""
    if isinstance(maker, cst.FunctionDef):
        return child is maker.body or child is maker.params
    if isinstance(maker, cst.Lambda):
        return True
    if isinstance(maker, cst.ClassDef):
        return child is maker.body
    return isinstance(maker, _COMPREHENSIONS)


def dotted(node: cst.CSTNode) -> str:
    """`a.b.c` of a chain of names; "" for anything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    return ".".join([node.value, *reversed(parts)])


def _names_in(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, (cst.Tuple, cst.List)):
        for element in node.elements:
            yield from _names_in(element.value)


def _unpacked(
    target: cst.CSTNode, kind: str, value: cst.BaseExpression | None
) -> Iterator[tuple[cst.CSTNode, str, cst.BaseExpression | None]]:
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _unpacked(element.value, "other", None)
    else:
        yield target, kind, value


def _is_none(node: cst.CSTNode | None) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _is_type_checking(test: cst.BaseExpression) -> bool:
    return dotted(test).rsplit(".", 1)[-1] == "TYPE_CHECKING"


def _both(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    if left is None or right is None:
        return None
    return left | right
