"""Could any rule match? Bytes only: this runs on every staged file of every commit.

What a rule needs is derived from the rule. A shape needs *groups* of words: of each group at least one word must stand
somewhere in the file. `requests.get(verify=False)` needs `requests`, `get`, `verify` and `False`, however it is
spelled, since names are resolved inside the file only. A `text` shape needs its own regex. Nothing here may be
stricter than the matcher: a file the gate lets go is called clean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from devsec.globs import matches
from devsec.sources.source import is_python

if TYPE_CHECKING:
    from devsec.catalog.rule import Catalogue

# A sign of a rule in a file that is not worth much: these words stand in half of all files.
_COMMON = frozenset(
    [
        "False",
        "True",
        "None",
        "get",
        "post",
        "put",
        "new",
        "load",
        "loads",
        "run",
        "call",
        "open",
        "connect",
        "execute",
        "encode",
        "decode",
        "request",
        "delete",
        "patch",
        "head",
        "options",
        "random",
        "choice",
        "set",
        "path",
        "read",
        "write",
        "key",
        "name",
        "os",
        "sys",
        "re",
        "time",
        "json",
        "data",
        "value",
        "id",
        "type",
        "url",
        "text",
        "send",
    ]
)


RUN = "~"  # before a word that may stand inside another one


class Gate:
    """Tells from bytes and path which rules are worth a closer look."""

    def __init__(self, shapes: Sequence[Sequence[Any]], first: str = "") -> None:
        # A shape: (rule id, is it a text shape, globs, groups of words or regex).
        self._shapes = [tuple(shape) for shape in shapes]
        self._first_source = first or _first(self._shapes)
        self._first: Any = None
        self._text: dict[str, Any] = {}

    @classmethod
    def build(cls, catalogue: Catalogue) -> Gate:
        """Derives the gate from the rules. Takes milliseconds; `dump` and `restore` save even those."""
        from devsec.scan.needs import needs  # only when the catalogue changed

        return cls(needs(catalogue))

    def rules(self) -> frozenset[str]:
        """The ids of the rules there are."""
        return frozenset(shape[0] for shape in self._shapes)

    def dump(self) -> list[Any]:
        """What `restore` takes, made of lists and strings."""
        return [self._first_source, [list(shape) for shape in self._shapes]]

    @classmethod
    def restore(cls, data: Any) -> Gate:
        """Raises ValueError or TypeError when `data` is not what `dump` gives."""
        first, described = data
        if not isinstance(first, str) or not first:
            raise TypeError("not a gate")
        shapes = []
        for rule, is_text, globs, need in described:
            if not isinstance(rule, str) or not isinstance(is_text, bool):
                raise TypeError("not a gate")
            shapes.append((rule, is_text, tuple(globs), need if is_text else [list(map(str, g)) for g in need]))
        return cls(shapes, first)

    def hits(self, data: bytes, path: str) -> tuple[str, ...]:
        """Ids of the rules that could match, sorted; () means that there is nothing to do.

        `data` are the bytes of the file as they are; `path` decides which rules apply at all.
        """
        found: set[str] = set()
        if is_python(path, data) and self._any_word(data):
            words = _Words(data)
            for rule, is_text, globs, groups in self._shapes:
                if not is_text and rule not in found and words.have(groups) and matches(path, globs):
                    found.add(rule)
        text: bytes | None = None
        for rule, is_text, globs, regex in self._shapes:
            if is_text and rule not in found and matches(path, globs):
                if text is None:
                    text = _as_utf8(data)
                if self._regex(regex).search(text):
                    found.add(rule)
        return tuple(sorted(found))

    def _any_word(self, data: bytes) -> bool:
        """One pass over the bytes for the rarest word of every shape: most files end here."""
        if self._first is None:
            self._first = _compile(self._first_source)
        return self._first.search(data) is not None

    def _regex(self, source: str) -> Any:
        if source not in self._text:
            self._text[source] = _compile(source)
        return self._text[source]


def _first(shapes: Iterable[Sequence[Any]]) -> str:
    """A regex for the rarest word of every shape."""
    groups_of_all = [groups for _, is_text, _, groups in shapes if not is_text]
    if not all(groups_of_all):
        return "(?:)"  # a shape that needs nothing in particular: every file is a candidate
    pivots = {word.removeprefix(RUN) for groups in groups_of_all for word in _pivot(groups)}
    return "|".join(_quote(word) for word in sorted(pivots)) if pivots else "[^\\x00-\\x{10FFFF}]"


class _Words:
    """Which words stand in a file. Names stand there as whole words, and are looked up; a run of a literal's text may stand
    inside one, and is searched for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._whole = set(_WORD.findall(data))
        self._known: dict[str, bool] = {}

    def have(self, groups: Iterable[Iterable[str]]) -> bool:
        """Whether of each group a word is there."""
        return all(any(self._has(word) for word in group) for group in groups)

    def _has(self, word: str) -> bool:
        there = self._known.get(word)
        if there is None:
            run = word.startswith(RUN)
            there = self._known[word] = word[1:].encode() in self._data if run else word.encode() in self._whole
        return there


_WORD = re.compile(rb"[\w\x80-\xff]+")


def _pivot(groups: Sequence[Sequence[str]]) -> Sequence[str]:
    """The group least likely to be in a file by chance."""
    return max(
        groups, key=lambda group: min((0 if w in _COMMON else 2) + min(len(w), 12) / 12 for w in group), default=()
    )


def _compile(source: str) -> Any:
    import re2  # 4 ms; a commit without files to look at does not pay them

    options = re2.Options()
    options.max_mem = 64 << 20  # thousands of rules in one automaton
    options.log_errors = False
    return re2.compile(source.encode(), options)


def _quote(word: str) -> str:
    return "".join(c if c.isalnum() or c == "_" or ord(c) > 127 else "\\" + c for c in word)


def _as_utf8(data: bytes) -> bytes:
    """The text in UTF-8 for the regexes of text shapes; b"" for binary data. Offsets are not kept."""
    for bom, name in (
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\0\0\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(bom):
            return data.decode(name, "replace").encode("utf-8", "replace")
    if b"\0" in data[:8000]:
        return b""
    if data.isascii():
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1").encode("utf-8")
    return data


def restore_or_none(data: Any) -> Gate | None:
    """A gate from what a cache gave back; None when that is missing or not a gate."""
    if not isinstance(data, list):
        return None
    try:
        return Gate.restore(data)
    except (TypeError, ValueError):
        return None
