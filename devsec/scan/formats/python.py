"""Which string literals does a Python file give to which name?

Assignments (names, attributes, keys), keyword arguments, dict values, default values, the fallback of a look-up
(`os.environ.get("NAME", "…")`, `config("NAME", default="…")`), the default of an option (`"--password"`). Read with
CPython's own parser, which is fast; LibCST is asked where something has been found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from devsec.scan import syntax
from devsec.scan.digests import holds_digests
from devsec.scan.formats.found import Found, NotThisFormat

_LOOK_UPS = frozenset(
    [
        "get",
        "getenv",
        "setdefault",
        "config",
        "env",
        "str",
        "getpass",
        "environ",
        "get_secret",
        "pop",
        "setattr",
        "Env",
        "option",
    ]
)
_DEFAULTS = frozenset(["default", "value", "fallback", "default_value"])
_OPEN = re.compile(r"[rbuRBU]{0,2}(\"{3}|'{3}|\"|')")
# Texts for people are no values: labels, help, errors.
_TEXTS = frozenset(["_", "gettext", "gettext_lazy", "ngettext", "pgettext", "print", "_t", "__"])


MAX_TREE = 1 << 20  # characters: a tree takes a hundred times the text


def read(text: str) -> Iterator[Found]:
    """NotThisFormat where CPython refuses the file."""
    if len(text) > MAX_TREE:
        raise NotThisFormat("too large for a tree")
    try:
        tree = syntax.tree(text.encode("utf-8"))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotThisFormat(f"not Python: {error}") from None
    starts = _starts(text)
    raw_lines = text.encode("utf-8", "replace") if not text.isascii() else None
    for keys, node in _pairs(tree):
        value = node.value if isinstance(node.value, str) else node.value.decode("latin-1")  # type: ignore[union-attr]
        start = _offset(text, raw_lines, starts, node.lineno, node.col_offset)
        end = _offset(text, raw_lines, starts, node.end_lineno or node.lineno, node.end_col_offset or 0)
        opening = _OPEN.match(text, start)
        if opening is None:
            continue
        yield Found(keys, value, opening.end(), max(opening.end(), end - len(opening[1])))


def _starts(text: str) -> list[int]:
    """Where lines begin, as CPython counts them."""
    return [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", text))]


def _offset(text: str, raw: bytes | None, starts: list[int], line: int, column: int) -> int:
    start = starts[line - 1]
    if raw is None:
        return start + column
    end = starts[line] if line < len(starts) else len(text)
    return start + len(text[start:end].encode("utf-8", "replace")[:column].decode("utf-8", "replace"))


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _name(node.slice)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


_BINDS = (
    ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Dict, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Call,
)  # fmt: skip


def _pairs(tree: ast.AST) -> Iterator[tuple[tuple[str, ...], ast.Constant]]:
    """(names, the literal) in no particular order. One name, and before it that of the dict it stands in if that says that
    digests are listed there."""
    lists: dict[ast.AST, str] = {}
    stack = [tree]
    while stack:  # as ast.walk, which takes twice the time
        node = stack.pop()
        if isinstance(node, _BINDS):
            around = (lists[node],) if node in lists else ()
            for name, value in _of(node):
                if isinstance(value, ast.Dict) and holds_digests(name):
                    lists[value] = name
                for literal in _literals(value):
                    if name:
                        yield (*around, name), literal
        for field in node._fields:
            part = getattr(node, field, None)
            if isinstance(part, list):
                stack.extend(item for item in part if isinstance(item, ast.AST))
            elif isinstance(part, ast.AST) and not isinstance(part, (ast.Name, ast.Constant)):
                stack.append(part)


def _literals(value: ast.AST | None) -> Iterator[ast.Constant]:
    """The literal a value is, or falls back to (`… or "…"`, `"…" if x else y`, `SecretStr("…")`, `"…".encode()`)."""
    if value is None:
        return
    if _is_text(value):
        yield value  # type: ignore[misc]
    elif isinstance(value, ast.BoolOp):
        for part in value.values:
            yield from _literals(part)
    elif isinstance(value, ast.IfExp):
        yield from _literals(value.body)
        yield from _literals(value.orelse)
    elif isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
        if _name(value.func) in (
            "SecretStr",
            "SecretBytes",
            "Secret",
            "str",
            "bytes",
            "Password",
            "b64decode",
            "fromhex",
        ):
            yield from _literals(value.args[0])
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "encode":
        yield from _literals(value.func.value)


def _of(node: ast.AST) -> Iterator[tuple[str, ast.AST | None]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(map(_name, target.elts), node.value.elts, strict=False)
            else:
                yield _name(target), node.value
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        yield _name(node.target), node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield _name(key), value
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        args = [*node.args.posonlyargs, *node.args.args]
        defaults = node.args.defaults
        yield from ((arg.arg, value) for arg, value in zip(args[len(args) - len(defaults) :], defaults, strict=True))
        yield from ((arg.arg, value) for arg, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
    elif isinstance(node, ast.Call):
        yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[tuple[str, ast.AST | None]]:
    called = _name(node.func)
    if called in _TEXTS:
        return
    first = _name(node.args[0]) if node.args and _is_text(node.args[0]) else ""
    for keyword in node.keywords:
        if keyword.arg in _DEFAULTS and first:
            yield first.lstrip("-"), keyword.value
        elif keyword.arg:
            yield keyword.arg, keyword.value
    if called in _LOOK_UPS and first and len(node.args) == 2:
        yield first, node.args[1]
    if called == "setattr" and len(node.args) == 3:
        yield _name(node.args[1]) if _is_text(node.args[1]) else "", node.args[2]
