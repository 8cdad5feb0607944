"""What does a setup.cfg say that the project needs, and where does one more line go?

https://setuptools.pypa.io/en/latest/userguide/declarative_config.html
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Sequence

from devsec.fix.manifest.requirement import Declared, Wanted, declared, normalised, parse
from devsec.fix.manifest.target import Facts, Insertion, Target, ending, place_among
from devsec.record import Record

LIST = "[options] install_requires"


class Setup(Record):
    """`target` when the list stands here; `file` when it is a requirements file; `bare` when there is none."""

    declared: tuple[Declared, ...] = ()
    names: frozenset[str] = frozenset()
    target: Target | None = None
    file: str = ""
    bare: bool = False
    why_not: str = ""


def read(path: str, text: str) -> Setup | None:
    """None when it says nothing of a project: many tools keep their settings in a setup.cfg."""
    parser = _parsed(text)
    if parser is None:
        return Setup(why_not="is not a configuration that can be read") if "install_requires" in text else None
    if not (parser.has_section("options") or parser.has_option("metadata", "name")):
        return None
    name = parser.get("metadata", "name", fallback="")
    value = parser.get("options", "install_requires", fallback="")
    found = Setup(tuple(_declared(parser, path)), frozenset([normalised(name)] if name else []))
    file = re.match(r"\s*file\s*:\s*(\S+)\s*$", value)
    if file:
        return found._replace(file=file.group(1).rstrip(","))
    return found._replace(target=target(path), bare=not parser.has_option("options", "install_requires"))


def _parsed(text: str) -> configparser.RawConfigParser | None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return parser


def _declared(parser: configparser.RawConfigParser, path: str) -> Iterator[Declared]:
    for item in _items(parser.get("options", "install_requires", fallback="")):
        one = declared(item, path)
        if one is not None:
            yield one
    if parser.has_section("options.extras_require"):
        for extra, value in parser.items("options.extras_require"):
            for item in _items(value):
                one = declared(item, path, f"in its extra {extra} only")
                if one is not None:
                    yield one


def _items(value: str) -> list[str]:
    """One a line, or on one line with semicolons between them."""
    parts = value.splitlines() if "\n" in value else value.split(";")
    return [part.strip() for part in parts if part.strip() and not part.strip().startswith("#")]


def target(path: str) -> Target:
    return Target(path, LIST, _add, _facts, lambda wanted: Facts([("options/install_requires", wanted.text)]))


def _facts(text: str) -> Facts | None:
    parser = _parsed(text)
    if parser is None:
        return None
    return Facts((f"{name}/{key}", line) for name in parser.sections() for key, line in _lines_of(parser, name))


def _lines_of(parser: configparser.RawConfigParser, section: str) -> Iterator[tuple[str, str]]:
    for key, value in parser.items(section):
        yield from ((key, line) for line in value.splitlines() if line.strip())


def _add(text: str, wanted: Wanted) -> Sequence[Insertion] | str:
    section = re.search(r"(?m)^\[options\][^\r\n]*", text)
    if section is None:
        return "it has no [options]"
    end = re.compile(r"(?m)^\[").search(text, section.end())
    stop = end.start() if end else len(text)
    key = re.compile(r"(?m)^install_requires[ \t]*[=:][ \t]*([^\r\n]*)").search(text, section.end(), stop)
    nl = ending(text, section.start())
    if key is None:
        lines = list(re.compile(r"[^\r\n]*[^\s][^\r\n]*").finditer(text, section.start(), stop))
        return [Insertion(lines[-1].end(), f"{nl}install_requires ={nl}    {wanted.text}")]
    if key.group(1).strip():
        return "its list stands on one line"
    following = re.compile(r"(?:\r\n|\n|\r)([ \t]+)([^\r\n]*)|(?:\r\n|\n|\r)(?=[\r\n]|#)|(?<=[\r\n])#[^\r\n]*")
    there: list[tuple[int, str, str]] = []  # where the line ends, its indentation, the name
    at = key.end()
    while at < stop and (line := following.match(text, at)):
        item = (line.group(2) or "").strip()
        one = parse(item) if item and not item.startswith("#") else None
        if one is not None:
            there.append((line.end(), line.group(1), one.name))
        at = line.end()
    index = place_among([name for _, _, name in there], wanted.name)
    where, indent = there[index - 1][:2] if index else (key.end(), there[0][1] if there else "    ")
    return [Insertion(where, nl + indent + wanted.text)]
