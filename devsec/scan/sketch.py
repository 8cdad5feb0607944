"""Could a shape hold somewhere in a statement? Asked of CPython's own tree, which is there already and costs a tenth of
LibCST's: most statements that have a rule's words end here.

Never stricter than the matcher. What this tree shows for certain (an argument is not there, a literal is another one, a
regex does not find anything in it) says no; whatever a name, a call or a built string may stand for says perhaps.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from devsec.catalog.rule import Context, Literal, Shape, Surrounding, Test
from devsec.scan import plain
from devsec.scan.aliases import Aliases, dotted, name_matches
from devsec.scan.built import identifiers, may_be_text, shown, surely_called
from devsec.scan.frameworks import ATTRIBUTES, TORNADO, VERBS

_Node = TypeVar("_Node", bound=ast.AST)


class Sketch:
    """The nodes of one statement by their type, and what its names may stand for.

    `module`: names bound at the top of the file. `declared`: those of them that a function binds, which may stand for
    anything. `aliases`: names that may be another name for something imported. `values`: what a name (or `.attribute`) is
    assigned in the statement. `file`: what is known of the names of the whole file.
    """

    def __init__(self, module: frozenset[str], declared: frozenset[str], file: Aliases) -> None:
        self.module = module
        self.declared = declared
        self.file = file
        self.aliases = set(declared)
        self.nodes: dict[type, list[ast.AST]] = {}
        self.values: dict[str, list[ast.expr]] = {}
        self.known: dict[str, bool] = {}  # answers that were worked out once
        self.whole: Sketch | None = None  # of a part, what it is a part of
        self._called: dict[str, list[ast.Call]] | None = None  # by what they may call, "" for anything
        self._methods: dict[str, list[ast.Call]] | None = None

    def answers_a_request(self) -> bool:
        """Whether anything in the statement could read what a client sends: `x.args`, `flask.request.args`, a parameter of
        a path operation."""
        if "answers" not in self.known:
            operations = [d for function in self.functions() for d in function.decorator_list]
            declared = {
                arg.arg for arg in self.of(ast.arg) if arg.annotation and "Request" in _words_of(arg.annotation)
            }
            names = {"request", *declared, *self.aliases}
            self.known["answers"] = any(
                _reads_request(node, names, self.module) for node in self.of(ast.Attribute)
            ) or any(
                isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in VERBS
                for call in operations
            )
        return self.known["answers"]

    def of(self, *types: type[_Node]) -> Iterator[_Node]:
        for kind in types:
            yield from self.nodes.get(kind, ())  # type: ignore[misc]

    def part(self, nodes: Iterable[ast.AST]) -> Sketch:
        """Of some of the statement's nodes, with all that is known of its names."""
        out = sketch(nodes, self.module, self.declared, self.file)
        out.aliases, out.values, out.known, out.whole = self.aliases, self.values, self.known, self
        return out

    def calls(self, names: Sequence[str]) -> Iterator[ast.Call]:
        """The calls that may be of one of these qualified names. They are sorted once, since many shapes ask."""
        if self._called is None:
            self._called = {}
            for call in self.of(ast.Call):
                found = self.file.qualified(call.func)
                for name in ("",) if found is None else found:
                    self._called.setdefault(name, []).append(call)
        for name in names:
            if "*" not in name:
                yield from self._called.get(name, ())
            else:
                yield from (
                    call for other, calls in self._called.items() if name_matches(name, other) for call in calls
                )
        yield from self._called.get("", ())

    def method_calls(self, names: Sequence[str]) -> Iterator[ast.Call]:
        """The calls of an attribute by one of these names."""
        if self._methods is None:
            self._methods = {}
            for call in self.of(ast.Call):
                if isinstance(call.func, ast.Attribute):
                    self._methods.setdefault(call.func.attr, []).append(call)
        for name in names:
            yield from self._methods.get(name, ())

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from self.of(ast.FunctionDef)
        yield from self.of(ast.AsyncFunctionDef)

    def stands_for(self, node: ast.expr) -> tuple[ast.expr, ...] | None:
        """What a name may stand for in this statement, () for nothing else (a parameter, say), None for anything."""
        if isinstance(node, ast.NamedExpr):
            return (node.value,)
        if isinstance(node, ast.Name):
            if node.id in self.declared:
                return None
            constants = self.file.constants.get(node.id, ()) if node.id in self.module else ()
            return (*self.values.get(node.id, ()), *constants)
        if isinstance(node, ast.Attribute):
            return (*self.values.get("." + node.attr, ()), *self.values.get(node.attr, ()))
        return ()


