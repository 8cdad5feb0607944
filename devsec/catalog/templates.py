"""Is this Python with `$holes`? Checked when a rule is read, with the standard library's parser: libcst stays out."""

from __future__ import annotations

import re

from devsec.catalog.yaml_read import Node

_HOLE = re.compile(r"\$([A-Za-z_]\w*)")
_TOO_DEEP = (RecursionError, MemoryError)  # the second is the parser's word for it
_REFUSED = (SyntaxError, ValueError, *_TOO_DEEP)


def holes_of(source: str) -> set[str]:
    """`$X + $y` -> {"X", "y"}."""
    return set(_HOLE.findall(source))


def is_name(source: str) -> bool:
    """Whether it is a dotted name and nothing else."""
    return all(part.isidentifier() for part in source.split("."))


def refuse_bad_template(source: str, node: Node) -> None:
    """RuleError unless `source` is one expression."""
    import ast  # only when rules are read from YAML

    try:
        ast.parse(_without_holes(source), mode="eval")
    except _REFUSED as error:
        raise node.wrong(f"`{source}` is no Python expression: {_why(error)}", "names, calls and $holes") from None


def refuse_bad_pattern(source: str, node: Node) -> None:
    """RuleError unless `source` is one statement or expression."""
    import ast

    try:
        body = ast.parse(_without_holes(source.strip())).body
    except _REFUSED as error:
        raise node.wrong(
            f"the pattern is no Python: {_why(error)}", "$X for an expression, ... for any arguments"
        ) from None
    if len(body) != 1:
        raise node.wrong("a pattern is one expression or one statement")


def _without_holes(source: str) -> str:
    return _HOLE.sub(r"devsec_hole_\1", source)


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, _TOO_DEEP) else str(getattr(error, "msg", error))
