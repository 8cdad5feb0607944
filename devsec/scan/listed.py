"""How does one more name get into a `from` import that is there? As a line or a word, in the layout the list has."""

from __future__ import annotations

import re

import libcst as cst

from devsec.scan.module import Module
from devsec.scan.order import member_place, one_name_a_statement
from devsec.text import Edit, Span

_PRAGMA = re.compile(rb"#\s*(?:noqa|nosec|type:|pylint:|pyright:|ruff:|mypy:|pragma:)", re.I)
_LENGTHS = (79, 88, 100, 120)  # PEP 8, black, and what projects choose


def extension(node: cst.ImportFrom, name: str, module: Module) -> Edit | None:
    """The edit that adds `name` in its place; None when a person would rather not: the line would grow too long, a
    comment speaks of what is imported, or it takes statements of its own."""
    if isinstance(node.names, cst.ImportStar) or own_statement(node, module):
        return None
    text, span = module.text, module.span(node)
    spans = [module.span(alias.name) for alias in node.names]
    ends = [module.span(alias).end if alias.asname is None else _end(alias, module) for alias in node.names]
    after = text[span.end : _line_end(text, span.end)]
    if b"#" in after and not _PRAGMA.search(after):
        return None
    members = [alias.evaluated_name for alias in node.names]
    at = member_place(name, members, ([alias.name for alias in inner.names] for inner in module.froms))
    if node.lpar and all(not text[_line_start(text, one.start) : one.start].strip() for one in spans):
        return _a_line_more(name, at, spans, ends, text)
    if b"#" in text[span.start : span.end]:
        return None
    edit = (
        Edit(Span(ends[-1], ends[-1]), f", {name}")
        if at == len(spans)
        else Edit(Span(spans[at].start, spans[at].start), f"{name}, ")
    )
    line = text[_line_start(text, edit.span.start) : _line_end(text, edit.span.start)].decode("utf-8")
    return edit if len(line) + len(edit.text) <= usual_length(module) else None


def own_statement(node: cst.ImportFrom, module: Module) -> bool:
    """Whether another name from there gets a statement of its own: beside `a as b`, or where the file does so for each."""
    if isinstance(node.names, cst.ImportStar):
        return False
    return all(alias.asname for alias in node.names) or one_name_a_statement(module.froms)


def _a_line_more(name: str, at: int, spans: list[Span], ends: list[int], text: bytes) -> Edit | None:
    indent_from = _line_start(text, spans[-1].start)
    indent = text[indent_from : spans[-1].start].decode("utf-8")
    newline = newline_of(text)
    if at < len(spans):
        start = _line_start(text, spans[at].start)
        above = text[_line_start(text, start - 1) : start] if start else b""
        return None if above.lstrip().startswith(b"#") else Edit(Span(start, start), f"{indent}{name},{newline}")
    with_comma = re.compile(rb"[ \t]*,[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)").match(text, ends[-1])
    if with_comma:
        return Edit(Span(with_comma.end(), with_comma.end()), f"{indent}{name},{newline}")
    if re.compile(rb"[ \t\r\n]*\)").match(text, ends[-1]):
        return Edit(Span(ends[-1], ends[-1]), f",{newline}{indent}{name}")
    return None


def usual_length(module: Module) -> int:
    """How long a line may be here: the shortest usual limit that hardly any line of the file is over."""
    lengths = [len(line.rstrip(b"\r\n").decode("utf-8", "replace")) for line in module.text.splitlines()]
    over = {limit: sum(length > limit for length in lengths) for limit in _LENGTHS}
    return next((limit for limit in _LENGTHS if over[limit] * 100 <= len(lengths)), 88)


def newline_of(text: bytes) -> str:
    """The line ending of the file: that of its first line; `\\n` when there is none."""
    end = text.find(b"\n")
    if end == -1:
        return "\r" if b"\r" in text else "\n"
    return "\r\n" if text[end - 1 : end] == b"\r" else "\n"


def _end(alias: cst.ImportAlias, module: Module) -> int:
    assert alias.asname is not None
    return module.span(alias.asname.name).end


def _line_start(text: bytes, offset: int) -> int:
    return max(text.rfind(b"\n", 0, offset), text.rfind(b"\r", 0, offset)) + 1


def _line_end(text: bytes, offset: int) -> int:
    ends = [end for end in (text.find(b"\n", offset), text.find(b"\r", offset)) if end != -1]
    return min(ends, default=len(text))
