"""What is a path? Which data it handles, who can reach it, where it is in its life: `[[context]]` of the configuration.

As in CODEOWNERS a later entry wins, key by key; labels add up. A path that no entry names has an empty context: nothing is
inferred. What a context does to a finding is asked in policy/judge.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from devsec.errors import ConfigError, quoted
from devsec.globs import LONGEST, matches
from devsec.nearest import did_you_mean
from devsec.record import Record

# The words of each key, from what is least to what is most at stake.
EXPOSURES = ("internal", "partner", "public")
DATA = ("none", "standard", "sensitive")
LIFECYCLES = ("test", "experimental", "production", "deprecated")
WORDS = {"exposure": EXPOSURES, "data": DATA, "lifecycle": LIFECYCLES}
KEYS = ("paths", *WORDS, "labels", "because")
_INSIDE = "Paths begin at the root of the repository and stay inside it, with forward slashes: services/checkout/** ."


class Context(Record):
    """What a path is; "" for what nobody said."""

    exposure: str = ""
    data: str = ""
    lifecycle: str = ""
    labels: tuple[str, ...] = ()

    def said(self) -> str:
        """In words, for a reason: `public, sensitive data`; "" when nothing was said."""
        parts = [self.exposure, f"{self.data} data" if self.data else "", self.lifecycle, *self.labels]
        return ", ".join(part for part in parts if part)


class Entry(Record):
    """One `[[context]]`, and its `number` (from 0) among them."""

    paths: tuple[str, ...]
    exposure: str = ""
    data: str = ""
    lifecycle: str = ""
    labels: tuple[str, ...] = ()
    because: str = ""
    number: int = 0


class Value(Record):
    """One word of a path's context, and the entry that says it."""

    key: str
    word: str
    entry: Entry


def parse(tables: Any, file: str) -> tuple[Entry, ...]:
    """The entries of a configuration as TOML gives them. ConfigError names the entry, the key and what was meant."""
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        table = "[[tool.devsec.context]]" if file == "pyproject.toml" else "[[context]]"
        raise ConfigError(f"{file}: context must be a list of tables", f"Write {table} above each of them.")
    return tuple(_entry(table, file, number) for number, table in enumerate(tables))


def values_of(path: str, entries: Sequence[Entry]) -> tuple[Value, ...]:
    """What counts for a path, each word with the entry it comes from, in the order of the keys."""
    said: dict[str, Value] = {}
    labels: dict[str, Value] = {}
    for entry in entries:
        if matches(path, entry.paths):
            for key in WORDS:
                word = getattr(entry, key)
                if word:
                    said[key] = Value(key, word, entry)
            for label in entry.labels:
                labels.setdefault(label, Value("labels", label, entry))
    return (*(said[key] for key in WORDS if key in said), *labels.values())


def context_of(path: str, entries: Sequence[Entry]) -> Context:
    """What a path is."""
    if not entries:
        return Context()
    values = values_of(path, entries)
    said = {value.key: value.word for value in values if value.key != "labels"}
    return Context(**said, labels=tuple(sorted(value.word for value in values if value.key == "labels")))


def is_label(text: str) -> bool:
    """Labels are words: they are compared letter by letter, and stand in lists of them."""
    return re.fullmatch(r"[^\s,\x00-\x1f\x7f]+", text) is not None


def _entry(table: Mapping[str, Any], file: str, number: int) -> Entry:
    where = f"{file}: context {number + 1}"
    for key in table:
        if key not in KEYS:
            raise ConfigError(f"{where}: unknown key {key!r}", did_you_mean(key, KEYS))
    for key, words in WORDS.items():
        word = table.get(key)
        if key in table and word not in words:
            hint = did_you_mean(word, words) if isinstance(word, str) else ""
            raise ConfigError(
                f"{where}: {key} = {quoted(word)}: no such {key}", hint or f"Use one of {', '.join(words)}."
            )
    labels = _strings(table, "labels", where) if "labels" in table else ()
    for label in labels:
        if not is_label(label):
            raise ConfigError(f"{where}: labels: {label!r} is no label", "A label is one word, such as pci.")
    because = table.get("because", "")
    if not isinstance(because, str):
        raise ConfigError(f"{where}: because must be a string", 'Write because = "…".')
    if not any(table.get(key) for key in (*WORDS, "labels")):
        raise ConfigError(f"{where} says nothing about its paths", "Say exposure, data, lifecycle or labels.")
    if "paths" not in table:
        raise ConfigError(f"{where} has no paths", 'Write paths = ["services/checkout/**"].')
    paths = _strings(table, "paths", where)
    if not paths:
        raise ConfigError(f"{where}: paths is empty", 'Write paths = ["services/checkout/**"], or ["**"] for all.')
    for path in paths:
        _refuse(path, where)
    exposure, data, lifecycle = (table.get(key, "") for key in WORDS)
    return Entry(paths, exposure, data, lifecycle, labels, " ".join(because.split()), number)


def _strings(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table[key]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ConfigError(f"{where}: {key} must be a list of strings", f'Write {key} = ["…"].')
    return tuple(value)


def _refuse(glob: str, where: str) -> None:
    """ConfigError for what can match nothing inside the repository: it would be obeyed by nobody."""
    if len(glob) > LONGEST:
        raise ConfigError(f"{where}: paths: {quoted(glob)} is longer than any path", "Write several shorter ones.")
    path = glob.removeprefix("!")
    if path.startswith(("/", "~")) or "\\" in path or "\0" in path or re.match(r"[A-Za-z]:", path):
        hint = _INSIDE
        if path.startswith("/"):
            rest = path.lstrip("/")
            hint += f" {rest!r} is found at the root alone." if "/" in rest.rstrip("/") else ""
        raise ConfigError(f"{where}: paths: {glob!r} is absolute or of another system", hint)
    if ".." in path.split("/"):
        raise ConfigError(f"{where}: paths: {glob!r} does not stay inside the repository", _INSIDE)
    if not path.strip("/ ") or "." in path.split("/"):
        raise ConfigError(f"{where}: paths: {glob!r} names no path", _INSIDE)
