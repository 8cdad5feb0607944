"""What is known of an expression's value: constants folded, strings taken apart, identifiers read as words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from devsec.scan.built import BRACES, PASSING_CALLS, PASSING_METHODS, PERCENT
from devsec.scan.names import Names
from devsec.scan.plain import Value

_DEPTH = 40
_MAX_SIZE = 1 << 16  # nobody writes a larger constant by multiplication on purpose
# Of what is put together, since names put in names can make more than memory holds:
_MAX_FOLDED = 1 << 16  # characters of a constant that is not written down as one
_MAX_TEXT, _MAX_PARTS = 1 << 20, 2_000  # characters and pieces of a text


@dataclass(frozen=True)
class Known:
    """A constant. (A wrapper, since None is a constant too.)"""

    value: Value


def constant(node: cst.BaseExpression, names: Names, depth: int = _DEPTH) -> Known | None:
    """The constant an expression is, followed through single assignments; None when it is not one."""
    if depth <= 0:
        return None
    node = names.value(node)
    looked, known = names.constants.get(node, (0, None))
    if known is None and looked < depth:
        known = _constant(node, names, depth)
        if known is not None and not isinstance(node, _LITERALS) and _size(known.value) > _MAX_FOLDED:
            known = None
        names.constants[node] = (depth, known)
    return known


_LITERALS = (cst.SimpleString, cst.ConcatenatedString)


def _size(value: Value) -> int:
    return len(value) if isinstance(value, (str, bytes)) else 0


def _constant(node: cst.BaseExpression, names: Names, depth: int) -> Known | None:
    if isinstance(node, cst.Name):
        if node.value in _NAMED and not names.bindings(node.value, names.scope(node))[0]:
            return Known(_NAMED[node.value])
        return None
    if isinstance(node, (cst.Integer, cst.Float)):
        return Known(node.evaluated_value)
    if isinstance(node, cst.SimpleString):
        return Known(node.evaluated_value)
    if isinstance(node, cst.ConcatenatedString):
        return _concatenated(node, names, depth)
    if isinstance(node, cst.FormattedString):
        parts = string_parts(node, names, depth)
        if parts is not None and all(isinstance(part, str) for part in parts):
            return Known("".join(str(part) for part in parts))
        return None
    if isinstance(node, cst.UnaryOperation):
        inner = constant(node.expression, names, depth - 1)
        if inner is not None and isinstance(inner.value, (int, float)):
            if isinstance(node.operator, cst.Minus):
                return Known(-inner.value)
            if isinstance(node.operator, cst.Not):
                return Known(not inner.value)
        return None
    if isinstance(node, cst.BinaryOperation):
        return _folded(node, names, depth)
    if isinstance(node, cst.Call):
        return _called(node, names, depth)
    return None


_NAMED: dict[str, Value] = {"True": True, "False": False, "None": None}


def _concatenated(node: cst.ConcatenatedString, names: Names, depth: int) -> Known | None:
    left, right = constant(node.left, names, depth - 1), constant(node.right, names, depth - 1)
    if left is None or right is None:
        return None
    if isinstance(left.value, str) and isinstance(right.value, str):
        return Known(left.value + right.value)
    if isinstance(left.value, bytes) and isinstance(right.value, bytes):
        return Known(left.value + right.value)
    return None


def _folded(node: cst.BinaryOperation, names: Names, depth: int) -> Known | None:
    left, right = constant(node.left, names, depth - 1), constant(node.right, names, depth - 1)
    if left is None or right is None:
        return None
    a, b = left.value, right.value
    operator = node.operator
    if isinstance(operator, cst.Add):
        if isinstance(a, str) and isinstance(b, str):
            return Known(a + b)
        if isinstance(a, bytes) and isinstance(b, bytes):
            return Known(a + b)
    if isinstance(operator, cst.Multiply):
        if isinstance(a, (str, bytes)) and isinstance(b, int) and 0 <= b * len(a) <= _MAX_SIZE:
            return Known(a * b)
        if isinstance(b, (str, bytes)) and isinstance(a, int) and 0 <= a * len(b) <= _MAX_SIZE:
            return Known(b * a)
    if not isinstance(a, (int, float)) or not isinstance(b, (int, float)):
        return None
    if isinstance(operator, cst.Add):
        return Known(a + b)
    if isinstance(operator, cst.Subtract):
        return Known(a - b)
    if isinstance(operator, cst.Multiply) and abs(a) < 1 << 63 and abs(b) < 1 << 63:
        return Known(a * b)
    if isinstance(a, int) and isinstance(b, int):
        if isinstance(operator, cst.Power) and 0 <= b <= 64 and abs(a) <= 1024:
            return Known(a**b)
        if isinstance(operator, cst.LeftShift) and 0 <= b <= 64 and abs(a) < 1 << 63:
            return Known(a << b)
        if isinstance(operator, cst.BitOr):
            return Known(a | b)
    return None


def _called(node: cst.Call, names: Names, depth: int) -> Known | None:
    """`bytes(16)`, `bytes.fromhex("…")`, `"…".encode()`, `b"…".decode()`, `str("…")`, `int("…")`."""
    if any(arg.star or arg.keyword for arg in node.args) or len(node.args) > 2:
        return None
    args = [constant(arg.value, names, depth - 1) for arg in node.args]
    if any(arg is None for arg in args):
        return None
    values = [arg.value for arg in args if arg is not None]
    called = [r.qualified for r in names.referents(node.func)]
    if called == ["builtins.bytes"] and len(values) == 1 and isinstance(values[0], int) and 0 <= values[0] <= _MAX_SIZE:
        return Known(bytes(values[0]))
    if called in (["builtins.bytes"], ["builtins.str"]) and values and isinstance(values[0], (str, bytes)):
        return Known(values[0])
    try:
        if called == ["builtins.bytes.fromhex"] and len(values) == 1 and isinstance(values[0], str):
            return Known(bytes.fromhex(values[0]))
        if called == ["builtins.int"] and len(values) == 1 and isinstance(values[0], (str, int)):
            return Known(int(values[0]))
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("encode", "decode"):
            base = constant(node.func.value, names, depth - 1)
            if base is not None and isinstance(base.value, str) and node.func.attr.value == "encode":
                return Known(base.value.encode())
            if base is not None and isinstance(base.value, bytes) and node.func.attr.value == "decode":
                return Known(base.value.decode("utf-8", "replace"))
    except ValueError:
        return None
    return None


Part = str | cst.BaseExpression


def string_parts(node: cst.BaseExpression, names: Names, depth: int = _DEPTH) -> list[Part] | None:
    """A string as the pieces it is built of: text that is constant, and the expressions put in between.

    None when the expression is not visibly a string. Follows single assignments.
    """
    if depth <= 0:
        return None
    node = names.value(node)
    looked, parts = names.parts.get(node, (0, None))
    if parts is None and looked < depth:
        parts = _string_parts(node, names, depth)
        if parts is not None and (
            len(parts) > _MAX_PARTS
            or (len(parts) > 1 and sum(len(part) for part in parts if isinstance(part, str)) > _MAX_TEXT)
        ):
            parts = None
        names.parts[node] = (depth, parts)
    return parts


def _string_parts(node: cst.BaseExpression, names: Names, depth: int) -> list[Part] | None:
    known = (
        constant(node, names, depth - 1)
        if not isinstance(node, (cst.FormattedString, cst.ConcatenatedString))
        else None
    )
    if known is not None:
        return [known.value] if isinstance(known.value, str) else None
    if isinstance(node, cst.SimpleString):
        value = node.evaluated_value
        return [value] if isinstance(value, str) else None
    if isinstance(node, cst.FormattedString):
        return list(_fstring_parts(node, names, depth))
    if isinstance(node, cst.ConcatenatedString):
        left, right = string_parts(node.left, names, depth - 1), string_parts(node.right, names, depth - 1)
        return None if left is None or right is None else left + right
    if isinstance(node, cst.BinaryOperation):
        if isinstance(node.operator, cst.Add):
            return _added(node, names, depth)
        if isinstance(node.operator, cst.Modulo):
            return _percent(node, names, depth)
        return None
    if isinstance(node, cst.Call):
        return _formatted_or_joined(node, names, depth)
    return None


def _hole(node: cst.BaseExpression, names: Names, depth: int) -> Part:
    known = constant(node, names, depth - 1)
    if known is None or isinstance(known.value, bytes):
        return node
    return str(known.value)


def _fstring_parts(node: cst.FormattedString, names: Names, depth: int) -> Iterator[Part]:
    raw = "r" in node.prefix.lower()
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            text = part.value.replace("{{", "{").replace("}}", "}")
            yield text if raw or "\\" not in text else _unescaped(text)
        elif isinstance(part, cst.FormattedStringExpression):
            yield _hole(part.expression, names, depth)


def _unescaped(text: str) -> str:
    try:
        return str(cst.SimpleString('"""' + text.replace('"', '\\"') + '"""').evaluated_value)
    except Exception:  # an escape that is not one: the text as written will do for looking at
        return text


def _added(node: cst.BinaryOperation, names: Names, depth: int) -> list[Part] | None:
    left, right = string_parts(node.left, names, depth - 1), string_parts(node.right, names, depth - 1)
    if left is None and right is None:
        return None
    parts: list[Part] = []
    parts += left if left is not None else [node.left]
    parts += right if right is not None else [node.right]
    return parts


def _percent(node: cst.BinaryOperation, names: Names, depth: int) -> list[Part] | None:
    left = string_parts(node.left, names, depth - 1)
    if left is None or not all(isinstance(part, str) for part in left):
        return None
    template = "".join(str(part) for part in left)
    right = node.right
    elements: list[cst.BaseExpression]
    if isinstance(right, (cst.Tuple, cst.Dict)):
        elements = [element.value for element in right.elements]
    else:
        elements = [right]
    return _filled(template, PERCENT, elements, names, depth, "%%")


def _formatted_or_joined(node: cst.Call, names: Names, depth: int) -> list[Part] | None:
    if not isinstance(node.func, cst.Attribute):
        return None
    method = node.func.attr.value
    if method not in ("format", "join", "strip", "lstrip", "rstrip", "lower", "upper"):
        return None
    base = string_parts(node.func.value, names, depth - 1)
    if base is None:
        return None
    if method == "format":
        if not all(isinstance(part, str) for part in base):
            return None
        template = "".join(str(part) for part in base)
        return _filled(template, BRACES, [arg.value for arg in node.args], names, depth, "{{", "}}")
    if method == "join":
        if len(node.args) != 1 or not isinstance(node.args[0].value, (cst.List, cst.Tuple)):
            return [*base, node] if node.args else None
        joined: list[Part] = []
        for element in node.args[0].value.elements:
            if joined:
                joined.extend(base)
            parts = string_parts(element.value, names, depth - 1)
            joined.extend(parts if parts is not None else [element.value])
        return joined
    return base


def _filled(
    template: str, marks: re.Pattern[str], elements: list[cst.BaseExpression], names: Names, depth: int, *escaped: str
) -> list[Part]:
    """The template's text with the elements in its marks, one after the other; marks beyond the elements read as the
    last one."""
    parts: list[Part] = []
    at = 0
    used = 0
    for mark in marks.finditer(template):
        parts.append(template[at : mark.start()])
        at = mark.end()
        if mark.group() in escaped:
            parts.append(mark.group()[0])
        elif elements:
            parts.append(_hole(elements[min(used, len(elements) - 1)], names, depth))
            used += 1
    parts.append(template[at:])
    return [part for part in parts if part != ""]


def is_dynamic(parts: list[Part] | None, quotes: Sequence[str] = (), names: Names | None = None) -> bool:
    """Whether a string has a part that is not constant, beside text that is. Parts that a call of one of `quotes`
    made (`shlex.quote`, say) do not count."""
    if parts is None or len(parts) < 2:
        return False
    open_parts = [part for part in parts if not isinstance(part, str)]
    if quotes and names is not None:
        return any(not is_quoted(part, quotes, names) for part in open_parts)
    return bool(open_parts)


def is_quoted(node: cst.BaseExpression, quotes: Sequence[str], names: Names, depth: int = 8) -> bool:
    """Whether a value is made by a call of one of `quotes`, directly or joined from such calls."""
    if depth <= 0 or not quotes:
        return False
    node = names.value(node)
    if isinstance(node, cst.IfExp):
        return all(
            is_quoted(side, quotes, names, depth - 1) or constant(side, names) is not None
            for side in (node.body, node.orelse)
        )
    if not isinstance(node, cst.Call):
        return False
    if any(r.qualified in quotes for r in names.referents(node.func)):
        return True
    if not node.args:
        return False
    first = names.value(node.args[0].value)
    if any(r.qualified == "builtins.str" for r in names.referents(node.func)):
        return is_quoted(first, quotes, names, depth - 1)
    if isinstance(node.func, cst.Attribute) and node.func.attr.value == "join":
        if isinstance(first, (cst.GeneratorExp, cst.ListComp)):
            return is_quoted(first.elt, quotes, names, depth - 1)
        if isinstance(first, cst.Call) and any(r.qualified == "builtins.map" for r in names.referents(first.func)):
            return bool(first.args) and any(r.qualified in quotes for r in names.referents(first.args[0].value))
    return False


def shown(parts: list[Part]) -> str:
    """The text with `{}` for each part that is not constant."""
    return "".join(part if isinstance(part, str) else "{}" for part in parts)


def identifiers(node: cst.BaseExpression) -> Iterator[str]:
    """The identifiers an expression is known by: a name, the last attribute, a constant key, and through calls of
    methods and conversions what they are applied to."""
    while True:
        if isinstance(node, cst.Name):
            yield node.value
            return
        if isinstance(node, cst.Attribute):
            yield node.attr.value
            return
        if isinstance(node, cst.Subscript):
            index = node.slice[0].slice
            if isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString):
                value = index.value.evaluated_value
                yield value if isinstance(value, str) else value.decode("latin-1")
                return
            node = node.value
            continue
        if isinstance(node, cst.Call):
            if isinstance(node.func, cst.Attribute) and node.func.attr.value in PASSING_METHODS:
                node = node.func.value
                continue
            if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("get", "pop", "getlist") and node.args:
                first = node.args[0].value
                if isinstance(first, cst.SimpleString) and isinstance(first.evaluated_value, str):
                    yield first.evaluated_value
                return
            if isinstance(node.func, cst.Name) and node.func.value in PASSING_CALLS and node.args:
                node = node.args[0].value
                continue
            return
        if isinstance(node, cst.Await):
            node = node.expression
            continue
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Add, cst.Modulo)):
            yield from identifiers(node.left)
            node = node.right
            continue
        if isinstance(node, cst.FormattedString):
            for part in node.parts:
                if isinstance(part, cst.FormattedStringExpression):
                    yield from identifiers(part.expression)
            return
        return


# Parts of a command line by these names hold several words: quoting them as one would break what works.
MANY_WORDS = re.compile(
    r"(?:^|_)(?:cmds?|commands?|args?|argv|arguments|opts?|options?|flags?|params?|extras?|switches)(?:_|$)"
)
