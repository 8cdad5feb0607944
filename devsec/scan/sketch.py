"""Could a shape hold somewhere in a scope? Asked of CPython's own tree, which is there already and costs a tenth of
LibCST's: most statements that have a rule's words end here.

Never stricter than the matcher. What this tree shows for certain (an argument is not there, a literal is another one, a
regex does not find anything in it) says no; whatever a name, a call or a built string may stand for says perhaps.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from weakref import proxy

from devsec.catalog.rule import Context, Literal, Shape, Surrounding, Test
from devsec.scan import plain, syntax
from devsec.scan.aliases import Aliases, dotted, name_matches
from devsec.scan.built import identifiers, may_be_built, may_be_constant, shown, surely_called
from devsec.scan.frameworks import ATTRIBUTES, TORNADO, VERBS
from devsec.scan.narrow import methods
from devsec.scan.outline import Statement

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import TypeVar

    _Node = TypeVar("_Node", bound=ast.AST)


class Sketch:
    """The nodes of a scope by their type, and what its names may stand for.

    `module`: names bound at the top of the file. `declared`: those of them that a function binds, which may stand for
    anything. `aliases`: names that may be another name for something imported. `values`: what a name (or `.attribute`) is
    assigned here. `file`: what is known of the names of the whole file. `among`: the scopes of the same statement. `outer`: classes
    and functions that all of it stands in.
    """

    def __init__(
        self,
        module: frozenset[str],
        declared: frozenset[str],
        file: Aliases,
        among: Scopes,
        outer: Sequence[ast.AST] = (),
    ) -> None:
        self.module = module
        self.declared = declared
        self.file = file
        self.among = among
        self.outer = outer
        self.aliases = set(declared)
        self.nodes: dict[type, list[ast.AST]] = {}
        self.values: dict[str, list[ast.expr]] = {}
        self.goes_to: dict[str, bool] = {}  # answers of `possible`, by the words that are asked for
        self._destinations: set[str] | None = None
        self._by_itself: bool | None = None
        self._answers: bool | None = None
        self._parameters: set[str] | None = None
        self._called: dict[str, list[ast.Call]] | None = None  # by what they may call, "" for anything
        self._methods: dict[str, list[ast.Call]] | None = None

    def answers_a_request(self) -> bool:
        """Whether anything in the scope could read what a client sends: `x.args`, `flask.request.args`, a parameter of
        a path operation."""
        if self._answers is None:
            declared = {
                arg.arg for arg in self.of(ast.arg) if arg.annotation and "Request" in _words_of(arg.annotation)
            }
            names = {"request", *declared, *self.aliases}
            self._answers = self.has_operations() or any(
                _reads_request(node, names, self.module) for node in self.of(ast.Attribute)
            )
        return self._answers

    def given_by_framework(self) -> Set[str]:
        """The names of parameters, where a function in it may be a path operation."""
        if self._parameters is None:
            self._parameters = {arg.arg for arg in self.of(ast.arg)} if self.has_operations() else set()
        return self._parameters

    def has_operations(self) -> bool:
        """Whether a function in it may be a path operation: a framework gives its parameters."""
        return any(
            isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in VERBS
            for function in self.functions()
            for call in function.decorator_list
        )

    def of(self, *types: type[_Node]) -> Iterator[_Node]:
        for kind in types:
            yield from self.nodes.get(kind, ())  # type: ignore[misc]

    def calls(self, names: Sequence[str]) -> Iterator[ast.Call]:
        """The calls that may be of one of these qualified names. They are sorted once, since many shapes ask."""
        if self._called is None:
            self._called = {}
            for call in self.of(ast.Call):
                found = () if self._gives_twice(call.func) else self.file.qualified(call.func)
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

    def _gives_twice(self, node: ast.expr) -> bool:
        """Whether it hangs on a name that a function by itself gives several values, and nobody imports: that refers to
        nothing in particular."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name) or len(self.values.get(node.id, ())) < 2:
            return False
        if self._by_itself is None:
            scopes = [scope for kind in _SCOPES for scope in self.nodes.get(kind, ())]
            self._by_itself = len(scopes) == 1 and bool(self.outer) and self.outer[-1] is scopes[0]
        return self._by_itself and not self.file.is_imported(node.id)

    def method_calls(self, names: Sequence[str]) -> Iterator[ast.Call]:
        """The calls of an attribute by one of these names."""
        if self._methods is None:
            self._methods = {}
            for call in self.of(ast.Call):
                if isinstance(call.func, ast.Attribute):
                    self._methods.setdefault(call.func.attr, []).append(call)
        for name in names:
            yield from self._methods.get(name, ())

    def destinations(self) -> set[str] | None:
        """The names of what a value may go to; None for any."""
        if self._destinations is None:
            tables = self.of(ast.Dict)
            if any(key is not None and not isinstance(key, ast.Constant) for table in tables for key in table.keys):
                return None  # a key may be a constant from elsewhere
            names: set[str] = set()
            names.update(function.name for function in self.functions())
            names.update(parameter.arg for parameter in self.of(ast.arg))
            names.update(keyword.arg for keyword in self.of(ast.keyword) if keyword.arg)
            keys = (key.value for key in self.of(ast.Constant))
            names.update(key for key in keys if isinstance(key, str) and len(key) < 100)
            names.update(name.attr for name in self.of(ast.Attribute))
            names.update(name.id for name in self.of(ast.Name))
            self._destinations = names
        return self._destinations

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from self.of(ast.FunctionDef)
        yield from self.of(ast.AsyncFunctionDef)

    def stands_for(self, node: ast.expr) -> tuple[ast.expr, ...] | None:
        """What a name may stand for in this scope, () for nothing else (a parameter, say), None for anything."""
        if isinstance(node, ast.NamedExpr):
            return (node.value,)
        home = self.among.home(node)
        if home is None or home is self:
            return self._given(node)
        found = home._given(node)
        self.among.settle(home, found or ())
        return found

    def _given(self, node: ast.expr) -> tuple[ast.expr, ...] | None:
        if isinstance(node, ast.Name):
            if node.id in self.declared:
                return None
            constants = self.file.constants.get(node.id, ()) if node.id in self.module else ()
            # A default of a parameter sees the names of the class.
            return (*self.values.get(node.id, ()), *self.among.outside(self, node.id), *constants)
        if isinstance(node, ast.Attribute):
            return (*self.among.attribute(node.attr), *self.values.get(node.attr, ()))
        return ()

    def may_be(self, node: ast.expr, names: Sequence[str]) -> bool:
        """Whether an expression may refer to one of these qualified names."""
        return self.file.may_be(node, names)


