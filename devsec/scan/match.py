"""Does a shape hold at a node? Answers with what it matched, for the finding and for the cure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from devsec.catalog.rule import IN_ANY_FILE, Context, Literal, Rule, Shape, Surrounding, Test
from devsec.scan import plain, values
from devsec.scan.aliases import name_matches
from devsec.scan.arguments import Arguments
from devsec.scan.destinations import destinations
from devsec.scan.module import Module
from devsec.scan.names import Names, Referent, dotted
from devsec.scan.pattern import Pattern, compile_pattern
from devsec.scan.request import comes_from_request
from devsec.text import Span


@dataclass(frozen=True, eq=False)
class Match:
    """`node` is what the finding points at. `sure` is false when a name may refer to something else as well: reported,
    but not cured. `parts` are the expressions a cure or a mask may ask for, by label or hole. A `text` shape finds a place
    and no node: then `secret_in` is the literal it stands in, and `secret` the place in that."""

    rule: Rule
    shape: Shape
    node: cst.CSTNode
    sure: bool
    arguments: Arguments | None = None
    parts: Mapping[str, cst.BaseExpression] = field(default_factory=dict)
    target: cst.CSTNode | None = None
    secret_in: cst.BaseExpression | None = None
    secret: Span | None = None


class Matcher:
    """Looks at the nodes of one module for a set of rules."""

    def __init__(self, module: Module, names: Names, rules: Sequence[Rule]) -> None:
        self.module = module
        self.names = names
        self._wrappers: tuple[str, ...] = ()  # of the rule that is being asked
        self._by_kind: dict[str, list[tuple[Rule, Shape]]] = {}
        self._calls: dict[str, list[tuple[Rule, Shape]]] = {}
        self._wild_calls: list[tuple[Rule, Shape]] = []
        self._methods: dict[str, list[tuple[Rule, Shape]]] = {}
        self._patterns: dict[type, list[tuple[Rule, Shape, Pattern]]] = {}
        for rule in rules:
            for shape in rule.find:
                self._index(rule, shape)

    def _index(self, rule: Rule, shape: Shape) -> None:
        if shape.kind == "call":
            for name in shape.names:
                if "*" in name:
                    self._wild_calls.append((rule, shape))
                else:
                    self._calls.setdefault(name, []).append((rule, shape))
        elif shape.kind == "method":
            for name in shape.names:
                self._methods.setdefault(name, []).append((rule, shape))
        elif shape.kind == "pattern":
            pattern = compile_pattern(shape.pattern)
            self._patterns.setdefault(pattern.root, []).append((rule, shape, pattern))
        elif shape.kind not in IN_ANY_FILE:
            self._by_kind.setdefault(shape.kind, []).append((rule, shape))

    def matches(self, node: cst.CSTNode) -> Iterator[Match]:
        """All matches at this very node."""
        kind = type(node)
        look = _LOOKS.get(kind)
        if look is not None:
            yield from look(self, node)
        for rule, shape, pattern in self._patterns.get(kind, ()):
            yield from self._kept(self._pattern(rule, shape, pattern, node))

    def _at_assign(self, node: cst.Assign | cst.AnnAssign) -> Iterator[Match]:
        for rule, shape in self._by_kind.get("assign", ()):
            yield from self._kept(self._assign(rule, shape, node))

    def _at_comparison(self, node: cst.Comparison) -> Iterator[Match]:
        for rule, shape in self._by_kind.get("compare", ()):
            yield from self._kept(self._compare(rule, shape, node))

    def _at_string(self, node: cst.SimpleString | cst.ConcatenatedString | cst.FormattedString) -> Iterator[Match]:
        if isinstance(self.module.parent.get(node), cst.ConcatenatedString):
            return  # implicit concatenation is one literal
        for rule, shape in self._by_kind.get("string", ()):
            if shape.literal is not None and self._string(shape.literal, node):
                yield from self._kept(Match(rule, shape, node, True, parts={"match": node}))

    def _at_import(self, node: cst.Import | cst.ImportFrom) -> Iterator[Match]:
        for rule, shape in self._by_kind.get("import", ()):
            if any(_is_below(name, wanted) for name in _imported_names(node) for wanted in shape.names):
                yield from self._kept(Match(rule, shape, node, True))

    def _at_decorator(self, node: cst.Decorator) -> Iterator[Match]:
        for rule, shape in self._by_kind.get("decorator", ()):
            yield from self._kept(self._decorator(rule, shape, node))

    def _kept(self, match: Match | None) -> Iterator[Match]:
        if match is not None and self._in_context(match.shape.context, match.node):
            yield match

    # --- shapes ----------------------------------------------------------------------------------------------------

    def _at_call(self, node: cst.Call) -> Iterator[Match]:
        if self._calls or self._wild_calls:
            referents = self.names.referents(node.func)
            seen: list[tuple[Rule, Shape]] = []
            for referent in referents:
                for pair in (*self._calls.get(referent.qualified, ()), *self._wild_calls):
                    if any(pair[0] is rule and pair[1] is shape for rule, shape in seen):
                        continue
                    if any(name_matches(wanted, referent.qualified) for wanted in pair[1].names):
                        seen.append(pair)
                        yield from self._kept(self._call(pair[0], pair[1], node, referents))
        if self._methods and isinstance(node.func, cst.Attribute):
            for rule, shape in self._methods.get(node.func.attr.value, ()):
                if self._made_by_on(shape, node.func.value):
                    yield from self._kept(self._with_args(rule, shape, node, node.args, True))

    def _call(self, rule: Rule, shape: Shape, node: cst.Call, referents: Sequence[Referent]) -> Match | None:
        sure = all(r.sure for r in referents) or (len(referents) == 1 and not self._ambiguous(node.func))
        return self._with_args(rule, shape, node, node.args, sure)

    def _ambiguous(self, func: cst.BaseExpression) -> bool:
        """Whether the callee's name has more than one binding (an alias through one assignment is not ambiguous)."""
        root: cst.BaseExpression = func
        while isinstance(root, cst.Attribute):
            root = root.value
        if not isinstance(root, cst.Name):
            return True
        found, _ = self.names.bindings(root.value, self.names.scope(root))
        return len(found) > 1

    def _with_args(
        self, rule: Rule, shape: Shape, node: cst.CSTNode, args: Sequence[cst.Arg], sure: bool
    ) -> Match | None:
        arguments = Arguments(args)
        self._wrappers = wrappers(rule)
        parts = self._args_hold(shape.args, arguments)
        self._wrappers = ()
        if parts is None or self._is_cured(rule, parts):
            return None
        return Match(rule, shape, node, sure, arguments, parts)

    def _is_cured(self, rule: Rule, parts: Mapping[str, cst.BaseExpression]) -> bool:
        """Whether an argument stands already in what a cure would put around it."""
        for cure in rule.cures:
            for label, template in cure.wrap:
                if label in parts and values.is_quoted(parts[label], (template.source,), self.names):
                    return True
        return False

    def _args_hold(
        self, wanted: Sequence[tuple[str, Sequence[Test]]], arguments: Arguments
    ) -> dict[str, cst.BaseExpression] | None:
        parts: dict[str, cst.BaseExpression] = {}
        for label, tests in wanted:
            if label == "*":
                value = next((v for v in arguments.values() if self.holds(tests, v)), None)
                if value is None:
                    return None
                parts["*"] = value
                continue
            arg = arguments.get(label, tests)
            if arg is None:
                if arguments.starred or not any(test.missing for test in tests):
                    return None
                continue
            if not self.holds(tests, arg.value):
                return None
            parts[label] = arg.value
        return parts

    def _assign(self, rule: Rule, shape: Shape, node: cst.Assign | cst.AnnAssign) -> Match | None:
        if node.value is None:
            return None
        targets = [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
        for target in targets:
            if any(self._target(wanted, shape, target) for wanted in shape.names):
                if shape.target and not self.holds(shape.target, target):
                    continue
                if shape.value and not self.holds(shape.value, node.value):
                    return None
                return Match(rule, shape, node, True, parts={"value": node.value}, target=target)
        return None

    def _target(self, wanted: str, shape: Shape, target: cst.CSTNode) -> bool:
        if wanted == "*":
            return not isinstance(target, (cst.Tuple, cst.List))
        if wanted.startswith("."):
            return (
                isinstance(target, cst.Attribute)
                and target.attr.value == wanted[1:]
                and self._made_by_on(shape, target.value)
            )
        if wanted.startswith("["):
            if not isinstance(target, cst.Subscript) or len(target.slice) != 1:
                return False
            index = target.slice[0].slice
            if not isinstance(index, cst.Index) or not self._made_by_on(shape, target.value):
                return False
            key = values.constant(index.value, self.names)
            return key is not None and plain.text_of(key.value) == ast.literal_eval(wanted[1:-1])
        if "." in wanted:
            if not isinstance(target, cst.Attribute):
                return False
            return any(name_matches(wanted, r.qualified) for r in self.names.referents(target))
        return isinstance(target, cst.Name) and target.value == wanted

    def _made_by_on(self, shape: Shape, receiver: cst.BaseExpression) -> bool:
        if not shape.on:
            return True
        origins = self.names.origins(receiver)
        if origins is None or not all(any(name_matches(on, origin) for on in shape.on) for origin in origins):
            return False
        return not shape.made_with or all(
            self._args_hold(shape.made_with, Arguments(call.args)) is not None for call in self.names.makers(receiver)
        )

    def _compare(self, rule: Rule, shape: Shape, node: cst.Comparison) -> Match | None:
        if len(node.comparisons) != 1:
            return None
        comparison = node.comparisons[0]
        operator = _OPERATORS.get(type(comparison.operator), "")
        if operator not in shape.names:
            return None
        left, right = node.left, comparison.comparator
        orders = [(left, right)]
        if operator in ("==", "!=", "is", "is not"):
            orders.append((right, left))
        for one, other in orders:
            if (not shape.left or self.holds(shape.left, one)) and (not shape.right or self.holds(shape.right, other)):
                return Match(rule, shape, node, True, parts={"left": left, "right": right})
        return None

    def _decorator(self, rule: Rule, shape: Shape, node: cst.Decorator) -> Match | None:
        expression = node.decorator
        func = expression.func if isinstance(expression, cst.Call) else expression
        referents = self.names.referents(func)
        if not any(name_matches(wanted, r.qualified) for r in referents for wanted in shape.names):
            return None
        args = expression.args if isinstance(expression, cst.Call) else ()
        return self._with_args(rule, shape, node, args, all(r.sure for r in referents))

    def _pattern(self, rule: Rule, shape: Shape, pattern: Pattern, node: cst.CSTNode) -> Match | None:
        captures = pattern.match(node, self.names)
        if captures is None:
            return None
        for hole, tests in shape.where:
            if hole not in captures or not self.holds(tests, captures[hole]):
                return None
        return Match(rule, shape, node, True, parts=captures)

    # --- tests -----------------------------------------------------------------------------------------------------

    def holds(self, tests: Sequence[Test], node: cst.BaseExpression) -> bool:
        """Whether any of the tests holds for an expression that is there. No tests: nothing is asked."""
        return not tests or any(self._test(test, node) for test in tests)

    def _test(self, test: Test, node: cst.BaseExpression) -> bool:
        if test.missing:
            return False
        if plain.asks_constant(test) and not self._constant_test(test, node):
            return False
        if test.dynamic:
            quotes = (*test.quoted_by, *self._wrappers)
            if not values.is_dynamic(values.string_parts(node, self.names), quotes, self.names):
                return False
        if test.names and not any(plain.words_match(test.names, name) for name in values.identifiers(node)):
            return False
        if test.refers_to and not self._refers(test.refers_to, node):
            return False
        if test.string is not None and not self._string(test.string, node):
            return False
        if test.from_request and not comes_from_request(node, self.names, test.from_request == "link"):
            return False
        if test.kind and not (_kinds(node) | _kinds(self.names.value(node))) & set(test.kind):
            return False
        if test.contains and not self._contains(test.contains, node):
            return False
        if test.keys and not self._keys(test.keys, node):
            return False
        if test.made_by is not None and not self._made_by(test.made_by, node):
            return False
        return not any(self._test(no, node) for no in test.none_of)

    def _constant_test(self, test: Test, node: cst.BaseExpression) -> bool:
        known = values.constant(node, self.names)
        return known is not None and plain.holds(test, known.value)

    def _refers(self, wanted: Sequence[str], node: cst.BaseExpression) -> bool:
        for at in (node, self.names.value(node)):
            if any(name_matches(name, r.qualified) for r in self.names.referents(at) for name in wanted):
                return True
        return False

    def _string(self, literal: Literal, node: cst.BaseExpression) -> bool:
        known = values.constant(node, self.names)
        if known is not None:
            text = plain.text_of(known.value)
        else:
            parts = values.string_parts(node, self.names)
            text = values.shown(parts) if values.is_dynamic(parts) and parts is not None else None
        return text is not None and plain.is_like(literal, text)

    def _contains(self, tests: Sequence[Test], node: cst.BaseExpression) -> bool:
        node = self.names.value(node)
        if not isinstance(node, (cst.List, cst.Tuple, cst.Set)):
            return False
        return any(self.holds(tests, element.value) for element in node.elements)

    def _keys(self, keys: Sequence[tuple[str, Sequence[Test]]], node: cst.BaseExpression) -> bool:
        table = self._table(self.names.value(node))
        if table is None:
            return False
        entries, complete = table
        for key, tests in keys:
            if key in entries:
                if not self.holds(tests, entries[key]):
                    return False
            elif not complete or not any(test.missing for test in tests):
                return False
        return True

    def _table(self, node: cst.BaseExpression) -> tuple[dict[str, cst.BaseExpression], bool] | None:
        """The constant keys of a dict and whether these are all of them."""
        entries: dict[str, cst.BaseExpression] = {}
        complete = True
        if isinstance(node, cst.Dict):
            for element in node.elements:
                key = None
                if isinstance(element, cst.DictElement):
                    known = values.constant(element.key, self.names)
                    key = known.value if known is not None and isinstance(known.value, str) else None
                if key is None:
                    complete = False
                else:
                    entries[key] = element.value
            return entries, complete
        if isinstance(node, cst.Call) and any(r.qualified == "builtins.dict" for r in self.names.referents(node.func)):
            for arg in node.args:
                if arg.keyword is None:
                    complete = False
                else:
                    entries[arg.keyword.value] = arg.value
            return entries, complete
        return None

    def _made_by(self, shape: Shape, node: cst.BaseExpression) -> bool:
        node = self.names.value(node)
        if not isinstance(node, cst.Call):
            return False
        if shape.kind == "call":
            if not any(name_matches(n, r.qualified) for r in self.names.referents(node.func) for n in shape.names):
                return False
        elif not (
            isinstance(node.func, cst.Attribute)
            and node.func.attr.value in shape.names
            and self._made_by_on(shape, node.func.value)
        ):
            return False
        return self._args_hold(shape.args, Arguments(node.args)) is not None

    # --- contexts --------------------------------------------------------------------------------------------------

    def _in_context(self, context: Context, node: cst.CSTNode) -> bool:
        if context.imports and not any(self.module.does_import(wanted) for wanted in context.imports):
            return False
        if any(self.module.does_import(other) for other in context.not_imports):
            return False
        if context.assigned_to and not any(
            plain.words_match(context.assigned_to, name) for name in destinations(node, self.names)
        ):
            return False
        if context.not_assigned_to and any(
            plain.words_match(context.not_assigned_to, name) for name in destinations(node, self.names)
        ):
            return False
        if context.inside and not any(self._surrounded(around, node) for around in context.inside):
            return False
        return not any(self._surrounded(around, node) for around in context.not_inside)

    def _surrounded(self, around: Surrounding, node: cst.CSTNode) -> bool:
        if around.scope:
            maker = self.names.scope(node).node
            while maker is not None and not isinstance(maker, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
                parent = self.names.scope(maker).node  # a comprehension is no scope of its own to a reader
                maker = parent
            kind = "module" if maker is None else "class" if isinstance(maker, cst.ClassDef) else "function"
            if kind != around.scope:
                return False
            if around == Surrounding(scope=around.scope):
                return True
        child = node
        for parent in self.module.ancestors(node):
            if self._is_around(around, parent, child):
                return True
            child = parent
        return False

    def _is_around(self, around: Surrounding, parent: cst.CSTNode, child: cst.CSTNode) -> bool:
        if around.function and not (
            isinstance(parent, cst.FunctionDef) and plain.words_match(around.function, parent.name.value)
        ):
            return False
        if around.cls and not (isinstance(parent, cst.ClassDef) and plain.words_match(around.cls, parent.name.value)):
            return False
        if around.decorator:
            if not isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
                return False
            funcs = [d.decorator.func if isinstance(d.decorator, cst.Call) else d.decorator for d in parent.decorators]
            if not any(self._refers(around.decorator, func) for func in funcs):
                return False
        if around.call and not (
            isinstance(parent, cst.Call) and child is not parent.func and self._refers(around.call, parent.func)
        ):
            return False
        if around.with_:
            if not isinstance(parent, cst.With) or child is not parent.body:
                return False
            calls = [item.item for item in parent.items if isinstance(item.item, cst.Call)]
            if not any(self._refers(around.with_, call.func) for call in calls):
                return False
        if around.branch:
            return _is_branch(parent, child)
        if around.loop:
            return isinstance(parent, (cst.For, cst.While, cst.CompFor)) and child is getattr(parent, "body", child)
        return bool(around.function or around.cls or around.decorator or around.call or around.with_)


def _is_branch(parent: cst.CSTNode, child: cst.CSTNode) -> bool:
    """Whether a condition decides if `child` runs. `if __name__ == "__main__":` is no condition to a reader."""
    if isinstance(parent, (cst.If, cst.IfExp)):
        test = parent.test.left if isinstance(parent.test, cst.Comparison) else parent.test
        return child is not parent.test and dotted(test) != "__name__"
    return isinstance(parent, cst.MatchCase) and child is parent.body


# What to ask at a node, by its type: most nodes are asked nothing.
_LOOKS: dict[type, Any] = {
    cst.Call: Matcher._at_call,
    cst.Assign: Matcher._at_assign,
    cst.AnnAssign: Matcher._at_assign,
    cst.Comparison: Matcher._at_comparison,
    cst.SimpleString: Matcher._at_string,
    cst.ConcatenatedString: Matcher._at_string,
    cst.FormattedString: Matcher._at_string,
    cst.Import: Matcher._at_import,
    cst.ImportFrom: Matcher._at_import,
    cst.Decorator: Matcher._at_decorator,
}
_OPERATORS = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
}


def _imported_names(node: cst.Import | cst.ImportFrom) -> Iterator[str]:
    if isinstance(node, cst.Import):
        for alias in node.names:
            yield dotted(alias.name)
    elif not node.relative and node.module is not None:
        base = dotted(node.module)
        if isinstance(node.names, cst.ImportStar):
            yield base
        else:
            for alias in node.names:
                yield f"{base}.{dotted(alias.name)}"


def _is_below(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(wanted + ".")


def wrappers(rule: Rule) -> tuple[str, ...]:
    """What the rule's cures put around parts of a string: such a part is cured."""
    return tuple(template.source for cure in rule.cures for _, template in cure.wrap_holes)


def _kinds(node: cst.BaseExpression) -> set[str]:
    if isinstance(node, cst.SimpleString):
        return {"bytes"} if "b" in node.prefix.lower() else {"string"}
    if isinstance(node, cst.ConcatenatedString):
        return _kinds(node.left) | _kinds(node.right)
    return {kind for types, kind in _KINDS if isinstance(node, types)}


_KINDS: tuple[tuple[Any, str], ...] = (
    (cst.FormattedString, "fstring"),
    ((cst.Integer, cst.Float, cst.Imaginary), "number"),
    (cst.List, "list"),
    (cst.Tuple, "tuple"),
    (cst.Set, "set"),
    (cst.Dict, "dict"),
    (cst.Call, "call"),
    (cst.Name, "name"),
    (cst.Attribute, "attribute"),
    (cst.Lambda, "lambda"),
)
