"""Who answers for a path? CODEOWNERS, as GitHub and GitLab read it.

Where GitHub looks (https://docs.github.com/articles/about-code-owners): `.github/`, the root, `docs/`, the first that is there. GitLab
(https://docs.gitlab.com/user/project/codeowners/reference/): the root, `docs/`, `.gitlab/`. The last line that matches wins; in
GitLab's sections, the last of each section, whose owners stand behind its name where a line has none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from devsec.globs import LONGEST
from devsec.record import Record

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
LARGEST = 3 << 20  # bytes: GitHub reads no larger one
_SECTION = re.compile(r"\^?\[([^\]]+)\](?:\[\d+\])?(.*)")
_WORD = re.compile(r"(?:\\.|\S)+")


class Line(Record):
    """A pattern and its owners, in a section ("" before the first)."""

    section: str
    pattern: Any  # of RE2
    owners: tuple[str, ...]


class Owners(Record):
    """`file` is where they are said, "" when nowhere."""

    file: str = ""
    lines: tuple[Line, ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a path (from the root, with forward slashes)."""
        last: dict[str, tuple[str, ...]] = {}
        path = path.encode("utf-8", "replace").decode()  # RE2 knows no half characters
        for line in self.lines:
            if line.pattern.fullmatch(path):
                last[line.section] = line.owners
        return tuple(dict.fromkeys(owner for owners in last.values() for owner in owners))


def load(root: str) -> Owners:
    """Those of the repository at `root`; none when nobody says."""
    for place in PLACES:
        file = os.path.join(root, place)
        # A link may lead out of the repository.
        if not os.path.isfile(file) or os.path.realpath(file) != os.path.join(os.path.realpath(root), place):
            continue
        try:
            with open(file, "rb") as opened:
                data = opened.read(LARGEST + 1)
        except OSError:
            continue
        if len(data) <= LARGEST:
            return Owners(place, parse(data.decode("utf-8-sig", "replace")))
    return Owners()


def parse(text: str) -> tuple[Line, ...]:
    """The lines that say something. What cannot be read is passed over, as both do."""
    out: list[Line] = []
    section = ""
    default: tuple[str, ...] = ()
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        head = _SECTION.fullmatch(line)
        if head is not None:
            section, default = head[1].strip().lower(), _owners(head[2].split())
            continue
        words = _WORD.findall(line)
        pattern = _compiled(words[0])
        if pattern is not None:
            out.append(Line(section, pattern, _owners(words[1:]) or default))
    return tuple(out)


def _owners(words: Sequence[str]) -> tuple[str, ...]:
    found = []
    for word in words:
        if word.startswith("#"):
            break
        if "@" in word:
            found.append(word)
    return tuple(found)


def _compiled(pattern: str) -> Any:
    """As in .gitignore, without `!` and `[…]`; `docs/*` is what lies in the folder itself."""
    pattern = re.sub(r"\\(.)", r"\1", pattern)
    if pattern.startswith("!") or len(pattern) > LONGEST:
        return None
    inner = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in inner
    parts = []
    for piece in re.split(r"(\*\*/|/\*\*\Z|\*+|\?)", inner):
        if piece == "**/":
            parts.append("(?:.*/)?")
        elif piece == "/**":
            parts.append("/.*")
        elif piece.startswith("*"):
            parts.append("[^/]*")
        else:
            parts.append("[^/]" if piece == "?" else re.escape(piece))
    tail = "/.*" if pattern.endswith("/") else "" if inner.endswith(("/*", "/**")) else "(?:/.*)?"
    import re2  # a repository's own text never meets an engine that can take for ever

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile("(?s)" + ("" if anchored else "(?:.*/)?") + "".join(parts) + tail, options)
    except re2.error:
        return None
