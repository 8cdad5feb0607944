"""How does a literal read without the secret in it? What goes, what stands around what comes, and what it is called.

The secret may be all of the literal or a part of it (`"Bearer …"`, a URL): then what is left stays a literal beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from devsec.scan import plain, values
from devsec.scan.destinations import destinations
from devsec.scan.names import Names
from devsec.text import Span


class Stuck(Exception):
    """The secret cannot be taken out here; the message is the reason the reader sees."""


@dataclass(frozen=True)
class Hole:
    """`span` is replaced by `before` + the reading expression + `after`. `node` is the expression that becomes another one,
    None where the hole is in an f-string: there the expression may not have the quote `quote`. `encode` when bytes are
    needed."""

    span: Span
    name: str
    node: cst.BaseExpression | None
    before: str = ""
    after: str = ""
    encode: bool = False
    quote: str = ""


# What says nothing by itself: every program has a token.
_VAGUE = frozenset(
    (
        *("token", "key", "secret", "password", "passwd", "pwd", "value", "auth", "authorization", "credential"),
        *("credentials", "data", "text", "content", "header", "headers", "url", "uri", "dsn", "config", "settings"),
        *("default", "s", "x", "t", "k", "p", "c", "string", "body", "payload", "api_key", "apikey", "access_token"),
        *("bearer", "login", "user", "username", "result", "response", "cmd", "command", "args", "code", "message"),
        *("example", "line", "name", "private_key", "secret_key", "access_key", "auth_token", "return"),
    )
)
_ENVIRONMENT = frozenset(["os.environ.get", "os.getenv", "os.environ.setdefault"])
_ABOUT_CODE = (cst.Annotation, cst.ImportAlias, cst.MatchPattern)


def hole(node: cst.BaseExpression, secret: Span | None, fallback: str, names: Names) -> Hole:
    """The hole that takes `secret` (all of the literal when None) out of the string literal `node`. `fallback` is what it is
    called where its place says nothing. Raises Stuck."""
    module = names.module
    whole = _outermost(node, names)
    env = _fallback_of_environment(whole, names)
    _refuse_place(whole, names)
    name = env[1] if env is not None else _name(whole, fallback, names)
    if env is not None:
        return Hole(module.span(env[0]), name, env[0], encode=False)
    if secret is None or _is_all(whole, secret, names):
        return Hole(module.span(whole), name, whole, encode=_is_bytes(whole))
    if isinstance(whole, cst.ConcatenatedString):
        raise Stuck("it is a part of a literal in several pieces")
    if isinstance(whole, cst.SimpleString):
        return _split(whole, secret, name, names)
    if not isinstance(whole, cst.FormattedString):
        raise Stuck("it is no plain literal")
    return _in_fstring(whole, secret, name, names)


def _outermost(node: cst.BaseExpression, names: Names) -> cst.BaseExpression:
    parent = names.module.parent.get(node)
    while isinstance(parent, cst.ConcatenatedString):
        node, parent = parent, names.module.parent.get(parent)
    return node


def _refuse_place(node: cst.BaseExpression, names: Names) -> None:
    child: cst.CSTNode = node
    for parent in names.module.ancestors(node):
        if isinstance(parent, cst.Expr) and child is parent.value and child is node:
            raise Stuck("it is in a docstring")
        if isinstance(parent, _ABOUT_CODE):
            raise Stuck("it is no value that is computed")
        if isinstance(parent, cst.Param) and child is parent.default:
            raise Stuck("it is a default value: let the default be None, and read the secret in the function")
        if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
            raise Stuck("it is compared with: use hmac.compare_digest with the secret read at run time")
        if isinstance(parent, cst.DictElement) and child is parent.key:
            raise Stuck("it is a key, not a value")
        if isinstance(parent, cst.Index):
            raise Stuck("it is a key, not a value")
        if isinstance(parent, cst.FormattedStringExpression):
            raise Stuck("it stands inside an f-string")
        if isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return
        child = parent


def _fallback_of_environment(node: cst.BaseExpression, names: Names) -> tuple[cst.Call, str] | None:
    """The call of `os.environ.get("NAME", node)`, and the name."""
    arg = names.module.parent.get(node)
    call = names.module.parent.get(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(call, cst.Call) or len(call.args) != 2 or arg is not call.args[1]:
        return None
    if not {r.qualified for r in names.referents(call.func)} & _ENVIRONMENT:
        return None
    key = values.constant(call.args[0].value, names)
    return (call, key.value) if key is not None and isinstance(key.value, str) else None


def _name(node: cst.BaseExpression, fallback: str, names: Names) -> str:
    for found in destinations(node, names):
        word = plain.words(found)
        if word and not word[0].isdigit() and (word not in _VAGUE or not fallback):
            return word.upper()
    if not fallback:
        raise Stuck("what it goes to has no name")
    return fallback


def _is_bytes(node: cst.BaseExpression) -> bool:
    while isinstance(node, (cst.ConcatenatedString, cst.BinaryOperation)):
        node = node.left
    return isinstance(node, cst.SimpleString) and "b" in node.prefix.lower()


def _is_all(node: cst.BaseExpression, secret: Span, names: Names) -> bool:
    """Whether the secret is all there is between the quotes (but for white space at the ends)."""
    module = names.module
    span = module.span(node)
    if secret.contains(span):
        return True
    if not isinstance(node, cst.SimpleString):
        return False
    skip = len(node.prefix) + len(node.quote)
    body = Span(span.start + skip, span.end - len(node.quote))
    outside = module.text[body.start : secret.start] + module.text[secret.end : body.end]
    return secret.start >= body.start and secret.end <= body.end and not outside.strip()


def _split(node: cst.SimpleString, secret: Span, name: str, names: Names) -> Hole:
    module = names.module
    span = module.span(node)
    opening = node.prefix + node.quote
    head = module.text[span.start + len(opening) : secret.start].decode()
    tail = module.text[secret.end : span.end - len(node.quote)].decode()
    if _cuts_escape(head) and "r" not in node.prefix.lower():
        raise Stuck("it begins in the middle of an escape")
    before = f"{opening}{head}{node.quote} + " if head else ""
    after = f" + {opening}{tail}{node.quote}" if tail else ""
    if node.quote in (head + tail) or (len(node.quote) == 3 and (head + tail).endswith(node.quote[0])):
        raise Stuck("what is left cannot stand in these quotes")
    return Hole(span, name, node, before, after, encode=_is_bytes(node))


def _cuts_escape(head: str) -> bool:
    return (len(head) - len(head.rstrip("\\"))) % 2 == 1


def _in_fstring(node: cst.FormattedString, secret: Span, name: str, names: Names) -> Hole:
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText) and names.module.span(part).contains(secret):
            quote = node.end
            return Hole(secret, name, None, "{", "}", quote=quote)
    raise Stuck("it is put together from several parts")
