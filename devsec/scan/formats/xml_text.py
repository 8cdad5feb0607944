"""Where do the texts and attributes of an XML file stand, and under which names?

`<password>…</password>`, `<add key="Password" value="…"/>`, `<property name="password">…</property>`. Tags are all that is
read: no entity is expanded, no DTD looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devsec.scan.formats.found import Found, NotThisFormat

MAX_DEPTH = 200
_PIECE = re.compile(
    r"""<!--.*?(?:-->|\Z)|<!\[CDATA\[(?P<data>.*?)\]\]>|<\?[^>]*>|<![^>]*>|</(?P<close>[\w:.-]+)\s*>|<(?P<open>[\w:.-]+)(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NAMES = frozenset(["key", "name", "id", "property"])


def read(text: str) -> Iterator[Found]:
    """Every attribute, and every text that is all of an element. NotThisFormat where nesting goes too deep."""
    stack: list[str] = []
    opened = -1  # where the text of the innermost element begins, as long as no element stood in it
    data: tuple[int, int] | None = None
    plist = ""  # the <key> before a value, in a property list
    for piece in _PIECE.finditer(text):
        if piece["data"] is not None:
            data = piece.span("data")
        elif piece["open"]:
            attributes = piece["attributes"] or ""
            name = piece["open"]
            called = ""
            for found in _ATTRIBUTE.finditer(attributes):
                if found[1].lower() in _NAMES and not called:
                    called = _meant(found[2] if found[2] is not None else found[3])
            base = piece.start("attributes")
            for found in _ATTRIBUTE.finditer(attributes):
                group = 2 if found[2] is not None else 3
                attribute = found[1]
                if called and attribute.lower() in ("value", "val"):
                    keys = (*stack, name, called)
                elif attribute.lower() in _NAMES:
                    continue
                else:
                    keys = (*stack, name, attribute)
                yield Found(keys, _meant(found[group]), base + found.start(group), base + found.end(group))
            if not attributes.rstrip().endswith("/"):
                if len(stack) >= MAX_DEPTH:
                    raise NotThisFormat(f"nested more than {MAX_DEPTH} deep", fatal=True)
                stack.append(called or name)
                opened = piece.end()
                data = None
            else:
                opened = -1
        elif piece["close"]:
            if opened != -1 and stack:
                start, end = data or (opened, piece.start())
                raw = text[start:end]
                value = raw.strip()
                start += len(raw) - len(raw.lstrip())
                if piece["close"] == "key":
                    plist = value
                elif value:
                    keys = (*stack[:-1], plist) if piece["close"] == "string" and plist else tuple(stack)
                    yield Found(keys, value if data else _meant(value), start, start + len(value))
                    plist = ""
            opened, data = -1, None
            if stack:
                stack.pop()


def _meant(raw: str) -> str:
    if "&" not in raw:
        return raw
    from html import unescape  # the five entities of XML and numbers; few values have one

    return unescape(raw)