class Scopes:
    """The scopes of one top-level statement: of a class each of its methods and what is left of it, else the statement.

    A name of one method says nothing about the others; an attribute is that of all, and the names in what it is given are
    those of the method that gives it.
    """

    def __init__(
        self,
        statement: Statement,
        module: frozenset[str],
        declared: frozenset[str],
        file: Aliases,
        givers: Callable[[str], Sequence[ast.stmt]] | None = None,
        unread: Collection[ast.stmt] = (),
    ) -> None:
        """`givers` tells the methods that may give an attribute of some name, and has read them; without it all may. Of methods
        that are `unread` nothing is known, nor asked."""
        (first, *more) = statement.nodes
        self.around = first if not more and isinstance(first, ast.ClassDef) else None
        self.methods = methods(self.around) if self.around is not None else []
        self._statement = statement
        self._file = (module, declared, file)
        self._sketches: dict[ast.AST | None, Sketch] = {}
        self._givers = givers
        self._unread = unread
        self._answer: tuple[int, bool] | None = None  # to `answer_a_request`, while so many were unread
        self._attributes: dict[str, list[tuple[Sketch, ast.expr]]] = {}
        self._homes: dict[ast.expr, Sketch] = {}  # of names and attributes
        self._settled: set[ast.expr] = set()

    def sketch(self, method: ast.AST | None) -> Sketch:
        """That of a method; None for what is left."""
        found = self._sketches.get(method)
        if found is None:
            if method is not None and self.around is not None:
                outer: Sequence[ast.AST] = (self.around, method)
            else:
                outer = self._statement.nodes if len(self._statement.nodes) == 1 and self.around is None else ()
            # Weak: in a circle they, and the trees they hold, would wait for the collector.
            found = self._sketches[method] = Sketch(*self._file, proxy(self), outer)
            if method is not None:
                _read(found, [method])
            elif self.around is None:
                _read(found, self._statement.nodes)
            else:
                found.nodes[ast.ClassDef] = [self.around]
                apart = set(self.methods)
                _read(found, [node for node in syntax.children(self.around) if node not in apart])
        return found

    def every(self) -> Iterator[Sketch]:
        return map(self.sketch, (None, *(method for method in self.methods if method not in self._unread)))

    def outside(self, asks: Sketch, name: str) -> Sequence[ast.expr]:
        """What a name is given right in the class around a method."""
        if self.around is None or self._sketches.get(None) is asks:
            return ()
        return self.sketch(None).values.get(name, ())

    def attribute(self, name: str) -> Sequence[ast.expr]:
        """What an attribute of that name may be given."""
        given = self._attributes.get(name)
        if given is None:
            methods = self.methods if self._givers is None else self._givers(name)
            given = [(one, value) for one in map(self.sketch, methods) for value in one.values.get("." + name, ())]
            rest = self.sketch(None)
            given += [(rest, value) for value in rest.values.get("." + name, ())]
            given += [(rest, value) for value in rest.values.get(name, ()) if self.around is not None]
            self._attributes[name] = given
        for giver, value in given if self.methods else ():
            self.settle(giver, (value,))
        return [value for _, value in given]

    def settle(self, giver: Sketch, values: Iterable[ast.expr]) -> None:
        """From now on the names in these values mean what they do in the scope that gives them."""
        for value in values:
            if value not in self._settled:
                self._settled.add(value)
                self._homes.update((inner, giver) for inner in syntax.below((value,)) if isinstance(inner, _NAMES))

    def home(self, node: ast.expr) -> Sketch | None:
        """The scope that says what a name means; None for the one that asks."""
        return self._homes.get(node)

    def answer_a_request(self) -> bool:
        """Whether one of them could read what a client sends."""
        if self._answer is None or self._answer[0] != len(self._unread):
            self._answer = len(self._unread), any(one.answers_a_request() for one in self.every())
        return self._answer[1]


