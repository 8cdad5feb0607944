"""What may the names of a file stand for? Asked of CPython's tree, of all scopes together: never less than what
`scan/names.py` would answer, which looks at one place and knows its scope.

Most shapes speak of a module that the file does not import, and end here.
"""

from __future__ import annotations

import ast
import builtins
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from devsec.scan import syntax
from devsec.scan.outline import Outline, first_line, nested

_BUILTINS = frozenset(dir(builtins))
_HOPS = 20  # more than scan/names.py follows
_MOST = 50  # names one may stand for; with more it may stand for anything
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Aliases:
    """Of one file. `imports` are the qualified names of what it imports anywhere, as `outline.imported` gives them; `constants` are
    the values that its names are given outside functions and classes."""

    def __init__(self, outline: Outline, text: bytes) -> None:
        self._imported: dict[str, set[str]] = {}  # by local name
        self._assigned: dict[str, list[str]] = {}  # chains of names, by the name they are assigned to
        self._may: dict[str, frozenset[str] | None] = {}
        self._lead: set[str] | None = None
        self._words: dict[str, list[tuple[str, Sequence[str]]]] | None = (
            None  # by the first segment of a qualified name
        )
        self._above: set[str] | None = None  # what is imported, and what that is in
        self.constants: dict[str, list[ast.expr]] = {}
        self.imports: set[str] = set()
        self._changed = False
        self._walrus = list(_lines_of(b":=", text))
        for statement in outline.statements:
            for top in statement.nodes:
                self._read(top, not isinstance(top, _DEFINITIONS))

    def read_too(self, functions: Iterable[ast.stmt]) -> None:
        """These had no body before."""
        self._changed = False
        for function in functions:
            self._read(function, outside=False)
        if self._changed:
            self._may.clear()
            self._lead = self._words = self._above = None

    def _read(self, top: ast.stmt, outside: bool) -> None:
        for node in nested(top):
            kind = type(node)
            if kind is ast.Import or kind is ast.ImportFrom:
                self._import(node)  # type: ignore[arg-type]
            elif kind is ast.Assign or kind is ast.AnnAssign:
                self._assign(node, outside)  # type: ignore[arg-type]
        if self._walrus and self._holds_walrus(top):
            for inner in syntax.below((top,)):
                if isinstance(inner, ast.NamedExpr):
                    self._give(inner.target, inner.value, outside)

    def _holds_walrus(self, top: ast.stmt) -> bool:
        last = bisect_right(self._walrus, top.end_lineno or top.lineno)
        return last > 0 and self._walrus[last - 1] >= first_line(top)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self._changed = True
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports.add(alias.name)
                root = alias.name.split(".", 1)[0]
                self._imported.setdefault(alias.asname or root, set()).add(alias.name if alias.asname else root)
        elif not node.level and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                self.imports.add(full)
                self._imported.setdefault(alias.asname or alias.name, set()).add(full)

    def _assign(self, node: ast.Assign | ast.AnnAssign, outside: bool) -> None:
        if node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else (node.target,):
                self._give(target, node.value, outside)

    def _give(self, target: ast.expr, value: ast.expr, outside: bool) -> None:
        if not isinstance(target, ast.Name):
            return
        if outside:
            self.constants.setdefault(target.id, []).append(value)
        names = dotted(value)
        if names:
            self._assigned.setdefault(target.id, []).append(names)
            self._changed = True

    def does_import(self, modules: Iterable[str]) -> bool:
        """Whether the file imports one of the modules, or something from it or below it."""
        if self._above is None:
            segments = [name.split(".") for name in self.imports]
            self._above = {".".join(name[:length]) for name in segments for length in range(1, len(name) + 1)}
        return not self._above.isdisjoint(modules)

    def is_imported(self, name: str) -> bool:
        """Whether an import binds the name, anywhere in the file."""
        return name in self._imported

    def qualified(self, node: ast.expr) -> frozenset[str] | None:
        """The qualified names an expression may refer to; None for any."""
        spelled = dotted(node)
        if not spelled:
            return frozenset()
        root, dot, rest = spelled.partition(".")
        names = self._of(root)
        return frozenset(name + dot + rest for name in names) if dot and names else names

    def may_be(self, node: ast.expr, wanted: Sequence[str]) -> bool:
        """Whether an expression may refer to one of the names, in which `*` stands for one segment."""
        found = self.qualified(node)
        return found is None or any(name_matches(name, one) for one in found for name in wanted)

    def spelled(self, wanted: Sequence[str]) -> set[str]:
        """Names of which one must stand where something refers to one of `wanted`: one of the file's own, or an attribute."""
        if self._words is None:
            self._words = self._by_first_segment()
        out = {local for local, _ in self._words.get("", ())}
        for name in wanted:
            first, *others = name.split(".")
            if first == "builtins":
                out.add(max(others, key=len))
            elif first == "*":
                out.add(others[-1])  # of something built in
            for local, there in chain(*self._words.values()) if first == "*" else self._words.get(first, ()):
                if len(there) <= len(others) + 1 and all(
                    o in ("*", t) for o, t in zip((first, *others), there, strict=False)
                ):
                    # The attributes that lead on from there all stand in it: the longest is the rarest.
                    out.add(max((o for o in others[len(there) - 1 :] if o != "*"), key=len, default=local))
        return out

    def called(self, wanted: Sequence[str]) -> tuple[set[str], set[str]]:
        """As `spelled`, where one of `wanted` is called: the words that may stand anywhere in it, and those that end what is called,
        or what is assigned to another name for it."""
        words = self.spelled(wanted)
        if self._walrus:
            return words, set()  # which may end before anything
        segments = [name.split(".") for name in wanted]
        ends = {last for *_, last in segments} - {segment for *others, _ in segments for segment in others}
        ends -= {local for local, _ in (self._words or {}).get("", ())}
        return words - ends, words & ends

    def _by_first_segment(self) -> dict[str, list[tuple[str, Sequence[str]]]]:
        """Local names and the segments of what they may stand for."""
        words: dict[str, list[tuple[str, Sequence[str]]]] = {}
        for local in {*self._imported, *self._assigned}:
            names = self._of(local)
            for name in ("",) if names is None else names:  # "": of anything
                segments = name.split(".")
                words.setdefault(segments[0], []).append((local, segments))
        return words

    def _of(self, name: str, hops: int = _HOPS) -> frozenset[str] | None:
        if name not in self._leading():
            return frozenset()
        if name not in self._may:
            self._may[name] = None  # while it is worked out: what comes back to it goes in a circle
            self._may[name] = self._worked_out(name, hops)
        return self._may[name]

    def _leading(self) -> set[str]:
        """The names from which assignments lead to something imported or built in, at whatever length. The others go in
        circles, or end in what is local."""
        if self._lead is None:
            given: dict[str, set[str]] = {}  # the names a name is assigned to
            roots = set(self._imported)
            for name, chains in self._assigned.items():
                for root in (one.partition(".")[0] for one in chains):
                    given.setdefault(root, set()).add(name)
                    if root in _BUILTINS:
                        roots.add(root)
            todo = list(roots)
            while todo:
                new = given.get(todo.pop(), set()) - roots
                roots |= new
                todo += new
            self._lead = roots | _BUILTINS
        return self._lead

    def _worked_out(self, name: str, hops: int) -> frozenset[str] | None:
        found = set(self._imported.get(name, ()))
        if name in _BUILTINS:
            found.add("builtins." + name)
        for assigned in self._assigned.get(name, ()):
            root, dot, rest = assigned.partition(".")
            if root == name:
                continue  # `node = node.parent` says nothing
            more = self._of(root, hops - 1) if hops else None
            if more is None or len(found) > _MOST:
                return None
            found.update(one + dot + rest for one in more)
        return frozenset(found)


def _lines_of(mark: bytes, text: bytes) -> Iterator[int]:
    """The lines a mark stands in, as CPython's parser counts them."""
    if mark not in text:
        return
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line, at = 1, 0
    while (found := lines.find(mark, at)) >= 0:
        line += lines.count(b"\n", at, found)
        yield line
        at = found + 1


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of names; "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def name_matches(wanted: str, qualified: str) -> bool:
    """Equality, where `*` in `wanted` stands for one segment."""
    if "*" not in wanted:
        return wanted == qualified
    ours, theirs = wanted.split("."), qualified.split(".")
    return len(ours) == len(theirs) and all(o in ("*", t) for o, t in zip(ours, theirs, strict=True))
