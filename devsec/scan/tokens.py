"""In which literal of a Python file does a token stand, and how does the file read without it?

Also tokens that no line of text shows: written as several literals side by side, of which Python makes one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from devsec.catalog.rule import Rule, Rules, Shape
from devsec.finding import Fix
from devsec.scan import values
from devsec.scan.instead import advice
from devsec.scan.joined import could_join
from devsec.scan.lines import places
from devsec.scan.match import Match
from devsec.scan.module import Module
from devsec.scan.names import Names
from devsec.scan.outline import Outline, Unparsable, outline
from devsec.scan.rewrite import fixes
from devsec.scan.spot import Place, Spot
from devsec.text import Lines, Span


def in_literals(
    spots: Sequence[Spot], pairs: Sequence[tuple[Rule, Shape]], text: bytes, catalogue: Rules
) -> list[tuple[Spot, tuple[Fix, ...]]]:
    """The spots with their cures, and those that only the joined literals show. A file that does not parse keeps its
    spots: they need no tree, and their cures become advice."""
    lines = Lines(text)
    try:
        sketch = outline(text, lines)
    except Unparsable as why:
        return [(spot, _advice(spot.rule, f"the file could not be read: {why}")) for spot in spots]
    names = Names(Module(text, sketch, lines))
    out = [(spot, _cures(spot, names, catalogue)) for spot in spots]
    known = [spot.place.value for spot in spots if not spot.shape.setting]  # those by their shape
    for spot, node in _joined(pairs, names, sketch):
        if not any(span.overlaps(spot.place.match) for span in known):
            out.append((spot, _cures(spot, names, catalogue, node)))
    return out


def _cures(spot: Spot, names: Names, catalogue: Rules, node: cst.BaseExpression | None = None) -> tuple[Fix, ...]:
    """Of a token in `node`, all of which it is; without one, of a token in the literal at its place."""
    try:
        literal = node or _literal_at(spot.place.value, names.module)
        if literal is None:
            return _advice(spot.rule, "it stands in no string")
        secret = None if node is not None else spot.place.value
        return fixes(Match(spot.rule, spot.shape, literal, True, secret_in=literal, secret=secret), names, catalogue)
    except (Unparsable, RecursionError) as why:  # also of a statement that only binds a name
        return _advice(spot.rule, f"the file could not be read: {why or 'nested too deeply'}")


def _advice(rule: Rule, reason: str) -> tuple[Fix, ...]:
    return tuple(advice(cure, reason) for cure in rule.cures)


def _literal_at(span: Span, module: Module) -> cst.BaseExpression | None:
    """The innermost string literal that holds the place."""
    best: tuple[int, cst.BaseExpression] | None = None
    for index, statement in enumerate(module.outline.statements):
        if not statement.span.contains(span):
            continue
        for node in module.piece(index).nodes:
            if isinstance(node, (cst.SimpleString, cst.FormattedString)):
                there = module.span(node)
                if there.contains(span) and (best is None or there.end - there.start < best[0]):
                    best = (there.end - there.start, node)
    return best[1] if best else None


def _joined(
    pairs: Sequence[tuple[Rule, Shape]], names: Names, sketch: Outline
) -> Iterator[tuple[Spot, cst.BaseExpression]]:
    """What stands in literals side by side, or added up."""
    for index, here in could_join(pairs, names.module.text, sketch):
        try:
            sums = [
                node
                for node in names.module.piece(index).nodes
                if _is_sum(node) and not _is_sum(names.module.parent.get(node))
            ]
            yield from [pair for node in sums for pair in _in_sum(node, here, names)]  # type: ignore[arg-type]
        except (Unparsable, RecursionError):
            continue  # the file's other rules say so


def _is_sum(node: cst.CSTNode | None) -> bool:
    return isinstance(node, cst.ConcatenatedString) or (
        isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add)
    )


def _in_sum(
    node: cst.BaseExpression, pairs: Sequence[tuple[Rule, Shape]], names: Names
) -> Iterator[tuple[Spot, cst.BaseExpression]]:
    known = values.constant(node, names)
    value = known.value if known is not None else None
    raw = value.encode("utf-8", "replace") if isinstance(value, str) else value
    if not isinstance(raw, bytes):
        return
    span = names.module.span(node)
    for rule, shape in pairs:
        for place in places(shape.literal, raw) if shape.literal is not None else ():
            yield Spot(rule, shape, Place(span, span, place.proof)), node
            break
