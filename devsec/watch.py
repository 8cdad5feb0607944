"""Where does the time go, and how much is left to look at after each step? Nothing is kept unless somebody asked
(`devsec check --timings`)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from devsec.record import Record

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


# In the order in which they happen.
CHOOSE, READ, RULES, GATE, TEXT, PARSE, CANDIDATES, LIBCST, JUDGE, TELL = (
    "choose",
    "read",
    "rules",
    "gate",
    "text",
    "parse",
    "candidates",
    "libcst",
    "judge",
    "tell",
)


class Amount(Record):
    """Files (or statements, or findings), and how many bytes of them."""

    number: int = 0
    size: int = 0


class Watch:
    """`seconds` by step, of all processes together; a step within another one is counted by itself. `amounts` by what was done."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.amounts: dict[str, Amount] = {}
        self._open: list[str] = []
        self._since = 0.0

    def turn(self, into: str | None) -> None:
        """From now on it is this step; None: the one before goes on."""
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] = self.seconds.get(self._open[-1], 0.0) + now - self._since
        if into is None:
            self._open.pop()
        else:
            self._open.append(into)
        self._since = now

    def add(self, other: Watch) -> None:
        for step, seconds in other.seconds.items():
            self.seconds[step] = self.seconds.get(step, 0.0) + seconds
        for what, amount in other.amounts.items():
            self.count(what, amount.number, amount.size)

    def count(self, what: str, number: int, size: int) -> None:
        had = self.amounts.get(what, Amount())
        self.amounts[what] = Amount(had.number + number, had.size + size)


class _Step:
    def __init__(self, watch: Watch, name: str) -> None:
        self._watch, self._name = watch, name

    def __enter__(self) -> None:
        self._watch.turn(self._name)

    def __exit__(self, *_: object) -> None:
        self._watch.turn(None)


_watch: Watch | None = None  # of this process
_NOTHING = nullcontext()


def begin() -> Watch:
    """Somebody asked."""
    global _watch
    _watch = Watch()
    return _watch


def end() -> None:
    """Nobody asks any more."""
    global _watch
    _watch = None


def taken() -> Watch | None:
    """What this process has kept until now, for its parent; it begins anew."""
    kept = _watch
    if kept is not None:
        begin()
    return kept


def add(other: Watch | None) -> None:
    """What a child has kept."""
    if _watch is not None and other is not None:
        _watch.add(other)


def step(name: str) -> AbstractContextManager[None]:
    """While this lasts, it is this step."""
    return _NOTHING if _watch is None else _Step(_watch, name)


def each(name: str, items: Iterable[T]) -> Iterable[T]:
    """The items; getting them is this step."""
    return items if _watch is None else _timed(name, iter(items))


def _timed(name: str, items: Iterator[T]) -> Iterator[T]:
    while True:
        with step(name):
            try:
                item = next(items)
            except StopIteration:
                return
        yield item


def count(what: str, size: int = 0, number: int = 1) -> None:
    """So much more was done."""
    if _watch is not None:
        _watch.count(what, number, size)
