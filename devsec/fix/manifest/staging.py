"""How does a package get into the manifests of the index and of the disk? Into each by itself, and into both or none.

The two texts may differ anywhere. Where a fix is carried over by a merge, a package is declared anew: what the disk
declares already stays as it is, and nothing is there twice.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from devsec.fix.manifest.files import Disk, Staged
from devsec.fix.manifest.need import Declaring, declaring, failed
from devsec.fix.plan import Patch
from devsec.fix.stage import Pair
from devsec.record import Record
from devsec.sources.git import Repository
from devsec.sources.source import Skipped


class Staging(Record):
    """`pairs` go into the index and onto the disk, `loose` onto the disk alone: git does not track those."""

    declared: Declaring
    pairs: tuple[Pair, ...] = ()
    loose: tuple[Patch, ...] = ()


def staging(patches: Sequence[Patch], repository: Repository, write: bool, cured: Sequence[str]) -> Staging:
    """What the cures in `patches`, which are of staged texts, need. As `declaring`."""
    files = Staged(repository)
    made = declaring(patches, files, write, cured)
    if not made.patches:
        return Staging(made)
    disk = declaring(patches, Disk(repository.root), write, cured)
    pairs: list[Pair] = []
    trouble: list[Skipped] = []
    for it in made.patches:
        if it.path in files.blobs:
            one = _pair(it, files.blobs[it.path], disk, repository.root)
            if isinstance(one, Skipped):
                trouble.append(one)
            else:
                pairs.append(one)
    loose = tuple(it for it in made.patches if it.path not in files.blobs)
    untracked = {it.path for it in loose}
    needs = tuple(need._replace(loose=need.added and need.manifest in untracked) for need in made.needs)
    return Staging(failed(made._replace(needs=needs), trouble), tuple(pairs), loose)


def _pair(patch: Patch, blob: str, disk: Declaring, root: str) -> Pair | Skipped:
    full = os.path.join(root, patch.path)
    if not os.path.lexists(full):
        return Pair(blob, patch, None)  # deleted, or left out of a sparse checkout
    if os.path.islink(full) or not os.path.isfile(full):
        return Skipped(patch.path, "a file is staged, but something else stands on disk in its place")
    theirs = next((it for it in disk.patches if it.path == patch.path), None)
    reason = next((need.reason for need in disk.needs if need.manifest == patch.path and not need.added), "")
    return Skipped(patch.path, f"on disk it {reason}") if reason else Pair(blob, patch, theirs)