def _may_lead_to_request(node: ast.expr, here: Sketch) -> bool:
    """Whether something in an expression, or in what its names stand for, could read what a client sends."""
    todo, seen = [node], set()
    while todo:
        for inner in syntax.below((todo.pop(),)):
            if isinstance(inner, ast.Attribute) and inner.attr in ATTRIBUTES:
                return True
            if isinstance(inner, (ast.Name, ast.Attribute)):
                home = here.among.home(inner) or here
                key = (home, inner.id if isinstance(inner, ast.Name) else "." + inner.attr)
                if key[1] in home.given_by_framework():
                    return True
                if key not in seen:
                    seen.add(key)
                    others = here.stands_for(inner)
                    if others is None:
                        return True
                    todo += others
    return False


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


def _read(out: Sketch, nodes: Iterable[ast.AST]) -> None:
    """One walk over a scope."""
    for node in syntax.below(nodes):
        kind = type(node)
        out.nodes.setdefault(kind, []).append(node)
        if kind is ast.Import or kind is ast.ImportFrom:
            out.aliases.update(alias.asname or alias.name.split(".", 1)[0] for alias in node.names)  # type: ignore[attr-defined]
        elif kind is ast.Assign:
            for target in node.targets:  # type: ignore[attr-defined]
                _note(out, target, node.value)  # type: ignore[attr-defined]
        elif (kind is ast.AnnAssign or kind is ast.NamedExpr) and node.value is not None:  # type: ignore[attr-defined]
            _note(out, node.target, node.value)  # type: ignore[attr-defined]


