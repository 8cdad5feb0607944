"""Where in a YAML text does a list or a table end, and does the text still say all it said?

Nothing is written anew: PyYAML only tells where things stand. It is loaded here and not on a commit.
"""

from __future__ import annotations

from typing import Any

import yaml

from devsec.errors import UsageError


def top(text: str, file: str) -> yaml.MappingNode | None:
    """The table that the text is; None when it is empty. UsageError with the place when it is something else."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise UsageError(
            f"{where}: not YAML: {getattr(error, 'problem', '') or 'too deep'}", "Mend it first."
        ) from None
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        return None
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{file}: not a table of keys and values", "Mend it first.")
    return node


def value(table: Any, key: str) -> Any:
    """The node that `key` has in the table; None without."""
    pair = entry(table, key)
    return pair[1] if pair else None


def entry(table: Any, key: str) -> tuple[Any, Any] | None:
    """The nodes of a key and of what it has."""
    for name, node in table.value if isinstance(table, yaml.MappingNode) else ():
        if isinstance(name, yaml.ScalarNode) and name.value == key:
            return name, node
    return None


def items(node: Any) -> list[Any]:
    """What a list holds; nothing when it is none."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def values(node: Any) -> list[Any]:
    """What the keys of a table have; nothing when it is none."""
    return [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else []


def scalar(node: Any) -> str:
    """The text of a scalar; "" when it is none."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def in_lines(node: Any) -> bool:
    """Whether a list or a table stands in lines of its own, and not in brackets."""
    return isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)


def after(text: str, node: Any) -> int:
    """Where the line begins that comes after a list or a table `in_lines`. Comments below its last line that are
    indented more than it belong to it."""
    column = node.start_mark.column
    lines = text[: node.end_mark.index].splitlines(keepends=True)
    if lines and node.end_mark.column and lines[-1].strip(" \t") and not lines[-1].endswith(("\n", "\r")):
        # The text ends without a line end; otherwise what comes next is on a line of its own.
        return len(text)
    if lines and not lines[-1].strip():
        lines.pop()  # the indentation of what comes next
    while lines:
        bare = lines[-1].lstrip(" \t")
        if bare.strip() and not (bare.startswith("#") and len(lines[-1]) - len(bare) <= column):
            break
        lines.pop()
    return sum(map(len, lines))


def still_says(before: str, now: str) -> bool:
    """Whether all that `before` said is said `now`, in the same order, with something put in between at one place."""
    old, new = _said(before), _said(now)
    if len(new) < len(old):
        return False
    same = 0
    while same < len(old) and old[same] == new[same]:
        same += 1
    return old[same:] == new[len(new) - (len(old) - same) :]


def _said(text: str) -> list[tuple[Any, ...]]:
    try:
        events = list(yaml.parse(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return []
    told = [(type(e), *(getattr(e, name, None) for name in ("anchor", "tag", "value"))) for e in events]
    # An empty text has no document; that one begins now is nothing that was said before.
    return told if len(told) > 2 else []
