"""Which top-level statements of a file are worth a LibCST tree, and for which rules? A word must stand where the match
would stand, and CPython's tree must not speak against it.

An alias hides the words of a qualified name (`from yaml import load as y`): which names of this file may stand for it is
asked first. As with the gate: never stricter than the matcher.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache, partial

from devsec import watch
from devsec.catalog.rule import IN_ANY_FILE, Rule, Shape
from devsec.record import Record
from devsec.scan.aliases import Aliases
from devsec.scan.lazily import pattern
from devsec.scan.narrow import methods_of, narrowed
from devsec.scan.outline import Outline, Statement, first_line, functions, read
from devsec.scan.sketch import HOLE, Scopes, key_of, parsed, possible
from devsec.scan.words import ONLY_WORDS, ends, is_assigned, is_called, stands_alone
from devsec.text import Lines

MANY_WORDS = 50
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Wanted(Record):
    """What a shape wants: of each group a word in the text of the scope it could match in. `scopes` are those that hold it."""

    rule: Rule
    shape: Shape
    scopes: Set[int]


class Candidates(Record):
    """The rules that could match somewhere, and by the index of each statement in which one could the bytes of it that are
    enough to know."""

    rules: Sequence[Rule] = ()
    statements: Mapping[int, bytes] = {}


def candidates(outline: Outline, text: bytes, lines: Lines, rules: Sequence[Rule]) -> Candidates:
    """Where could a shape of `rules` match? Raises Unparsable where a body that is unread cannot be read."""
    file = Aliases(outline, text)
    places = _Places(outline, text, lines)
    wants: dict[int, dict[int, list[_Wanted]]] = {}  # by the index of a statement, and by scope
    in_python = ((rule, shape) for rule in rules for shape in rule.find if shape.kind not in IN_ANY_FILE)
    for rule, shape in in_python:
        want = _wanted(rule, shape, file, places)
        if want is not None:
            for scope in want.scopes:
                wants.setdefault(places.statement[scope], {}).setdefault(scope, []).append(want)
    if not wants:
        return Candidates()
    reader = _Reader(outline, text, lines, file)
    reader.read(_asked(outline, places, wants))
    likely: set[str] = set()
    enough: dict[int, bytes] = {}
    module = frozenset(name for statement in outline.statements for name in statement.binds)
    declared = frozenset(
        name
        for statement in outline.statements
        if len(statement.binds) > 1 and isinstance(statement.nodes[0], _DEFINITIONS)
        for name in statement.binds
    )
    for index in sorted(wants):
        statement = outline.statements[index]
        scopes = Scopes(statement, module, declared, file, partial(reader.givers, statement), outline.unread)
        asked: set[ast.AST | None] = set()
        for scope in sorted(wants[index]):
            method = places.method[scope]
            for want in wants[index][scope]:
                if possible(want.shape, scopes.sketch(method)):
                    likely.add(want.rule.id)
                    asked.add(method)
        if asked:
            reader.read(functions(statement))
            enough[index] = narrowed(statement, text, lines, asked)
    return Candidates([rule for rule in rules if rule.id in likely], enough)


def _asked(outline: Outline, places: _Places, wants: Mapping[int, Collection[int]]) -> Iterator[ast.stmt]:
    """The functions in which something could match."""
    for index, scopes in wants.items():
        methods = [places.method[scope] for scope in scopes]
        yield from (method for method in methods if method is not None)
        if None in methods and not methods_of(outline.statements[index]):
            yield from functions(outline.statements[index])


class _Reader:
    """Parses the bodies of functions when somebody asks about them."""

    def __init__(self, outline: Outline, text: bytes, lines: Lines, file: Aliases) -> None:
        self._outline = outline
        self._text = text
        self._lines = lines
        self._file = file
        self._times = 0
        self._givers: dict[Statement, dict[bytes, list[ast.stmt]]] = {}

    def read(self, functions: Iterable[ast.stmt]) -> None:
        """Raises Unparsable."""
        unread = [function for function in functions if function in self._outline.unread]
        if not unread:
            return
        self._times += 1
        if self._times > _MOST_TIMES:  # each time costs what the names of the file do
            unread = list(self._outline.unread)
        with watch.step(watch.PARSE):
            watch.count(watch.PARSE, read(self._outline, self._text, unread), 0)
        self._file.read_too(unread)

    def givers(self, statement: Statement, attribute: str) -> Sequence[ast.stmt]:
        """The methods of a class that may give an attribute of that name. Raises Unparsable."""
        known = self._givers.get(statement)
        if known is None:
            known = self._givers[statement] = {}
            for method in methods_of(statement):
                for name in dict.fromkeys(_GIVES.findall(self._text, *_place_of(method, self._lines))):
                    known.setdefault(name, []).append(method)
        found = known.get(attribute.encode(), ())
        self.read(found)
        return found


_MOST_TIMES = 20
# `self.x = …`, `self.x: int = …`
_GIVES = pattern(rb"\.(?:[\s\\]|#[^\n]*\n)*([\w\x80-\xff]+)(?:[\s\\)]|#[^\n]*\n)*(?::[^=]{0,1000})?=(?!=)")


def _words(text: bytes) -> set[bytes]:
    return set(text.translate(ONLY_WORDS).split())


def _place_of(method: ast.stmt, lines: Lines) -> tuple[int, int]:
    """The bytes of its lines, with those of its decorators."""
    return lines.start(first_line(method)), lines.start((method.end_lineno or method.lineno) + 1)


class _Places:
    """In which scopes of a file does a word stand? Asked once, since many shapes ask. Found anywhere, not as whole words: that is
    quick, and the tree is asked next.

    A scope is a method of a class at the top, or what is left of such a class, or another statement at the top: of each number
    the index of the `statement`, and the `method`, if it is one.
    """

    def __init__(self, outline: Outline, text: bytes, lines: Lines) -> None:
        self.statement: list[int] = []
        self.method: list[ast.stmt | None] = []
        self._text = text
        self._starts: list[int] = []  # of the pieces of scopes, and their ends, and whose they are
        self._ends: list[int] = []
        self._scope: list[int] = []
        for index, statement in enumerate(outline.statements):
            around = self._new(index, None)
            at = statement.span.start
            for method in methods_of(statement):
                start, end = _place_of(method, lines)
                self._piece(at, start, around)
                self._piece(start, end, self._new(index, method))
                at = end
            self._piece(at, statement.span.end, around)
        self.all = frozenset(range(len(self.statement)))
        self._definitions = {
            index
            for index, one in enumerate(outline.statements)
            if all(isinstance(top, _DEFINITIONS) for top in one.nodes)
        }
        self._lower: bytes | None = None
        self._known: dict[tuple[str, Callable[[bytes, int, int], bool]], frozenset[int]] = {}
        self._words: list[set[bytes]] = []  # by piece

    def _new(self, index: int, method: ast.stmt | None) -> int:
        self.statement.append(index)
        self.method.append(method)
        return len(self.statement) - 1

    def _piece(self, start: int, end: int, scope: int) -> None:
        if start < end:
            self._starts.append(start)
            self._ends.append(end)
            self._scope.append(scope)

    def of_any(self, names: Collection[str]) -> frozenset[int]:
        """The scopes that hold one of them as a whole word."""
        if len(names) <= MANY_WORDS:
            return frozenset(scope for name in names for scope in self._of_kind(name, stands_alone))
        # A file may have thousands of names for one thing, and as many statements.
        if not self._words:
            self._words = [_words(self._text[start:end]) for start, end in zip(self._starts, self._ends, strict=True)]
        wanted = {name.encode() for name in names}
        return frozenset(
            scope for scope, words in zip(self._scope, self._words, strict=True) if not words.isdisjoint(wanted)
        )

    def of_calls(self, names: Iterable[str]) -> frozenset[int]:
        """The scopes in which an attribute by one of these names may be called."""
        return frozenset(scope for name in names for scope in self._of_kind(name, is_called))

    def of_ends(self, names: Iterable[str]) -> frozenset[int]:
        """The scopes in which something whose name ends in one of these may be called or be assigned to another name."""
        return frozenset(scope for name in names for scope in self._of_kind(name, ends))

    def of_assigned(self, names: Iterable[str]) -> frozenset[int]:
        """The scopes in which a variable or an attribute by one of these names may be given a value."""
        return frozenset(scope for name in names for scope in self._of_kind(name, is_assigned))

    def of_items(self, keys: Collection[str]) -> frozenset[int]:
        """The scopes in which something may be assigned to one of these keys: it may be written in many ways."""
        found = set()
        for place in _ITEM.finditer(self._text):
            plain = _PLAIN_KEY.search(self._text, max(0, place.start() - _LONGEST_KEY), place.start() + 1)
            if plain is None or plain[1].decode("utf-8", "replace") in keys:
                index = bisect_right(self._starts, place.start()) - 1
                if index >= 0 and place.start() < self._ends[index]:
                    found.add(self._scope[index])
        return frozenset(found)

    def of_identifiers(self, parts: Iterable[str]) -> frozenset[int]:
        """The scopes in which an identifier may have one of these parts, in letters of any case."""
        if self._lower is None:
            self._lower = self._text.lower()
        return frozenset(scope for part in parts for scope in self._look(part.encode(), self._lower, _anywhere))

    def beside(self, scopes: Set[int]) -> frozenset[int]:
        """All scopes of the statements of these."""
        statements = {self.statement[scope] for scope in scopes}
        return frozenset(scope for scope in self.all if self.statement[scope] in statements)

    def that_reach(self, scopes: Set[int]) -> frozenset[int]:
        """The scopes in which a name may stand for a value that one of these gives it."""
        at_the_top = any(
            self.method[scope] is None and self.statement[scope] not in self._definitions for scope in scopes
        )
        return self.all if at_the_top or b"global" in self._text else self.beside(scopes)

    def _of_kind(self, name: str, counts: Callable[[bytes, int, int], bool]) -> frozenset[int]:
        found = self._known.get((name, counts))
        if found is None:
            found = self._known[name, counts] = frozenset(self._look(name.encode(), self._text, counts))
        return found

    def _look(self, word: bytes, text: bytes, counts: Callable[[bytes, int, int], bool]) -> Iterator[int]:
        at = text.find(word)
        while at >= 0:
            index = bisect_right(self._starts, at) - 1
            if index < 0 or at >= self._ends[index] or not counts(text, at, at + len(word)):
                at = text.find(word, at + 1)  # an empty word gets on, too
                continue
            yield self._scope[index]
            if index + 1 == len(self._starts):
                return
            at = text.find(word, self._starts[index + 1])  # one in each is enough


_ITEM = pattern(rb"\](?:[\s\\)]|#[^\n]*\n)*(?::[^=]{0,300})?=(?!=)")  # `x[…] = …`, `x[…]: int = …`
_PLAIN_KEY = pattern(rb"""\[\s*["']([^"'\\]*)["']\s*\]\Z""")
_LONGEST_KEY = 100


def _anywhere(text: bytes, start: int, end: int) -> bool:
    return True


def _wanted(rule: Rule, shape: Shape, file: Aliases, places: _Places) -> _Wanted | None:
    """None when the file does not import what the shape asks for, or no scope holds a word of each group."""
    context = shape.context
    if (context.imports and not file.does_import(context.imports)) or file.does_import(context.not_imports):
        return None
    scopes: Set[int] = places.all
    for there in _places_of(shape, file, places):
        scopes = scopes & there
        if not scopes:
            return None
    return _Wanted(rule, shape, scopes)


def _places_of(shape: Shape, file: Aliases, places: _Places) -> Iterator[frozenset[int]]:
    """Sets of scopes. A match stands in one that is in all of them."""
    if shape.kind in ("call", "decorator"):
        yield _called_in(shape, file, places)
    elif shape.kind == "import":
        yield places.of_any({name.split(".", 1)[0] for name in shape.names})
    elif shape.kind == "method":
        yield _made_in(shape, file, places)
    elif shape.kind == "assign" and "*" not in shape.names:
        keys = {str(key_of(name)) for name in shape.names if name.startswith("[")}
        names = {name.rsplit(".", 1)[-1] for name in shape.names if not name.startswith("[")}
        yield places.of_assigned(names) | (places.of_items(keys) if keys else frozenset())
    elif shape.kind == "pattern":
        for chain in _chains(shape.pattern):
            spelled = max(chain.split("."), key=len)  # where it is not known what it refers to
            yield places.of_any({spelled, *file.spelled((chain, f"builtins.{chain}"))})
        for operator in _operators(shape.pattern):
            yield places.of_any((operator,))
    for label, tests in shape.args:
        if label != "*" and tests and not any(test.missing or test.at is not None for test in tests):
            yield places.of_any((label,))
    tested = (*(tests for _, tests in (*shape.args, *shape.where)), shape.target, shape.value, shape.left, shape.right)
    for tests in tested:
        if not tests or any(test.missing for test in tests):
            continue
        if (
            all(test.names for test in tests)
            and (parts := [_parts_of_names(test.names) for test in tests])
            and all(parts)
        ):
            yield places.of_identifiers({part for some in parts for part in some})
        if all(test.refers_to for test in tests):
            # What an attribute refers to may be said in another method.
            names = file.spelled([name for test in tests for name in test.refers_to])
            yield places.beside(places.of_any(names))
        if all(test.made_by is not None for test in tests):
            made = frozenset[int]().union(*(_made_in(test.made_by, file, places) for test in tests if test.made_by))
            yield places.that_reach(made)


def _made_in(shape: Shape, file: Aliases, places: _Places) -> frozenset[int]:
    """The scopes that may hold a call of the shape: none where the file has nothing that makes the receiver."""
    if shape.kind == "call":
        return _called_in(shape, file, places)
    return places.of_calls(shape.names) if not shape.on or file.spelled(shape.on) else frozenset()


def _called_in(shape: Shape, file: Aliases, places: _Places) -> frozenset[int]:
    anywhere, ends = file.called(shape.names)
    return places.of_any(anywhere) | places.of_ends(ends)


@lru_cache(maxsize=1024)
def _parts_of_names(words: str) -> tuple[str, ...]:
    """Of a regex over words of identifiers, if it is no more than some of them: a part of each, without `_`. () for any
    other, and where one of them is empty."""
    if not re.fullmatch(r"[a-z0-9_|]+", words):
        return ()
    parts = tuple(max(word.split("_"), key=len) for word in words.split("|"))
    return parts if all(parts) else ()


@lru_cache(maxsize=1024)
def _operators(pattern: str) -> frozenset[str]:
    """Those of a pattern that are words."""
    return frozenset(
        "or" if isinstance(node.op, ast.Or) else "and"
        for node in ast.walk(parsed(pattern))
        if isinstance(node, ast.BoolOp)
    )


@lru_cache(maxsize=1024)
def _chains(pattern: str) -> tuple[str, ...]:
    """The chains of names a pattern spells out, without those that hang on a hole."""
    found = []
    stack = [parsed(pattern)]
    while stack:
        node = stack.pop()
        at: ast.AST = node
        parts: list[str] = []
        while isinstance(at, ast.Attribute):
            parts.append(at.attr)
            at = at.value
        if isinstance(at, ast.Name):
            if not at.id.startswith(HOLE):
                found.append(".".join([at.id, *reversed(parts)]))
            continue
        stack.extend(ast.iter_child_nodes(node))
    return tuple(found)