def _reads_request(node: ast.Attribute, names: set[str], module: frozenset[str]) -> bool:
    if node.attr not in ATTRIBUTES:
        return False
    if isinstance(node.value, ast.Attribute):
        return node.value.attr == "request"
    if node.attr in TORNADO:
        return True
    return isinstance(node.value, ast.Name) and (node.value.id in names or node.value.id in module)


def _words_of(annotation: ast.expr) -> str:
    """The identifiers and texts of an annotation, side by side."""
    words = [getattr(node, "id", "") or getattr(node, "attr", "") for node in ast.walk(annotation)]
    return " ".join(words + [str(node.value) for node in ast.walk(annotation) if isinstance(node, ast.Constant)])


def sketch(nodes: Iterable[ast.AST], module: frozenset[str], declared: frozenset[str], file: Aliases) -> Sketch:
    """One walk over a statement. `module` are the names bound at the top of its file, `declared` those of them that a
    function binds by `global`."""
    out = Sketch(module, declared, file)
    stack = list(nodes)
    while stack:
        node = stack.pop()
        kind = type(node)
        out.nodes.setdefault(kind, []).append(node)
        if kind is ast.Name or kind is ast.Constant:
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            out.aliases.update(alias.asname or alias.name.split(".", 1)[0] for alias in node.names)
            continue
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _note(out, target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            _note(out, node.target, node.value)
        for name in kind._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                stack.extend(item for item in value if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST):
                stack.append(value)
    return out


def _note(out: Sketch, target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        out.values.setdefault(target.id, []).append(value)
        if isinstance(value, _NAMES):
            out.aliases.add(target.id)
    elif isinstance(target, ast.Attribute):
        out.values.setdefault("." + target.attr, []).append(value)


def possible(shape: Shape, here: Sketch) -> bool:
    """Whether the shape could hold at a node of the statement."""
    if not _in_context(shape.context, here.whole or here):
        return False
    if shape.kind == "call":
        return any(_arguments(shape, call, here) for call in here.calls(shape.names))
    if shape.kind == "method":
        return any(_arguments(shape, call, here) for call in here.method_calls(shape.names))
    if shape.kind == "assign":
        return any(_assign(shape, node, here) for node in here.of(ast.Assign)) or any(
            _assign(shape, node, here) for node in here.of(ast.AnnAssign)
        )
    if shape.kind == "compare":
        return any(_compare(shape, node, here) for node in here.of(ast.Compare))
    if shape.kind == "string":
        return any(_string(shape, node, here) for node in here.of(ast.Constant, ast.JoinedStr))
    if shape.kind == "pattern":
        root = parsed(shape.pattern)
        strings = (ast.Constant, ast.JoinedStr)  # strings side by side are one node in this tree
        where = dict(shape.where)
        return any(
            _unify(root, node, where, here) for node in here.of(*(strings if type(root) in strings else (type(root),)))
        )
    if shape.kind == "decorator":
        return any(
            here.file.may_be(one.func if isinstance(one, ast.Call) else one, shape.names)
            for definition in (*here.functions(), *here.of(ast.ClassDef))
            for one in definition.decorator_list
        )
    return True


def _in_context(context: Context, here: Sketch) -> bool:
    if context.assigned_to and not _has_destination(context.assigned_to, here):
        return False
    return not context.inside or any(_surrounds(around, here) for around in context.inside)


def _surrounds(around: Surrounding, here: Sketch) -> bool:
    """Whether anything in the statement could be what is asked for around a match."""
    if around.function and not any(plain.words_match(around.function, one.name) for one in here.functions()):
        return False
    if around.cls and not any(plain.words_match(around.cls, one.name) for one in here.of(ast.ClassDef)):
        return False
    # What is called may be another name for it, an attribute too.
    return not around.call or any(
        here.file.may_be(call.func, around.call) or here.stands_for(call.func) != () for call in here.of(ast.Call)
    )


def _has_destination(words: str, here: Sketch) -> bool:
    """Whether anything in the statement that a value may go to has such a name."""
    if any(key is not None and not isinstance(key, ast.Constant) for table in here.of(ast.Dict) for key in table.keys):
        return True  # a key may be a constant from elsewhere
    names: set[str] = set()
    names.update(function.name for function in here.functions())
    names.update(parameter.arg for parameter in here.of(ast.arg))
    names.update(keyword.arg for keyword in here.of(ast.keyword) if keyword.arg)
    names.update(key.value for key in here.of(ast.Constant) if isinstance(key.value, str) and len(key.value) < 100)
    names.update(name.attr for name in here.of(ast.Attribute))
    names.update(name.id for name in here.of(ast.Name))
    return any(plain.words_match(words, name) for name in names)


def _arguments(shape: Shape, call: ast.Call, here: Sketch) -> bool:
    positional: list[ast.expr] = []
    for arg in call.args:
        if isinstance(arg, ast.Starred):
            break
        positional.append(arg)
    keywords: Mapping[str | None, ast.expr] = {keyword.arg: keyword.value for keyword in call.keywords}
    starred = len(positional) < len(call.args) or None in keywords
    for label, tests in shape.args:
        if label == "*":
            if not any(perhaps(tests, value, here) for value in [*call.args, *keywords.values()]):
                return False
            continue
        value = keywords.get(label)
        if value is None:
            at = next((test.at for test in tests if test.at is not None), None)
            value = positional[at] if at is not None and at < len(positional) else None
        if value is None:
            if starred or not any(test.missing for test in tests):
                return False
        elif not perhaps(tests, value, here):
            return False
    return True


def _assign(shape: Shape, node: ast.Assign | ast.AnnAssign, here: Sketch) -> bool:
    if node.value is None or (shape.value and not perhaps(shape.value, node.value, here)):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(
        any(_target(wanted, target) for wanted in shape.names)
        and (not shape.target or perhaps(shape.target, target, here))
        for target in targets
    )


def _target(wanted: str, target: ast.expr) -> bool:
    if wanted == "*":
        return True
    if wanted.startswith("["):
        return isinstance(target, ast.Subscript)
    if "." in wanted:
        return isinstance(target, ast.Attribute) and target.attr == wanted.rsplit(".", 1)[-1]
    return isinstance(target, ast.Name) and target.id == wanted


def _compare(shape: Shape, node: ast.Compare, here: Sketch) -> bool:
    if len(node.ops) != 1:
        return False
    left, right = node.left, node.comparators[0]
    return any(
        (not shape.left or perhaps(shape.left, one, here)) and (not shape.right or perhaps(shape.right, other, here))
        for one, other in ((left, right), (right, left))
    )


def _string(shape: Shape, node: ast.expr, here: Sketch) -> bool:
    if shape.literal is None:
        return True
    text = plain.text_of(node.value) if isinstance(node, ast.Constant) else shown(node, here)  # type: ignore[arg-type]
    if text is None:
        return not isinstance(node, ast.Constant)
    return plain.is_like(shape.literal, text)


HOLE = "__hole_"


@lru_cache(maxsize=1024)
def parsed(pattern: str) -> ast.AST:
    """A pattern's outermost node, its holes as names that start with HOLE."""
    statement = ast.parse(pattern.strip().replace("$", HOLE)).body[0]
    return statement.value if isinstance(statement, ast.Expr) else statement


def _unify(pattern: ast.AST, node: ast.AST, where: Mapping[str, Sequence[Test]], here: Sketch) -> bool:
    """Whether a pattern's node could stand for a node."""
    if isinstance(pattern, ast.Name) and pattern.id.startswith(HOLE):
        return isinstance(node, ast.expr) and perhaps(where.get(pattern.id[len(HOLE) :], ()), node, here)
    if isinstance(pattern, (ast.Name, ast.Attribute)) and (isinstance(pattern, ast.Name) or not _has_hole(pattern)):
        # By what it refers to; where that is nothing known, by how it is spelled.
        chain = dotted(pattern)
        return isinstance(node, (ast.Name, ast.Attribute)) and (
            dotted(node) == chain or here.file.may_be(node, (chain, f"builtins.{chain}"))
        )
    if isinstance(pattern, ast.Constant):
        return not isinstance(node, ast.Constant) or pattern.value == node.value or isinstance(pattern.value, complex)
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.BoolOp) and isinstance(node, ast.BoolOp):
        # `a or b or c` is one node here, two in LibCST.
        return (
            type(pattern.op) is type(node.op)
            and all(
                _is_hole(side) or any(_unify(side, value, where, here) for value in node.values)
                for side in pattern.values[:1]
            )
            and all(any(_unify(side, value, where, here) for value in node.values) for side in pattern.values[1:])
        )
    if isinstance(pattern, ast.Call) and isinstance(node, ast.Call):
        return _unify(pattern.func, node.func, where, here) and _arguments_unify(pattern, node, where, here)
    for name in pattern._fields:
        ours, theirs = getattr(pattern, name, None), getattr(node, name, None)
        if name in ("ctx", "type_comment", "kind"):
            continue
        if isinstance(ours, ast.AST):
            if not isinstance(theirs, ast.AST) or not _unify(ours, theirs, where, here):
                return False
        elif isinstance(ours, list) and isinstance(theirs, list):
            if any(_is_ellipsis(item) for item in ours):
                continue
            if len(ours) != len(theirs):
                return False
            for one, other in zip(ours, theirs, strict=True):
                if isinstance(one, ast.AST) and isinstance(other, ast.AST) and not _unify(one, other, where, here):
                    return False
        elif isinstance(ours, str) and isinstance(theirs, str) and ours != theirs and not ours.startswith(HOLE):
            return False
    return True


def _arguments_unify(pattern: ast.Call, node: ast.Call, where: Mapping[str, Sequence[Test]], here: Sketch) -> bool:
    loose = any(_is_ellipsis(arg) for arg in pattern.args)
    if not loose and (len(pattern.args) != len(node.args) or len(pattern.keywords) != len(node.keywords)):
        return False
    for index, arg in enumerate(pattern.args):
        if _is_ellipsis(arg):
            break  # from here on anything may stand in between
        if index >= len(node.args) or not _unify(arg, node.args[index], where, here):
            return False
    return all(
        any(
            (ours.arg is None or ours.arg.startswith(HOLE) or ours.arg == theirs.arg)
            and _unify(ours.value, theirs.value, where, here)
            for theirs in node.keywords
        )
        for ours in pattern.keywords
    )


def _is_hole(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id.startswith(HOLE)


@lru_cache(maxsize=4096)
def _has_hole(node: ast.AST) -> bool:
    return any(_is_hole(below) for below in ast.walk(node))


def _is_ellipsis(node: object) -> bool:
    if isinstance(node, ast.Expr):
        node = node.value
    return isinstance(node, ast.Constant) and node.value is Ellipsis


# --- tests of an expression ---------------------------------------------------------------------------------------------

# Methods whose result values.py can read, of a constant and of a string that is built.
_CONSTANT_METHODS = frozenset(["encode", "decode", "fromhex", "bytes", "str", "int"])
_BUILDING_METHODS = frozenset(["format", "join", "strip", "lstrip", "rstrip", "lower", "upper"])
_DISPLAYS = (ast.List, ast.Tuple, ast.Set)
_TABLES = (ast.Dict, ast.Call)
_NAMES = (ast.Name, ast.Attribute)
_HOPS = 4


def perhaps(tests: Sequence[Test], node: ast.expr, here: Sketch) -> bool:
    """Whether any of the tests could hold."""
    return not tests or any(_test(test, node, here) for test in tests)


def _test(test: Test, node: ast.expr, here: Sketch, hops: int = _HOPS) -> bool:
    if test.missing or (test.from_request and not here.answers_a_request()):
        return False
    as_written = hops == _HOPS
    if as_written and test.names and not any(plain.words_match(test.names, name) for name in identifiers(node)):
        return False
    if as_written and any(_surely_called(no, node) for no in test.none_of):
        return False
    if isinstance(node, ast.Constant):
        return _constant(test, node.value)
    others = here.stands_for(node)
    if others is None or (others and hops == 0) or any(_test(test, other, here, hops - 1) for other in others):
        return True
    return not (
        (plain.asks_constant(test) and not _may_be_constant(node))
        or (test.string is not None and not _may_be_like(test.string, node, here))
        or (test.dynamic and not _may_be_built(node, here))
        or (test.made_by is not None and not _may_be_made_by(test.made_by, node, here))
        or (test.contains and not isinstance(node, _DISPLAYS))
        or (test.keys and not isinstance(node, _TABLES))
        or (test.refers_to and not here.file.may_be(node, test.refers_to))
    )


def _surely_called(no: Test, node: ast.expr) -> bool:
    """Whether a test that asks for nothing but a name holds."""
    if not no.names or no != Test(names=no.names):
        return False
    name = surely_called(node)
    return bool(name) and plain.words_match(no.names, name)


def _may_be_like(literal: Literal, node: ast.expr, here: Sketch) -> bool:
    if not _may_be_constant(node) and not _may_be_built(node, here):
        return False
    text = shown(node, here)
    return text is None or plain.is_like(literal, text)


def _may_be_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) or (
            isinstance(node.func, ast.Attribute) and node.func.attr in _CONSTANT_METHODS
        )
    return isinstance(node, (ast.Constant, ast.BinOp, ast.UnaryOp, ast.JoinedStr))


def _may_be_built(node: ast.expr, here: Sketch) -> bool:
    """Whether it may be a string that is put together."""
    if isinstance(node, ast.Call):
        built = isinstance(node.func, ast.Attribute) and node.func.attr in _BUILDING_METHODS
        return built and may_be_text(node, here)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.Add, ast.Mod)) and may_be_text(node, here)
    return isinstance(node, ast.JoinedStr)


def _may_be_made_by(shape: Shape, node: ast.expr, here: Sketch) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if shape.kind == "call":
        return here.file.may_be(node.func, shape.names) and _arguments(shape, node, here)
    return isinstance(node.func, ast.Attribute) and node.func.attr in shape.names and _arguments(shape, node, here)


def _constant(test: Test, value: object) -> bool:
    """Whether a test could hold for a literal."""
    if not (value is None or isinstance(value, (str, bytes, int, float))):
        return True  # imaginary numbers and `...`
    if test.dynamic or test.from_request or test.refers_to or test.contains or test.keys or test.made_by is not None:
        return False
    if not plain.holds(test, value):
        return False
    if test.string is not None:
        text = plain.text_of(value)
        if text is None or not plain.is_like(test.string, text):
            return False
    return not any(_surely(no, value) for no in test.none_of)


def _surely(test: Test, value: plain.Value) -> bool:
    """Whether a test holds for a literal beyond doubt."""
    return not (test.missing or test.names or test.kind or test.none_of) and _constant(test, value)
