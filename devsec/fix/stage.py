"""How do cured texts get onto the disk and into the index? Each whole, in an order that loses nothing.

Files first, then the index, for all of them in one step. Killed in between, files have the fix and the index has not:
the next run finds the change on disk already and completes it. When the index cannot be had, the files get their old
texts back.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from devsec.errors import FixError, GitError
from devsec.fix.carry import CONFLICT, carried, side_by_side
from devsec.fix.plan import Patch
from devsec.fix.verify import Scans
from devsec.fix.write import write
from devsec.sources import tree
from devsec.sources.git import Repository
from devsec.sources.guard import Guard
from devsec.sources.index import Draft, merged
from devsec.sources.source import Passed, Skipped


@dataclass(frozen=True)
class Pair:
    """A cure of the staged text in `blob`, and the same on disk: None where no such file stands there."""

    blob: str
    staged: Patch
    disk: Patch | None


def pair(patch: Patch, blob: str, repository: Repository, scanner: Scans, guard: Guard) -> Pair | Skipped:
    """What is to be written for the patch of a staged text, or why the file on disk cannot follow it."""
    full = os.path.join(repository.root, patch.path)
    try:
        kind = stat.S_IFMT(os.lstat(full).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return Pair(blob, patch, None)  # deleted, or left out of a sparse checkout
    except OSError as error:
        return Skipped(patch.path, f"the file on disk cannot be looked at: {error.strerror}")
    if kind != stat.S_IFREG:
        return Skipped(patch.path, "a file is staged, but something else stands on disk in its place")
    disk = tree.read(patch.path, repository.root)
    if isinstance(disk, Skipped):
        return disk
    if isinstance(disk, Passed):
        return Skipped(patch.path, "the file on disk is no text")
    try:
        new = _carry_over(patch, blob, disk.data, repository, guard)
    except GitError as error:
        return Skipped(patch.path, f"it could not be carried over to the file on disk: {error.message}")
    answer = CONFLICT if new is None else carried(patch, disk.data, new, scanner)
    return Skipped(patch.path, answer) if isinstance(answer, str) else Pair(blob, patch, answer)


def _carry_over(patch: Patch, blob: str, disk: bytes, repository: Repository, guard: Guard) -> bytes | None:
    """The text on disk with the change in it; None when it was changed in the same lines.

    The staged text is tried as git stores it and, where that does not fit, as git would check it out.
    """
    if disk == patch.before:
        return patch.after
    new = merged(repository, guard, disk, patch.before, patch.after)
    new = new if new is not None else side_by_side(patch.before, patch.after, disk)
    if new is not None:
        return new
    before = repository.checked_out(blob, patch.path)
    if before == patch.before:
        return None
    after = repository.checked_out(repository.store(patch.after), patch.path)
    return after if disk == before else merged(repository, guard, disk, before, after)


def stage(pairs: Sequence[Pair], repository: Repository, guard: Guard) -> tuple[Skipped, ...]:
    """Writes the files and stages the texts. What could not be written is returned, and is as it was."""
    if not pairs:
        return ()
    failed: list[Skipped] = []
    written: list[Pair] = []
    try:
        with Draft(repository, guard) as draft:
            entries = draft.entries(tuple(it.staged.path for it in pairs))
            try:
                for it in pairs:
                    entry = entries.get(it.staged.path)
                    if entry is None or entry.blob != it.blob:
                        failed.append(Skipped(it.staged.path, "it was staged anew meanwhile. Run the command again."))
                        continue
                    try:
                        if it.disk is not None:
                            write(os.path.join(repository.root, it.disk.path), it.disk, guard)
                    except FixError as error:
                        failed.append(Skipped(it.staged.path, told(error)))
                        continue
                    written.append(it)
                    draft.put(it.staged.path, it.staged.after, entry)
                if written:
                    draft.publish()
            except BaseException:
                failed += _taken_back(written, repository, guard)
                raise
    except FixError as error:
        known = {skipped.path for skipped in failed}
        failed += [Skipped(it.staged.path, told(error)) for it in pairs if it.staged.path not in known]
    return tuple(sorted(failed))


def _taken_back(written: Sequence[Pair], repository: Repository, guard: Guard) -> Iterator[Skipped]:
    for it in written:
        if it.disk is not None:
            back = replace(it.disk, before=it.disk.after, after=it.disk.before)
            try:
                write(os.path.join(repository.root, back.path), back, guard)
            except FixError as error:
                reason = f"the index cannot be written, and on disk the fix stays: {told(error)}"
                yield Skipped(it.staged.path, reason)


def told(error: FixError) -> str:
    return error.message + (f". {error.hint}" if error.hint else "")
