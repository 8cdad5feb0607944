"""`fix`, put together from the parts: what is cured, where it is written, and what is left to say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from devsec.comments import left_over_in
from devsec.desk import Desk, Request
from devsec.errors import UsageError
from devsec.finding import Finding, Fix
from devsec.fix.manifest.need import Need
from devsec.fix.plan import Patch, Refused, cure, plan
from devsec.fix.silence import silenced
from devsec.fix.unsilence import Removed, without
from devsec.news import Found, judged_of, known_among, text_of
from devsec.outcome import Checked, Report
from devsec.policy.judge import Judged, Verdict
from devsec.policy.suppress import ignores
from devsec.putting import Put, in_the_index, on_disk
from devsec.record import Record
from devsec.run import choose, look, one_rule, outcome_of, report_of
from devsec.sources.guard import Guard
from devsec.sources.source import IGNORE, Passed, Skipped, Source
from devsec.text import Span

SPOKEN = (Verdict.BLOCK, Verdict.WARN)


class Answer(Record):
    """What somebody wants done about a finding: the cure by its place among the finding's, or, with a reason, a comment
    that silences it."""

    cure: int = 0
    reason: str = ""


# Asked about a file and the findings of it that are open; a finding without an answer is left.
Ask = Callable[[Checked, Sequence[Judged]], Mapping[Finding, Answer]]


class How(Record):
    """What may be done. `only` are rule ids, all without any; `write` False changes nothing; `staged` cures what is
    staged, in the index and on disk, instead of what stands on disk; `declare` adds the packages that cures need to the
    project's manifest. `walk` makes, of the root, of how many findings there are, and of what tells whether a rule cannot be silenced,
    what is asked about each; then its answers are done, and nothing else."""

    hardening: bool = False
    only: frozenset[str] = frozenset()
    write: bool = True
    staged: bool = False
    walk: Callable[[str, int, Callable[[str], bool]], Ask] | None = None
    declare: bool = False


class Cured(Record):
    """A patch, with what is needed to show it: the decoded text before, everything that was found in it, and what was
    silenced with which reason. `removed` are comments that silenced nothing any more, each with its line and rules, and `stuck` those
    of them that had to stay. `hidden` are more places that no output may show."""

    patch: Patch
    text: bytes
    findings: tuple[Finding, ...]
    silenced: tuple[tuple[Finding, str], ...] = ()
    hidden: tuple[Span, ...] = ()
    removed: tuple[tuple[int, tuple[str, ...]], ...] = ()
    stuck: tuple[tuple[int, tuple[str, ...]], ...] = ()


class Fixed(Record):
    """What `fix` did. `cured` was written (or would be); `failed` could not be written; `left` is what remains. `needs`
    are packages that the cures call and their projects do not declare, `manifests` where some of them are added."""

    cured: tuple[Cured, ...]
    failed: tuple[Skipped, ...]
    left: Report
    needs: tuple[Need, ...] = ()
    manifests: tuple[Cured, ...] = ()


def fix(request: Request, how: How) -> Fixed:
    """Cures what `check` would show about the files asked for."""
    desk = _desk(request, how)
    chosen, wanted = choose(desk, request, on_disk=not how.staged)
    outcomes, found = look(desk, wanted)
    if not found:
        return Fixed((), (), report_of(desk, request, chosen, outcomes, found))
    known = known_among(desk, chosen, found)
    by_path = sorted(found, key=lambda one: one.source.path)
    files = [(one, checked, _open(checked, how)) for one in by_path if (checked := judged_of(desk, one, known))]
    ask = None
    if how.walk is not None:
        total = sum(len(judged) for _, _, judged in files)
        ask = how.walk(desk.root, total, lambda rule: desk.terms(rule).unsilenceable)
    cured: list[Cured] = []
    left: list[Found] = []
    with Guard() as guard:
        for one, checked, judged in files:
            if ask is not None:
                made = _as_answered(desk, one, ask(checked, judged) if judged else {})
            else:
                made = _cured(desk, one, [it.finding for it in judged], how)
            if isinstance(made, Skipped):
                left.append(one)
            else:
                cured.append(made)
        unwritten, declared = _put([it.patch for it in cured], found, desk, how, guard)
    lost = {skipped.path for skipped in unwritten}
    patches = {it.patch.path: it.patch for it in cured if it.patch.path not in lost}
    for one in found:
        if one.source.path in lost:
            left.append(one)
        elif one.source.path in patches:
            outcome = outcome_of(desk, one.chosen, Source(one.source.path, patches[one.source.path].after))
            if isinstance(outcome, (Checked, Skipped, Passed)):
                outcomes.append(outcome)
            else:
                left.append(outcome)
    done = tuple(it for it in cured if it.patch.path not in lost)
    manifests = tuple(_shown(desk, patch) for patch in declared.patches)
    return Fixed(done, unwritten, report_of(desk, request, chosen, outcomes, left), declared.needs, manifests)


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


def _open(checked: Checked, how: How) -> list[Judged]:
    """What blocks or warns. A note is silent, and so nothing is changed for it unless its rule is named."""
    return [
        judged
        for judged in checked.judged
        if (judged.verdict in SPOKEN and not how.only)
        or (judged.verdict in (*SPOKEN, Verdict.NOTE) and judged.finding.rule in how.only)
    ]


def _cured(desk: Desk, one: Found, asked: Sequence[Finding], how: How) -> Cured | Skipped:
    """What is left over of comments that silence goes first, so that what comes next is proved in the text without it."""
    stricter = frozenset(desk.config.apply)
    text = text_of(one.source)
    cleared = _cleared(desk, one, text, how)
    source, now = cleared.source, list(asked)
    if cleared.gone:
        found = desk.scan(source, desk.hits(source))
        if isinstance(found, Skipped) or [f.rule for f in found] != [f.rule for f in one.findings]:
            # A rule reads comments, then.
            cleared, source = Removed(one.source, (), (*cleared.gone, *cleared.kept)), one.source
        else:
            same = dict(zip(one.findings, found, strict=True))
            now = [same[finding] for finding in asked]
    patch = plan(source, now, desk.scanner, hardening=how.hardening, stricter=stricter)
    if isinstance(patch, Skipped):
        return patch
    if cleared.gone:
        applied = tuple(replace(it, place=it.place._replace(line=cleared.was(it.place.line))) for it in patch.applied)
        patch = replace(patch, before=one.source.data, applied=applied)
    removed, stuck = (tuple((comment.line, rules) for comment, rules in some) for some in (cleared.gone, cleared.kept))
    return Cured(patch, text, one.findings, removed=removed, stuck=stuck)


def _cleared(desk: Desk, one: Found, text: bytes, how: How) -> Removed:
    """The file without the comments that silence nothing any more, those of the rules that are asked for."""
    if IGNORE not in text:
        return Removed(one.source)
    left = []
    for comment, rules in left_over_in(desk, one, text, ignores(one.source.path, text)):
        wanted = tuple(rule for rule in rules if not how.only or rule in how.only)
        if wanted:
            left.append((comment, wanted))
    return without(one.source, left)


def _as_answered(desk: Desk, one: Found, answers: Mapping[Finding, Answer]) -> Cured | Skipped:
    """Comments first, since they move no finding; then the cures, in the text with the comments."""
    quiet = [(finding, answer.reason) for finding, answer in answers.items() if answer.reason]
    source, failed = silenced(one.source, quiet) if quiet else (one.source, {})
    now = desk.scan(source, desk.hits(source)) if quiet else one.findings
    if isinstance(now, Skipped) or [f.rule for f in now] != [f.rule for f in one.findings]:
        # A rule reads comments, then.
        failed = dict.fromkeys((finding for finding, _ in quiet), "the comment would change what is found")
        source, now = one.source, one.findings
    same = dict(zip(one.findings, now, strict=True))
    chosen = {same[finding]: answer.cure for finding, answer in answers.items() if not answer.reason}

    def choose(first: Finding, finding: Finding) -> Fix | str:
        fix = finding.fixes[chosen[first]] if chosen[first] < len(finding.fixes) else None
        return fix if fix is not None and fix.edits else "this cure cannot be written here"

    patch = cure(source, list(chosen), desk.scanner, choose)
    if isinstance(patch, Skipped):
        return patch
    lost = tuple(Refused(f.rule, f.title, f.start, f"not silenced: {reason}") for f, reason in failed.items())
    whole = replace(patch, before=one.source.data, refused=(*patch.refused, *lost))
    done = tuple((finding, reason) for finding, reason in quiet if finding not in failed)
    return Cured(whole, text_of(one.source), one.findings, done)


def _put(patches: Sequence[Patch], found: Sequence[Found], desk: Desk, how: How, guard: Guard) -> Put:
    if not how.staged:
        return on_disk(patches, desk, guard, write=how.write, declare=how.declare)
    assert desk.repository is not None
    blobs = {one.source.path: one.chosen.blob for one in found}
    return in_the_index(patches, blobs, desk.repository, desk, guard, write=how.write, declare=how.declare)


def _shown(desk: Desk, patch: Patch) -> Cured:
    """A manifest, with what is needed to hide the secrets in it: nobody looked at it so far."""
    source = Source(patch.path, patch.before)
    findings, text = desk.scan(source, desk.hits(source)), text_of(source)
    passwords = tuple(Span(*found.span(found.lastindex or 0)) for found in _PASSWORD.finditer(text))
    return Cured(patch, text, () if isinstance(findings, Skipped) else findings, hidden=passwords)


# An index of packages is often private, and its password no rule's business where the file is not committed.
# A token may stand where the user does; `$NAME` is filled in elsewhere.
_PASSWORD = re.compile(rb"://(?:[^/\s@:]*:([^/\s@$][^/\s@]*)|([^/\s@:$]{16,}))@")
