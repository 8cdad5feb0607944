"""Who else looks, while we look? Children of this process, one for each core, where there is work enough.

They are forked: a new interpreter would be started in the repository that is looked at, with its folder first on the path,
and would have to load the rules again. Where there is no fork (Windows) the work is done here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from devsec.record import Record

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")
MOST = 8  # more only wait for the disk


class _Hand(Record):
    process: BaseProcess
    pipe: Connection[Any, Any]


def cores() -> int:
    """How many this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux; a container may have fewer than the machine
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def shared_out(work: Callable[[T], R], pieces: Sequence[T], hands: int) -> Iterator[R]:
    """What `work` gives for each piece, in their order. Results travel by pickle; pieces do not travel at all.

    Call it before this process has threads. No child outlives us: not a Ctrl-C, and not a kill, since each reads from a
    pipe that ends with us. A piece that a child failed at is done here, so that what is raised is raised here.
    """
    hands = min(hands, len(pieces), MOST)
    if hands < 2 or not hasattr(os, "fork"):
        yield from map(work, pieces)
        return
    from multiprocessing.connection import wait  # with what is behind it 10 ms: not for a commit

    crew: list[_Hand] = []
    done: dict[int, R] = {}
    failed: set[int] = set()
    try:
        with _interrupts_wait():
            for _ in range(hands):
                crew.append(_hired(work, pieces, [hand.pipe for hand in crew]))
        idle, following = list(crew), 0
        busy: dict[Any, tuple[_Hand, int]] = {}
        for wanted in range(len(pieces)):
            while wanted not in done and wanted not in failed:
                while idle and following < len(pieces):
                    hand = idle.pop()
                    busy[hand.pipe] = (hand, following)
                    with suppress(OSError):  # gone: reading from it says so
                        hand.pipe.send(following)
                    following += 1
                if not busy:  # all are gone
                    failed.add(wanted)
                    following = max(following, wanted + 1)
                    break
                for pipe in wait(list(busy)):
                    hand, number = busy.pop(pipe)
                    try:
                        worked, result = hand.pipe.recv()
                    except (EOFError, OSError):
                        failed.add(number)
                        continue
                    idle.append(hand)
                    if worked:
                        done[number] = result
                    else:
                        failed.add(number)
            yield work(pieces[wanted]) if wanted in failed else done.pop(wanted)
    finally:
        with _interrupts_wait():  # whoever is in a hurry presses it twice
            for hand in crew:
                hand.pipe.close()
                hand.process.terminate()
            for hand in crew:
                hand.process.join()


def _hired(work: Callable[[T], R], pieces: Sequence[T], others: Sequence[Connection[Any, Any]]) -> _Hand:
    import multiprocessing

    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, pieces, theirs, (*others, ours)), daemon=True)
    process.start()
    theirs.close()
    return _Hand(process, ours)


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """A Ctrl-C goes to all of a terminal's processes; we end ours. Held back before they begin, they never see one; for us it
    counts as soon as we know whom to end."""
    import signal

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    work: Callable[[T], R], pieces: Sequence[T], pipe: Connection[Any, Any], others: Sequence[Connection[Any, Any]]
) -> None:
    for other in others:
        other.close()  # or it would not end with our parent
    while True:
        try:
            number = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, R | None] = (True, work(pieces[number]))
        except Exception:  # whatever it is, the parent meets it again, and tells it
            answer = (False, None)
        try:
            pipe.send(answer)
        except OSError:
            return
