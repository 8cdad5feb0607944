"""What does a finding do to this commit? One verdict, one reason."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from devsec.catalog.terms import Terms
from devsec.config import Config
from devsec.finding import Finding
from devsec.policy.level import decide
from devsec.policy.suppress import EXPIRED, HOLDS, Ignore, Silence, silence
from devsec.record import Record


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


class Judged(Record):
    """A finding and what it does, with the reason in words. `silence` is who silences it, did until a day that is over, or would
    if its rule let him."""

    finding: Finding
    verdict: Verdict
    because: str
    silence: Silence | None = None


def judge(
    finding: Finding, ignores: Sequence[Ignore], known: str, config: Config, terms: Terms | None = None
) -> Judged:
    """`known` says where the finding was before, "" when it is new; `terms` are its rule's. The first of these that holds
    decides:

    the rule is off here, it was there before, its author silenced it, its rule is only tried out; else its level counts.
    """
    terms = terms or Terms(finding.level)
    decided = decide(finding, terms, config)
    if decided.level.value == "off":
        return Judged(finding, Verdict.OFF, decided.because)
    if known:
        # What is tried out has no past either: "known" would promise that --all shows it.
        return Judged(finding, Verdict.OFF if decided.shadow else Verdict.KNOWN, known)
    said = silence(finding, ignores, config, terms.unsilenceable)
    if said is not None and said.state == HOLDS:
        return Judged(finding, Verdict.SUPPRESSED, f"silenced {said.where()}: {said.reason.text}", said)
    if decided.shadow:
        return Judged(finding, Verdict.SHADOW, decided.because)
    because = decided.because if said is None else f"{decided.because}; {not_silent(said)}"
    return Judged(finding, Verdict(decided.level.value), because, said)


def not_silent(said: Silence) -> str:
    """Why a silence does not hold."""
    if said.state == EXPIRED:
        return f"its silence {said.where()} expired on {said.reason.until}: {said.reason.text}"
    return f"the silence {said.where()} does nothing: this rule cannot be silenced"
