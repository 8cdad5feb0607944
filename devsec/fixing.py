"""`fix`, put together from the parts: what is cured, where it is written, and what is left to say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from devsec.desk import Desk, Request
from devsec.errors import FixError, UsageError
from devsec.finding import Finding
from devsec.fix.plan import Patch
from devsec.fix.stage import Pair, pair, stage, told
from devsec.fix.write import write
from devsec.news import Found, judged_of, known_among, text_of
from devsec.outcome import Checked, Report
from devsec.policy.judge import Verdict
from devsec.run import choose, look, one_rule, outcome_of, report_of
from devsec.sources.guard import Guard
from devsec.sources.source import Skipped, Source

SPOKEN = (Verdict.BLOCK, Verdict.WARN)


class How(NamedTuple):
    """What may be done. `only` are rule ids, all without any; `write` False changes nothing; `staged` cures what is
    staged, in the index and on disk, instead of what stands on disk."""

    hardening: bool = False
    only: frozenset[str] = frozenset()
    write: bool = True
    staged: bool = False


class Cured(NamedTuple):
    """A patch, with what is needed to show it: the decoded text before, and everything that was found in it."""

    patch: Patch
    text: bytes
    findings: tuple[Finding, ...]


class Fixed(NamedTuple):
    """What `fix` did. `cured` was written (or would be); `failed` could not be written; `left` is what remains."""

    cured: tuple[Cured, ...]
    failed: tuple[Skipped, ...]
    left: Report


def fix(request: Request, how: How) -> Fixed:
    """Cures what `check` would show about the files asked for."""
    desk = _desk(request, how)
    chosen, pairs = choose(desk, request, on_disk=not how.staged)
    outcomes, found = look(desk, pairs)
    if not found:
        return Fixed((), (), report_of(desk, request, chosen, outcomes, found))
    known = known_among(desk, chosen, found)
    cured: list[Cured] = []
    left: list[Found] = []
    with Guard() as guard:
        for one in found:
            patch = _patch(desk, one, known, how)
            if isinstance(patch, Skipped):
                left.append(one)
            else:
                cured.append(Cured(patch, text_of(one.source), one.findings))
        failed = _put([it.patch for it in cured], found, desk, how, guard)
    lost = {skipped.path for skipped in failed}
    patches = {it.patch.path: it.patch for it in cured if it.patch.path not in lost}
    for one in found:
        if one.source.path in lost:
            left.append(one)
        elif one.source.path in patches:
            outcome = outcome_of(desk, one.chosen, Source(one.source.path, patches[one.source.path].after))
            if isinstance(outcome, (Checked, Skipped)):
                outcomes.append(outcome)
            else:
                left.append(outcome)
    done = tuple(it for it in cured if it.patch.path not in lost)
    return Fixed(done, failed, report_of(desk, request, chosen, outcomes, left))


def _desk(request: Request, how: How) -> Desk:
    if how.staged and not request.lasting_index:
        raise UsageError(
            "the index of `git commit -a` and `git commit PATH` lasts only as long as the commit",
            "Stage with git add, run devsec fix --staged, then commit without -a or paths.",
        )
    if how.staged and request.compare_with:
        # It has put what is not staged aside and lays it over the files again when the hooks are done: over lines that
        # would have changed under it.
        raise UsageError(
            "--staged does not work under pre-commit, which keeps your unstaged work aside meanwhile",
            "Use the hook devsec-fix without --staged, or run devsec fix --staged before the commit.",
        )
    desk = Desk(request)
    for rule in sorted(how.only):
        one_rule(desk.catalogue, rule)
    if desk.config.apply:
        desk.config.check_roads(road.name for road in desk.catalogue.roads)
    return desk


def _patch(desk: Desk, one: Found, known: dict[Finding, str], how: How) -> Patch | Skipped:
    """Cures what blocks or warns. A note is silent, and so nothing is changed for it unless its rule is named."""
    from devsec.fix.plan import plan

    asked = [
        judged.finding
        for judged in judged_of(desk, one, known).judged
        if judged.verdict in SPOKEN or (judged.verdict is Verdict.NOTE and judged.finding.rule in how.only)
    ]
    stricter = frozenset(desk.config.apply)
    return plan(one.source, asked, desk.scanner, hardening=how.hardening, stricter=stricter, only=how.only)


def _put(patches: Sequence[Patch], found: Sequence[Found], desk: Desk, how: How, guard: Guard) -> tuple[Skipped, ...]:
    """Writes what is to be written. What could not be is returned, and is as it was."""
    changes = [patch for patch in patches if patch.before != patch.after]
    if not how.staged:
        return tuple(trouble for it in changes if how.write and (trouble := _write(it, desk.root, guard)) is not None)
    repository = desk.repository
    assert repository is not None
    blobs = {one.source.path: one.chosen.blob for one in found}
    both = [pair(it, blobs[it.path], repository, desk.scanner, guard) for it in changes]
    failed = tuple(it for it in both if isinstance(it, Skipped))
    if not how.write:
        return failed
    return (*failed, *stage([it for it in both if isinstance(it, Pair)], repository, guard))


def _write(patch: Patch, root: str, guard: Guard) -> Skipped | None:
    try:
        write(os.path.join(root, patch.path), patch, guard)
    except FixError as error:
        return Skipped(patch.path, told(error))
    return None
