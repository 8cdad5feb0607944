"""Which settings stand in a file whose format is lines: INI, properties, .env, shell, Dockerfile, .netrc?

And, for a file that is not what its name says: which lines look like a setting at all?
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from devsec.scan.formats.found import Found

_SECTION = re.compile(r"[ \t]*\[([^\]\n]+)\]")
_INI = re.compile(
    r"[ \t]*(?![#;\[])([^\s=:][^=\n]*?)[ \t]*=[ \t]*(\S.*?)?[ \t\r]*$|[ \t]*(?![#;\[])([\w.-]+)[ \t]*:[ \t]+(\S.*?)[ \t\r]*$"
)
_PROPERTY = re.compile(r"[ \t]*(?![#!])((?:[^\s=:\\]|\\.)+)(?:[ \t]*[=:][ \t]*|[ \t]+)(\S.*?)?[ \t\r]*$")
_ASSIGN = re.compile(
    r"""(?:^|[\s;&|(])(?:export[ \t]+|declare[ \t]+-\w+[ \t]+|local[ \t]+|readonly[ \t]+|set[ \t]+-\w*x\w*[ \t]+|Environment=["']?)?([A-Za-z_]\w*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"';&|)`]+))"""
)
_ENV = re.compile(
    r"""[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"'][^\n]*?))?[ \t]*(?:[ \t]\#[^\n]*)?\r?$""",
    re.DOTALL,
)
_ENV_WORDS = re.compile(r"[A-Za-z_]")
_DOCKER = re.compile(r"(?i)[ \t]*(ENV|ARG|LABEL)[ \t]+")
_PAIR = re.compile(r"""([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s"'\\]|\\.)+))""")
_ANY = re.compile(
    r"""(?:^|[\s,{(\[;'"$-])([A-Za-z_][\w.-]*)["'\]]{0,2}[ \t]*(?::=|=>|[:=](?!=))[ \t]*[rbuRBU]{0,2}(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|([^\s"',;(){}\[\]#]+)(?=[ \t\r]*(?:$|[,;\#}])))"""
)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(where it begins, the line without its ending)."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end == -1 else end
        yield at, text[at:end]
        at = end + 1


def ini(text: str) -> Iterator[Found]:
    """`key = value` under `[section]`; also .npmrc, .pypirc, my.cnf, setup.cfg."""
    section: tuple[str, ...] = ()
    for at, line in _lines(text):
        head = _SECTION.match(line)
        if head is not None:
            section = (head[1].strip(),)
            continue
        found = _INI.match(line)
        if found is not None:
            group = 2 if found[1] is not None else 4
            if found[group]:
                yield from _bare(
                    (*section, found[group - 1].strip()),
                    found[group],
                    at + found.start(group),
                    (" ;", " #", "\t#", "\t;"),
                )


def properties(text: str) -> Iterator[Found]:
    """`key=value`, `key: value` and `key value` of Java and Gradle."""
    for at, line in _lines(text):
        found = _PROPERTY.match(line)
        if found is not None and found[2]:
            yield from _bare((found[1].replace("\\", ""),), found[2], at + found.start(2), ())


def _bare(keys: tuple[str, ...], value: str, start: int, comments: tuple[str, ...]) -> Iterator[Found]:
    """The value behind the sign, without quotes around all of it, or without the comment behind it."""
    if len(value) >= 2 and value[0] in "\"'":
        close = value.find(value[0], 1)
        if close != -1 and (close == len(value) - 1 or value[close + 1 :].lstrip()[:1] in ("#", ";", "")):
            yield Found(keys, value[1:close], start + 1, start + close)
            return
    for comment in comments:
        value = value.partition(comment)[0].rstrip()
    if value:
        yield Found(keys, value, start, start + len(value))


def env(text: str) -> Iterator[Found]:
    """`NAME=value`, `export NAME="value"`; a quoted value may go over several lines."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end == -1 else end
        line = text[at:end]
        quote = re.match(r"[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*([\"'])", line)
        if quote is not None and line.count(quote[1]) == 1:  # goes on below
            close = text.find(quote[1], at + quote.end())
            if close != -1:
                end = text.find("\n", close)
                end = len(text) if end == -1 else end
                line = text[at:end]
        found = _ENV.match(line)
        if found is not None:
            yield from _quoted((found[1],), found, at)
        at = end + 1


def _quoted(keys: tuple[str, ...], found: re.Match[str], at: int) -> Iterator[Found]:
    """Of the groups double-quoted, single-quoted and bare, the one that is there."""
    for group in (2, 3, 4):
        raw = found[group]
        if raw:
            meant = raw if group != 2 or "\\" not in raw else re.sub(r"\\(.)", lambda e: _ESCAPES.get(e[1], e[1]), raw)
            yield Found(keys, meant, at + found.start(group), at + found.end(group))


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def shell(text: str) -> Iterator[Found]:
    """Assignments, also in front of a command and behind `export`."""
    for at, line in _lines(text):
        if not line.lstrip().startswith("#"):
            for found in _ASSIGN.finditer(line):
                yield from _quoted((found[1],), found, at)


def docker(text: str) -> Iterator[Found]:
    """`ENV A=b C="d"`, `ENV A b`, `ARG A=b`; `\\` at the end of a line goes on."""
    going = False
    for at, line in _lines(text):
        if line.lstrip().startswith("#"):
            continue
        head = _DOCKER.match(line)
        if head is None and not going:
            continue
        begin = head.end() if head is not None else 0
        rest = line[begin:]
        pairs = list(_PAIR.finditer(line, begin))
        if pairs:
            for found in pairs:
                yield from _quoted((found[1],), found, at)
        elif head is not None and head[1].upper() == "ENV":
            name, _, value = rest.partition(" ")
            if value.strip():
                start = at + begin + len(rest) - len(value) + len(value) - len(value.lstrip())
                yield from _bare((name,), value.strip().rstrip("\\").rstrip(), start, ())
        going = line.rstrip().endswith("\\")


def netrc(text: str) -> Iterator[Found]:
    """`machine HOST login NAME password WORD`, on one line or several."""
    machine = ""
    before = ""
    for found in re.finditer(r"\S+", text):
        word = found.group()
        if before == "machine":
            machine = word
        elif before in ("password", "account", "login"):
            yield Found((machine, before), word, found.start(), found.end())
            before = ""
            continue
        before = word


def any_line(text: str) -> Iterator[Found]:
    """What looks like a name and its value, in a text whose format is not known: `name: value`, `NAME = "value"`."""
    for at, line in _lines(text):
        if len(line) <= 4000:
            for found in _ANY.finditer(line):
                yield from _quoted((found[1],), found, at)


READERS: dict[str, Callable[[str], Iterable[Found]]] = {
    "ini": ini,
    "properties": properties,
    "env": env,
    "shell": shell,
    "docker": docker,
    "netrc": netrc,
    "lines": any_line,
}
