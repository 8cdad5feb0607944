"""How are many files looked at? Shared out over the cores, with those left out that held nothing before; and somebody who
waits at a terminal sees how far it is."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from devsec import watch
from devsec.clean import PASSED, Clean
from devsec.crew import cores, shared_out
from devsec.desk import Desk
from devsec.outcome import Checked
from devsec.record import Record
from devsec.sources.source import Passed

if TYPE_CHECKING:
    from devsec.news import Found
    from devsec.outcome import Outcome

    Looked = tuple[list[Outcome], list[Found]]

PIECE = 100  # files at a time: small enough that the cores end together
FEW = 50  # fewer are looked at before others could help
PATIENCE = 1.0  # seconds without a word


class _Done(Record):
    looked: Looked
    clean: dict[bytes, int]
    watched: watch.Watch | None


def look_at_many(
    desk: Desk, every: Sequence[Any], look: Callable[[Sequence[Any]], Looked], name: Callable[[Any], str]
) -> Looked:
    """What `look` finds in all of them. `name` tells the path of a file on disk that counts from the root, "" of any other."""
    clean = desk.clean = desk.remembered = Clean(desk.signature, desk.off, desk.decides)
    outcomes: list[Outcome] = []
    files: list[Any] = []
    for file in every:
        known = _as_it_lies(desk, clean, name(file)) if clean.knows_any() else None
        if known is None:
            files.append(file)
        else:
            outcomes.append(known)
    if len(files) >= FEW:
        desk.gate  # noqa: B018  # what each child would otherwise read for itself
        desk.scanner  # noqa: B018
    size = max(1, min(PIECE, len(files) // (cores() * 4))) if len(files) >= FEW else FEW
    pieces = [files[start : start + size] for start in range(0, len(files), size)]
    parent = os.getpid()
    gc.freeze()  # what is here stays; collecting in a child would copy all of it

    def work(piece: Sequence[Any]) -> _Done:
        clean.new.clear()
        looked = look(piece)
        return _Done(looked, dict(clean.new), watch.taken() if os.getpid() != parent else None)

    found: list[Found] = []
    learned: dict[bytes, int] = {}
    with progress(len(every)) as told:
        told(len(outcomes))
        for piece, done in zip(pieces, shared_out(work, pieces, cores()), strict=True):
            outcomes += done.looked[0]
            found += done.looked[1]
            learned |= done.clean
            watch.add(done.watched)
            told(len(piece))
    clean.new = learned
    desk.clean = None  # what comes next compares with the past
    return outcomes, found


def _as_it_lies(desk: Desk, clean: Clean, path: str) -> Outcome | None:
    """What is known of a file that lies on disk as it did."""
    stamp = clean.stamp(path, os.path.join(desk.root, path)) if path else b""
    notes = clean.notes(stamp) if stamp else None
    if notes is None:
        return None
    if notes in PASSED:
        return Passed(path, PASSED[notes])
    return Checked(path, silent=notes) if not notes or desk.brief else None


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None]]:
    """What to call with how many more are done. Nothing is shown but on a terminal, and not before it takes long."""
    if not sys.stderr.isatty():
        yield lambda more: None
        return
    start, done = time.monotonic(), 0
    bar: Any = None

    def told(more: int) -> None:
        nonlocal done, bar
        done += more
        if bar is None and time.monotonic() - start > PATIENCE:
            from rich.console import Console  # 60 ms: for those who wait already
            from rich.progress import Progress

            bar = Progress(console=Console(stderr=True), transient=True)
            bar.start()
            bar.add_task("devsec", total=total)
        if bar is not None:
            bar.update(0, completed=done)

    try:
        yield told
    finally:
        if bar is not None:
            bar.stop()
