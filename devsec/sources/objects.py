"""The objects of a repository, from a git that stays: starting one takes 3 ms, and a commit with a finding asks six times."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from devsec.sources.git import Answers, Repository, whole
from devsec.sources.source import Large

_FEW = 50  # objects; more of them come faster all at once


class Objects:
    """As `Repository.read` and `Repository.read_up_to`; others may be read in between. git ends with the last who has this, or by
    `close`."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._answers: Answers | None = None
        self._pid = 0

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return whole(self.read_up_to(0, blobs))

    def read_up_to(
        self, most: int, blobs: Iterable[str], meanwhile: Callable[[], object] = tuple
    ) -> Iterator[tuple[str, bytes | Large]]:
        wanted = tuple(dict.fromkeys(blobs))
        if len(wanted) > _FEW:
            yield from self._repository.read_up_to(most, wanted, meanwhile)
            return
        for number, blob in enumerate(wanted):
            try:
                answers = self._open()
                answers.ask(blob)
                if not number:
                    meanwhile()
                data = answers.hear(blob, most)
            except BaseException:
                self.close()  # what was asked last may not have been heard
                raise
            yield blob, data

    def _open(self) -> Answers:
        if self._answers is None or self._pid != os.getpid():  # a copy of us has its own
            self._answers, self._pid = self._repository.answers(), os.getpid()
        return self._answers

    def close(self) -> None:
        if self._answers is not None and self._pid == os.getpid():
            self._answers.close()
        self._answers = None

    def __del__(self) -> None:
        self.close()
