"""Where are the cures written, and what do they need there? On disk or in the index, and then in a manifest."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from devsec.desk import Desk
from devsec.errors import FixError
from devsec.fix.manifest.files import Disk
from devsec.fix.manifest.need import Declaring, declaring, failed
from devsec.fix.manifest.staging import staging
from devsec.fix.plan import Patch
from devsec.fix.stage import Pair, pair, stage, told
from devsec.fix.write import write as write_file
from devsec.record import Record
from devsec.sources.git import Repository
from devsec.sources.guard import Guard
from devsec.sources.source import Skipped


class Put(Record):
    """`lost` could not be written and is as it was; `declared` is what the cures that could need."""

    lost: tuple[Skipped, ...]
    declared: Declaring


def on_disk(patches: Sequence[Patch], desk: Desk, guard: Guard, *, write: bool, declare: bool) -> Put:
    """Writes the files, and with `declare` the manifests. Without `write` nothing, and the answer is the same."""
    changes = [patch for patch in patches if patch.before != patch.after]
    lost = _written(changes, desk.root, guard) if write else ()
    gone = {skipped.path for skipped in lost}
    done = [patch for patch in changes if patch.path not in gone]
    declared = declaring(done, Disk(desk.root), declare, [patch.path for patch in changes])
    return Put(lost, failed(declared, _written(declared.patches, desk.root, guard)) if write else declared)


def in_the_index(
    patches: Sequence[Patch],
    blobs: Mapping[str, str],
    repository: Repository,
    desk: Desk,
    guard: Guard,
    *,
    write: bool,
    declare: bool,
) -> Put:
    """The same for staged texts, which are in `blobs`: into the index and onto the disk, manifests along with files."""
    changes = [patch for patch in patches if patch.before != patch.after]
    both = [pair(it, blobs[it.path], repository, desk.scanner, guard) for it in changes]
    pairs = [it for it in both if isinstance(it, Pair)]
    lost = tuple(it for it in both if isinstance(it, Skipped))
    needed = staging([it.staged for it in pairs], repository, declare, [it.path for it in changes])
    if not write:
        return Put(lost, needed.declared)
    trouble = stage([*pairs, *needed.pairs], repository, guard)
    manifests = {it.staged.path for it in needed.pairs}
    lost += tuple(it for it in trouble if it.path not in manifests)
    if len(lost) == len(changes):
        unwritten = tuple(Skipped(it.path, "no cure was written") for it in needed.loose)
    else:
        unwritten = _written(needed.loose, repository.root, guard)
    return Put(lost, failed(needed.declared, [*(it for it in trouble if it.path in manifests), *unwritten]))


def _written(patches: Sequence[Patch], root: str, guard: Guard) -> tuple[Skipped, ...]:
    """Those that could not be written, with why."""
    lost: list[Skipped] = []
    for patch in patches:
        try:
            write_file(os.path.join(root, patch.path), patch, guard)
        except FixError as error:
            lost.append(Skipped(patch.path, told(error)))
    return tuple(lost)
