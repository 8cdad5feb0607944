"""Which fixes are made, and what does the file say then?

Fixes that do not touch each other are made together; what overlaps waits for the next pass, which scans the new text.
Findings are followed from pass to pass, so only those that were asked for are cured and none is lost without a word.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from devsec.finding import Finding, Fix
from devsec.fix.unused import unused
from devsec.fix.verify import Attempt, Proof, Scans, State, look, uncompilable, verify
from devsec.levels import Safety
from devsec.sources.source import Skipped, Source, is_python
from devsec.text import Edit, Place

PASSES = 10

# Which fix a finding gets, or the reason why it gets none: asked about it as it was read and as it stands now.
Choice = Callable[[Finding, Finding], Fix | str]


@dataclass(frozen=True)
class Applied:
    """A finding that is cured. `place` is where it stood in the text as it was read; `names` are those the cure relies
    on, and `setting` what it reads at run time, as in Fix."""

    rule: str
    title: str
    place: Place
    safety: Safety
    package: str
    names: tuple[tuple[str, str], ...] = ()
    setting: str = ""


@dataclass(frozen=True)
class Refused:
    """A finding that is not cured. `place` is where it stands in the text after the patch; `title` is the rule's."""

    rule: str
    title: str
    place: Place
    reason: str


@dataclass(frozen=True)
class Patch:
    """The bytes of a file before and after. They are equal when nothing was applied."""

    path: str
    before: bytes
    after: bytes
    applied: tuple[Applied, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class _Open:
    """A finding that was asked for and is not cured yet. `reason` is why, as far as is known by now: other fixes may change
    what speaks against it, so it is asked anew whenever they have changed the text."""

    first: Finding  # as it was in the text that was read
    reason: str = ""
    failed: bool = False  # its fix did not hold in some text on the way: it lets the others go first
    tried: bool = False  # nor does it in the text as it is now


def plan(
    source: Source,
    findings: Sequence[Finding],
    scanner: Scans,
    *,
    hardening: bool = False,
    stricter: frozenset[str] = frozenset(),
    only: frozenset[str] = frozenset(),
    wanted: Callable[[Finding], bool] | None = None,
) -> Patch | Skipped:
    """The patch that cures `findings` (those of the rules in `only`, those that `wanted` admits) as far as is allowed:
    safe fixes, and hardening ones where all are asked for or `stricter` has the rule or `road:` and the road.

    Every change in it is proved. Skipped when the file cannot be looked at.
    """
    asked = [f for f in findings if (not only or f.rule in only) and (wanted is None or wanted(f))]
    return cure(source, asked, scanner, lambda _, now: best(now, hardening, stricter))


def best(finding: Finding, hardening: bool, stricter: frozenset[str] = frozenset()) -> Fix | str:
    """The first fix that may be written, or why there is none."""
    writable = [fix for fix in finding.fixes if fix.edits and fix.safety is not Safety.ADVICE]
    for fix in writable:
        named = finding.rule in stricter or f"road:{fix.road}" in stricter
        if hardening or named or fix.safety is Safety.SAFE:
            return fix
    if writable:
        return f"needs --hardening: {writable[0].title}"
    if finding.fixes:
        advice = finding.fixes[0]
        return f"only advice: {advice.title}" + (f" ({advice.note})" if advice.note else "")
    return "the rule has no cure"


def cure(source: Source, asked: Sequence[Finding], scanner: Scans, choose: Choice) -> Patch | Skipped:
    """The patch that gives each of the `asked` findings the fix that `choose` picks."""
    if not asked:
        return Patch(source.path, source.data, source.data)
    state = look(source, scanner)
    if isinstance(state, Skipped):
        return state
    before = state.text.text
    waiting, refused = _found_again(asked, state.findings)
    broken = uncompilable(source)
    if broken:
        # Before Python says so of our result it must not say so of theirs: nothing could be proved.
        waiting = _refuse(waiting, dict.fromkeys(waiting, f"the file does not compile as it is: {broken}"))
    applied: list[Applied] = []
    for _ in range(0 if broken else PASSES):
        chosen = {index: choose(it.first, state.findings[index]) for index, it in waiting.items() if not it.tried}
        attempts = [Attempt(i, _settled(fix, state.text.text)) for i, fix in chosen.items() if isinstance(fix, Fix)]
        waiting = _refuse(waiting, {i: answer if isinstance(answer, str) else "" for i, answer in chosen.items()})
        if not attempts:
            break
        fresh = [attempt for attempt in attempts if not waiting[attempt.index].failed] or attempts
        made, proof, failed = _prove_most(state, _apart(fresh, state.findings), scanner)
        waiting = {
            i: replace(it, reason=failed[i], failed=True, tried=True) if i in failed else it
            for i, it in waiting.items()
        }
        if proof is not None:
            applied.extend(_as_applied(waiting[attempt.index], attempt.fix) for attempt in made)
            left = {i: it for i, it in waiting.items() if i not in {attempt.index for attempt in made}}
            state = proof.state
            waiting = {
                now: replace(left[then], tried=False) for now, then in enumerate(proof.came_from) if then in left
            }
            applied.extend(_gone_along(left, set(proof.came_from), made))
    tidied = _tidied(source.path, before, state, scanner) if applied else None
    if tidied is not None:
        state = tidied.state
        waiting = {now: waiting[then] for now, then in enumerate(tidied.came_from) if then in waiting}
    for index, it in waiting.items():
        now = state.findings[index]
        reason = it.reason or f"it still overlaps with other fixes after {PASSES} passes"
        refused.append(Refused(now.rule, now.title, now.start, reason))
    return Patch(
        source.path,
        source.data,
        state.source.data,
        tuple(sorted(applied, key=lambda a: (a.place.line, a.place.column, a.rule))),
        tuple(sorted(refused, key=lambda r: (r.place.line, r.place.column, r.rule))),
    )


def _tidied(path: str, before: bytes, state: State, scanner: Scans) -> Proof | None:
    """The state without the imports that nothing uses any more; None when there are none, or it cannot be proved."""
    edits = unused(before, state.text.text, path) if is_python(path, state.source.data) else ()
    proof = verify(state, (), scanner, edits) if edits else None
    return proof if isinstance(proof, Proof) and len(proof.came_from) == len(state.findings) else None


def _found_again(asked: Sequence[Finding], found: Sequence[Finding]) -> tuple[dict[int, _Open], list[Refused]]:
    """The asked findings by their index in `found`; what is not there any more is refused."""
    by_place: dict[tuple[str, int, int], list[int]] = {}
    for index, finding in enumerate(found):
        by_place.setdefault((finding.rule, finding.span.start, finding.span.end), []).append(index)
    waiting: dict[int, _Open] = {}
    lost: list[Refused] = []
    for finding in asked:
        here = by_place.get((finding.rule, finding.span.start, finding.span.end), [])
        if here:
            waiting[here.pop(0)] = _Open(finding)
        else:
            lost.append(Refused(finding.rule, finding.title, finding.start, "it was not found again in this text"))
    return waiting, lost


def _refuse(waiting: dict[int, _Open], reasons: dict[int, str]) -> dict[int, _Open]:
    return {i: replace(it, reason=reasons[i]) if i in reasons else it for i, it in waiting.items()}


def _as_applied(it: _Open, fix: Fix) -> Applied:
    return Applied(it.first.rule, fix.title, it.first.start, fix.safety, fix.package, fix.names, fix.setting)


def _gone_along(left: dict[int, _Open], still: set[int], made: Iterable[Attempt]) -> Iterator[Applied]:
    """Findings that another fix took with it: two rules may object to one call."""
    strict = any(attempt.fix.safety is Safety.HARDENING for attempt in made)
    for index, it in left.items():
        if index not in still:
            safety = Safety.HARDENING if strict else Safety.SAFE
            yield Applied(it.first.rule, "gone with another fix", it.first.start, safety, "")


# --- which fixes go together ---------------------------------------------------------------------------------------------


def _apart(attempts: Sequence[Attempt], findings: Sequence[Finding]) -> list[Attempt]:
    """As many fixes as do not touch each other; the outer before the inner, the first before the next."""
    order = sorted(attempts, key=lambda a: (findings[a.index].span.start, -findings[a.index].span.end, a.index))
    kept: list[Attempt] = []
    taken: list[Edit] = []
    for attempt in order:
        if not any(_clash(edit, other) for edit in attempt.fix.edits for other in _near(edit, taken)):
            kept.append(attempt)
            for edit in attempt.fix.edits:
                insort(taken, edit)
    return kept


def _near(edit: Edit, taken: list[Edit]) -> Iterator[Edit]:
    """Those of the sorted `taken` that could overlap: they do not overlap each other, so it is few."""
    at = bisect_left(taken, edit.span.start, key=lambda other: other.span.start)
    if at:
        yield taken[at - 1]
    while at < len(taken) and taken[at].span.start <= edit.span.end:
        yield taken[at]
        at += 1


def _clash(one: Edit, other: Edit) -> bool:
    if not one.span.overlaps(other.span):
        return False
    if one == other and _IMPORT.match(one.text):
        return False  # two fixes that need the same import share it
    # Imports of one line can follow each other. Those that bring blank lines along wait: next time there is a block.
    return not (_LINE_OF_IMPORT.fullmatch(one.text) and _LINE_OF_IMPORT.fullmatch(other.text))


_IMPORT = re.compile(r"\s*(?:import|from)\s")
_LINE_OF_IMPORT = re.compile(r"(?:import|from) [^\r\n]*(?:\r\n|\n|\r)")


def _prove_most(
    state: State, attempts: Sequence[Attempt], scanner: Scans
) -> tuple[list[Attempt], Proof | None, dict[int, str]]:
    """The fixes that hold together, their proof, and why others never will. What is in neither may try again.

    When all of them do not hold, halves are tried: one bad fix does not sink the others.
    """
    made: list[Attempt] = []
    proof: Proof | None = None
    failed: dict[int, str] = {}
    halves = [list(attempts)]
    while halves:
        some = halves.pop()
        answer = verify(state, [*made, *some], scanner)
        if isinstance(answer, Proof):
            made.extend(some)
            proof = answer
        elif len(some) > 1:
            middle = len(some) // 2
            halves += [some[middle:], some[:middle]]
        else:
            # Beside others it may have failed for their sake: then it may try again on the new text.
            alone = verify(state, some, scanner) if made else answer
            if isinstance(alone, str):
                failed[some[0].index] = alone
    return made, proof, failed


# --- line endings --------------------------------------------------------------------------------------------------------


def _settled(fix: Fix, text: bytes) -> Fix:
    """The fix with its line breaks as the file has them at each place."""
    return fix._replace(edits=tuple(Edit(e.span, _line_breaks(e, text)) for e in fix.edits))


def _line_breaks(edit: Edit, text: bytes) -> str:
    if "\n" not in edit.text or b"\r" not in text:
        return edit.text
    if re.search(rb"(?<!\r)\n", text[edit.span.start : edit.span.end]):
        return edit.text  # mixed endings within what is replaced: they are the author's
    ending = ending_near(text, edit.span.start)
    return re.sub(r"(?<!\r)\n", ending, edit.text)


def ending_near(text: bytes, offset: int) -> str:
    """How the line at `offset` ends, or else the one before it."""
    found = re.compile(rb"\r\n|\n|\r").search(text, offset)
    if found is None:
        found = re.search(rb"(?:\r\n|\n|\r)(?=[^\r\n]*\Z)", text[:offset])
    return found.group().decode() if found else "\n"
