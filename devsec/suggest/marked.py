"""What do CODEOWNERS and `.gitattributes` say of paths? Who answers for them, and which nobody wrote here: labels.

In both the last line that matches wins, so that a line about less takes away what one above it said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from devsec.contexts import Entry, is_label
from devsec.globs import matches
from devsec.record import Record
from devsec.suggest.proposal import Proposed, entry

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
ATTRIBUTES = ".gitattributes"
_LABELS = {
    "linguist-generated": "generated",
    "linguist-vendored": "vendored",
    "linguist-documentation": "documentation",
}


class _Line(Record):
    """A glob, and which labels the line gives or takes; `others` when it takes all that it does not give."""

    glob: str
    given: tuple[str, ...]
    taken: tuple[str, ...] = ()
    others: bool = False


def owners(path: str, text: str, files: Sequence[str]) -> Proposed:
    """A label for each team, named as the team is, for the paths it owns. What everything belongs to by default says nothing."""
    lines: list[_Line] = []
    remarks: list[str] = []
    for words in _words(text):
        if words[0].startswith(("[", "^[")) or words[0] in ("*", "/", "**", "/**"):
            continue
        glob = _glob(words[0])
        if not glob:
            remarks.append(f"{path}: {words[0]} cannot be said as a glob of devsec's: left out")
            continue
        teams = [word.rpartition("/")[2] for word in words[1:] if word.startswith("@") and "/" in word]
        lines.append(_Line(glob, tuple(team for team in teams if is_label(team)), others=True))
    return Proposed(_entries(lines, files, lambda label: f"{path}: owned by {label}"), tuple(remarks))


def attributes(path: str, text: str, files: Sequence[str]) -> Proposed:
    """What linguist is told: generated, vendored and documentation."""
    folder = path.rpartition("/")[0]
    lines: list[_Line] = []
    for words in _words(text):
        if words[0].startswith(("[attr]", '"')):
            continue
        given: list[str] = []
        taken: list[str] = []
        for word in words[1:]:
            name, _, value = word.removeprefix("-").partition("=")
            label = _LABELS.get(name)
            if label:
                (taken if word.startswith("-") or value in ("false", "0") else given).append(label)
        glob = _below(folder, words[0])
        if glob and (given or taken):
            lines.append(_Line(glob, tuple(given), tuple(taken)))
    return Proposed(_entries(lines, files, lambda label: f"{path}: linguist-{label}"))


def _entries(lines: Sequence[_Line], files: Sequence[str], why: Callable[[str], str]) -> tuple[Entry, ...]:
    out = []
    for label in dict.fromkeys(label for line in lines for label in line.given):
        globs: list[str] = []
        for line in lines:
            if label in line.given:
                globs.append(line.glob)
            elif (
                globs
                and (line.others or label in line.taken)
                and any(matches(file, globs) and matches(file, [line.glob]) for file in files)
            ):
                globs.append("!" + line.glob)
        out.append(entry(tuple(globs), why(label), labels=(label,)))
    return tuple(out)


def _words(text: str) -> Iterable[list[str]]:
    for line in text.splitlines():
        words = line.split("#", 1)[0].split() if not line.lstrip().startswith("#") else []
        if words:
            yield words


def _glob(pattern: str) -> str:
    """A pattern of CODEOWNERS as a glob of ours; "" for what that has no words for."""
    if pattern.startswith("!") or not re.fullmatch(r"[^\\\[\]\s]+", pattern) or not pattern.isprintable():
        return ""
    inner = pattern.lstrip("/")
    if ".." in inner.split("/") or "." in inner.split("/"):
        return ""
    if inner.endswith("/"):
        # `/docs/` is the one at the root, `docs/` any.
        return inner + "**" if pattern.startswith("/") or "/" in inner.rstrip("/") else inner
    # A file or a folder at the root alone has no glob: without a `/` it is found at any depth.
    return "" if pattern.startswith("/") and "/" not in inner else inner


def _below(folder: str, pattern: str) -> str:
    """A pattern of a `.gitattributes` as a glob from the root."""
    if "/" not in pattern.rstrip("/"):
        if not folder:
            return _glob(pattern)
        found = _glob(pattern)
        return f"{folder}/**/{found}" if found else ""
    inner = pattern.lstrip("/")
    return _glob(f"{folder}/{inner}" if folder else pattern)
