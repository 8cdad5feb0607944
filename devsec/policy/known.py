"""Was it there before? Git is the baseline: findings are subtracted from findings, counted with multiplicity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from devsec.finding import Finding

Counts = Counter[tuple[str, str]]


def counts(findings: Iterable[Finding]) -> Counts:
    """How often each finding (rule and normalised snippet) stands in a text."""
    return Counter((finding.rule, finding.key) for finding in findings)


def together(sides: Sequence[Counts], ancestor: Counts | None = None) -> Counts:
    """What a merge may have without its author having written it.

    One side: that. Several: whatever any of them has; and where both added the same thing to what their `ancestor` had,
    both additions.
    """
    allowed: Counts = Counter()
    for side in sides:
        allowed |= side
    if ancestor is not None and len(sides) > 1:
        added: Counts = Counter(ancestor)
        for side in sides:
            added += side - ancestor
        allowed |= added
    return allowed


def lost(base: Counts, new: Counts) -> Counts:
    """What a file had and has no more: it may have moved to another file of the same commit."""
    return base - new


def subtract(findings: Sequence[Finding], allowed: Counts, changed: frozenset[int] = frozenset()) -> frozenset[Finding]:
    """Which of `findings` are covered by `allowed`. What it covers is used up: pass a Counter of your own.

    Where there are more of a kind than before, those on lines that were not changed are taken for the old ones.
    """
    old: set[Finding] = set()
    for finding in sorted(findings, key=lambda f: (f.start.line in changed, f.span)):
        name = (finding.rule, finding.key)
        if allowed[name] > 0:
            allowed[name] -= 1
            old.add(finding)
    return frozenset(old)


def changed_lines(before: bytes, after: bytes) -> frozenset[int]:
    """Lines of `after` (from 1) that are not in `before`. Asked only when a finding was multiplied."""
    import difflib  # not on the way of the usual commit

    old, new = before.splitlines(), after.splitlines()
    changed: set[int] = set()
    for kind, _, _, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            changed.update(range(start + 1, end + 1))
    return frozenset(changed)
