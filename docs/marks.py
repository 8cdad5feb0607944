"""Text as Markdown: what a rule's author wrote must read on GitHub as it reads in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_RFC = re.compile(r"\bRFC ([1-9][0-9]{1,4})\b")
_URL = re.compile(r"(https?://[^\s<>]*[^\s<>.,;:)])")
_TICKED = re.compile(r"(`[^`\n]+`)")
# An underscore inside a word is only an underscore; at its edge it could begin or end emphasis.
_MARKUP = re.compile(r"[\\`*\[\]<~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)")


@dataclass(frozen=True)
class Item:
    """A line of a list, with the lines below it. `block` is source shown under the line."""

    text: str
    items: tuple[Item, ...] = field(default=())
    block: str = ""


def plain(text: str) -> str:
    """Prose that means no markup; what stands in `backticks` is code."""
    parts = _TICKED.split(" ".join(text.split()))
    escaped = "".join(part if number % 2 else _MARKUP.sub(r"\\\g<0>", part) for number, part in enumerate(parts))
    return _at_the_start(escaped)


def linked(text: str) -> str:
    """The same, with addresses and RFCs as links."""
    parts = _URL.split(" ".join(text.split()))
    return "".join(f"<{part}>" if number % 2 else _with_rfcs(part) for number, part in enumerate(parts)).strip()


def _with_rfcs(text: str) -> str:
    before, after = " " * text.startswith(" "), " " * text.endswith(" ")
    return before + _RFC.sub(r"[RFC \1](https://www.rfc-editor.org/rfc/rfc\1)", plain(text)) + after


def _at_the_start(text: str) -> str:
    """A paragraph must not begin as a heading, a quotation or a list does."""
    if text.startswith(("#", ">", "+", "=", "-")):
        return "\\" + text
    return re.sub(r"\A(\d+)([.)])(?=\s|\Z)", r"\1\\\2", text)


def code(text: str) -> str:
    """A code span. Its fence is longer than any run of backticks in it."""
    text = text.replace("\n", " ")
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text[:1] == "`" or text[-1:] == "`" or (text[:1] == text[-1:] == " " and text.strip()) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str, language: str = "") -> str:
    """A code block that holds the text as it is, backticks and all."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{language}\n{text.removesuffix(chr(10))}\n{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def link(text: str, address: str) -> str:
    """`text` is Markdown already."""
    return f"[{text}]({address})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are Markdown; a pipe in one ends it unless it is escaped, in code as well."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def bullets(items: Iterable[Item], indent: str = "") -> str:
    """A list, and the lists below its lines."""
    out = []
    for item in items:
        out.append(f"{indent}- {item.text}")
        if item.block:
            out.append("\n".join(f"{indent}  {line}".rstrip() for line in fence(item.block, "python").split("\n")))
        if item.items:
            out.append(bullets(item.items, indent + "  "))
    return "\n".join(out)


def listed(words: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
