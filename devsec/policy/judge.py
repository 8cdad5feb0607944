"""What does a finding do to this commit? One verdict, one reason."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from devsec.config import Config
from devsec.finding import Finding
from devsec.policy.suppress import EXPIRED, HOLDS, Ignore, Silence, silence


class Verdict(str, Enum):
    """BLOCK, WARN and NOTE are new findings at that level; the others are not held against anybody today."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"
    KNOWN = "known"
    SUPPRESSED = "suppressed"
    OFF = "off"


class Judged(NamedTuple):
    """A finding and what it does, with the reason in words. `silence` is who silences it, did until a day that is over, or would
    if its rule let him."""

    finding: Finding
    verdict: Verdict
    because: str
    silence: Silence | None = None


def judge(finding: Finding, ignores: Sequence[Ignore], known: str, config: Config, firm: bool = False) -> Judged:
    """`known` says where the finding was before, "" when it is new; `firm` that its rule cannot be silenced. The first of these
    that holds decides:

    the repository switched the rule off, it was there before, its author silenced it; else its level counts.
    """
    decided = config.level(finding.rule)
    level = finding.level if decided is None else decided
    because = (
        f"the rule's level is {level.value}"
        if decided is None
        else f"{config.file} sets {finding.rule} to {level.value}"
    )
    if level.value == "off":
        return Judged(finding, Verdict.OFF, because)
    if known:
        return Judged(finding, Verdict.KNOWN, known)
    said = silence(finding, ignores, config, firm)
    if said is None:
        return Judged(finding, Verdict(level.value), because)
    where = f"on line {said.line}" if said.file == finding.path else f"in {said.file}, line {said.line}"
    if said.state == HOLDS:
        return Judged(finding, Verdict.SUPPRESSED, f"silenced {where}: {said.reason.text}", said)
    return Judged(finding, Verdict(level.value), f"{because}; {not_silent(said, where)}", said)


def not_silent(said: Silence, where: str) -> str:
    """Why a silence does not hold."""
    if said.state == EXPIRED:
        return f"its silence {where} expired on {said.reason.until}: {said.reason.text}"
    return f"the silence {where} does nothing: this rule cannot be silenced"
