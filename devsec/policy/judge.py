"""What does a finding do to this commit? One verdict, one reason."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from devsec.catalog.terms import Terms
from devsec.config import Config
from devsec.finding import Finding
from devsec.policy.level import decide
from devsec.policy.suppress import Ignore, silencer


class Verdict(str, Enum):
    """BLOCK, WARN and NOTE are new findings at that level; the others are not held against anybody today. SHADOW is a new
    one, too, of a rule that is being tried out: it is counted and not shown."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"
    KNOWN = "known"
    SUPPRESSED = "suppressed"
    SHADOW = "shadow"
    OFF = "off"


class Judged(NamedTuple):
    """A finding and what it does, with the reason in words."""

    finding: Finding
    verdict: Verdict
    because: str


def judge(
    finding: Finding, ignores: Sequence[Ignore], known: str, config: Config, terms: Terms | None = None
) -> Judged:
    """`known` says where the finding was before, "" when it is new; `terms` are its rule's. The first of these that holds
    decides:

    the rule is off here, it was there before, its author silenced it, its rule is only tried out; else its level counts.
    """
    decided = decide(finding, terms or Terms(finding.level), config)
    if decided.level.value == "off":
        return Judged(finding, Verdict.OFF, decided.because)
    if known:
        # What is tried out has no past either: "known" would promise that --all shows it.
        return Judged(finding, Verdict.OFF if decided.shadow else Verdict.KNOWN, known)
    ignore = silencer(finding, ignores)
    if ignore is not None:
        return Judged(finding, Verdict.SUPPRESSED, f"silenced on line {ignore.line}: {ignore.reason}")
    if decided.shadow:
        return Judged(finding, Verdict.SHADOW, decided.because)
    return Judged(finding, Verdict(decided.level.value), decided.because)
