"""Where does a value go? To a name, an attribute, a key, a keyword, or what a function gives back."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from devsec.scan import values
from devsec.scan.names import Names


def destinations(node: cst.CSTNode, names: Names) -> Iterator[str]:
    """The names of what the value of `node` goes to: followed outwards only through expressions that hand it on."""
    child = node
    for parent in names.module.ancestors(node):
        if isinstance(parent, cst.Assign):
            for target in parent.targets:
                if isinstance(target.target, cst.BaseExpression):
                    yield from values.identifiers(target.target)
            if len(parent.targets) == 1:
                yield from _returned_as(parent.targets[0].target, names)
            return
        if isinstance(parent, (cst.AnnAssign, cst.AugAssign)):
            yield from values.identifiers(parent.target)
            return
        if isinstance(parent, cst.NamedExpr):
            yield from values.identifiers(parent.target)
        elif isinstance(parent, cst.Return):
            function = next((a for a in names.module.ancestors(parent) if isinstance(a, cst.FunctionDef)), None)
            if function is not None:
                yield function.name.value
            return
        elif isinstance(parent, cst.DictElement):
            known = values.constant(parent.key, names)
            if child is parent.value and known is not None and isinstance(known.value, str):
                yield known.value
            return
        elif isinstance(parent, cst.Param):
            yield parent.name.value
            return
        elif isinstance(parent, cst.Arg):
            if parent.keyword is not None:
                yield parent.keyword.value
                return
            call = names.module.parent[parent]
            if not (isinstance(call, cst.Call) and _hands_on(call, names)):
                return
        elif isinstance(parent, cst.CompFor):
            return  # drawn from, not made
        elif isinstance(
            parent, (cst.BaseStatement, cst.BaseSmallStatement, cst.Lambda, cst.Comparison, cst.Index, cst.Slice)
        ) or (isinstance(parent, cst.Call) and child is parent.func and not _hands_on(parent, names)):
            return
        child = parent


def _returned_as(target: cst.BaseExpression, names: Names) -> Iterator[str]:
    """The name of the function that gives back just what is assigned: `def make_token(): t = …; return t`."""
    if not isinstance(target, cst.Name):
        return
    found, scope = names.bindings(target.value, names.scope(target))
    if len(found) != 1 or scope is None or not isinstance(scope.node, cst.FunctionDef):
        return
    last = scope.node.body.body[-1] if scope.node.body.body else None
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
    if isinstance(small, cst.Return) and isinstance(small.value, cst.Name) and small.value.value == target.value:
        yield scope.node.name.value


def _hands_on(call: cst.Call, names: Names) -> bool:
    """Whether a call gives back what it was given, in another form."""
    if isinstance(call.func, cst.Attribute) and call.func.attr.value in _HANDING_METHODS:
        return True
    return any(r.qualified in _HANDING_CALLS for r in names.referents(call.func))


_HANDING_METHODS = frozenset(
    [
        "join",
        "encode",
        "decode",
        "format",
        "strip",
        "lower",
        "upper",
        "hex",
        "zfill",
        "hexdigest",
        "digest",
        "ljust",
        "rjust",
    ]
)
_HANDING_CALLS = frozenset(
    f"builtins.{name}"
    for name in [
        "str",
        "int",
        "bytes",
        "bytearray",
        "hex",
        "list",
        "tuple",
        "sorted",
        "format",
        "repr",
        "chr",
        "map",
        "iter",
        "next",
        "reversed",
    ]
) | {"base64.b64encode", "base64.urlsafe_b64encode", "base64.b32encode", "binascii.hexlify"}