def _note(out: Sketch, target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        out.values.setdefault(target.id, []).append(value)
        if isinstance(value, _NAMES):
            out.aliases.add(target.id)
    elif isinstance(target, ast.Attribute):
        out.values.setdefault("." + target.attr, []).append(value)


def possible(shape: Shape, here: Sketch) -> bool:
    """Whether the shape could hold at a node of the scope."""
    if not _in_context(shape.context, here):
        return False
    if shape.kind in ("call", "method") and any(_surely_surrounds(no, here) for no in shape.context.not_inside):
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


def _surely_surrounds(around: Surrounding, here: Sketch) -> bool:
    """Whether all calls of the scope stand in a class or a function that is spoken of by nothing but its name."""
    if around.cls and around == Surrounding(cls=around.cls):
        words, kinds = around.cls, _CLASSES
    elif around.function and around == Surrounding(function=around.function):
        words, kinds = around.function, _FUNCTIONS
    else:
        return False
    return any(isinstance(one, kinds) and plain.words_match(words, one.name) for one in here.outer)


# What has variables of its own, or takes those of others. Comprehensions only hide some.
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Global, ast.Nonlocal)
_CLASSES: tuple[type[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef], ...] = (ast.ClassDef,)
_FUNCTIONS: tuple[type[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef], ...] = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
)


def _surrounds(around: Surrounding, here: Sketch) -> bool:
    """Whether anything in the scope, or around it, could be what is asked for around a match."""
    if around.function and not any(plain.words_match(around.function, one.name) for one in here.functions()):
        return False
    classes = [one for one in (*here.outer, *here.of(ast.ClassDef)) if isinstance(one, ast.ClassDef)]
    if around.cls and not any(plain.words_match(around.cls, one.name) for one in classes):
        return False
    # What is called may be another name for it, an attribute too.
    return not around.call or any(
        here.file.may_be(call.func, around.call) or here.stands_for(call.func) != () for call in here.of(ast.Call)
    )


def _has_destination(words: str, here: Sketch) -> bool:
    """Whether anything in the scope that a value may go to has such a name."""
    known = here.goes_to.get(words)
    if known is None:
        names = here.destinations()
        known = here.goes_to[words] = names is None or any(plain.words_match(words, name) for name in names)
    return known


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
        return isinstance(target, ast.Subscript) and (
            not isinstance(target.slice, (ast.Constant, ast.Slice, ast.Tuple))
            or (isinstance(target.slice, ast.Constant) and plain.text_of(target.slice.value) == key_of(wanted))  # type: ignore[arg-type]
        )
    if "." in wanted:
        return isinstance(target, ast.Attribute) and target.attr == wanted.rsplit(".", 1)[-1]
    return isinstance(target, ast.Name) and target.id == wanted


@lru_cache(maxsize=1024)
def key_of(wanted: str) -> object:
    """What a target like `["name"]` is assigned to."""
    return ast.literal_eval(wanted[1:-1])


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
    if isinstance(node, ast.Constant):
        text = plain.text_of(node.value)  # type: ignore[arg-type]
        return text is not None and plain.is_like(shape.literal, text)
    return _may_be_like(shape.literal, node, here)


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

_DISPLAYS = (ast.List, ast.Tuple, ast.Set)
_NAMES = (ast.Name, ast.Attribute)
_HOPS = 4


def perhaps(tests: Sequence[Test], node: ast.expr, here: Sketch) -> bool:
    """Whether any of the tests could hold."""
    return not tests or any(_test(test, node, here) for test in tests)


def _test(test: Test, node: ast.expr, here: Sketch) -> bool:
    """Whether a test could hold for an expression, or for what its names stand for: those next to it first, each once."""
    if test.missing:
        return False
    if test.names and not any(plain.words_match(test.names, name) for name in identifiers(node)):
        return False
    if any(_surely_called(no, node) for no in test.none_of):
        return False
    values, seen = [node], {node}
    for hops in range(_HOPS, -1, -1):
        behind: list[ast.expr] = []
        for value in values:
            if test.from_request and not (here.among.answer_a_request() and _may_lead_to_request(value, here)):
                continue
            if isinstance(value, ast.Constant):
                if _constant(test, value.value):
                    return True
                continue
            others = here.stands_for(value)
            if others is None or (others and hops == 0) or _could_hold(test, value, here):
                return True
            behind += [other for other in others if other not in seen]
            seen.update(others)
        values = behind
    return False


