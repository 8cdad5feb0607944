"""Where do the strings of a TOML text stand, and under which keys?

The standard library says whether it is TOML, and keeps no places; so a small reader of our own follows it, which has to
know nothing but strings, keys and brackets, since everything it meets has been found to be well formed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from devsec.scan.formats.found import Found, NotThisFormat

MAX_DEPTH = 100
TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*)|(?P<line>\n)
    |(?P<long>\"{3}(?:[^"\\]|\\.|"(?!""))*\"{3,5}|'{3}(?:[^']|'(?!''))*'{3,5})
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')
    |(?P<mark>[\[\]{}=,.])|(?P<word>[^\s\[\]{}=,."'\#]+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\s*\n\s*|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "e": "\x1b"}


def read(text: str) -> Iterator[Found]:
    """Every string that is a value. NotThisFormat for what the standard library refuses."""
    if sys.version_info >= (3, 11):
        import tomllib  # only where a TOML file is looked at
    else:
        import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]
    if _deepest(text) > MAX_DEPTH:
        raise NotThisFormat(f"nested more than {MAX_DEPTH} deep", fatal=True)
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotThisFormat(f"not TOML: {error}") from None
    yield from _strings(text)


def _deepest(text: str) -> int:
    depth = deepest = 0
    for found in re.finditer(r"[\[\]{}]", text):
        depth = max(0, depth + (1 if found.group() in "[{" else -1))
        deepest = max(deepest, depth)
    return deepest


def _strings(text: str) -> Iterator[Found]:
    table: list[str] = []
    keys: list[str] = []  # the dotted key being read, or under which a value stands
    stack: list[tuple[str, list[str]]] = []  # open brackets of values, and the keys around them
    state = "key"  # "key", "header" or "value"
    at = 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            raise NotThisFormat("a string does not end")
        at, kind, said = token.end(), token.lastgroup, token.group()
        if kind == "skip":
            continue
        if kind == "line":
            if not stack and state != "key":
                state, keys = "key", []
            continue
        if kind == "mark":
            if state == "header":
                if said == "]":
                    table = keys
                elif said == "[":
                    keys = []
            elif state == "key":
                if said == "[" and not stack:
                    state, keys = "header", []
                elif said == "=":
                    state = "value"
                elif said == "}":
                    state, keys = _close(stack)
            elif said in "[{":
                stack.append((said, list(keys)))
                if said == "{":
                    state = "key"
                    keys = []
            elif said in "]}":
                state, keys = _close(stack)
            elif said == "," and stack and stack[-1][0] == "{":
                state, keys = "key", []
            continue
        quotes = 3 if kind == "long" else 1 if kind == "string" else 0
        raw = said[quotes : len(said) - quotes]
        if state in ("key", "header"):
            keys = [*keys, meant(raw, said[0]) if quotes else raw]
        elif quotes:
            start, end = token.start() + quotes, token.end() - quotes
            if kind == "long" and raw.startswith(("\n", "\r\n")):
                skip = 1 if raw[0] == "\n" else 2
                raw, start = raw[skip:], start + skip
            outer = [key for _, around in stack for key in around if stack] if stack else []
            full = [*table, *outer, *keys] if not stack or stack[-1][0] == "{" else [*table, *outer]
            yield Found(tuple(full), meant(raw, said[0]), start, end)


def _close(stack: list[tuple[str, list[str]]]) -> tuple[str, list[str]]:
    """What is read on behind a closing bracket: still the value, under the keys before it."""
    _, keys = stack.pop() if stack else ("", [])
    return "value", keys


def meant(raw: str, quote: str) -> str:
    if quote == "'" or "\\" not in raw:
        return raw
    return _ESCAPE.sub(_character, raw)


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else "�"
    return _PLAIN.get(found[3], found[3]) if found[3] else ""
