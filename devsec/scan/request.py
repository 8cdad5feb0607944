"""Does a value come from the client of the request that is being answered? Within one function, and only when nothing
has looked at it on the way.

Sources, as the frameworks document them: Flask and Quart (`request.args`, …), Django and REST framework (`request.GET`,
… of a parameter called `request`), Starlette and FastAPI (`Request`, and parameters of a path operation that are text),
aiohttp (`web.Request`), Tornado (`self.get_argument`, `self.request.body`).

The value is followed through single assignments, keys, string building and conversions that keep it text. An unknown
call ends it: it may check or quote. Parts of the path are left out: they hold no slash, and are often looked up. So does any other look at a variable in between, such as a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from devsec.scan import values
from devsec.scan.frameworks import HELD, NO_LINK, READ, REQUESTS, ROUTERS, TORNADO, VERBS
from devsec.scan.module import children
from devsec.scan.names import Binding, Names, Scope

_DEPTH = 12
_KEEPING_METHODS = frozenset(
    ["get", "getlist", "getfirst", "pop", "strip", "lstrip", "rstrip", "lower", "upper", "encode", "decode", "read", "removeprefix"]
)  # fmt: skip
_KEEPING_CALLS = frozenset(
    [
        *("builtins.str", "builtins.bytes", "bytes.fromhex", "builtins.bytes.fromhex", "json.loads", "io.BytesIO"),
        *("base64.b64decode", "base64.urlsafe_b64decode", "base64.standard_b64decode", "zlib.decompress"),
        *("urllib.parse.unquote", "urllib.parse.unquote_plus", "os.path.join", "posixpath.join"),
        *("pathlib.Path", "pathlib.PurePath", "django.http.QueryDict"),
    ]
)
# Methods and functions that do something with a value and say nothing about it.
_USES = frozenset(
    [
        *(
            "get",
            "post",
            "put",
            "patch",
            "delete",
            "head",
            "request",
            "stream",
            "urlopen",
            "urlretrieve",
            "fetch",
            "fetchrow",
        ),
        *(
            "open",
            "send_file",
            "send_from_directory",
            "FileResponse",
            "redirect",
            "RedirectResponse",
            "HttpResponseRedirect",
        ),
        *("run", "call", "check_call", "check_output", "Popen", "system", "popen", "getoutput", "eval", "exec"),
        *("execute", "executemany", "fetchval", "raw", "text", "render_template", "render_template_string", "Template"),
        *("loads", "load", "from_string", "Markup", "mark_safe", "HTMLResponse", "HttpResponse", "Response", "write"),
        *("append", "format", "set", "jsonify", "render", "join", "str", "create_subprocess_shell", "extractall"),
    ]
)
_LOGGING = frozenset(["debug", "info", "warning", "error", "exception", "critical", "log", "print", "flash"])


def comes_from_request(node: cst.BaseExpression, names: Names, by_link: bool = False) -> bool:
    """Whether the client decides what this expression is, wholly or in a part of a text. `by_link`: whether a link or
    a form on another site does (a cookie or a header is the browser's own)."""
    return _Look(names, node, by_link).rooted(node, _DEPTH)


class _Look:
    def __init__(self, names: Names, asked: cst.BaseExpression, by_link: bool) -> None:
        self.names = names
        self.module = names.module
        self._by_link = by_link
        arg = self.module.parent.get(asked)
        self._sink = self.module.parent.get(arg) if isinstance(arg, cst.Arg) else None  # where it goes is no check

    def rooted(self, node: cst.BaseExpression, depth: int) -> bool:
        if depth <= 0:
            return False
        if isinstance(node, cst.Name):
            return self._name(node, depth)
        if isinstance(node, cst.Call) and any(arg.keyword and arg.keyword.value == "type" for arg in node.args):
            return False  # `request.args.get("n", type=int)`: the framework converts it, or refuses
        if isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)) and self._is_source(node):
            return not self._looked_at(node)
        if isinstance(node, cst.Subscript):
            return self.rooted(node.value, depth - 1)
        if isinstance(node, cst.Await):
            return self.rooted(node.expression, depth - 1)
        if isinstance(node, cst.NamedExpr):
            return self.rooted(node.value, depth - 1)
        if isinstance(node, cst.BooleanOperation):
            sides = [node.left, node.right] if isinstance(node.operator, cst.Or) else [node.right]
            return any(self.rooted(side, depth - 1) for side in sides)
        if isinstance(node, cst.IfExp):
            return self.rooted(node.body, depth - 1) or self.rooted(node.orelse, depth - 1)
        if isinstance(node, cst.Call) and self._keeps(node, depth):
            return True
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Divide, cst.Add)):
            return self.rooted(node.left, depth - 1) or self.rooted(node.right, depth - 1)
        parts = values.string_parts(node, self.names)
        return parts is not None and any(
            part is not node and not isinstance(part, str) and self.rooted(part, depth - 1) for part in parts
        )

    def _keeps(self, node: cst.Call, depth: int) -> bool:
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in _KEEPING_METHODS:
            return self.rooted(node.func.value, depth - 1)
        if any(r.qualified in _KEEPING_CALLS for r in self.names.referents(node.func)):
            return any(self.rooted(arg.value, depth - 1) for arg in node.args if not arg.star)
        return False

    # --- sources -----------------------------------------------------------------------------------------------------

    def _is_source(self, node: cst.Attribute | cst.Subscript | cst.Call) -> bool:
        if isinstance(node, cst.Subscript):
            return isinstance(node.value, cst.Attribute) and self._is_table(node.value)
        if isinstance(node, cst.Attribute):
            return self._is_table(node)
        func = node.func
        if not isinstance(func, cst.Attribute):
            return False
        if (
            func.attr.value in ("get", "getlist")
            and isinstance(func.value, cst.Attribute)
            and self._is_table(func.value)
        ):
            return True
        if func.attr.value in READ.get(self._request(func.value), ()):
            return not self._by_link or func.attr.value in ("form", "post")
        return func.attr.value in TORNADO and self._is_handler(func.value)

    def _is_table(self, node: cst.Attribute) -> bool:
        if self._by_link and node.attr.value in NO_LINK:
            return False
        return node.attr.value in HELD.get(self._request(node.value), ())

    def _request(self, node: cst.BaseExpression) -> str:
        """Which framework's request an expression is; "" when it is none."""
        if any(r.qualified in ("flask.request", "quart.request") for r in self.names.referents(node)):
            return "flask"
        if isinstance(node, cst.Attribute) and node.attr.value == "request" and self._is_handler(node.value):
            return "tornado"
        if not isinstance(node, cst.Name):
            return ""
        found, _ = self.names.bindings(node.value, self.names.scope(node))
        if len(found) != 1 or found[0].kind != "param":
            return ""
        made = self.names.origins(node)
        for framework, classes in REQUESTS.items():
            if made is not None and made <= classes:
                return framework
        django = any(self.module.does_import(name) for name in ("django", "rest_framework"))
        declared = found[0].value is not None
        theirs = {"django.http.HttpRequest", "rest_framework.request.Request"}
        if declared and (made is None or not made <= theirs):
            return ""
        return "django" if django and node.value == "request" else ""

    def _is_handler(self, node: cst.BaseExpression) -> bool:
        """Whether it is the `self` of a class that says it is a Tornado handler."""
        if not isinstance(node, cst.Name) or not self.module.does_import("tornado"):
            return False
        owner = self.names.owner(node)
        return owner is not None and any(
            r.qualified.endswith("RequestHandler") for base in owner.bases for r in self.names.referents(base.value)
        )

    # --- variables ---------------------------------------------------------------------------------------------------

    def _name(self, node: cst.Name, depth: int) -> bool:
        found, scope = self.names.bindings(node.value, self.names.scope(node))
        if scope is None or len(found) != 1 or not isinstance(scope.node, cst.FunctionDef):
            return False
        binding = found[0]
        if binding.kind == "param":
            rooted = self._is_text_of_operation(binding, scope.node)
        else:
            rooted = binding.kind == "value" and binding.value is not None and self.rooted(binding.value, depth - 1)
            rooted = rooted and (not isinstance(binding.node, cst.NamedExpr) or self._harmless(binding.node))
        return rooted and not self._checked(node.value, scope)

    def _is_text_of_operation(self, binding: Binding, function: cst.FunctionDef) -> bool:
        """Whether a parameter is text that FastAPI takes from the request: by annotation, and not made by a dependency."""
        routes = [decorator.decorator for decorator in function.decorators if self._routes(decorator.decorator)]
        assert isinstance(binding.node, cst.Param)
        in_path = "{" + binding.node.name.value + "}"
        if not routes or any(in_path in self.module.source(route) for route in routes):
            return False
        default = binding.node.default
        if isinstance(default, cst.Call):
            called = {r.qualified for r in self.names.referents(default.func)}
            if not called or not called <= {
                f"fastapi.{kind}" for kind in ("Query", "Path", "Form", "Header", "Cookie", "Body")
            }:
                return False
            if default.args and any(arg.keyword and arg.keyword.value in ("pattern", "regex") for arg in default.args):
                return False
        return binding.value is None or _is_text(binding.value)

    def _routes(self, decorator: cst.BaseExpression) -> bool:
        if not isinstance(decorator, cst.Call) or not isinstance(decorator.func, cst.Attribute):
            return False
        made = self.names.origins(decorator.func.value)
        return decorator.func.attr.value in VERBS and made is not None and made <= ROUTERS

    def _checked(self, name: str, scope: Scope) -> bool:
        """Whether something in the function may decide about the variable: anything but putting it somewhere, asking
        whether it is there, and writing it to a log."""
        return any(
            isinstance(node, cst.Name) and node.value == name and not self._harmless(node)
            for node in _walk(scope.node)
        )  # fmt: skip

    def _looked_at(self, source: cst.BaseExpression) -> bool:
        """Whether the same expression stands in a condition of the same function."""
        function = self.names.scope(source).node
        text = self.module.source(source)
        return any(
            type(node) is type(source)
            and node is not source
            and self.module.source(node) == text
            and not self._harmless(node)
            for node in _walk(function)
        )

    def _harmless(self, node: cst.CSTNode) -> bool:
        """Whether what is done with a variable (or a source) decides nothing about what it holds."""
        child, parent = node, self.module.parent.get(node)
        if isinstance(parent, (cst.Attribute, cst.Arg)) and child is not parent.value:
            return True  # the name of an attribute or of a keyword
        while True:
            if isinstance(parent, cst.Attribute):
                call = self.module.parent.get(parent)
                if (
                    not isinstance(call, cst.Call)
                    or call.func is not parent
                    or parent.attr.value not in _KEEPING_METHODS
                ):
                    return False
                child, parent = call, self.module.parent.get(call)
            elif isinstance(parent, (cst.Subscript, cst.Await, cst.BooleanOperation, cst.UnaryOperation)):
                child, parent = parent, self.module.parent.get(parent)
            else:
                break
        if isinstance(parent, cst.Comparison):
            sides = [parent.left, *(target.comparator for target in parent.comparisons)]
            return all(side is child or _is_nothing(side) for side in sides)
        if isinstance(parent, cst.ComparisonTarget):
            comparison = self.module.parent.get(parent)
            assert isinstance(comparison, cst.Comparison)
            return len(comparison.comparisons) == 1 and _is_nothing(comparison.left)
        if isinstance(parent, cst.Arg):
            call = self.module.parent[parent]
            return isinstance(call, cst.Call) and self._only_uses(call)
        return not isinstance(parent, (cst.For, cst.CompFor, cst.Assert, cst.Match, cst.Index, cst.Yield, cst.Del))

    def _only_uses(self, call: cst.Call) -> bool:
        """Whether a call takes a value without deciding about it: one that is known to, or whose result goes away."""
        if call is self._sink:
            return True
        func = call.func
        name = func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""
        if name in _LOGGING or name in _USES or any(r.qualified in _KEEPING_CALLS for r in self.names.referents(func)):
            return True
        parent = self.module.parent.get(call)
        while isinstance(parent, cst.Await):
            parent = self.module.parent.get(parent)
        return isinstance(parent, cst.Return)


def _is_text(annotation: cst.BaseExpression) -> bool:
    """`str`, `bytes`, `str | None`, `Optional[str]`, `Annotated[str, …]` without a pattern."""
    if isinstance(annotation, cst.Name):
        return annotation.value in ("str", "bytes")
    if isinstance(annotation, cst.BinaryOperation):
        sides = [annotation.left, annotation.right]
        return any(_is_text(side) for side in sides) and all(_is_text(side) or _is_nothing(side) for side in sides)
    if isinstance(annotation, cst.Subscript) and isinstance(annotation.value, (cst.Name, cst.Attribute)):
        outer = annotation.value.value if isinstance(annotation.value, cst.Name) else annotation.value.attr.value
        first = annotation.slice[0].slice
        return outer == "Optional" and isinstance(first, cst.Index) and _is_text(first.value)
    return False


def _is_nothing(node: cst.BaseExpression) -> bool:
    return (isinstance(node, cst.Name) and node.value == "None") or (
        isinstance(node, cst.SimpleString) and not node.evaluated_value
    )


def _walk(top: cst.CSTNode | None) -> Iterator[cst.CSTNode]:
    stack = [top] if top is not None else []
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))
