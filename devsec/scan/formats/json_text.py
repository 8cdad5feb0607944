"""Where do the strings of a JSON text stand, and under which keys?

A tokenizer of our own: the standard library's decoder keeps no places, takes the last of two equal keys, and recurses.
Comments, trailing commas and single quotes (JSONC, JSON5) are read as they are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devsec.scan.formats.found import Found, NotThisFormat

MAX_DEPTH = 200
# The strings without a choice for each character: `re` would remember every one, a hundred bytes for a byte of a picture.
_TOKEN = re.compile(
    r"""(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*')|(?P<mark>[{}\[\]:,])|(?P<skip>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|\#[^\n]*)|(?P<word>[^\s{}\[\]:,"']+)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}


def read(text: str) -> Iterator[Found]:
    """Every string that is a value. NotThisFormat where brackets do not match."""
    for keys, start, end in strings(text):
        yield _named(Found(keys, unescape(text[start:end]), start, end))


def strings(text: str) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """(keys, first character, behind the last) of every string that is a value, without its quotes."""
    path: list[str] = []  # one key for each open bracket, "" before its first key
    kinds: list[str] = []
    pending = ""  # a string or a word in an object that may be a key
    is_key = False
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise NotThisFormat("a string does not end")
        at = token.end()
        kind = token.lastgroup
        if kind == "skip":
            continue
        if kind == "mark":
            mark = token.group()
            if mark in "{[":
                if len(kinds) >= MAX_DEPTH:
                    raise NotThisFormat(f"nested more than {MAX_DEPTH} deep", fatal=True)
                kinds.append(mark)
                path.append("" if mark == "{" else "#")
            elif mark in "}]":
                if not kinds or kinds.pop() != ("{" if mark == "}" else "["):
                    raise NotThisFormat("brackets do not match")
                path.pop()
            elif mark == ":":
                if not kinds or kinds[-1] != "{":
                    raise NotThisFormat("a colon outside an object")
                path[-1] = pending
                is_key = True
                continue
            is_key = False
            pending = ""
            continue
        if kinds and kinds[-1] == "{" and not is_key:
            pending = unescape(token.group()[1:-1]) if kind == "string" else token.group()
            continue
        if kind == "string":
            yield tuple(key for key in path if key != "#"), token.start() + 1, token.end() - 1
    if kinds:
        raise NotThisFormat("a bracket is never closed")


def unescape(raw: str) -> str:
    """What a string means."""
    if "\\" not in raw:
        return raw
    joined = _ESCAPE.sub(lambda found: _character(found), raw)
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _PLAIN.get(found[3], found[3])


def offsets(raw: str) -> tuple[str, list[int]]:
    """What a string means, and for each of its characters (and the end) where it stands in `raw`."""
    out: list[str] = []
    places: list[int] = []
    at = 0
    for found in _ESCAPE.finditer(raw):
        out.append(raw[at : found.start()])
        places.extend(range(at, found.start()))
        meant = _character(found)
        out.append(meant)
        places.extend([found.start()] * len(meant))
        at = found.end()
    out.append(raw[at:])
    places.extend(range(at, len(raw) + 1))
    return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace") if False else "".join(out), places


def _named(found: Found) -> Found:
    """`"NAME=value"` in a list of variables is the setting NAME."""
    if found.keys and found.keys[-1].lower() in ("environment", "env", "args", "build_args", "buildargs"):
        name, equals, value = found.value.partition("=")
        if equals and re.fullmatch(r"[A-Za-z_]\w*", name) and len(found.value) == found.end - found.start:
            return found._replace(keys=(*found.keys, name), value=value, start=found.start + len(name) + 1)
    return found
