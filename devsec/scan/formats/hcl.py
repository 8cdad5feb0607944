"""Which strings does a Terraform file give to which name?

`name = "…"`, also inside blocks, whose labels belong to the path: `variable "db_password" { default = "…" }`. Expressions
without quotes are references and are left alone; so is a string with `${…}`, by the judge of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devsec.scan.formats.found import Found, NotThisFormat
from devsec.scan.formats.json_text import unescape

MAX_DEPTH = 200
_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<line>\n)
    |<<[-~]?(?P<here>\w+)[^\n]*\n(?P<body>.*?)(?:^[ \t]*(?P=here)\b|\Z)
    |(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<mark>[{}\[\]=:,()])|(?P<word>[\w.-]+)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def read(text: str) -> Iterator[Found]:
    """Every quoted string behind a name. NotThisFormat where nesting goes too deep."""
    stack: list[tuple[str, ...]] = []
    before: list[str] = []  # words and strings since the line, the comma or the bracket
    given = False  # behind `=`: a value follows
    for token in _TOKEN.finditer(text):
        kind, said = token.lastgroup, token.group()
        if kind == "skip":
            continue
        if token["here"] is not None:
            if given and before:
                body = token["body"].strip()
                start = token.start("body") + len(token["body"]) - len(token["body"].lstrip())
                yield Found((*_path(stack), before[-1]), body, start, start + len(body))
            before, given = [], False
        elif kind == "line":
            before, given = [], False
        elif kind == "mark":
            if said in "{[(":
                if len(stack) >= MAX_DEPTH:
                    raise NotThisFormat(f"nested more than {MAX_DEPTH} deep", fatal=True)
                stack.append(tuple(before))
                before, given = [], said == "["
            elif said in "}])":
                if stack:
                    stack.pop()
                before, given = [], False
            elif said in "=:":
                given = bool(before)
            else:
                before = []
                given = False
        elif kind == "string" and given and before:
            yield Found((*_path(stack), before[-1]), unescape(said[1:-1]), token.start() + 1, token.end() - 1)
            given = False
        elif kind in ("string", "word"):
            before.append(said[1:-1] if kind == "string" else said)
            given = False
        else:
            given = False


def _path(stack: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for names in stack for name in names)
