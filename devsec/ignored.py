"""What does the configuration silence? `[[ignore]]`: a path, rules, a reason as in a comment, and perhaps one finding.

For files that can hold no comment. A finding is named by its fingerprint (`devsec check --format json`), which stays when lines
move; without one all findings of the rules in that path are meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from devsec.errors import ConfigError, quoted
from devsec.finding import Finding
from devsec.globs import LONGEST, matches
from devsec.nearest import did_you_mean
from devsec.reasons import Reason, read
from devsec.record import Record

KEYS = ("path", "rules", "reason", "fingerprint")
_INSIDE = "It begins at the root of the repository and stays inside it, with forward slashes: data/report.json ."


class Entry(Record):
    """One `[[ignore]]`, and its `number` (from 0) among them."""

    path: str
    rules: tuple[str, ...]
    reason: Reason
    fingerprint: str = ""
    number: int = 0

    def covers(self, finding: Finding) -> bool:
        """Whether it is about that finding."""
        return (
            finding.rule in self.rules
            and (not self.fingerprint or finding.fingerprint == self.fingerprint)
            and self.reaches(finding.path)
        )

    def reaches(self, path: str) -> bool:
        """Whether it is about that path. A path is itself alone; a glob what it matches, below any folder as everywhere."""
        return matches(path, (self.path,)) if self.is_glob() else path == self.path

    def is_glob(self) -> bool:
        return "*" in self.path or "?" in self.path or self.path.endswith("/")


def parse(tables: Any, file: str) -> tuple[Entry, ...]:
    """The entries of a configuration as TOML gives them. ConfigError names the entry, the key and what was meant."""
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        table = "[[tool.devsec.ignore]]" if file == "pyproject.toml" else "[[ignore]]"
        raise ConfigError(f"{file}: ignore must be a list of tables", f"Write {table} above each of them.")
    return tuple(_entry(table, file, number) for number, table in enumerate(tables))


def _entry(table: Mapping[str, Any], file: str, number: int) -> Entry:
    where = f"{file}: ignore {number + 1}"
    for key in table:
        if key not in KEYS:
            raise ConfigError(f"{where}: unknown key {key!r}", did_you_mean(key, KEYS))
    path = _text(table, "path", where, 'Write path = "data/report.json".')
    _refuse(path, where)
    rules = table.get("rules")
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, str) and rule for rule in rules):
        raise ConfigError(f"{where}: rules must be a list of rule ids", 'Write rules = ["rule-id"].')
    reason = read(_text(table, "reason", where, 'Write reason = "false-positive …".'))
    if reason.problem:
        said, _, hint = reason.problem.partition(". ")
        raise ConfigError(f"{where}: reason: it {said}", hint)
    fingerprint = table.get("fingerprint", "")
    if not isinstance(fingerprint, str) or (
        "fingerprint" in table and not re.fullmatch(r"[0-9a-f]{8,64}", fingerprint)
    ):
        raise ConfigError(
            f"{where}: fingerprint must be one as devsec writes it",
            "devsec check --format json shows it, and devsec ignore FILE:LINE writes it.",
        )
    if fingerprint and any(sign in path for sign in "*?"):
        raise ConfigError(f"{where}: a fingerprint is of one file, and {path!r} may be several", "Name the file.")
    return Entry(path, tuple(rules), reason, fingerprint, number)


def _text(table: Mapping[str, Any], key: str, where: str, hint: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where}: {key} must be text" if key in table else f"{where} has no {key}", hint)
    return value


def _refuse(path: str, where: str) -> None:
    """ConfigError for what can match nothing inside the repository, or everything but what it names."""
    if len(path) > LONGEST:
        raise ConfigError(f"{where}: path: {quoted(path)} is longer than any path", _INSIDE)
    if path.startswith(("/", "~", "!")) or "\\" in path or "\0" in path or re.match(r"[A-Za-z]:", path):
        raise ConfigError(f"{where}: path: {path!r} is no path inside the repository", _INSIDE)
    if ".." in path.split("/") or "." in path.split("/") or not path.strip("/ "):
        raise ConfigError(f"{where}: path: {path!r} does not stay inside the repository", _INSIDE)
