"""Could any rule match? Bytes only: this runs on every staged file of every commit.

What a rule needs is derived from the rule. A shape needs *groups* of words: of each group at least one word must stand
somewhere in the file. `requests.get(verify=False)` needs `requests`, `get`, `verify` and `False`, however it is
spelled, since names are resolved inside the file only. A `text` shape needs its own regex. Nothing here may be
stricter than the matcher: a file the gate lets go is called clean.
"""

from __future__ import annotations

from collections.abc import Sequence
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

    def __init__(self, needs: Sequence[Sequence[Any]]) -> None:
        """`needs` as scan/needs.py derives them: (rule id, globs, groups of words) of what is looked for in Python,
        (rule id, globs, regex, text that every match has) of what is looked for in any text."""
        # Many shapes share globs and groups of words: both are kept, asked and written down once.
        globs: dict[tuple[str, ...], int] = {}
        groups: dict[tuple[str, ...], int] = {}
        self._shapes: list[Any] = []
        self._texts: list[Any] = []
        for rule, where, need, *run in needs:
            at = globs.setdefault(tuple(where), len(globs))
            if isinstance(need, str):
                self._texts.append((rule, at, need, *run))
            else:
                rarest_first = sorted(need, key=_rarity, reverse=True)
                wanted = [groups.setdefault(tuple(group), len(groups)) for group in rarest_first]
                self._shapes.append((rule, at, wanted))
        self._globs: list[Any] = list(globs)
        self._groups: list[Any] = list(groups)
        self._seen = 0  # bytes
        self._first: Any = None
        self._regexes: dict[str, Any] = {}

    @classmethod
    def build(cls, catalogue: Catalogue) -> Gate:
        """Derives the gate from the rules. Takes milliseconds; `dump` and `restore` save even those."""
        from devsec.scan.needs import needs  # only when the catalogue changed

        return cls(needs(catalogue))

    def rules(self) -> frozenset[str]:
        """The ids of the rules there are."""
        return frozenset(one[0] for one in (*self._shapes, *self._texts))

    def dump(self) -> list[Any]:
        """What `restore` takes, made of lists and strings."""
        return [self._globs, self._groups, self._shapes, self._texts]

    @classmethod
    def restore(cls, data: Any) -> Gate:
        """Raises ValueError, TypeError or IndexError when `data` is not what `dump` gives."""
        gate = cls([])
        gate._globs, gate._groups, gate._shapes, gate._texts = data
        words = {str}
        for table in (gate._globs, gate._groups):
            for entry in table:
                if not words.issuperset(map(type, entry)):
                    raise TypeError("not a gate")
        last = len(gate._groups)
        for rule, at, wanted in gate._shapes:
            gate._globs[at]
            if type(rule) is not str or not all(type(number) is int and 0 <= number < last for number in wanted):
                raise TypeError("not a gate")
        for rule, at, regex, run in gate._texts:
            gate._globs[at]
            if not words.issuperset(map(type, (rule, regex, run))):
                raise TypeError("not a gate")
        return gate

    def hits(self, data: bytes, path: str) -> tuple[str, ...]:
        """Ids of the rules that could match, sorted; () means that there is nothing to do.

        `data` are the bytes of the file as they are; `path` decides which rules apply at all.
        """
        found: set[str] = set()
        if self._shapes and is_python(path, data) and self._any_word(data):
            has = _Words(data, self._groups).has
            for rule, at, wanted in self._shapes:
                if rule not in found and all(map(has, wanted)) and matches(path, self._globs[at]):
                    found.add(rule)
        text: bytes | None = None
        for rule, at, regex, run in self._texts:
            if rule not in found and matches(path, self._globs[at]):
                if text is None:
                    text = _as_utf8(data)
                if run.encode() in text and self._regex(regex).search(text):
                    found.add(rule)
        return tuple(sorted(found))

    def _any_word(self, data: bytes) -> bool:
        """In a large repository one pass over the bytes for the rarest word of every shape: a third of the files ends
        there. A commit is too small for that: RE2 takes 5 ms to get ready, as long as the words of 300 KB."""
        self._seen += len(data)
        if self._seen < _MUCH:
            return True
        if self._first is None:
            self._first = _compile(self._rarest_words())
        return self._first.search(data) is not None

    def _rarest_words(self) -> str:
        if not all(wanted for _, _, wanted in self._shapes):
            return "(?:)"  # a shape that needs nothing in particular: every file is a candidate
        words = {word.removeprefix(RUN) for _, _, wanted in self._shapes for word in self._groups[wanted[0]]}
        return "|".join(_quote(word) for word in sorted(words))

    def _regex(self, source: str) -> Any:
        if source not in self._regexes:
            self._regexes[source] = _compile(source)
        return self._regexes[source]


class _Words:
    """Which groups have a word in a file. Names stand there as whole words, and are looked up; a run of a literal's text may
    stand inside one, and is searched for."""

    def __init__(self, data: bytes, groups: Sequence[Sequence[str]]) -> None:
        self._data = data
        self._whole = set(data.translate(_ONLY_WORDS).split())  # five times as fast as a regex
        self._groups = groups
        self._known: dict[int, bool] = {}

    def has(self, number: int) -> bool:
        there = self._known.get(number)
        if there is None:
            there = self._known[number] = any(map(self._word, self._groups[number]))
        return there

    def _word(self, word: str) -> bool:
        return word[1:].encode() in self._data if word.startswith(RUN) else word.encode() in self._whole


_MUCH = 300_000
_ONLY_WORDS = bytes(byte if byte >= 128 or chr(byte).isalnum() or byte == ord("_") else 32 for byte in range(256))


def _rarity(group: Sequence[str]) -> float:
    """How unlikely it is that a file has a word of the group by chance."""
    return min((0 if word in _COMMON else 2) + min(len(word), 12) / 12 for word in group)


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
    except (TypeError, ValueError, IndexError):
        return None
