"""On which line of the configuration is something said?

Asked only when somebody wants to know: the standard library reads TOML and keeps no places. As scan/formats/toml_text.py, which
lends its tokens, this follows a text that has been found to be well formed.
"""

from __future__ import annotations

from devsec.record import Record
from devsec.scan.formats.toml_text import TOKEN, meant

Path = tuple[str | int, ...]  # keys; numbers from 0 for the items of lists and for tables in [[double brackets]]


def prefix(file: str) -> Path:
    """Under which keys devsec's own stand in a file."""
    return ("tool", "devsec") if file == "pyproject.toml" else ()


def lines(text: str) -> dict[Path, int]:
    """The line (from 1) of each key, each item of a list and each heading. What is no TOML gives what was read so far."""
    return _Reader(text).found


class _Open(Record):
    bracket: str
    path: Path


class _Reader:
    def __init__(self, text: str) -> None:
        self.found: dict[Path, int] = {}
        self._table: Path = ()
        self._many: dict[Path, int] = {}  # how many tables [[…]] has made so far
        self._keys: list[str] = []
        self._path: Path = ()  # of the value that is read
        self._stack: list[_Open] = []
        self._items: list[int] = []  # of each open list, the item that is read
        self._read(text)

    def _read(self, text: str) -> None:
        state, line, at = "key", 1, 0
        twice = False
        while at < len(text):
            token = TOKEN.match(text, at)
            if token is None:
                return
            kind, said, here = token.lastgroup, token.group(), line
            line += said.count("\n")
            at = token.end()
            if kind == "skip":
                continue
            if kind == "line":
                if not self._stack:
                    state, self._keys = "key", []
            elif kind != "mark":
                quotes = 3 if kind == "long" else 1 if kind == "string" else 0
                if state == "value":
                    self._item(here)
                else:
                    self._keys.append(meant(said[quotes : len(said) - quotes], said[0]) if quotes else said)
            elif state == "header":
                if said == "[":
                    twice = True
                elif said == "]" and self._keys:
                    self._heading(twice, here)
                    self._keys, twice = [], False
            elif state == "key":
                if said == "[" and not self._stack:
                    state, self._keys, twice = "header", [], False
                elif said == "=":
                    state = "value"
                    self._path = (*(self._stack[-1].path if self._stack else self._table), *self._keys)
                    for length in range(1, len(self._keys) + 1):
                        outer = self._path[: len(self._path) - len(self._keys) + length]
                        self.found.setdefault(outer, here)
                elif said == "}":
                    self._close()
                    state = "value"
            elif said in "[{":
                self._item(here)
                inside = (*self._path, self._items[-1]) if self._in_list() else self._path
                self._stack.append(_Open(said, inside))
                self._path = inside
                if said == "[":
                    self._items.append(0)
                else:
                    state, self._keys = "key", []
            elif said in "]}":
                self._close()
            elif said == "," and self._stack:
                if self._in_list():
                    self._items[-1] += 1
                else:
                    state, self._keys = "key", []

    def _in_list(self) -> bool:
        return bool(self._stack) and self._stack[-1].bracket == "["

    def _item(self, line: int) -> None:
        if self._in_list():
            self.found.setdefault((*self._path, self._items[-1]), line)

    def _close(self) -> None:
        if self._stack:
            if self._stack.pop().bracket == "[":
                self._items.pop()
            self._path = self._stack[-1].path if self._stack else self._path

    def _heading(self, twice: bool, line: int) -> None:
        path: Path = ()
        for number, key in enumerate(self._keys):
            path = (*path, key)
            if twice and number == len(self._keys) - 1:
                self._many[path] = self._many.get(path, -1) + 1
            if path in self._many:
                path = (*path, self._many[path])
            self.found.setdefault(path, line)
        self._table = path
