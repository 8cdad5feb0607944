"""Does a name at a place refer to what it should? Asked of a text after a cure, before it is written."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from devsec.scan.module import Module
from devsec.scan.names import Names
from devsec.scan.outline import Unparsable, outline
from devsec.scan.spell import runs_on_import
from devsec.text import Lines, Span


def unbound(text: bytes, wanted: Sequence[tuple[Span, str]]) -> tuple[str, ...]:
    """Of (place, qualified name) those that do not refer to it there, each as a sentence."""
    try:
        lines = Lines(text)
        module = Module(text, outline(text, lines), lines)
        names = Names(module)
        return tuple(why for span, qualified in wanted if (why := _wrong(span, qualified, module, names)))
    except Unparsable as why:
        return (f"the result could not be read: {why}",)


def _wrong(span: Span, qualified: str, module: Module, names: Names) -> str:
    spelled = text_of(module, span)
    node = _node_at(span, module)
    if node is None:
        return f"`{spelled}` is not where it was put"
    referents = names.referents(node)
    if [r.qualified for r in referents] != [qualified]:
        return f"`{spelled}` would not refer to {qualified}"
    root: cst.BaseExpression = node
    while isinstance(root, cst.Attribute):
        root = root.value
    assert isinstance(root, cst.Name)
    found, scope = names.bindings(root.value, names.scope(node))
    if found and scope is not None and (scope.node is not None or runs_on_import(node, names)):
        first = min(module.span(binding.node).start for binding in found)
        if first > span.start:
            return f"`{spelled}` would be used before it is imported"
    if found and all(binding.typing_only for binding in found):
        return f"`{spelled}` is imported for type checking only"
    return ""


def text_of(module: Module, span: Span) -> str:
    return module.text[span.start : span.end].decode("utf-8", "replace")


def _node_at(span: Span, module: Module) -> cst.Name | cst.Attribute | None:
    for index, statement in enumerate(module.outline.statements):
        if statement.span.contains(span):
            for node in module.piece(index).nodes:
                if isinstance(node, (cst.Name, cst.Attribute)) and module.span(node) == span:
                    return node
    return None