def _could_hold(test: Test, node: ast.expr, here: Sketch) -> bool:
    """Whether it could for what is no constant, as written."""
    return not (
        (plain.asks_constant(test) and not may_be_constant(node, here))
        or (test.string is not None and not _may_be_like(test.string, node, here))
        or (test.dynamic and not may_be_built(node, here))
        or (test.made_by is not None and not _may_be_made_by(test.made_by, node, here))
        or (test.contains and not _may_contain(test.contains, node, here))
        or (test.keys and not _may_have(test.keys, node, here))
        or (test.kind and _kinds(node).isdisjoint(test.kind))
        or (test.refers_to and not here.file.may_be(node, test.refers_to))
    )


def _surely_called(no: Test, node: ast.expr) -> bool:
    """Whether a test that asks for nothing but a name holds."""
    if not no.names or no != Test(names=no.names):
        return False
    name = surely_called(node)
    return bool(name) and plain.words_match(no.names, name)


def _may_be_like(literal: Literal, node: ast.expr, here: Sketch) -> bool:
    texts = shown(node, here)
    return texts is None or any(plain.is_like(literal, text) for text in texts)


def _may_contain(tests: Sequence[Test], node: ast.expr, here: Sketch) -> bool:
    if not isinstance(node, _DISPLAYS):
        return False
    elements = (element.value if isinstance(element, ast.Starred) else element for element in node.elts)
    return any(perhaps(tests, element, here) for element in elements)


def _may_have(keys: Sequence[tuple[str, Sequence[Test]]], node: ast.expr, here: Sketch) -> bool:
    """Whether it could be a table with these keys."""
    entries: dict[str, list[ast.expr]] = {}
    anything: list[ast.expr] = []  # what stands under keys that are not told
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                if isinstance(key.value, str):
                    entries.setdefault(key.value, []).append(value)
            elif key is not None:
                anything.append(value)
    elif isinstance(node, ast.Call) and here.file.may_be(node.func, ("builtins.dict",)):
        for keyword in node.keywords:
            if keyword.arg:
                entries.setdefault(keyword.arg, []).append(keyword.value)
    else:
        return False
    return all(
        (name not in entries and any(test.missing for test in tests))
        or any(perhaps(tests, value, here) for value in (*entries.get(name, ()), *anything))
        for name, tests in keys
    )


def _kinds(node: ast.expr) -> frozenset[str]:
    """As match.py names them; of strings side by side all kinds they may be."""
    return _KINDS.get(type(node), frozenset())


_KINDS: dict[type, frozenset[str]] = {
    kind: frozenset(names)
    for kind, names in (
        (ast.JoinedStr, ["fstring", "string"]),
        (ast.List, ["list"]),
        (ast.Tuple, ["tuple"]),
        (ast.Set, ["set"]),
        (ast.Dict, ["dict"]),
        (ast.Call, ["call"]),
        (ast.Name, ["name"]),
        (ast.Attribute, ["attribute"]),
        (ast.Lambda, ["lambda"]),
    )
}


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
    if not plain.holds(test, value) or (test.kind and _kind(value) not in test.kind):
        return False
    if test.string is not None:
        text = plain.text_of(value)
        if text is None or not plain.is_like(test.string, text):
            return False
    return not any(_surely(no, value) for no in test.none_of)


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "name"
    return "string" if isinstance(value, str) else "bytes" if isinstance(value, bytes) else "number"


def _surely(test: Test, value: plain.Value) -> bool:
    """Whether a test holds for a literal beyond doubt."""
    return not (test.missing or test.names or test.kind or test.none_of) and _constant(test, value)
